"""Which tests were done, and when: says what `monitoring.due.last_satisfactory` says."""

import numpy as np

from afterdose.engines.local.days import NEVER, NONE
from afterdose.engines.local.kernels.bare import rows_of
from afterdose.engines.local.kernels.compiling import inlined
from afterdose.engines.local.labs import SECONDS


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
def done_over_time(person, check, labs, folk, rules, room):
    """On which days the last satisfactory test changed, and to which day; returns how many."""
    first, last = rules.checks[check].need_from, rules.checks[check].need_to
    begin, stop = rules.needs[first].slot_from, rules.needs[last - 1].slot_to
    together = _drawn_together(first, last, labs, rules, room)
    if together >= 0:
        return _days_of_run(room.runs[together, 0], room.runs[together, 1], labs, room)
    day = NEVER
    for slot in range(begin, stop):
        at = days_between(rules.pool[slot], person, room.runs, folk)
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
    return NEVER if place == room.at[slot, 1] else day_of_place(code, place, labs, folk)


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
def days_between(code, person, runs, folk):
    """Where the days of an analyte, or of an examination, begin and end."""
    if code >= 0:
        return runs[code, 0], runs[code, 1]
    return folk.exam_from[-1 - code, person], folk.exam_from[-1 - code, person + 1]


@inlined
def day_of_place(code, place, labs, folk):
    if code >= 0:
        return np.int32(labs.moment[place] >> SECONDS)
    return folk.exam_day[place]


@inlined
def newest_within(person, need, since, until, labs, folk, rules, room):
    """The newest day from ``since`` to ``until`` on which a need was met; `NONE`: on no day."""
    newest = NONE
    for slot in range(rules.needs[need].slot_from, rules.needs[need].slot_to):
        code = rules.pool[slot]
        first, stop = days_between(code, person, room.runs, folk)
        place = last_on(until, code, first, stop, labs, folk)
        if place >= first:
            day = day_of_place(code, place, labs, folk)
            if day >= since:
                newest = max(newest, day)
    return newest


@inlined
def last_on(until, code, first, stop, labs, folk):
    """The place of the last day on or before ``until``; ``first - 1``: there is none."""
    if first == stop or day_of_place(code, stop - 1, labs, folk) <= until:
        return stop - 1
    low, high = first, stop - 1
    while low < high:
        middle = (low + high) >> 1
        if day_of_place(code, middle, labs, folk) <= until:
            low = middle + 1
        else:
            high = middle
    return low - 1


@inlined
def done_between(person, check, since, until, labs, folk, rules, room):
    """The oldest of the newest results of every need between two days; `NONE`: one lacks."""
    oldest = NEVER
    for need in range(rules.checks[check].need_from, rules.checks[check].need_to):
        newest = newest_within(person, need, since, until, labs, folk, rules, room)
        if newest == NONE:
            return NONE
        oldest = min(oldest, newest)
    return oldest
