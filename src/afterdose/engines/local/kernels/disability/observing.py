"""Which of a person's visits are looked at: says what the plain code's `gather` says."""

from afterdose.engines.local.days import FIRST, NEVER, NONE
from afterdose.engines.local.kernels.compiling import inlined

(
    NOTHING, A_COURSE, THE_FIRST_COURSE, A_SCORE_BEFORE, A_SCORE, A_SECOND_SCORE,
    A_REFERENCE, A_HIGHER_REFERENCE, A_LATE_VISIT,
) = range(9)  # fmt: skip
"""What was missing where somebody cannot be assessed."""

_WHILE_ON_TREATMENT, _COMPOSITE = 1, 2


@inlined
def reference_start(days, begin, stop, life, choice, periods):
    """The place of the visit at which comparison begins, and what is missing for it."""
    if not choice.from_course:
        return begin, NOTHING if begin < stop else A_SCORE
    first = life.first_course
    if first == NONE:
        return begin, A_COURSE
    if first == NEVER:
        return begin, THE_FIRST_COURSE
    place = begin
    while place < stop and days[place] <= first:
        place += 1
    if place == begin or days[place - 1] < periods[choice.baseline, first - FIRST]:
        return begin, A_SCORE_BEFORE
    return place - 1, NOTHING


@inlined
def happened(day, strategy, wanted, start, end):
    """The day of an intercurrent event in time, where its strategy is the wanted one."""
    return day if strategy == wanted and start <= day <= end else NEVER


@inlined
def observe(days, begin, stop, life, choice, periods):
    """Places of the first visit looked at and after the last; the days of intercurrent events that
    count as confirmation; what is missing where no visit can be looked at."""
    start, missing = reference_start(days, begin, stop, life, choice, periods)
    if missing != NOTHING:
        return stop, stop, (NEVER, NEVER, NEVER), missing
    since = days[start]
    end = min(
        happened(life.switched, choice.switch, _WHILE_ON_TREATMENT, since, NEVER),
        happened(life.retreated, choice.retreatment, _WHILE_ON_TREATMENT, since, NEVER),
        happened(life.died, choice.death, _WHILE_ON_TREATMENT, since, NEVER),
    )
    composites = (
        happened(life.switched, choice.switch, _COMPOSITE, since, end),
        happened(life.retreated, choice.retreatment, _COMPOSITE, since, end),
        happened(life.died, choice.death, _COMPOSITE, since, end),
    )
    last = stop
    while last > start and days[last - 1] > end:
        last -= 1
    return start, last, composites, NOTHING
