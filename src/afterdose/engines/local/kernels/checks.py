"""Checks of every person in one pass: says what `monitoring.due` and `coverage` say."""

from typing import NamedTuple

import numpy as np
from numba import njit

from afterdose.engines.local.compile import BEFORE, NO_TREATMENTS, REPEATED
from afterdose.engines.local.days import FIRST, NEVER, NONE
from afterdose.engines.local.kernels.bare import bare, bare_labs, bare_rules, rows_of
from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.room import bare_room
from afterdose.engines.local.kernels.spans import CourseRows, after, next_due, span_on
from afterdose.engines.local.labs import SECONDS

NOT_STARTED, NOT_YET_DUE, DUE, OVERDUE, PAUSED, ENDED, NOT_ASSESSABLE = range(7)
DOES_NOT_CONCERN = -1


PERSON = np.dtype(
    [("died", np.int32), ("last_seen", np.int32), ("sex", np.int8), ("broken", np.bool_)]
)
"""A person: days (`NEVER`: none known), sex by code, whether the record contradicts itself."""
SEEN = np.dtype([("start", np.int32), ("end", np.int32)])
"""A span under observation; ``end`` is `NEVER` where it goes on or data were cut."""

CHECK_RESULT = np.dtype(
    [
        ("state", np.int8),
        *((name, np.int32) for name in ("due", "last_done", "ends", "awaiting", "missing")),
        *((name, np.int32) for name in ("tests_due", "in_window", "days", "days_in_window")),
        ("longest_gap", np.int32),
    ]
)
"""Where a check stands. Days are `NONE` where there is none; ``ends`` is `NEVER` while the drug is
taken; ``missing`` has a bit a need that lags behind. Coverage is counted for repeated checks:
``days`` is 0 where nothing is counted."""


class Folk(NamedTuple):
    """People as the kernels read them.

    ``rows`` are of type `PERSON`, ``seen`` of type `SEEN`; ``exam_from`` has a row a kind of
    examination and points into ``exam_day``.
    """

    rows: np.ndarray
    seen_from: np.ndarray
    seen: np.ndarray
    exam_from: np.ndarray
    exam_day: np.ndarray


@njit(inline="always")
def bare_folk(folk):
    return Folk(
        bare(folk.rows),
        bare(folk.seen_from),
        bare(folk.seen),
        bare(folk.exam_from),
        bare(folk.exam_day),
    )


@compiled
def checks_of_all(people, as_of, folk, courses, labs, announced, rules, room, results):
    """Every check of every protocol for people ``people[0]`` up to ``people[1]``."""
    labs, announced, rules = bare_labs(labs), bare_labs(announced), bare_rules(rules)
    courses = CourseRows(bare(courses.offsets), bare(courses.rows))
    folk = bare_folk(folk)
    results = bare(results)
    room = bare_room(room)
    checks = rules.checks
    for person in range(people[0], people[1]):
        show(room.runs, labs, person)
        show(room.pending, announced, person)
        for check in range(len(checks)):
            protocol = checks[check].protocol
            begin, stop = courses.offsets[protocol, person], courses.offsets[protocol, person + 1]
            _check(
                person, check, as_of, begin, stop, folk, courses, labs, announced, rules, room,
                results,
            )  # fmt: skip
        hide(room.runs, labs, person)
        hide(room.pending, announced, person)


@inlined
def show(runs, labs, person):
    """Say of each analyte where the person's results of it begin and end."""
    for run in range(labs.person_run[person], labs.person_run[person + 1]):
        runs[labs.run_analyte[run], 0] = labs.run_start[run]
        runs[labs.run_analyte[run], 1] = labs.run_start[run + 1]


@inlined
def hide(runs, labs, person):
    """Take back what `show` said, so that the table is empty for the next person."""
    for run in range(labs.person_run[person], labs.person_run[person + 1]):
        runs[labs.run_analyte[run], 0] = 0
        runs[labs.run_analyte[run], 1] = 0


@inlined
def _check(
    person, check, as_of, begin, stop, folk, courses, labs, announced, rules, room, results,
):  # fmt: skip
    """One check of one person."""
    checks = rules.checks
    sex = checks[check].sex
    if sex != 0 and folk.rows[person].sex != 0 and sex != folk.rows[person].sex:
        results[person, check].state = DOES_NOT_CONCERN
        return
    is_known = sex == 0 or folk.rows[person].sex == sex
    counts = (
        checks[check].kind == REPEATED
        and begin < stop
        and is_known
        and not checks[check].lacks_table
        and not folk.rows[person].broken
    )
    state = before_any_schedule(person, check, as_of, begin, stop, folk, rules)
    is_scheduled = state == NOT_YET_DUE
    results[person, check].state = state
    if not (is_scheduled or counts):
        return
    if checks[check].kind == REPEATED:
        size = done_over_time(person, check, labs, folk, rules, room)
        if counts:
            _coverage(person, check, as_of, begin, stop, folk, courses, size, rules, room, results)
        if is_scheduled:
            _repeated(
                person, check, as_of, begin, stop, folk, courses, labs, announced, size, rules,
                room, results,
            )  # fmt: skip
    elif checks[check].kind == BEFORE:
        _before(person, check, as_of, begin, stop, folk, courses, labs, rules, room, results)
    else:
        _during(person, check, as_of, begin, stop, folk, courses, labs, rules, room, results)


@inlined
def before_any_schedule(person, check, day, begin, stop, folk, rules):
    """`NOT_YET_DUE` where a schedule has its say."""
    checks = rules.checks
    if folk.rows[person].died <= day:
        return ENDED
    if begin == stop and checks[check].lacks_table != NO_TREATMENTS:
        return NOT_STARTED
    if begin < stop and has_left(person, day, folk):
        return PAUSED
    if folk.rows[person].broken or checks[check].lacks_table:
        return NOT_ASSESSABLE
    if checks[check].sex != 0 and folk.rows[person].sex == 0:
        return NOT_ASSESSABLE
    return NOT_YET_DUE


@inlined
def has_left(person, day, folk):
    """Whether the person was under observation once and no longer is."""
    was_seen = False
    for span in range(folk.seen_from[person], folk.seen_from[person + 1]):
        if folk.seen[span].start > day:
            continue
        if folk.seen[span].end >= day:
            return False
        was_seen = True
    return was_seen


# Tests done -------------------------------------------------------------------------------------


@inlined
def done_over_time(person, check, labs, folk, rules, room):
    """On which days the last satisfactory test changed, and to which day; returns how many."""
    first, last = rules.checks[check].need_from, rules.checks[check].need_to
    begin, stop = rules.needs[first].slot_from, rules.needs[last - 1].slot_to
    together = _drawn_together(first, last, labs, rules, room)
    if together >= 0:
        return _days_of_run(room.runs[together, 0], room.runs[together, 1], labs, room)
    day = NEVER
    for slot in range(begin, stop):
        at = _days_between(rules.pool[slot], person, room.runs, folk)
        room.at[slot - begin, 0], room.at[slot - begin, 1] = at
        room.upcoming[slot - begin] = _upcoming(rules.pool[slot], slot - begin, labs, folk, room)
        day = min(day, room.upcoming[slot - begin])
    for need in range(first, last):
        room.latest[need - first] = NONE
    size, before = 0, NONE
    while day != NEVER:
        oldest = following = NEVER
        for need in range(first, last):
            for slot in range(rules.needs[need].slot_from, rules.needs[need].slot_to):
                upcoming = room.upcoming[slot - begin]
                if upcoming == day:
                    room.latest[need - first] = day
                    while upcoming == day:
                        room.at[slot - begin, 0] += 1
                        upcoming = _upcoming(rules.pool[slot], slot - begin, labs, folk, room)
                    room.upcoming[slot - begin] = upcoming
                following = min(following, upcoming)
            oldest = min(oldest, room.latest[need - first])
        if oldest != before:
            room.changed[size] = day
            room.done[size] = oldest
            size += 1
            before = oldest
        day = following
    return size


@inlined
def _upcoming(code, slot, labs, folk, room):
    """The day of the row a slot has got to; `NEVER` behind its last."""
    place = room.at[slot, 0]
    return NEVER if place == room.at[slot, 1] else _day_of(code, place, labs, folk)


@inlined
def _drawn_together(first, last, labs, rules, room):
    """The analyte on whose days alone every need was met; -1: parts came on different days.

    Most draws hold all that a check asks for, so its days are those of any one part.
    """
    together = np.int64(-1)
    for need in range(first, last):
        is_met = False
        for slot in range(rules.needs[need].slot_from, rules.needs[need].slot_to):
            code = rules.pool[slot]
            if code < 0:
                return np.int64(-1)
            if room.runs[code, 0] == room.runs[code, 1]:
                continue
            if together < 0:
                together = np.int64(code)
            elif not _same_days(together, code, labs, room):
                return np.int64(-1)
            is_met = True
        if not is_met:
            return np.int64(-1)
    return together


@inlined
def _same_days(one, other, labs, room):
    """Whether two analytes were measured on the same days, row for row."""
    begin, stop = room.runs[one, 0], room.runs[one, 1]
    apart = room.runs[other, 0] - begin
    if room.runs[other, 1] - stop != apart:
        return False
    differs = np.int64(0)
    for row in rows_of(begin, stop):
        differs |= labs.moment[row] ^ labs.moment[row + np.uintp(apart)]
    return differs >> SECONDS == 0


@inlined
def _days_of_run(place, stop, labs, room):
    changed, done = room.changed, room.done
    size = np.uintp(0)
    before = NONE
    for row in rows_of(place, stop):
        day = np.int32(labs.moment[row] >> SECONDS)
        changed[size] = day
        done[size] = day
        size += np.uintp(day != before)
        before = day
    return np.int64(size)


@inlined
def _days_between(code, person, runs, folk):
    """Where the days of an analyte, or of an examination, begin and end."""
    if code >= 0:
        return runs[code, 0], runs[code, 1]
    return folk.exam_from[-1 - code, person], folk.exam_from[-1 - code, person + 1]


@inlined
def _day_of(code, place, labs, folk):
    if code >= 0:
        return np.int32(labs.moment[place] >> SECONDS)
    return folk.exam_day[place]


@inlined
def newest_within(person, need, since, until, labs, folk, rules, room):
    """The newest day from ``since`` to ``until`` on which a need was met; `NONE`: on no day."""
    newest = NONE
    for slot in range(rules.needs[need].slot_from, rules.needs[need].slot_to):
        code = rules.pool[slot]
        first, stop = _days_between(code, person, room.runs, folk)
        place = _last_on(until, code, first, stop, labs, folk)
        if place >= first:
            day = _day_of(code, place, labs, folk)
            if day >= since:
                newest = max(newest, day)
    return newest


@inlined
def _last_on(until, code, first, stop, labs, folk):
    """The place of the last day on or before ``until``; ``first - 1``: there is none."""
    if first == stop or _day_of(code, stop - 1, labs, folk) <= until:
        return stop - 1
    low, high = first, stop - 1
    while low < high:
        middle = (low + high) >> 1
        if _day_of(code, middle, labs, folk) <= until:
            low = middle + 1
        else:
            high = middle
    return low - 1


@inlined
def _done_between(person, check, since, until, labs, folk, rules, room):
    """The oldest of the newest results of every need between two days; `NONE`: one lacks."""
    oldest = NEVER
    for need in range(rules.checks[check].need_from, rules.checks[check].need_to):
        newest = newest_within(person, need, since, until, labs, folk, rules, room)
        if newest == NONE:
            return NONE
        oldest = min(oldest, newest)
    return oldest


@inlined
def _behind(person, check, last_done, labs, folk, rules, room):
    """A bit for every need that lags behind the newest result of the check."""
    first, last = rules.checks[check].need_from, rules.checks[check].need_to
    newest = NONE
    for need in range(first, last):
        found = newest_within(person, need, NONE + 1, NEVER, labs, folk, rules, room)
        newest = max(newest, found)
    if newest in (NONE, last_done):
        return 0
    lacking = 0
    for need in range(first, last):
        found = newest_within(person, need, NONE + 1, NEVER, labs, folk, rules, room)
        if found < newest:
            lacking |= 1 << (need - first)
    return lacking


@inlined
def _awaited(check, since, announced, rules, room):
    """The newest specimen of the check after ``since`` whose result is only announced."""
    newest = NONE
    for need in range(rules.checks[check].need_from, rules.checks[check].need_to):
        for slot in range(rules.needs[need].slot_from, rules.needs[need].slot_to):
            code = rules.pool[slot]
            if code >= 0 and room.pending[code, 0] < room.pending[code, 1]:
                day = np.int32(announced.moment[room.pending[code, 1] - 1] >> SECONDS)
                if day > since:
                    newest = max(newest, day)
    return newest


# States -----------------------------------------------------------------------------------------


@inlined
def state_of(check, day, end, due, periods):
    """Where a repeated check stands on a day inside or after its span."""
    if due == NEVER or due > end:
        return ENDED if day > end else NOT_YET_DUE
    if end != NEVER and day > periods[check.closing, end - FIRST]:
        return ENDED
    if day < due:
        return NOT_YET_DUE
    return DUE if day <= periods[check.window, due - FIRST] else OVERDUE


@compiled
def _repeated(
    person, check, as_of, begin, stop, folk, courses, labs, announced, size, rules, room,
    results,
):  # fmt: skip
    checks = rules.checks
    is_continuous = rules.continuous[checks[check].protocol]
    begun, start, end, began = span_on(
        as_of, as_of, begin, stop, checks[check].until, courses, rules, is_continuous
    )
    if not begun:
        results[person, check].state = NOT_STARTED
        return
    last_done = room.done[size - 1] if size and room.done[size - 1] >= start else NONE
    due = next_due(checks[check], start, began, last_done, rules)
    results[person, check].state = state_of(checks[check], as_of, end, due, rules.periods)
    results[person, check].due = NONE if due == NEVER or due > end else due
    results[person, check].last_done = last_done
    results[person, check].ends = end
    results[person, check].missing = _behind(person, check, last_done, labs, folk, rules, room)
    since = start if last_done == NONE else last_done
    results[person, check].awaiting = _awaited(check, since, announced, rules, room)


@inlined
def _concerns(course, check, courses, rules):
    first, last = rules.checks[check].course_from, rules.checks[check].course_to
    if first == last:
        return True
    for position in range(first, last):
        if rules.pool[position] == courses.rows[course].number:
            return True
    return False


@compiled
def _before(person, check, as_of, begin, stop, folk, courses, labs, rules, room, results):
    """Before a planned course; after it began, whether it was done."""
    checks = rules.checks
    newest = planned = -1
    for course in range(begin, stop):
        if _concerns(course, check, courses, rules):
            newest = course
            if planned < 0 and courses.rows[course].start > as_of:
                planned = course
    if newest < 0:
        results[person, check].state = NOT_STARTED
        return
    course = newest if planned < 0 else planned
    start = courses.rows[course].start
    opens = rules.periods[checks[check].within, start - FIRST]
    done = _done_between(person, check, opens, start, labs, folk, rules, room)
    results[person, check].last_done = done
    if planned < 0:
        results[person, check].state = ENDED
    elif done == NONE:
        results[person, check].state = NOT_YET_DUE if as_of < opens else DUE
        results[person, check].due = opens


@compiled
def _during(person, check, as_of, begin, stop, folk, courses, labs, rules, room, results):
    """On given days of a course; a day not tested is due until the course is over."""
    checks = rules.checks
    newest = -1
    for course in range(begin, stop):
        if courses.rows[course].start <= as_of and _concerns(course, check, courses, rules):
            newest = course
    if newest < 0:
        results[person, check].state = NOT_STARTED
        return
    start = courses.rows[newest].start
    undone = last = NONE
    for position in range(checks[check].day_from, checks[check].day_to):
        last = np.int32(start + rules.pool[position] - 1)
        if undone == NONE and (
            _done_between(person, check, last, last, labs, folk, rules, room) == NONE
        ):
            undone = last
    if undone == NONE:
        results[person, check].state = ENDED
        results[person, check].last_done = last
    elif as_of > max(courses.rows[newest].last, last):
        results[person, check].state = ENDED
    else:
        results[person, check].state = DUE if as_of >= undone else NOT_YET_DUE
        results[person, check].due = undone


# Coverage ---------------------------------------------------------------------------------------


@inlined
def _coverage(person, check, as_of, begin, stop, folk, courses, size, rules, room, results):
    """Every span up to the horizon, one after the other."""
    checks = rules.checks
    is_continuous = rules.continuous[checks[check].protocol]
    horizon = min(as_of, folk.rows[person].died - 1, folk.rows[person].last_seen)
    until = checks[check].until
    course = begin
    while course < stop and courses.rows[course].start <= horizon:
        start, end = courses.rows[course].start, NONE
        first = course
        while course < stop and (course == first or courses.rows[course].start <= end):
            last = courses.rows[course].last
            if is_continuous and last > as_of:
                its_end = NEVER
            else:
                its_end = rules.periods[until, last - FIRST]
            end = max(end, its_end)
            course += 1
        _coverage_of_span(
            person, check, start, end, min(end, horizon), first, course, courses, size, rules,
            room, results,
        )  # fmt: skip


@compiled
def _coverage_of_span(
    person, check, start, end, last_day, first, stop, courses, size, rules, room, results
):
    """From one test, or new start of the drug, to the next: what was due and when it was done."""
    one, periods = rules.checks[check], rules.periods
    moves = one.at_from < one.at_to or one.phase_from + 1 != one.phase_to
    course = first + 1 if moves else stop
    place = 0
    changed, done = room.changed, room.done
    while place < size and (done[place] < start or changed[place] <= start):
        place += 1
    last_done, missed = NONE, NONE
    since, began = start, start
    tests_due = in_window = late_days = longest = 0
    if not moves:
        # One interval all along: most tests are counted here, in a loop without questions.
        every, window, early = rules.phases[one.phase_from].every, one.window, one.early
        reference = start
        while place < size and changed[place] <= last_day:
            until = changed[place]
            due = after(periods, every, reference)
            deadline = after(periods, window, due)
            if until <= deadline:
                is_in_window = until >= after(periods, early, due)
                tests_due += is_in_window
                in_window += is_in_window
            elif due <= end:
                tests_due += due != missed
                late_days += until - max(deadline + 1, since)
                missed = due
            longest = max(longest, until - reference)
            reference = last_done = done[place]
            since = until
            place += 1
    while True:
        while course < stop and courses.rows[course].start <= since:
            began = max(began, courses.rows[course].start)
            course += 1
        test = changed[place] if place < size and changed[place] <= last_day else NEVER
        restart = courses.rows[course].start if course < stop else NEVER
        if restart > last_day:
            restart = NEVER
        until = min(test, restart)
        is_test = until == test and test != NEVER
        is_last = until == NEVER
        if is_last:
            until = np.int32(last_day + 1)
        due = next_due(one, start, began, last_done, rules)
        if due != NEVER:
            deadline = after(periods, one.window, due)
            if is_test and until <= deadline:
                if until >= after(periods, one.early, due):
                    tests_due += 1
                    in_window += 1
            elif due <= end:
                late = max(0, until - max(deadline + 1, since))
                if late > 0 or (is_test and until > deadline):
                    if due != missed:
                        tests_due += 1
                    missed = due
                late_days += late
        if is_test:
            reference = start if last_done == NONE else last_done
            longest = max(longest, until - reference)
            last_done = done[place]
            place += 1
        if is_last:
            break
        since = until
    reference = start if last_done == NONE else last_done
    longest = max(longest, last_day - reference)
    days = last_day - start + 1
    found = results[person, check]
    found.tests_due += tests_due
    found.in_window += in_window
    found.days += days
    found.days_in_window += days - late_days
    found.longest_gap = max(found.longest_gap, longest)
