"""The states of every repeated check through time: says what `monitoring.timeline` says."""

from typing import NamedTuple

import numpy as np

from afterdose.engines.local.compile import REPEATED
from afterdose.engines.local.days import FIRST, NEVER, NONE
from afterdose.engines.local.kernels.bare import bare, bare_labs, bare_rules
from afterdose.engines.local.kernels.checks import (
    DUE,
    ENDED,
    NOT_STARTED,
    NOT_YET_DUE,
    OVERDUE,
    bare_folk,
    before_any_schedule,
    done_over_time,
    hide,
    show,
    state_of,
)
from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.room import bare_room
from afterdose.engines.local.kernels.spans import CourseRows, next_due, span_on

STRETCH = np.dtype(
    [("person", np.int32), ("check", np.int16), ("state", np.int8), ("first", np.int32)]
)
"""A state and its first day; it lasts until the next of the same person and check, or the last day
looked at."""


class Stretches(NamedTuple):
    """Stretches in order of person, check and time; ``count`` may exceed the rows there is room
    for."""

    rows: np.ndarray
    count: np.ndarray


@compiled
def timelines_of_all(people, as_of, folk, courses, labs, rules, room, stretches):
    """Every repeated check of people ``people[0]`` up to ``people[1]``, day by day."""
    labs, rules = bare_labs(labs), bare_rules(rules)
    courses = CourseRows(bare(courses.offsets), bare(courses.rows))
    folk = bare_folk(folk)
    stretches = Stretches(bare(stretches.rows), bare(stretches.count))
    room = bare_room(room)
    for person in range(people[0], people[1]):
        show(room.runs, labs, person)
        for check in range(len(rules.checks)):
            if rules.checks[check].kind == REPEATED:
                _timeline(person, check, as_of, folk, courses, labs, rules, room, stretches)
        hide(room.runs, labs, person)


@compiled
def _timeline(person, check, as_of, folk, courses, labs, rules, room, stretches):
    """One check: between days on which something else changes, only tests and time do."""
    sex = rules.checks[check].sex
    protocol = rules.checks[check].protocol
    begin, stop = courses.offsets[protocol, person], courses.offsets[protocol, person + 1]
    own = folk.rows[person].sex
    is_other = sex != 0 and own != 0 and own != sex
    if begin == stop or is_other:
        return
    count = _breaks(
        person, as_of, begin, stop, courses, folk, rules.continuous[protocol], room.breaks
    )
    size = done_over_time(person, check, labs, folk, rules, room)
    state = np.int8(-1)
    place = -1
    for position in range(count):
        first = room.breaks[position]
        last = np.int32(as_of) if position + 1 == count else np.int32(room.breaks[position + 1] - 1)
        now = before_any_schedule(person, check, first, begin, stop, folk, rules)
        if now != NOT_YET_DUE:
            state = _note(stretches, person, check, now, first, state)
            continue
        state, place = _between(
            person, check, first, last, begin, stop, courses, rules, size, room, state, place,
            stretches,
        )  # fmt: skip


@inlined
def _between(
    person, check, day, last, begin, stop, courses, rules, size, room, state, place,
    stretches,
):  # fmt: skip
    """The days from ``day`` to ``last``, in which courses and observation stay as they are."""
    one, periods = rules.checks[check], rules.periods
    changed, done = room.changed, room.done
    begun, start, end, began = span_on(
        day, day, begin, stop, one.until, courses, rules, rules.continuous[one.protocol]
    )
    if not begun:
        return _note(stretches, person, check, NOT_STARTED, day, state), place
    closing = NEVER if end == NEVER else periods[one.closing, end - FIRST]
    while day <= last:
        while place + 1 < size and changed[place + 1] <= day:
            place += 1
        until = min(last, np.int32(changed[place + 1] - 1)) if place + 1 < size else last
        last_done = done[place] if place >= 0 and done[place] >= start else NONE
        due = next_due(one, start, began, last_done, rules)
        now = state_of(one, day, end, due, periods)
        state = _note(stretches, person, check, now, day, state)
        if due == NEVER or due > end:
            if day <= end < until:
                state = _note(stretches, person, check, ENDED, end + 1, state)
        else:
            deadline = periods[one.window, due - FIRST]
            if day < due <= until:
                state = _note(stretches, person, check, DUE, due, state)
            if day <= deadline < until and deadline < closing:
                state = _note(stretches, person, check, OVERDUE, deadline + 1, state)
            if day <= closing < until:
                state = _note(stretches, person, check, ENDED, closing + 1, state)
        day = np.int32(until + 1)
    return state, place


@inlined
def _breaks(person, as_of, begin, stop, courses, folk, is_continuous, breaks):
    """The days on which courses or observation change, in order, none twice; returns how many."""
    count = 0
    first = NEVER
    for course in range(begin, stop):
        one = courses.rows[course]
        known = min(one.known, one.start)
        first = min(first, known)
        count = _insert(breaks, count, known, as_of)
        count = _insert(breaks, count, one.start, as_of)
        if is_continuous and one.last != NEVER:
            count = _insert(breaks, count, one.last, as_of)
    for span in range(folk.seen_from[person], folk.seen_from[person + 1]):
        count = _insert(breaks, count, max(folk.seen[span].start, first), as_of)
        if folk.seen[span].end != NEVER:
            count = _insert(breaks, count, max(folk.seen[span].end + 1, first), as_of)
    if folk.rows[person].died != NEVER:
        count = _insert(breaks, count, max(folk.rows[person].died, first), as_of)
    return count


@inlined
def _insert(breaks, count, day, as_of):
    if day > as_of:
        return count
    place = count
    while place > 0 and breaks[place - 1] > day:
        place -= 1
    if place > 0 and breaks[place - 1] == day:
        return count
    for later in range(count, place, -1):
        breaks[later] = breaks[later - 1]
    breaks[place] = day
    return count + 1


@inlined
def _note(stretches, person, check, state, day, before):
    """Begin a stretch where the state is another than before."""
    if state == before:
        return before
    number = stretches.count[0]
    if number < len(stretches.rows):
        stretches.rows[number].person = person
        stretches.rows[number].check = check
        stretches.rows[number].state = state
        stretches.rows[number].first = day
    stretches.count[0] = number + 1
    return np.int8(state)
