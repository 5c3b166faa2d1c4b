"""Relapses by year, before treatment, and the first: says what `outcomes.relapses` and
`outcomes.relapse_free` say."""

from afterdose.engines.local.days import NEVER
from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.extension.codes import (
    DEATH,
    EVENT,
    MET,
    NO_YEAR,
    NOBODY_KNOWS,
    NOT_ASSESSABLE,
    NOT_MET,
    OBSERVATION,
)
from afterdose.engines.local.kernels.extension.years import (
    is_observed,
    observed_through,
    year_of,
)


@inlined
def ending_of(start, until, died, event):
    """What ended a time at risk, and after how many days; ``event`` is `NEVER` without one."""
    if until < start:
        return NOBODY_KNOWS, 0
    if event <= until:
        return EVENT, event - start + 1
    if died <= until:
        return DEATH, died - start + 1
    return OBSERVATION, until - start + 1


@inlined
def covers(opens, closes, begin, stop, first, last):
    """Whether spans of follow-up, by first day, hold every day from ``first`` to ``last``."""
    reached = first - 1
    for row in range(begin, stop):
        opening, closing = max(opens[row], first), min(closes[row], last)
        if closing >= opening:
            if opening > reached + 1:
                return False
            reached = max(reached, closing)
    return reached == last


@compiled
def relapses_of_all(lines, relapses, follow_up, days, calendar, found):
    """Fill in everybody's relapses; ``found`` is `engines.extension.Relapses`.

    ``days`` are those under observation in each year.
    """
    rows, onsets, is_stated = relapses.offsets, relapses.onset, relapses.is_stated
    spans, opens, closes = follow_up.offsets, follow_up.first, follow_up.last
    first, last, anniversary = lines.first, lines.last, lines.anniversary
    for person in range(len(lines.start)):
        start, seen, who = lines.start[person], lines.seen[person], lines.person[person]
        begin, stop = lines.span[person], lines.span[person + 1]
        before_from = lines.before_from[person]
        before, first_onset = 0, NEVER
        for row in range(rows[who], rows[who + 1]):
            onset = onsets[row]
            if onset < start:
                before += onset >= before_from
            elif is_observed(first, last, begin, stop, onset):
                first_onset = min(first_onset, onset)
                year = year_of(calendar, start, onset) - 1
                found.counted[person, year] += 1
                found.not_stated[person, year] += not is_stated[row]
        for year in range(found.free.shape[1]):
            length = anniversary[person, year + 1] - anniversary[person, year]
            if year >= seen:
                found.free[person, year] = NO_YEAR
            elif found.counted[person, year] > 0:
                found.free[person, year] = NOT_MET
            else:
                is_whole = days[person, year] == length
                found.free[person, year] = MET if is_whole else NOT_ASSESSABLE
        until = observed_through(start, first, last, begin, stop)
        found.first_ending[person], found.first_days[person] = ending_of(
            start, until, lines.died[person], first_onset
        )
        if covers(opens, closes, spans[who], spans[who + 1], before_from, start - 1):
            found.before[person], found.before_days[person] = before, start - before_from
        else:
            found.before[person], found.before_days[person] = NOBODY_KNOWS, 0
