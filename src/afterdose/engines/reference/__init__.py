"""The reference engine: asks the plain code about one person after the other."""

from afterdose.engines.reference.clinic import Worklist, build_worklist, with_set_aside
from afterdose.engines.reference.completeness import CheckCompleteness, build_completeness
from afterdose.engines.reference.disability import (
    DisabilityCounts,
    DisabilityResult,
    build_disability,
)
from afterdose.engines.reference.extension import build_extension

__all__ = [
    "CheckCompleteness",
    "DisabilityCounts",
    "DisabilityResult",
    "Worklist",
    "build_completeness",
    "build_disability",
    "build_extension",
    "build_worklist",
    "with_set_aside",
]
