"""How far scores are from each other, and what kind of visit each one is."""

import numpy as np

from afterdose.engines.local.definitions import ENDLESS
from afterdose.engines.local.kernels.compiling import inlined

REFERENCE, ONSET, CONFIRMATION, EXTREMUM = np.uint8(1), np.uint8(2), np.uint8(4), np.uint8(8)
"""What a visit may serve as, and whether it is a local extremum to be passed over."""
_EVERYTHING = np.uint8(7)
_KEEP, _SKIP_STRICT = 0, 1


@inlined
def step_from(bands, band, stop, reference):
    """The smallest change that counts from ``reference``."""
    while band < stop - 1 and reference > bands[band].up_to:
        band += 1
    points = bands[band].points
    divisor = bands[band].divisor
    if divisor == np.inf:
        return points
    percent = reference / divisor
    return percent if percent < points else points


@inlined
def mark_visits(visits, relapses, choice, bands, marks):
    """Say of each of one person's visits what it may serve as, in ``marks``.

    ``visits`` are days and values; ``relapses`` are onsets and ends.
    """
    days, values = visits
    onsets, ends = relapses
    size, bouts = len(days), len(onsets)
    for place in range(size):
        marks[place] = _EVERYTHING
    if choice.looks_at_relapses and bouts > 0:
        for place in range(size):
            day = np.int64(days[place])
            since, until = ENDLESS, ENDLESS
            for bout in range(bouts):
                onset = np.int64(onsets[bout])
                if onset <= day:
                    last = np.int64(ends[bout]) if choice.to_end else onset
                    since = min(since, max(0, day - last))
                if onset >= day:
                    until = min(until, onset - day)
            mark = np.uint8(0)
            if since >= choice.reference_since and until >= choice.reference_until:
                mark |= REFERENCE
            if since >= choice.onset_since and until >= choice.onset_until:
                mark |= ONSET
            if since >= choice.confirmation_since and until >= choice.confirmation_until:
                mark |= CONFIRMATION
            marks[place] = mark
    if choice.extrema != _KEEP:
        for place in range(1, size - 1):
            value = values[place]
            if place > 1 and values[place - 2] == value:
                continue
            before, after = values[place - 1] - value, values[place + 1] - value
            if choice.extrema == _SKIP_STRICT:
                step = step_from(bands, 0, choice.worse_bands, value)
                stands_out = min(before, after) >= step or max(before, after) <= -step
            else:
                stands_out = before * after > 0
            if stands_out:
                marks[place] = (marks[place] & ~REFERENCE) | EXTREMUM


@inlined
def first_reference(marks, place, size):
    """The first visit from ``place`` on that can be a reference; ``size`` if there is none."""
    while place < size and marks[place] & REFERENCE == 0:
        place += 1
    return place
