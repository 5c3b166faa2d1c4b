"""Adverse events, the first and all: says what `outcomes.events` and `outcomes.autoimmunity`
say."""

from afterdose.engines.local.days import NEVER
from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.extension.codes import ILL, NOBODY_KNOWS
from afterdose.engines.local.kernels.extension.relapses import ending_of
from afterdose.engines.local.kernels.extension.years import (
    is_observed,
    observed_through,
    year_of,
)


@inlined
def settle(endings, days, decided, person, kind, life, first):
    """The first event of a kind decides; one that may lie before the first course, that nobody
    knows."""
    start, until, died = life
    if kind < 0 or decided[kind]:
        return
    decided[kind] = True
    if first < start:
        endings[person, kind], days[person, kind] = NOBODY_KNOWS, 0
    else:
        endings[person, kind], days[person, kind] = ending_of(start, until, died, first)


@compiled
def events_of_all(lines, events, kinds, calendar, decided, found, earlier):
    """Fill in everybody's events; ``found`` is `engines.extension.Events`.

    ``kinds`` are, of each category, the position among the autoimmune types and among the others,
    -1 where it is not one of them; the last autoimmune position is any type. ``earlier`` becomes
    `ILL` for those with an autoimmune event before the first course.
    """
    autoimmune, other = kinds
    decided_autoimmune, decided_other = decided
    rows, firsts, lasts = events.offsets, events.first, events.last
    spans, span_first, span_last = lines.span, lines.first, lines.last
    categories, is_serious = events.category, events.is_serious
    any_type = len(decided_autoimmune) - 1
    for person in range(len(lines.start)):
        start, who, died = lines.start[person], lines.person[person], lines.died[person]
        begin, stop = spans[person], spans[person + 1]
        until = observed_through(start, span_first, span_last, begin, stop)
        ending, days = ending_of(start, until, died, NEVER)
        for kind in range(len(decided_autoimmune)):
            decided_autoimmune[kind] = False
            found.autoimmune_ending[person, kind] = ending
            found.autoimmune_days[person, kind] = days
        for kind in range(len(decided_other)):
            decided_other[kind] = False
            found.safety_ending[person, kind], found.safety_days[person, kind] = ending, days
        for row in range(rows[who], rows[who + 1]):
            category, first = categories[row], firsts[row]
            is_autoimmune = autoimmune[category] >= 0
            if lasts[row] < start:
                if is_autoimmune:
                    earlier[person] = ILL
                continue
            life = start, until, died
            settle(found.safety_ending, found.safety_days, decided_other, person,
                   other[category], life, first)  # fmt: skip
            if is_autoimmune:
                settle(found.autoimmune_ending, found.autoimmune_days, decided_autoimmune, person,
                       autoimmune[category], life, first)  # fmt: skip
                settle(found.autoimmune_ending, found.autoimmune_days, decided_autoimmune, person,
                       any_type, life, first)  # fmt: skip
            if first < start:
                found.unplaced[person, category] += 1
            elif is_observed(span_first, span_last, begin, stop, first):
                found.seen[person, category] += 1
                found.serious[person, category] += is_serious[row]
                year = year_of(calendar, start, first) - 1
                found.by_year[person, year, category] += 1
