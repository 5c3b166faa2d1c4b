"""The local engine: whole cohorts, compiled, with the answers of the plain code."""

from afterdose.engines.local.evaluate import Evaluation, Packed, evaluate

__all__ = ["Evaluation", "Packed", "evaluate"]
