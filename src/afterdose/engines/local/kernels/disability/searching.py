"""The search for confirmed changes of one person: says what the plain code's `search` says."""

import numpy as np

from afterdose.engines.local.days import NONE
from afterdose.engines.local.kernels.compiling import inlined
from afterdose.engines.local.kernels.disability.attributing import NO_CLASS, class_of
from afterdose.engines.local.kernels.disability.confirming import composite_from, confirm
from afterdose.engines.local.kernels.disability.scores import ONSET, first_reference, step_from
from afterdose.engines.local.kernels.disability.windows import open_windows

WORSE, BETTER = 0, 1
_ANY_TOWARDS = np.nextafter(0.0, 1.0)
_TO_CONFIRMATION, _TO_ONSET = 0, 1
FIRST_EVENT, FIRST_OF_A_KIND = 0, 1
_ANY_CLASS = NO_CLASS

HELD = np.dtype(
    [(name, np.float64) for name in ("reference_value", "value")]
    + [(name, np.int64) for name in ("onset", "reference")]
    + [(name, np.int32) for name in ("confirmed", "holds_until")]
    + [("kind", np.int8), ("event_class", np.int8)],
    align=True,
)
"""An event by the places of its visits; ``confirmed`` is `NONE` where nothing confirms it."""


@inlined
def is_wanted(kind, event_class, choice):
    """Whether the definition reports such an event."""
    is_kind = choice.worse if kind == WORSE else choice.better
    return is_kind and (choice.of_class == _ANY_CLASS or choice.of_class == event_class)


@inlined
def visit_after_relapse(days, onsets, choice, reference, place):
    """The first visit from a relapse on that the search has left behind; -1 if none moves it."""
    size = len(days)
    if not choice.after_relapse or place >= size:
        return -1
    for bout in range(len(onsets)):
        if onsets[bout] > days[reference]:
            if np.int64(days[place]) - onsets[bout] <= choice.settled:
                return -1
            at = 0
            while at < size and days[at] < onsets[bout]:
                at += 1
            return at
    return -1


@inlined
def new_reference(values, choice, kind, onset, place):
    """Where a roving reference goes after a confirmed change."""
    to = choice.better_moves_to if kind == BETTER else choice.moves_to
    if to == _TO_CONFIRMATION:
        return place
    if to == _TO_ONSET:
        return onset
    best = onset
    for at in range(onset + 1, place + 1):
        if choice.sign * values[at] <= choice.sign * values[best]:
            best = at
    return best


@inlined
def hold(held, count, event):
    """Keep an event in the order of onsets; of two with one onset the later one stands."""
    place = count
    while place > 0 and held[place - 1].onset > event[0]:
        place -= 1
    if place > 0 and held[place - 1].onset == event[0]:
        place -= 1
    else:
        for other in range(count, place, -1):
            held[other] = held[other - 1]
        count += 1
    one = held[place]
    one.onset, one.reference, one.reference_value, one.value = event[:4]
    one.confirmed, one.holds_until, one.kind, one.event_class = event[4:]
    return count


@inlined
def find_events(
    visits, marks, relapses, scans, composites, draw, rules, opens, closes, held
):  # fmt: skip
    """Every event of one person by onset, in ``held``; returns how many."""
    choice, bands, windows = rules.choices[0], rules.bands, rules.windows
    days, values = visits
    onsets, _ = relapses
    size, sign = len(days), choice.sign
    count = 0
    reference, at, base, worse, better = -1, 0, 0.0, 0.0, 0.0
    target, has_judged = 0, False
    while True:
        if target >= 0:
            place = first_reference(marks, target, size)
            if place == size:
                return count
            value = values[place]
            if not (choice.never_better and reference >= 0 and sign * (value - base) < 0):
                base = value
            reference, at, target = place, place + 1, -1
            worse = step_from(bands, 0, choice.worse_bands, base)
            better = step_from(bands, choice.worse_bands, choice.bands, base)
        if has_judged:
            has_judged = False
            target = visit_after_relapse(days, onsets, choice, reference, at)
            if target >= 0:
                continue
        onset, change = at, 0.0
        while onset < size:
            change = sign * (values[onset] - base)
            matters = change >= worse or -change >= better or (choice.any_change and change != 0)
            if matters and marks[onset] & ONSET:
                break
            onset += 1
        if onset >= size:
            return count
        target = visit_after_relapse(days, onsets, choice, reference, onset)
        if target >= 0:
            continue
        has_judged = True
        at = onset + 1
        open_windows(days[onset], windows, rules.periods, opens, closes)
        stop = composite_from(days[onset], composites)
        # An improvement is looked at before a worsening, and the step before less than the step.
        for option in range(4):
            kind = BETTER if option < 2 else WORSE
            is_below = option & 1 == 1
            towards = change if kind == WORSE else -change
            least = worse if kind == WORSE else better
            if is_below:
                asked = choice.smaller_worse if kind == WORSE else choice.smaller_better
                if not (asked and towards > 0):
                    continue
                least = _ANY_TOWARDS
            elif not towards >= least:
                continue
            keeps_new = kind == BETTER and choice.roves_better and choice.compared_with_new
            if choice.event_score or keeps_new:
                least = max(least, towards)
            side = sign if kind == WORSE else -sign
            is_confirmed, first, failing, place, confirmed_on, holds_until, lasts = confirm(
                visits, marks, opens, closes, choice, onset, base, side, least, stop
            )
            if not is_confirmed and kind == WORSE and not is_below and onset == size - 1:
                is_near = np.int64(days[onset]) - days[0] <= choice.last_within
                is_drawn = choice.last_share >= 1 or draw < choice.last_share
                if choice.last_counts and is_near and is_drawn:
                    is_confirmed, first, failing, place = True, -1, size, onset
                    confirmed_on, holds_until, lasts = NONE, days[onset], True
            if not is_confirmed:
                continue
            is_event = lasts and not is_below
            event_class = NO_CLASS
            if is_event:
                if kind == WORSE:
                    counts_on = days[onset] if confirmed_on == NONE else confirmed_on
                    event_class = class_of(
                        visits, marks, relapses, scans, choice, bands, rules.intervals, opens,
                        closes, reference, onset, first, failing, counts_on,
                    )  # fmt: skip
                count = hold(
                    held, count,
                    (onset, reference, base, values[onset], confirmed_on, holds_until, kind,
                     event_class),
                )  # fmt: skip
                both = choice.worse and choice.better
                if (
                    choice.report == FIRST_EVENT
                    and not both
                    and is_wanted(kind, event_class, choice)
                ):
                    return count
            if choice.roves_worse if kind == WORSE else choice.roves_better:
                target = new_reference(values, choice, kind, onset, place)
            elif is_event:
                is_other = kind == WORSE and event_class != choice.of_class
                if choice.of_class == _ANY_CLASS or not is_other:
                    at = (onset if choice.from_onset else place) + 1
            break
