"""The states of every check through time: says what `monitoring.timeline` says."""

from typing import NamedTuple

import numpy as np

from afterdose.engines.local.compile import BEFORE, REPEATED
from afterdose.engines.local.days import NEVER, NONE
from afterdose.engines.local.kernels.around_course import (
    before_on,
    concerns,
    courses_before,
    during_on,
)
from afterdose.engines.local.kernels.bare import bare, bare_labs, bare_rules
from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.done import (
    day_of_place,
    days_between,
    done_over_time,
    hide,
    last_on,
    show,
)
from afterdose.engines.local.kernels.folk import bare_folk
from afterdose.engines.local.kernels.room import bare_room
from afterdose.engines.local.kernels.spans import CourseRows, after, next_due, span_on
from afterdose.engines.local.kernels.states import (
    DUE,
    ENDED,
    NOT_STARTED,
    NOT_YET_DUE,
    OVERDUE,
    before_any_schedule,
    state_of,
)

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
    """Every check of people ``people[0]`` up to ``people[1]``, day by day."""
    labs, rules = bare_labs(labs), bare_rules(rules)
    courses = CourseRows(bare(courses.offsets), bare(courses.rows))
    folk = bare_folk(folk)
    stretches = Stretches(bare(stretches.rows), bare(stretches.count))
    room = bare_room(room)
    for person in range(people[0], people[1]):
        show(room.runs, labs, person)
        protocol = -1
        begin = stop = np.int64(0)
        breaks = 0
        for check in range(len(rules.checks)):
            if rules.checks[check].protocol != protocol:
                protocol = rules.checks[check].protocol
                begin = courses.offsets[protocol, person]
                stop = courses.offsets[protocol, person + 1]
                goes_on = rules.continuous[protocol]
                breaks = _breaks(person, as_of, begin, stop, courses, folk, goes_on, room.breaks)
            _timeline(
                person, check, as_of, begin, stop, folk, courses, labs, rules, room, breaks,
                stretches,
            )  # fmt: skip
        hide(room.runs, labs, person)


@inlined
def _timeline(
    person, check, as_of, begin, stop, folk, courses, labs, rules, room, breaks, stretches
):
    """One check: between days on which something else changes, only tests and time do."""
    sex = rules.checks[check].sex
    own = folk.rows[person].sex
    is_other = sex != 0 and own != 0 and own != sex
    if begin == stop or is_other:
        return
    before = stretches.count[0]
    if rules.checks[check].kind == REPEATED:
        count = _of_repeated(
            person, check, as_of, begin, stop, folk, courses, labs, rules, room, breaks,
            stretches.rows, before,
        )  # fmt: skip
    else:
        room.days[:breaks] = room.breaks[:breaks]
        days = _more_days(
            person, check, as_of, begin, stop, folk, courses, labs, rules, room, breaks
        )
        count = _around_course(
            person, check, begin, stop, folk, courses, labs, rules, room, days,
            stretches.rows, before,
        )  # fmt: skip
    for number in range(before, min(count, len(stretches.rows))):
        stretches.rows[number].person = person
        stretches.rows[number].check = check
    stretches.count[0] = count


@inlined
def _around_course(
    person, check, begin, stop, folk, courses, labs, rules, room, days, rows, count,
):  # fmt: skip
    """A check before or during a course changes on the given days only."""
    state = np.int8(-1)
    is_before = rules.checks[check].kind == BEFORE
    for position in range(days):
        day = room.days[position]
        now = before_any_schedule(person, check, day, begin, stop, folk, rules)
        if now == NOT_YET_DUE and is_before:
            newest, planned = courses_before(check, day, begin, stop, courses, rules)
            if planned < 0:
                now = NOT_STARTED if newest < 0 else ENDED
            else:
                now, _, _ = before_on(
                    person, check, day, day, begin, stop, folk, courses, labs, rules, room
                )
        elif now == NOT_YET_DUE:
            now, _, _ = during_on(
                person, check, day, day, begin, stop, folk, courses, labs, rules, room
            )
        count, state = _note(rows, count, now, day, state)
    return count


@inlined
def _more_days(person, check, as_of, begin, stop, folk, courses, labs, rules, room, count):
    """Adds the days on which a check before or during a course may change."""
    one = rules.checks[check]
    for course in range(begin, stop):
        if not concerns(course, check, courses, rules):
            continue
        start = courses.rows[course].start
        if one.kind == BEFORE:
            if courses.rows[course].known >= start:  # it was never planned, only done
                continue
            opens = after(rules.periods, one.within, start)
            count = _insert_later(room.days, count, opens, as_of)
            count = _insert_tests(
                person, check, opens, start, as_of, labs, folk, rules, room, count
            )
            continue
        last = NONE
        for position in range(one.day_from, one.day_to):
            last = np.int32(start + rules.pool[position] - 1)
            count = _insert_later(room.days, count, last, as_of)
        last = max(last, courses.rows[course].last)
        if last != NEVER:
            count = _insert_later(room.days, count, last + 1, as_of)
    return count


@inlined
def _insert_tests(person, check, since, until, as_of, labs, folk, rules, room, count):
    """Adds the days between two days on which anything the check needs was done."""
    first, last = rules.checks[check].need_from, rules.checks[check].need_to
    for slot in range(rules.needs[first].slot_from, rules.needs[last - 1].slot_to):
        code = rules.pool[slot]
        begin, stop = days_between(code, person, room.runs, folk)
        place = last_on(until, code, begin, stop, labs, folk)
        while place >= begin and day_of_place(code, place, labs, folk) >= since:
            day = day_of_place(code, place, labs, folk)
            count = _insert_later(room.days, count, day, as_of)
            place -= 1
    return count


@inlined
def _insert_later(days, count, day, as_of):
    """As `_insert`, for a day behind the first; nothing is told of days before it."""
    return _insert(days, count, day, as_of) if count > 0 and day > days[0] else count


@inlined
def _of_repeated(
    person, check, as_of, begin, stop, folk, courses, labs, rules, room, breaks, rows, count,
):  # fmt: skip
    size = done_over_time(person, check, labs, folk, rules, room)
    state, place = np.int8(-1), np.int64(-1)
    for position in range(breaks):
        first = room.breaks[position]
        is_newest = position + 1 == breaks
        last = np.int32(as_of) if is_newest else np.int32(room.breaks[position + 1] - 1)
        now = before_any_schedule(person, check, first, begin, stop, folk, rules)
        if now != NOT_YET_DUE:
            count, state = _note(rows, count, now, first, state)
            continue
        count, state, place = _between(
            check, first, last, begin, stop, courses, rules, size, room, rows, count, state, place
        )
    return count


@inlined
def _between(
    check, day, last, begin, stop, courses, rules, size, room, rows, count, state, place,
):  # fmt: skip
    """The days from ``day`` to ``last``, in which courses and observation stay as they are."""
    one, periods = rules.checks[check], rules.periods
    changed, done = room.changed, room.done
    begun, start, end, began = span_on(
        day, day, begin, stop, one.until, courses, rules, rules.continuous[one.protocol]
    )
    if not begun:
        count, state = _note(rows, count, NOT_STARTED, day, state)
        return count, state, place
    closing = NEVER if end == NEVER else after(periods, one.closing, end)
    if one.at_from == one.at_to and one.phase_from + 1 == one.phase_to:
        # One interval all along: most tests are told here, in a loop without questions.
        every, window = rules.phases[one.phase_from].every, one.window
        while place + 1 < size and changed[place + 1] <= day:
            place += 1
        while place + 1 < size and changed[place + 1] <= last:
            until = changed[place + 1] - 1
            reference = start if place < 0 else max(start, done[place])
            due = after(periods, every, reference)
            if due > end or until > end:
                break
            deadline = after(periods, window, due)
            now = NOT_YET_DUE if day < due else (DUE if day <= deadline else OVERDUE)
            count, state = _note(rows, count, now, day, state)
            if day < due <= until:
                count, state = _note(rows, count, DUE, due, state)
            if day <= deadline < until:
                count, state = _note(rows, count, OVERDUE, deadline + 1, state)
            place += 1
            day = changed[place]
    while day <= last:
        while place + 1 < size and changed[place + 1] <= day:
            place += 1
        until = min(last, np.int32(changed[place + 1] - 1)) if place + 1 < size else last
        last_done = done[place] if place >= 0 and done[place] >= start else NONE
        due = next_due(one, start, began, last_done, rules)
        now = state_of(one, day, end, due, periods)
        count, state = _note(rows, count, now, day, state)
        if due == NEVER or due > end:
            if day <= end < until:
                count, state = _note(rows, count, ENDED, end + 1, state)
        else:
            deadline = after(periods, one.window, due)
            if day < due <= until:
                count, state = _note(rows, count, DUE, due, state)
            if day <= deadline < until and deadline < closing:
                count, state = _note(rows, count, OVERDUE, deadline + 1, state)
            if day <= closing < until:
                count, state = _note(rows, count, ENDED, closing + 1, state)
        day = np.int32(until + 1)
    return count, state, place


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
def _note(rows, count, state, day, before):
    """Begin a stretch where the state is another than before; whose it is is said at the end."""
    if state == before:
        return count, np.int8(before)
    if count < len(rows):
        rows[count].state = state
        rows[count].first = day
    return count + 1, np.int8(state)
