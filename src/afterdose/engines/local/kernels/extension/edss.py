"""EDSS at each year's end, and the first confirmed change: says what `outcomes.disability.at_year`
and `outcomes.disability.first_change` say."""

import numpy as np

from afterdose.engines.local.days import FIRST, NEVER, NONE
from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.extension.codes import (
    BETTER,
    MET,
    NO_COMPARISON,
    NO_YEAR,
    NOT_ASSESSABLE,
    NOT_MET,
    SAME,
    WORSE,
)
from afterdose.engines.local.kernels.extension.nearest import baseline_place, year_end_place


@inlined
def step_of(rule, reference):
    """The smallest change that counts from a reference."""
    band = 0
    while reference > rule.up_to[band]:
        band += 1
    return rule.points[band]


@compiled
def edss_of_all(lines, visits, rule, better_by, near, closing, found):
    """Fill in everybody's EDSS; ``found`` is `engines.extension.Edss`.

    ``closing`` (people, years) takes the day of the visit at each year's end; `NONE` without one.
    """
    rows, days, values = visits.offsets, visits.day, visits.value
    for person in range(len(lines.start)):
        start, seen, who = lines.start[person], lines.seen[person], lines.person[person]
        begin, stop = rows[who], rows[who + 1]
        baseline = baseline_place(days, begin, stop, lines.baseline_from[person], start)
        reference = values[baseline] if baseline >= 0 else np.nan
        found.baseline[person] = reference
        step = step_of(rule, reference) if baseline >= 0 else np.nan
        for year in range(closing.shape[1]):
            found.score[person, year], found.against[person, year] = np.nan, NO_YEAR
            closing[person, year] = NONE
            if year >= seen:
                continue
            found.against[person, year] = NO_COMPARISON
            place = year_end_place(days, begin, stop, lines.anniversary[person, year + 1], near)
            if place < 0:
                continue
            closing[person, year] = days[place]
            found.score[person, year] = values[place]
            if baseline < 0:
                continue
            change = values[place] - reference
            if change >= step:
                found.against[person, year] = WORSE
            else:
                found.against[person, year] = BETTER if change <= -better_by else SAME


@inlined
def is_confirmed(days, values, at, stop, rule, reference, step):
    """Whether a change begun at a visit holds until one that is late enough."""
    due = rule.after[days[at] - FIRST]
    for later in range(at + 1, stop):
        if not rule.sign * (values[later] - reference) >= step:
            return False
        if days[later] >= due:
            return True
    return False


@compiled
def changes_of_all(lines, visits, rule, found):
    """Fill in everybody's first confirmed change; ``found`` is `engines.extension.Change`."""
    rows, days, values = visits.offsets, visits.day, visits.value
    for person in range(len(lines.start)):
        start, who = lines.start[person], lines.person[person]
        stop = rows[who + 1]
        found.answer[person] = NOT_ASSESSABLE
        found.onset[person], found.censored[person] = NEVER, NEVER
        place = baseline_place(days, rows[who], stop, lines.baseline_from[person], start)
        if place < 0 or values[place] < rule.lowest:
            continue
        reference = values[place]
        step = step_of(rule, reference)
        for at in range(place + 1, stop):
            if rule.sign * (values[at] - reference) >= step and is_confirmed(
                days, values, at, stop, rule, reference, step
            ):
                found.answer[person], found.onset[person] = MET, days[at] - start
                break
        if found.answer[person] == MET:
            continue
        for at in range(stop - 2, place, -1):
            if days[stop - 1] >= rule.after[days[at] - FIRST]:
                found.answer[person], found.censored[person] = NOT_MET, days[at] - start
                break
