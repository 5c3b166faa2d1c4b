"""The local engine: whole cohorts, compiled, with the answers of the plain code."""

from afterdose.engines.local.evaluate import Evaluation, Packed, evaluate, evaluate_labs, timelines

__all__ = ["Evaluation", "Packed", "evaluate", "evaluate_labs", "timelines"]
