"""When a visit may confirm a change."""

import numpy as np

from afterdose.engines.local.days import FIRST
from afterdose.engines.local.kernels.compiling import inlined
from afterdose.engines.local.kernels.disability.scores import CONFIRMATION


@inlined
def open_windows(day, windows, periods, opens, closes):
    """The first and last days of every window after ``day``."""
    for place in range(len(windows)):
        window = windows[place]
        due = np.int64(day)
        if window.period >= 0:
            due = np.int64(periods[window.period, day - FIRST])
        due += window.days if window.period < 0 else 0
        opens[place] = due - window.early
        closes[place] = due + window.late


@inlined
def may_confirm(day, mark, opens, closes):
    """Whether a visit lies in an open window, far enough from relapses."""
    is_open = False
    for place in range(len(opens)):
        is_open |= opens[place] <= day <= closes[place]
    return is_open and mark & CONFIRMATION != 0


@inlined
def last_confirmable(days, marks, choice, windows, periods, opens, closes):
    """The last visit, not the first, at which a change could have counted; 0 if there is none."""
    size = len(days)
    if size > 1 and choice.last_counts:
        return size - 1
    for onset in range(size - 2, 0, -1):
        open_windows(days[onset], windows, periods, opens, closes)
        for place in range(size - 1, onset, -1):
            if may_confirm(days[place], marks[place], opens, closes):
                return onset
    return 0
