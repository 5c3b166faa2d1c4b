"""Coverage of one check, span after span: says what `monitoring.coverage` says."""

import numpy as np

from afterdose.engines.local.days import NEVER, NONE
from afterdose.engines.local.kernels.compiling import inlined
from afterdose.engines.local.kernels.spans import after, next_due


@inlined
def coverage_of(person, check, as_of, begin, stop, folk, courses, size, rules, room, results):
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
            goes_on = is_continuous and last > as_of
            end = max(end, NEVER if goes_on else after(rules.periods, until, last))
            course += 1
        _coverage_of_span(
            person, check, start, end, min(end, horizon), first, course, courses, size, rules,
            room, results,
        )  # fmt: skip


@inlined
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
            if until > deadline and due <= end:
                late_days += until - max(deadline + 1, since)
                while until > deadline and due <= end:
                    tests_due += due > missed
                    missed = max(missed, due)
                    due = after(periods, every, due)
                    deadline = after(periods, window, due)
            is_in_window = until >= after(periods, early, due)
            tests_due += is_in_window
            in_window += is_in_window
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
        if due != NEVER and due <= end:
            late_days += max(0, until - max(after(periods, one.window, due) + 1, since))
        # Without a test the day itself may still be one in the window.
        last_missed = until - (1 if is_test else 2)
        while due != NEVER and due <= end and after(periods, one.window, due) <= last_missed:
            tests_due += due > missed
            missed = max(missed, due)
            due = next_due(one, start, began, due, rules)
        if is_test and due != NEVER and until >= after(periods, one.early, due):
            tests_due += 1
            in_window += 1
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
