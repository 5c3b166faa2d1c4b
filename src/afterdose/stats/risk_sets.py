"""Who was at risk when something happened: the bookkeeping under survival estimates."""

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class RiskSets:
    """Counts at 0 and at each distinct time.

    Attributes
    ----------
    times : array of float, shape (k,)
    at_risk : array of int, shape (k,)
        People whose time is this one or later.
    events : array of int, shape (kinds, k)
        Events of kind 1, 2, ... at this time.
    """

    times: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]


def risk_sets(
    times: NDArray[np.float64], kinds: NDArray[np.int64], *, kinds_of_event: int
) -> RiskSets:
    """Count people at risk and events at every distinct time; kind 0 is the end of observation."""
    distinct = np.unique(np.concatenate([[0.0], times]))
    place = np.searchsorted(distinct, times)
    leaving = np.bincount(place, minlength=distinct.size)
    at_risk = times.size - np.concatenate([[0], np.cumsum(leaving)[:-1]])
    events = np.stack(
        [
            np.bincount(place[kinds == kind], minlength=distinct.size)
            for kind in range(1, kinds_of_event + 1)
        ]
    )
    return RiskSets(distinct, at_risk.astype(np.int64), events.astype(np.int64))


def value_at(times: NDArray[np.float64], steps: NDArray[np.float64], time: float) -> float:
    """A step function at ``time``; not a number beyond its last step, where nobody is left."""
    if time > times[-1]:
        return nan
    return float(steps[np.searchsorted(times, time, side="right") - 1])
