"""Checks before and during a course, as of a day: says what `monitoring.due` says of them."""

import numpy as np

from afterdose.engines.local.days import NONE
from afterdose.engines.local.kernels.compiling import inlined
from afterdose.engines.local.kernels.done import done_between
from afterdose.engines.local.kernels.spans import after
from afterdose.engines.local.kernels.states import DUE, ENDED, NOT_STARTED, NOT_YET_DUE


@inlined
def concerns(course, check, courses, rules):
    """Whether a check is asked for at a course."""
    first, last = rules.checks[check].course_from, rules.checks[check].course_to
    if first == last:
        return True
    for position in range(first, last):
        if rules.pool[position] == courses.rows[course].number:
            return True
    return False


@inlined
def was_known(course, day, courses):
    """Whether a course was known on a day, or had begun."""
    return courses.rows[course].known <= day or courses.rows[course].start <= day


@inlined
def courses_before(check, day, begin, stop, courses, rules):
    """The newest course a check before courses concerns, and the next planned; -1: none."""
    newest = planned = -1
    for course in range(begin, stop):
        if was_known(course, day, courses) and concerns(course, check, courses, rules):
            newest = course
            if planned < 0 and courses.rows[course].start > day:
                planned = course
    return newest, planned


@inlined
def before_on(person, check, day, latest, begin, stop, folk, courses, labs, rules, room):
    """Before a planned course; after it began, whether it was done.

    ``latest`` is the last specimen day that counts. Returns the state, the due day and the last
    test; `NONE` where there is none.
    """
    newest, planned = courses_before(check, day, begin, stop, courses, rules)
    if newest < 0:
        return NOT_STARTED, NONE, NONE
    start = courses.rows[newest if planned < 0 else planned].start
    opens = after(rules.periods, rules.checks[check].within, start)
    done = done_between(person, check, opens, min(start, latest), labs, folk, rules, room)
    if planned < 0:
        return ENDED, NONE, done
    if done != NONE:
        return NOT_YET_DUE, NONE, done
    return NOT_YET_DUE if day < opens else DUE, opens, done


@inlined
def during_on(person, check, day, latest, begin, stop, folk, courses, labs, rules, room):
    """On given days of a course; a day not tested is due until the course is over.

    As `before_on`.
    """
    one = rules.checks[check]
    newest = -1
    for course in range(begin, stop):
        if courses.rows[course].start <= day and concerns(course, check, courses, rules):
            newest = course
    if newest < 0:
        return NOT_STARTED, NONE, NONE
    start = courses.rows[newest].start
    undone = last = NONE
    for position in range(one.day_from, one.day_to):
        last = np.int32(start + rules.pool[position] - 1)
        if undone == NONE and (
            last > latest
            or done_between(person, check, last, last, labs, folk, rules, room) == NONE
        ):
            undone = last
    if undone == NONE:
        return ENDED, NONE, last
    if day > max(courses.rows[newest].last, last):
        return ENDED, NONE, NONE
    return DUE if day >= undone else NOT_YET_DUE, undone, NONE
