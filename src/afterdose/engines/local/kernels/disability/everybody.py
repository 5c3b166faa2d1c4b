"""Confirmed changes of everybody by one definition, in one pass over people."""

from typing import NamedTuple

import numpy as np

from afterdose.engines.local.days import NONE
from afterdose.engines.local.definitions import DisabilityRules
from afterdose.engines.local.kernels.bare import bare
from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.disability.observing import (
    A_HIGHER_REFERENCE,
    A_LATE_VISIT,
    A_REFERENCE,
    A_SECOND_SCORE,
    NOTHING,
    observe,
)
from afterdose.engines.local.kernels.disability.scores import first_reference, mark_visits
from afterdose.engines.local.kernels.disability.searching import (
    FIRST_EVENT,
    FIRST_OF_A_KIND,
    HELD,
    WORSE,
    find_events,
    is_wanted,
)
from afterdose.engines.local.kernels.disability.windows import last_confirmable
from afterdose.engines.local.kernels.judging import MET, NOT_ASSESSABLE, NOT_MET

DISABILITY = np.dtype(
    [("answer", np.int8), ("missing", np.int8)]
    + [(name, np.int32) for name in ("first", "last", "censored", "used", "before", "after")],
    align=True,
)
"""One person: the days of the first and last visit used and of the last one whose change could
still have been confirmed (`NONE`: none); scores used, before the reference and after the end."""
EVENT = np.dtype([(name, HELD[name]) for name in HELD.names] + [("person", np.int32)], align=True)
"""An event; ``onset`` and ``reference`` are places in the columns of visits."""


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
def what_is_missing(values, marks, choice, reference):
    """What a comparison lacks; `NOTHING` where there is a reference and a later visit."""
    size = len(values)
    if size == 1:
        return A_SECOND_SCORE
    if reference == size:
        return A_REFERENCE
    if values[reference] < choice.lowest:
        return A_HIGHER_REFERENCE
    return NOTHING


@inlined
def report(held, count, choice, person, first, events, written):
    """Write the events that the definition reports; returns how many are written by now."""
    has_worse = has_better = False
    for place in range(count):
        event = held[place]
        is_worse = event.kind == WORSE
        if not is_wanted(event.kind, event.event_class, choice):
            continue
        if choice.report == FIRST_EVENT and (has_worse or has_better):
            break
        if choice.report == FIRST_OF_A_KIND and (has_worse if is_worse else has_better):
            continue
        has_worse |= is_worse
        has_better |= not is_worse
        one = events[written]
        one.person, one.kind, one.event_class = person, event.kind, event.event_class
        one.onset, one.reference = event.onset + first, event.reference + first
        one.reference_value, one.value = event.reference_value, event.value
        one.confirmed, one.holds_until = event.confirmed, event.holds_until
        written += 1
    return written


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
        first, last, composites, missing = observe(
            all_days, begin, stop, life, choice, rules.periods
        )
        size = last - first
        found.used, found.before, found.after = size, first - begin, stop - last
        found.first, found.last, found.censored = NONE, NONE, NONE
        if size == 0:
            found.answer, found.missing = NOT_ASSESSABLE, missing
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
        found.missing = what_is_missing(values, marks, choice, reference)
        if found.missing == NOTHING:
            draw = draws[min(person, len(draws) - 1)]
            count = find_events(
                (days, values), marks, bouts, seen, composites, draw, rules, opens, closes, held
            )
            before = written
            written = report(held, count, choice, person, first, events, written)
            if written > before:
                found.answer = MET
                continue
        if found.missing == NOTHING and confirmable <= reference:
            found.missing = A_LATE_VISIT
        found.answer = NOT_MET if found.missing == NOTHING else NOT_ASSESSABLE
    output.count[0] = written
