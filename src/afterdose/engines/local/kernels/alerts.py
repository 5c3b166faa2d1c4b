"""Alerts as episodes, every person in one pass: says what `monitoring.alerts` says."""

from typing import NamedTuple

import numpy as np

from afterdose.engines.local.compile import LASTING
from afterdose.engines.local.days import FIRST, NONE
from afterdose.engines.local.kernels.bare import bare, bare_labs, bare_rules
from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.done import hide, show
from afterdose.engines.local.kernels.folk import bare_folk, has_left
from afterdose.engines.local.kernels.judging import (
    MET,
    NOT_ASSESSABLE,
    NOT_MET,
    SINCE,
    UNDECIDED,
    around,
    day_at,
    may_last_by,
)
from afterdose.engines.local.kernels.possible import find_possible, may_be_met
from afterdose.engines.local.kernels.room import bare_room
from afterdose.engines.local.kernels.spans import CourseRows, is_followed

ALERT_RESULT = np.dtype(
    [
        ("answer", np.int8),
        ("expected", np.int32),
        ("missing", np.int16),
        ("is_undecided", np.bool_),
    ]
)
"""Where an alert stands: one of `judging`'s answers; how many results were expected and raised
nothing; what the newest result lacked, a bit a reason (-1: there was no result); and whether that
result may meet the alert while its check goes on."""

EPISODE = np.dtype(
    [
        *((name, np.int32) for name in ("person", "alert")),
        *((name, np.int32) for name in ("opened", "known", "confirmed", "closed")),
        *((name, np.int64) for name in ("first", "latest", "answered")),
    ]
)
"""An episode: whose, of which alert; days, `NONE` where nothing happened; places of results."""


class Episodes(NamedTuple):
    """Episodes in order of person, alert and time.

    ``count`` holds how many there are; those beyond the rows' length were counted and not kept.
    """

    rows: np.ndarray
    count: np.ndarray


@compiled
def alerts_of_all(people, as_of, folk, courses, labs, rules, room, results, episodes):
    """Every alert of every protocol for people ``people[0]`` up to ``people[1]``."""
    labs, rules, room, folk = bare_labs(labs), bare_rules(rules), bare_room(room), bare_folk(folk)
    courses = CourseRows(bare(courses.offsets), bare(courses.rows))
    results = bare(results)
    episodes = Episodes(bare(episodes.rows), bare(episodes.count))
    for person in range(people[0], people[1]):
        is_gone = folk.rows[person].died <= as_of or has_left(person, as_of, folk)
        day = NONE if is_gone else np.int32(as_of)
        show(room.runs, labs, person)
        protocol = -1
        scan = begin = stop = np.int64(0)
        for alert in range(len(rules.alerts)):
            results[person, alert].answer = NOT_ASSESSABLE
            results[person, alert].missing = -1
            results[person, alert].expected = 0
            results[person, alert].is_undecided = False
            if rules.alerts[alert].protocol != protocol:
                protocol = rules.alerts[alert].protocol
                begin = courses.offsets[protocol, person]
                stop = courses.offsets[protocol, person + 1]
                if begin < stop:
                    _find_bases(person, labs, courses.rows[begin].start, room)
                    scan = find_possible(protocol, scan, labs, rules, room)
            if begin < stop:
                _alert_of(
                    person, alert, day, begin, stop, courses, labs, rules, room, results, episodes
                )
        hide(room.runs, labs, person)
        for run in range(labs.person_run[person], labs.person_run[person + 1]):
            room.bases[labs.run_analyte[run]] = -1


@inlined
def _find_bases(person, labs, start, room):
    """Of each analyte the baseline: the last on or before the first dose, else the first."""
    for run in range(labs.person_run[person], labs.person_run[person + 1]):
        begin, stop = labs.run_start[run], labs.run_start[run + 1]
        place = begin
        while place + 1 < stop and day_at(labs, place + 1) <= start:
            place += 1
        room.bases[labs.run_analyte[run]] = place if begin < stop else -1


@inlined
def _alert_of(person, alert, as_of, begin, stop, courses, labs, rules, room, results, episodes):
    """One alert of one person who had the drug; ``as_of`` is `NONE` for one who died or left."""
    one = rules.alerts[alert]
    start = courses.rows[begin].start
    newest, analyte = _newest(alert, start, labs, rules, room)
    if newest < 0:
        return
    is_continuous = rules.continuous[one.protocol]
    if not may_be_met(one.root, rules, room) and (
        not is_continuous
        or is_followed(day_at(labs, newest), begin, stop, one.until, courses, rules)
    ):
        # No episode can open, so only the newest result has a say.
        answer, _, missing = around(one.root, analyte, newest, start, rules, labs, room)
        _say(
            person, alert, as_of, newest, answer, missing, False, begin, stop, courses, labs,
            rules, room, results,
        )  # fmt: skip
        return
    rows = _rows_in_order(alert, start, labs, rules, room)
    _follow(person, alert, as_of, begin, stop, courses, rows, room, labs, rules, results, episodes)


@inlined
def _say(
    person, alert, as_of, place, answer, missing, expected, begin, stop, courses, labs, rules,
    room, results,
):  # fmt: skip
    """What the newest result, at ``place``, answers on the morning itself; -1: another is newer.

    *Not met* does not hold for ever where nobody tested since; see `monitoring.alerts`.
    """
    one = rules.alerts[alert]
    watched = as_of != NONE and is_followed(as_of, begin, stop, one.until, courses, rules)
    if watched and place >= 0:
        if expected:
            is_open = not _is_expected(as_of, one.expected, begin, stop, courses, rules)
        elif answer == NOT_MET and rules.nodes[one.root].kind == LASTING:
            first = room.runs[rules.nodes[one.root].analyte, 0]
            start = courses.rows[begin].start
            is_open = may_last_by(one.root, place, as_of, first, start, rules, labs)
        else:
            is_open = False
        if is_open:
            answer, missing = NOT_ASSESSABLE, SINCE
    results[person, alert].answer = answer
    results[person, alert].missing = missing
    results[person, alert].is_undecided = (
        watched and answer == NOT_ASSESSABLE and (missing & UNDECIDED) != 0
    )


@inlined
def _newest(alert, start, labs, rules, room):
    """The newest result since the first dose, and whose it is; -1: there is none."""
    alerts = rules.alerts
    newest, whose = np.int64(-1), np.int64(-1)
    for position in range(alerts[alert].analyte_from, alerts[alert].analyte_to):
        analyte = rules.pool[position]
        place = room.runs[analyte, 1] - 1
        if place < room.runs[analyte, 0] or day_at(labs, place) < start:
            continue
        if newest < 0 or labs.moment[place] >= labs.moment[newest]:
            newest, whose = place, np.int64(analyte)
    return newest, whose


@inlined
def _rows_in_order(alert, start, labs, rules, room):
    """The alert's results since the first dose by moment; those of one moment by analyte."""
    first, last = rules.alerts[alert].analyte_from, rules.alerts[alert].analyte_to
    at = room.at
    for position in range(first, last):
        analyte = rules.pool[position]
        place, stop = room.runs[analyte, 0], room.runs[analyte, 1]
        while place < stop and day_at(labs, place) < start:
            place += 1
        at[position - first, 0], at[position - first, 1] = place, stop
    rows = 0
    if last - first == 1:
        for place in range(at[0, 0], at[0, 1]):
            room.order[rows] = place
            room.whose[rows] = rules.pool[first]
            rows += 1
        return rows
    while True:
        best = -1
        for position in range(last - first):
            if at[position, 0] < at[position, 1] and (
                best < 0 or labs.moment[at[position, 0]] < labs.moment[at[best, 0]]
            ):
                best = position
        if best < 0:
            return rows
        room.order[rows] = at[best, 0]
        room.whose[rows] = rules.pool[first + best]
        at[best, 0] += 1
        rows += 1


@inlined
def _follow(person, alert, as_of, begin, stop, courses, rows, room, labs, rules, results, episodes):
    """One result after the other: open, prolong, confirm, close."""
    one = rules.alerts[alert]
    root, closing, expected = one.root, one.closing, one.expected
    start = courses.rows[begin].start
    is_continuous = rules.continuous[one.protocol]
    standing = -1
    last_answer, last_missing, last_expected, last_place = NOT_ASSESSABLE, -1, False, np.int64(-1)
    for position in range(rows):
        place, analyte = room.order[position], room.whose[position]
        day = day_at(labs, place)
        if (
            standing < 0
            and is_continuous
            and not is_followed(day, begin, stop, one.until, courses, rules)
        ):
            continue
        answer, received, missing = around(root, analyte, place, start, rules, labs, room)
        if (
            answer == MET
            and expected >= 0
            and _is_expected(day, expected, begin, stop, courses, rules)
        ):
            results[person, alert].expected += 1
            answer = NOT_MET
            missing = 0
            last_expected = True
        else:
            last_expected = False
        last_answer, last_missing = answer, missing
        last_place = place if position == rows - 1 else np.int64(-1)
        if answer == MET:
            if standing < 0:
                standing = episodes.count[0]
                episodes.count[0] += 1
                confirmed = day if rules.nodes[root].kind == LASTING else np.int64(NONE)
                _open(episodes, standing, person, alert, day, received, confirmed, place)
            else:
                _prolong(episodes, standing, place, labs)
            continue
        closes = answer == NOT_MET
        if closing >= 0:
            closes = around(closing, analyte, place, start, rules, labs, room)[0] == MET
        if standing < 0:
            continue
        if closes:
            if _close(episodes, standing, place, day, labs):
                standing = -1
        elif answer == NOT_MET and standing < len(episodes.rows):
            episodes.rows[standing].answered = place
    if standing >= 0:
        results[person, alert].answer = MET
    elif last_missing >= 0:
        _say(
            person, alert, as_of, last_place, last_answer, last_missing, last_expected, begin,
            stop, courses, labs, rules, room, results,
        )  # fmt: skip


@inlined
def _is_expected(day, expected, begin, stop, courses, rules):
    for course in range(begin, stop):
        last = courses.rows[course].last
        if courses.rows[course].start <= day <= rules.periods[expected, last - FIRST]:
            return True
    return False


@inlined
def _open(episodes, number, person, alert, day, received, confirmed, place):
    if number >= len(episodes.rows):
        return
    episodes.rows[number].person = person
    episodes.rows[number].alert = alert
    episodes.rows[number].opened = day
    episodes.rows[number].known = received
    episodes.rows[number].confirmed = confirmed
    episodes.rows[number].closed = NONE
    episodes.rows[number].first = place
    episodes.rows[number].latest = place
    episodes.rows[number].answered = place


@inlined
def _prolong(episodes, number, place, labs):
    if number >= len(episodes.rows):
        return
    episodes.rows[number].latest = place
    episodes.rows[number].answered = place
    if (
        episodes.rows[number].confirmed == NONE
        and labs.moment[place] > labs.moment[episodes.rows[number].first]
    ):
        episodes.rows[number].confirmed = day_at(labs, place)


@inlined
def _close(episodes, number, place, day, labs):
    """A result of a later moment closes; one of the same moment settles nothing."""
    if number >= len(episodes.rows):
        return True
    if labs.moment[place] <= labs.moment[episodes.rows[number].latest]:
        return False
    episodes.rows[number].closed = day
    return True
