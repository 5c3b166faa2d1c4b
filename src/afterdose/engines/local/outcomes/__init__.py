"""Outcomes of whole cohorts, compiled, with the answers of the plain code."""

from afterdose.engines.local.outcomes.answers import DisabilityEvaluation
from afterdose.engines.local.outcomes.columns import PackedOutcomes
from afterdose.engines.local.outcomes.evaluate import evaluate_disability, multiverse
from afterdose.engines.local.outcomes.pack import pack_outcomes
from afterdose.engines.local.outcomes.parts import work_on_outcome_parts, write_outcome_parts

__all__ = [
    "DisabilityEvaluation",
    "PackedOutcomes",
    "evaluate_disability",
    "multiverse",
    "pack_outcomes",
    "work_on_outcome_parts",
    "write_outcome_parts",
]
