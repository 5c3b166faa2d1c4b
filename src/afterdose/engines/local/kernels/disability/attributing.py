"""Whether a worsening is attributed to a relapse: says what the plain code's `attribution` says."""

import numpy as np

from afterdose.engines.local.kernels.compiling import inlined
from afterdose.engines.local.kernels.disability.scores import EXTREMUM, step_from
from afterdose.engines.local.kernels.disability.windows import may_confirm

RAW, PIRA, PIRMA, UNDEFINED, NO_CLASS = range(5)
_PRECEDING, _ONSET = 0, 1
_REFERENCE, _LAST = 0, 1


@inlined
def is_touched(interval, preceding, onset, confirmed, firsts, lasts):
    """Whether any span of days touches the interval."""
    start, end = confirmed, confirmed
    if interval.start == _PRECEDING:
        start = preceding
    elif interval.start == _ONSET:
        start = onset
    if interval.end == _PRECEDING:
        end = preceding
    elif interval.end == _ONSET:
        end = onset
    for place in range(len(firsts)):
        late = start - np.int64(lasts[place]) <= interval.before
        if late and np.int64(firsts[place]) - end <= interval.after:
            return True
    return False


@inlined
def is_without_activity(choice, intervals, preceding, onset, confirmed, scans):
    """Whether every MRI interval was looked at and nothing active was seen there."""
    days, active = scans
    if choice.relapse_free == choice.intervals:
        return False
    for place in range(choice.relapse_free, choice.intervals):
        one = intervals[place : place + 1]
        seen = False
        for scan in range(len(days)):
            day = days[scan : scan + 1]
            if is_touched(one[0], preceding, onset, confirmed, day, day):
                if active[scan]:
                    return False
                seen = True
        if not seen:
            return False
    return True


@inlined
def last_step_away(values, marks, choice, bands, reference, onset, last):
    """The last visit a step away from the onset and what confirms it; else the reference."""
    for place in range(onset - 1, -1, -1):
        if marks[place] & EXTREMUM:
            continue
        value = values[place]
        step = step_from(bands, 0, choice.worse_bands, value)
        is_away = True
        for one in range(onset, last + 1):
            if choice.intermediate or one in (onset, last):
                is_away &= choice.sign * (values[one] - value) >= step
        if is_away:
            return place
    return reference


@inlined
def class_of(
    visits, marks, relapses, scans, choice, bands, intervals, opens, closes,
    reference, onset, first, failing, confirmed_on,
):  # fmt: skip
    """The class of a worsening.

    Visits from ``first`` up to ``failing`` confirm it where they lie in the open windows. Without
    any ``first`` is -1, and it counts as confirmed on the day ``confirmed_on``.
    """
    if not choice.attributes:
        return NO_CLASS
    days, values = visits
    firsts, ends = relapses
    lasts = ends if choice.to_end else firsts
    place = reference
    if choice.preceding == _LAST:
        place = onset - 1
    elif choice.preceding != _REFERENCE:
        last = onset if first < 0 else first
        place = last_step_away(values, marks, choice, bands, reference, onset, last)
    before, day = np.int64(days[place]), np.int64(days[onset])
    confirmed = np.int64(confirmed_on if first < 0 else days[first])
    for one in range(choice.associated):
        if is_touched(intervals[one], before, day, confirmed, firsts, lasts):
            return RAW
    at = max(first, 0)
    while True:
        is_free = True
        for one in range(choice.associated, choice.relapse_free):
            is_free &= not is_touched(intervals[one], before, day, confirmed, firsts, lasts)
        if is_free:
            if is_without_activity(choice, intervals, before, day, confirmed, scans):
                return PIRMA
            return PIRA
        if first < 0:
            return UNDEFINED
        at += 1
        while at < failing and not may_confirm(days[at], marks[at], opens, closes):
            at += 1
        if at >= failing:
            return UNDEFINED
        confirmed = np.int64(days[at])
