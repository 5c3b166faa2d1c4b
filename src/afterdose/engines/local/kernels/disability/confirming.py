"""Whether a change is confirmed: says what the plain code's `confirm` says."""

import numpy as np

from afterdose.engines.local.days import NEVER, NONE
from afterdose.engines.local.kernels.compiling import inlined
from afterdose.engines.local.kernels.disability.windows import may_confirm


@inlined
def composite_from(day, composites):
    """The first intercurrent event on or after ``day`` that counts as confirmation."""
    found = NEVER
    for one in composites:
        if one >= day:
            found = min(found, one)
    return found


@inlined
def confirm(visits, marks, opens, closes, choice, onset, reference, side, least, stop):
    """How a change that began at ``onset`` was confirmed.

    It holds at a visit that is ``least`` or more from ``reference`` in the direction of ``side``,
    positive: upwards. ``stop`` is the intercurrent event that would count, and counts for a
    worsening alone.

    Returns
    -------
    tuple
        Whether it was; the first confirming visit (-1: the intercurrent event confirms it); the
        first visit at which it no longer held; the visit at which the search may go on; the day of
        confirmation; the last day it is known to have held; whether it lasted long enough.
    """
    days, values = visits
    size = len(days)
    if stop != NEVER:
        place = onset + 1
        while place < size and days[place] <= stop:
            if may_confirm(days[place], marks[place], opens, closes):
                break
            place += 1
        if place == size or days[place] > stop:
            until = place - 1
            holds = side == choice.sign
            for one in range(onset + 1, place):
                holds &= side * (values[one] - reference) >= least
            return holds, -1, place, until, stop, stop, True
    first = -1
    place = onset + 1
    if choice.intermediate:
        while place < size and side * (values[place] - reference) >= least:
            if first < 0 and may_confirm(days[place], marks[place], opens, closes):
                first = place
            place += 1
    else:
        # Without looking between, the first visit late enough decides alone.
        while place < size and not may_confirm(days[place], marks[place], opens, closes):
            place += 1
        if place < size and side * (values[place] - reference) >= least:
            first = place
        while place < size and side * (values[place] - reference) >= least:
            place += 1
    if first < 0:
        return False, -1, onset, onset, NONE, NONE, False
    lasts = True
    if choice.sustained > 0:
        if choice.intermediate:
            lasts = place == size or np.int64(days[place]) - days[onset] >= choice.sustained
        else:
            at = min(onset + 1, size - 1)
            while at < size - 1 and np.int64(days[at]) - days[onset] < choice.sustained:
                at += 1
            lasts = side * (values[at] - reference) >= least
    return True, first, place, first, days[first], days[place - 1], lasts
