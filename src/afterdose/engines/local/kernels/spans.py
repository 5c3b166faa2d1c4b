"""Spans of monitoring and due dates: says what `monitoring.spans` and `schedule` say."""

from typing import NamedTuple

import numpy as np

from afterdose.engines.local.days import FIRST, NEVER, NONE
from afterdose.engines.local.kernels.compiling import inlined


class CourseRows(NamedTuple):
    """Courses of every protocol: row ``p`` of ``offsets`` points to those of protocol ``p``.

    ``rows`` are of the type `afterdose.engines.local.people.COURSE`.
    """

    offsets: np.ndarray
    rows: np.ndarray


@inlined
def after(periods, period, day):
    """The day one of the periods after ``day``."""
    return periods[np.uintp(period), np.uintp(day - FIRST)]


@inlined
def end_of(course, until, day, courses, rules, is_continuous):
    """The end of monitoring a course sets; `NEVER` while its drug is taken."""
    last = courses.rows[course].last
    if is_continuous and last > day:
        return NEVER
    return after(rules.periods, until, last)


@inlined
def span_on(day, known_by, begin, stop, until, courses, rules, is_continuous):
    """The newest span that has begun: found, start, end and the drug's newest start in it.

    ``known_by`` is the day by which a course must have been known, or have begun, to count.
    """
    found = False
    begun = False
    start, end, began = NONE, NONE, NONE
    for course in range(begin, stop):
        if courses.rows[course].known > known_by and courses.rows[course].start > known_by:
            continue
        first = courses.rows[course].start
        its_end = end_of(course, until, day, courses, rules, is_continuous)
        if found and first <= end:
            end = max(end, its_end)
            if first <= day:
                began = first
        else:
            if first > day:
                found = True
                break
            found, begun = True, True
            start, end, began = first, its_end, first
    return begun, start, end, began


@inlined
def is_followed(day, begin, stop, until, courses, rules):
    """Whether ``day`` lies in any span of a continuous drug, all known courses counted."""
    for course in range(begin, stop):
        last = courses.rows[course].last
        end = NEVER if last == NEVER else after(rules.periods, until, last)
        if courses.rows[course].start <= day <= end:
            return True
    return False


@inlined
def next_due(check, start, began, last_done, rules):
    """When the next test is due; `NEVER` where the schedule asks for no more."""
    periods, pool = rules.periods, rules.pool
    for position in range(check.at_from, check.at_to):
        due = after(periods, pool[position], began)
        if last_done == NONE or last_done < after(periods, check.early, due):
            return due
    first, stop = check.phase_from, check.phase_to
    if first == stop:
        return NEVER
    reference = start if last_done == NONE else last_done
    phase = first
    while phase < stop - 1 and reference >= after(periods, rules.phases[phase].lasting, began):
        phase += 1
    return after(periods, rules.phases[phase].every, reference)
