"""Local extrema of a course: visits that stand out from both their neighbours."""

from collections.abc import Sequence

from afterdose.outcomes.disability.choices import Extrema
from afterdose.outcomes.disability.definition import DisabilityDefinition
from afterdose.outcomes.disability.steps import step_from
from afterdose.outcomes.disability.visits import Visit


def is_extremum(visits: Sequence[Visit], definition: DisabilityDefinition, at: int) -> bool:
    """Whether a visit is a local extremum that cannot be a reference.

    A score equal to the one before last is none: the course goes up and down around it.
    """
    how = definition.reference.extrema
    if how is Extrema.KEEP or not 0 < at < len(visits) - 1:
        return False
    value = visits[at].value
    if at > 1 and visits[at - 2].value == value:
        return False
    before, after = visits[at - 1].value - value, visits[at + 1].value - value
    if how is Extrema.SKIP_STRICT:
        step = step_from(definition.step, value)
        return min(before, after) >= step or max(before, after) <= -step
    return before * after > 0
