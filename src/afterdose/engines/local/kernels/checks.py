"""Checks of every person in one pass: says what `monitoring.due` and `coverage` say."""

import numpy as np

from afterdose.engines.local.compile import BEFORE, REPEATED
from afterdose.engines.local.days import NEVER, NONE
from afterdose.engines.local.kernels.around_course import before_on, during_on
from afterdose.engines.local.kernels.bare import bare, bare_labs, bare_rules
from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.coverage import coverage_of
from afterdose.engines.local.kernels.done import done_over_time, hide, newest_within, show
from afterdose.engines.local.kernels.folk import bare_folk
from afterdose.engines.local.kernels.room import bare_room
from afterdose.engines.local.kernels.spans import CourseRows, next_due, span_on
from afterdose.engines.local.kernels.states import (
    NOT_STARTED,
    NOT_YET_DUE,
    before_any_schedule,
    state_of,
)
from afterdose.engines.local.labs import SECONDS

DOES_NOT_CONCERN = -1


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
            _clear(results[person, check])
            protocol = checks[check].protocol
            begin, stop = courses.offsets[protocol, person], courses.offsets[protocol, person + 1]
            _check(
                person, check, as_of, begin, stop, folk, courses, labs, announced, rules, room,
                results,
            )  # fmt: skip
        hide(room.runs, labs, person)
        hide(room.pending, announced, person)


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
            coverage_of(
                person, check, as_of, begin, stop, folk, courses, size, rules, room, results
            )
        if is_scheduled:
            _repeated(
                person, check, as_of, begin, stop, folk, courses, labs, announced, size, rules,
                room, results,
            )  # fmt: skip
    elif checks[check].kind == BEFORE:
        state, due, done = before_on(
            person, check, as_of, NEVER, begin, stop, folk, courses, labs, rules, room
        )
        _say(results[person, check], state, due, done)
    else:
        state, due, done = during_on(
            person, check, as_of, NEVER, begin, stop, folk, courses, labs, rules, room
        )
        _say(results[person, check], state, due, done)


@inlined
def _clear(result):
    """Nothing known yet."""
    result.due = result.last_done = result.ends = result.awaiting = NONE
    result.missing = result.tests_due = result.in_window = 0
    result.days = result.days_in_window = result.longest_gap = 0


@inlined
def _say(result, state, due, last_done):
    result.state = state
    result.due = due
    result.last_done = last_done


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


@inlined
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
    state = state_of(checks[check], as_of, end, due, rules.periods)
    _say(results[person, check], state, NONE if due == NEVER or due > end else due, last_done)
    results[person, check].ends = end
    results[person, check].missing = _behind(person, check, last_done, labs, folk, rules, room)
    since = start if last_done == NONE else last_done
    results[person, check].awaiting = _awaited(check, since, announced, rules, room)
