"""The local engine: whole cohorts, compiled, with the answers of the plain code."""

from afterdose.engines.local.clinic import build_worklist
from afterdose.engines.local.completeness import build_completeness
from afterdose.engines.local.evaluate import (
    Evaluation,
    Packed,
    evaluate,
    evaluate_labs,
    evaluate_mornings,
    timelines,
)
from afterdose.engines.local.extension import build_extension
from afterdose.engines.local.one import evaluate_one
from afterdose.engines.local.stream import PartEvaluation, evaluate_parts

__all__ = [
    "Evaluation",
    "Packed",
    "PartEvaluation",
    "build_completeness",
    "build_extension",
    "build_worklist",
    "evaluate",
    "evaluate_labs",
    "evaluate_mornings",
    "evaluate_one",
    "evaluate_parts",
    "timelines",
]
