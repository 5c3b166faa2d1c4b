"""The reference engine: asks the plain code about one person after the other."""

from afterdose.engines.reference.clinic import Worklist, build_worklist
from afterdose.engines.reference.completeness import CheckCompleteness, build_completeness

__all__ = ["CheckCompleteness", "Worklist", "build_completeness", "build_worklist"]
