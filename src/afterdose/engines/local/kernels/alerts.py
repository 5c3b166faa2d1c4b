"""Alerts as episodes, every person in one pass: says what `monitoring.alerts` says."""

from typing import NamedTuple

import numpy as np

from afterdose.engines.local.compile import (
    ABOVE,
    BASELINE,
    BELOW,
    LASTING,
    LIMIT,
    MOST_ANALYTES,
    RANGE,
)
from afterdose.engines.local.days import FIRST, NONE
from afterdose.engines.local.kernels.judging import (
    MET,
    NOT_ASSESSABLE,
    NOT_MET,
    Scratch,
    around,
    beyond,
    compiled,
    day_at,
    inlined,
)
from afterdose.engines.local.kernels.spans import is_followed

ALERT_RESULT = np.dtype([("answer", np.int8), ("expected", np.int32), ("missing", np.int64)])
"""Where an alert stands: one of `judging`'s answers; how many results were expected and raised
nothing; and what the newest result lacked, ``BITS`` bits a leaf (-1: there was none)."""

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


class Room(NamedTuple):
    """Space for one person's work: results in order, whose they are, and where one is."""

    order: np.ndarray
    whose: np.ndarray
    at: np.ndarray
    scratch: Scratch


@compiled
def alerts_of_all(people, courses, labs, rules, results, episodes):
    """Every alert of every protocol for people ``people[0]`` up to ``people[1]``."""
    analytes = 512
    runs = np.zeros((analytes, 2), np.int64)
    bases = np.full(analytes, -1, np.int64)
    count = len(rules.alerts)
    most = _longest(people, labs)
    nodes = len(rules.nodes)
    room = Room(
        np.zeros(most, np.int64),
        np.zeros(most, np.int16),
        np.zeros(MOST_ANALYTES, np.int64),
        Scratch(np.zeros(nodes, np.int8), np.zeros(nodes, np.int32), np.zeros(nodes, np.int64)),
    )
    for person in range(people[0], people[1]):
        first_run, last_run = labs.person_run[person], labs.person_run[person + 1]
        for run in range(first_run, last_run):
            runs[labs.run_analyte[run], 0] = labs.run_start[run]
            runs[labs.run_analyte[run], 1] = labs.run_start[run + 1]
        protocol = -1
        has_courses = False
        for alert in range(count):
            if rules.alerts[alert].protocol != protocol:
                protocol = rules.alerts[alert].protocol
                begin, stop = (
                    courses.offsets[protocol, person],
                    courses.offsets[protocol, person + 1],
                )
                has_courses = stop > begin
                if has_courses:
                    _find_bases(bases, runs, first_run, last_run, labs, courses.rows[begin].start)
            results[person, alert].answer = NOT_ASSESSABLE
            if has_courses:
                _alert_of(
                    person, alert, begin, stop, courses, runs, bases, room, labs, rules,
                    results, episodes,
                )  # fmt: skip
        for run in range(first_run, last_run):
            runs[labs.run_analyte[run], 0] = 0
            runs[labs.run_analyte[run], 1] = 0
            bases[labs.run_analyte[run]] = -1


@inlined
def _longest(people, labs):
    """The most results any of the people has."""
    most = 64
    for person in range(people[0], people[1]):
        begin = labs.run_start[labs.person_run[person]]
        most = max(most, labs.run_start[labs.person_run[person + 1]] - begin)
    return most


@inlined
def _find_bases(bases, runs, first_run, last_run, labs, start):
    """Of each analyte the baseline: the last on or before the first dose, else the first."""
    for run in range(first_run, last_run):
        begin, stop = labs.run_start[run], labs.run_start[run + 1]
        place = begin
        while place + 1 < stop and day_at(labs, place + 1) <= start:
            place += 1
        bases[labs.run_analyte[run]] = place if begin < stop else -1


@inlined
def _alert_of(
    person, alert, begin, stop, courses, runs, bases, room, labs, rules, results, episodes
):
    """One alert of one person who had the drug."""
    alerts = rules.alerts
    start = courses.rows[begin].start
    root = alerts[alert].root
    judged = 0
    for position in range(alerts[alert].analyte_from, alerts[alert].analyte_to):
        analyte = rules.pool[position]
        place = runs[analyte, 1] - 1
        if place >= runs[analyte, 0] and day_at(labs, place) >= start:
            judged += 1
    if judged == 0:
        return
    if _never_met(root, runs, bases, start, labs, rules):
        if _has_followed(alert, begin, stop, start, runs, courses, labs, rules):
            results[person, alert].answer = NOT_MET
            results[person, alert].missing = 0
        return
    rows = _rows_in_order(alert, start, runs, room, labs, rules)
    _follow(
        person, alert, begin, stop, courses, runs, bases, rows, room, labs, rules,
        results, episodes,
    )  # fmt: skip


@inlined
def _has_followed(alert, begin, stop, start, runs, courses, labs, rules):
    """Whether any result was taken while the alert can open an episode."""
    alerts = rules.alerts
    if not rules.continuous[alerts[alert].protocol]:
        return True
    until = alerts[alert].until
    for position in range(alerts[alert].analyte_from, alerts[alert].analyte_to):
        analyte = rules.pool[position]
        for place in range(runs[analyte, 0], runs[analyte, 1]):
            day = day_at(labs, place)
            if day >= start and is_followed(day, begin, stop, until, courses, rules):
                return True
    return False


@inlined
def _never_met(root, runs, bases, start, labs, rules):
    """Whether every single predicate under ``root`` surely answers *not met* at every result.

    If each does at its own analyte's results, so does any combination of them. A combination looks
    at results from before the first dose too, a single predicate does not.
    """
    is_single = rules.nodes[root].kind <= LASTING
    for node in range(rules.nodes[root].lowest, root + 1):
        if rules.nodes[node].kind <= LASTING and not _leaf_never_met(
            node, is_single, runs, bases, start, labs, rules
        ):
            return False
    return True


@inlined
def _leaf_never_met(node, is_single, runs, bases, start, labs, rules):
    one = rules.nodes[node]
    kind, analyte = one.kind, one.analyte
    first, stop = runs[analyte, 0], runs[analyte, 1]
    if first == stop:
        return True
    judged = first
    while judged < stop and day_at(labs, judged) < start:
        judged += 1
    place = judged if is_single else first
    if kind == LASTING:
        return _all_on_one_side(place, stop, BELOW, one.number, labs)
    if kind == LIMIT:
        return _all_on_one_side(place, stop, one.relation, one.number, labs)
    if kind == RANGE:
        return _all_in_range(place, stop, one.relation, one.number, labs)
    if kind == BASELINE:
        base = bases[analyte]
        if base >= judged or labs.comparator[base] != 0:
            return False
        return _all_on_one_side(place, stop, ABOVE, one.number * labs.value[base], labs)
    return is_single and _never_falls(node, place, first, stop, labs, rules)


@inlined
def _all_on_one_side(place, stop, relation, limit, labs):
    for row in range(place, stop):
        if labs.comparator[row] != 0:
            return False
        if beyond(labs.value[row], 0, relation, limit) != NOT_MET:
            return False
    return True


@inlined
def _all_in_range(place, stop, relation, times, labs):
    """A limit that was not given leaves the question open."""
    for row in range(place, stop):
        limit = labs.low[row] if relation == BELOW else labs.high[row]
        if labs.comparator[row] != 0 or np.isnan(limit):
            return False
        if beyond(labs.value[row], 0, relation, times * limit) != NOT_MET:
            return False
    return True


@inlined
def _never_falls(node, place, first, stop, labs, rules):
    """Each result against the newest of an earlier day, in one walk."""
    keep, floor = rules.nodes[node].number, rules.nodes[node].second
    if place <= first or place >= stop:
        return place >= stop
    before = place - 1
    if day_at(labs, before) == day_at(labs, place):
        return False
    for row in range(place, stop):
        if labs.comparator[row] != 0 or labs.comparator[before] != 0:
            return False
        value = labs.value[row]
        if not (value > keep * labs.value[before] or value <= floor):
            return False
        if row + 1 < stop and day_at(labs, row + 1) != day_at(labs, row):
            before = row
    return True


@compiled
def _rows_in_order(alert, start, runs, room, labs, rules):
    """The alert's results since the first dose by moment; those of one moment by analyte."""
    alerts = rules.alerts
    first, last = alerts[alert].analyte_from, alerts[alert].analyte_to
    at = room.at
    for position in range(first, last):
        analyte = rules.pool[position]
        place = runs[analyte, 0]
        while place < runs[analyte, 1] and day_at(labs, place) < start:
            place += 1
        at[position - first] = place
    rows = 0
    while True:
        best = -1
        for position in range(last - first):
            if at[position] < runs[rules.pool[first + position], 1] and (
                best < 0 or labs.moment[at[position]] < labs.moment[at[best]]
            ):
                best = position
        if best < 0:
            return rows
        room.order[rows] = at[best]
        room.whose[rows] = rules.pool[first + best]
        at[best] += 1
        rows += 1


@compiled
def _follow(
    person, alert, begin, stop, courses, runs, bases, rows, room, labs, rules, results,
    episodes,
):  # fmt: skip
    """One result after the other: open, prolong, confirm, close."""
    alerts = rules.alerts
    root, closing, expected = alerts[alert].root, alerts[alert].closing, alerts[alert].expected
    start = courses.rows[begin].start
    is_continuous = rules.continuous[alerts[alert].protocol]
    until = alerts[alert].until
    scratch = room.scratch
    standing = -1
    last_answer, last_missing = NOT_ASSESSABLE, np.int64(-1)
    for position in range(rows):
        place, analyte = room.order[position], room.whose[position]
        day = day_at(labs, place)
        if (
            standing < 0
            and is_continuous
            and not is_followed(day, begin, stop, until, courses, rules)
        ):
            continue
        answer, received, missing = around(
            root, analyte, place, runs, bases, start, rules, labs, scratch
        )
        if (
            answer == MET
            and expected >= 0
            and _is_expected(day, expected, begin, stop, courses, rules)
        ):
            results[person, alert].expected += 1
            answer = NOT_MET
            missing = np.int64(0)
        last_answer, last_missing = answer, missing
        if answer == MET:
            if standing < 0:
                standing = episodes.count[0]
                episodes.count[0] += 1
                _open(episodes, standing, person, alert, day, received, place)
            else:
                _prolong(episodes, standing, place, labs)
            continue
        closes = answer == NOT_MET
        if closing >= 0:
            closes = (
                around(closing, analyte, place, runs, bases, start, rules, labs, scratch)[0] == MET
            )
        if standing < 0:
            continue
        if closes:
            if _close(episodes, standing, place, day, labs):
                standing = -1
        elif answer == NOT_MET and standing < len(episodes.rows):
            episodes.rows[standing].answered = place
    if standing >= 0:
        results[person, alert].answer = MET
    else:
        results[person, alert].answer = last_answer
        results[person, alert].missing = last_missing


@inlined
def _is_expected(day, expected, begin, stop, courses, rules):
    for course in range(begin, stop):
        last = courses.rows[course].last
        if courses.rows[course].start <= day <= rules.periods[expected, last - FIRST]:
            return True
    return False


@inlined
def _open(episodes, number, person, alert, day, received, place):
    if number >= len(episodes.rows):
        return
    episodes.rows[number].person = person
    episodes.rows[number].alert = alert
    episodes.rows[number].opened = day
    episodes.rows[number].known = received
    episodes.rows[number].confirmed = NONE
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
