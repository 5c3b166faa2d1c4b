"""Confirmed changes of everybody by one definition, in one pass over people."""

from typing import NamedTuple

import numpy as np

from afterdose.engines.local.days import FIRST, NEVER, NONE
from afterdose.engines.local.kernels.bare import bare
from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.disability.scores import first_reference, mark_visits
from afterdose.engines.local.kernels.disability.searching import (
    HELD,
    WORSE,
    find_events,
    is_wanted,
)
from afterdose.engines.local.kernels.disability.windows import last_confirmable
from afterdose.engines.local.kernels.judging import MET, NOT_ASSESSABLE, NOT_MET
from afterdose.engines.local.outcomes.rules import DisabilityRules

(
    NOTHING, A_COURSE, THE_FIRST_COURSE, A_SCORE_BEFORE, A_SCORE, A_SECOND_SCORE,
    A_REFERENCE, A_HIGHER_REFERENCE, A_LATE_VISIT,
) = range(9)  # fmt: skip
"""What was missing where somebody cannot be assessed."""

DISABILITY = np.dtype(
    [("answer", np.int8), ("missing", np.int8)]
    + [(name, np.int32) for name in ("first", "last", "censored", "used", "before", "after")],
    align=True,
)
"""One person: the days of the first and last visit used and of the last one whose change could
still have been confirmed (`NONE`: none); scores used, before the reference and after the end."""
EVENT = np.dtype([(name, HELD[name]) for name in HELD.names] + [("person", np.int32)], align=True)
"""An event; ``onset`` and ``reference`` are places in the columns of visits."""

_POLICY, _WHILE, _COMPOSITE = 0, 1, 2
_FIRST, _FIRST_OF_A_KIND = 0, 1


class Space(NamedTuple):
    """Room for one person's work: marks of visits, ends of windows, events by onset."""

    marks: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    held: np.ndarray


class Output(NamedTuple):
    """What the kernel fills in.

    ``people`` has a `DISABILITY` record a person. ``events`` has room for an `EVENT` record a
    visit; ``count`` says how many there are.
    """

    people: np.ndarray
    events: np.ndarray
    count: np.ndarray


@inlined
def reference_start(days, begin, stop, life, choice, periods):
    """The place of the visit at which comparison begins, and what is missing for it."""
    if not choice.from_course:
        return begin, NOTHING
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
def intercurrent(day, strategy, start, wanted):
    """The day of an intercurrent event from the start on, where its strategy is the wanted one."""
    return day if strategy == wanted and day >= start else NEVER


@compiled
def disability_of_all(share, rules, lives, visits, relapses, scans, draws, space, output):
    """Evaluate people ``share[0]`` up to ``share[1]``."""
    rules = DisabilityRules(
        bare(rules.choices), bare(rules.bands), bare(rules.windows), bare(rules.intervals),
        bare(rules.periods),
    )  # fmt: skip
    choice = rules.choices[0]
    lives, draws = bare(lives), bare(draws)
    visits_from, all_days, all_values = bare(visits.offsets), bare(visits.day), bare(visits.value)
    bouts_from, all_onsets, all_ends = (
        bare(relapses.offsets), bare(relapses.onset), bare(relapses.end)
    )  # fmt: skip
    scans_from, scan_days, all_active = bare(scans.offsets), bare(scans.day), bare(scans.active)
    all_marks, opens, closes, held = (
        bare(space.marks), bare(space.opens), bare(space.closes), bare(space.held)
    )  # fmt: skip
    people, events = bare(output.people), bare(output.events)
    written = 0
    for person in range(share[0], share[1]):
        life, found = lives[person], people[person]
        begin, stop = visits_from[person], visits_from[person + 1]
        start, missing = reference_start(all_days, begin, stop, life, choice, rules.periods)
        first, last, composites = start, stop, (NEVER, NEVER, NEVER)
        if missing != NOTHING:
            first, last = stop, stop
        elif start < stop:
            day = all_days[start]
            ends = min(
                intercurrent(life.switched, choice.switch, day, _WHILE),
                intercurrent(life.retreated, choice.retreatment, day, _WHILE),
                intercurrent(life.died, choice.death, day, _WHILE),
            )
            while last > start and all_days[last - 1] > ends:
                last -= 1
            composites = (
                intercurrent(life.switched, choice.switch, day, _COMPOSITE),
                intercurrent(life.retreated, choice.retreatment, day, _COMPOSITE),
                intercurrent(life.died, choice.death, day, _COMPOSITE),
            )
            composites = (
                composites[0] if composites[0] <= ends else NEVER,
                composites[1] if composites[1] <= ends else NEVER,
                composites[2] if composites[2] <= ends else NEVER,
            )
        size = last - first
        found.used, found.before, found.after = size, first - begin, stop - last
        found.first, found.last, found.censored = NONE, NONE, NONE
        if size == 0:
            found.answer, found.missing = NOT_ASSESSABLE, missing if missing else A_SCORE
            continue
        days, values, marks = all_days[first:last], all_values[first:last], all_marks[:size]
        found.first, found.last = days[0], days[size - 1]
        bout, bouts_to = bouts_from[person], bouts_from[person + 1]
        while bout < bouts_to and np.int64(days[0]) - all_onsets[bout] > choice.seen:
            bout += 1
        bouts = all_onsets[bout:bouts_to], all_ends[bout:bouts_to]
        looked = slice(scans_from[person], scans_from[person + 1])
        seen = scan_days[looked], all_active[looked]
        mark_visits((days, values), bouts, choice, rules.bands, marks)
        confirmable = last_confirmable(
            days, marks, choice, rules.windows, rules.periods, opens, closes
        )
        if confirmable > 0:
            found.censored = days[confirmable]
        reference = first_reference(marks, 0, size)
        found.missing = NOTHING
        if size == 1:
            found.missing = A_SECOND_SCORE
        elif reference == size:
            found.missing = A_REFERENCE
        elif values[reference] < choice.lowest:
            found.missing = A_HIGHER_REFERENCE
        count = 0
        if found.missing == NOTHING:
            draw = draws[min(person, len(draws) - 1)]
            count = find_events(
                (days, values), marks, bouts, seen, composites, draw, rules, opens, closes, held
            )
        reported = 0
        has_worse = has_better = False
        for place in range(count):
            event = held[place]
            if not is_wanted(event.kind, event.event_class, choice):
                continue
            if choice.report == _FIRST and reported > 0:
                break
            if choice.report == _FIRST_OF_A_KIND:
                if has_worse if event.kind == WORSE else has_better:
                    continue
                has_worse |= event.kind == WORSE
                has_better |= event.kind != WORSE
            reported += 1
            one = events[written]
            one.person, one.kind, one.event_class = person, event.kind, event.event_class
            one.onset, one.reference = event.onset + first, event.reference + first
            one.reference_value, one.value = event.reference_value, event.value
            one.confirmed, one.holds_until = event.confirmed, event.holds_until
            written += 1
        if reported > 0:
            found.answer = MET
            continue
        if found.missing == NOTHING and confirmable <= reference:
            found.missing = A_LATE_VISIT
        found.answer = NOT_MET if found.missing == NOTHING else NOT_ASSESSABLE
    output.count[0] = written
