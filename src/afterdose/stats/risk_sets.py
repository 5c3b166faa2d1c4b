"""Who was at risk when something happened: the bookkeeping under survival estimates.

These counts are what adds. A registry in parts gives the risk sets of each part; their sum is the
risk sets of the whole, to the last person, and every estimate is computed from the sum.
"""

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterdose.record.errors import UsageError
from afterdose.stats.levels import times_and_codes


@dataclass(frozen=True)
class RiskSets:
    """Counts at 0 and at each distinct time; ``+`` gives the counts of both groups of people.

    Attributes
    ----------
    times : array of float, shape (k,)
        0, then each time at which somebody left or something happened, increasing.
    at_risk : array of int, shape (k,)
        People whose time is this one or later.
    events : array of int, shape (kinds, k)
        Events of kind 1, 2, ... at this time.

    Examples
    --------
    >>> both = risk_sets([3, 5], [1, 0]) + risk_sets([4], [1])
    >>> both.times.tolist(), both.at_risk.tolist(), both.events.tolist()
    ([0.0, 3.0, 4.0, 5.0], [3, 3, 2, 1], [[0, 1, 1, 0]])
    """

    times: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]

    @property
    def people(self) -> int:
        return int(self.at_risk[0])

    def __add__(self, other: "RiskSets") -> "RiskSets":
        if len(self.events) != len(other.events):
            raise UsageError(
                f"Risk sets of {len(self.events)} and of {len(other.events)} kinds of event "
                "cannot be added. Count both with the same number of kinds."
            )
        times = np.union1d(self.times, other.times)
        events = np.zeros((len(self.events), times.size), dtype=np.int64)
        for part in (self, other):
            events[:, np.searchsorted(times, part.times)] += part.events
        at_risk = sum(left_at(part.times, part.at_risk, times) for part in (self, other))
        return RiskSets(times, np.asarray(at_risk), events)


def risk_sets(times: ArrayLike, endings: ArrayLike, *, kinds: int = 1) -> RiskSets:
    """Count people at risk and events at every distinct time.

    Parameters
    ----------
    times : array of float, shape (n,), any one unit, each >= 0
        From the start of risk to whatever ended it.
    endings : array of int, shape (n,)
        0: observation ended; 1 to ``kinds``: the kind of event. At the same time events come first.
    kinds : int, default 1

    Returns
    -------
    RiskSets

    Raises
    ------
    UsageError
        The lengths differ, a time is missing or negative, or an ending is not 0 to ``kinds``.

    Examples
    --------
    >>> sets = risk_sets([3, 5, 5], [1, 0, 2], kinds=2)
    >>> sets.at_risk.tolist(), sets.events.tolist()
    ([3, 3, 2], [[0, 1, 0], [0, 0, 1]])
    """
    days, codes = times_and_codes(times, endings, highest=kinds)
    ordered, happened = _in_order(days, codes > 0)
    is_new = np.ones(ordered.size, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    starts = np.flatnonzero(is_new)
    lead = int(ordered.size == 0 or ordered[0] > 0)  # the time 0, where nobody left
    distinct = np.zeros(lead + starts.size)
    distinct[lead:] = ordered[starts]
    at_risk = np.full(distinct.size, ordered.size)
    at_risk[lead:] -= starts
    events = np.zeros((kinds, distinct.size), dtype=np.int64)
    if starts.size:
        np.add.reduceat(happened, starts, out=events[0, lead:])
    for kind in range(2, kinds + 1):
        events[kind - 1] = count_at(distinct, days[codes == kind])
        events[0] -= events[kind - 1]
    return RiskSets(distinct, at_risk, events)


def _in_order(
    times: NDArray[np.float64], is_event: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Times in order, with what happened at each, by one sort of plain numbers.

    The bits of floats from zero up sort as whole numbers do, and leave the sign's bit free. There
    it is said whether anything happened, so that no positions need sorting.
    """
    bits = (np.abs(times).view(np.uint64) << np.uint64(1)) | is_event
    bits.sort()
    return (bits >> np.uint64(1)).view(np.float64), (bits & np.uint64(1)).view(np.int64)


def count_at(distinct: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many of ``times`` there are at each of ``distinct``, which holds them all."""
    places = np.searchsorted(distinct, np.sort(times))
    return np.bincount(places, minlength=distinct.size).astype(np.int64, copy=False)


def left_at(
    times: NDArray[np.float64], at_risk: NDArray[np.int64], chosen: NDArray[np.float64]
) -> NDArray[np.int64]:
    """People at risk just before each ``chosen`` time: those whose time is that one or later."""
    return np.append(at_risk, 0)[np.searchsorted(times, chosen)]


def value_at(times: NDArray[np.float64], steps: NDArray[np.float64], time: float) -> float:
    """A step function at ``time``; not a number beyond its last step, where nobody is left."""
    if not time >= 0:
        raise UsageError(f"An estimate at time {time:g} was asked for. Permitted: zero or more.")
    if time > times[-1]:
        return nan
    return float(steps[np.searchsorted(times, time, side="right") - 1])
