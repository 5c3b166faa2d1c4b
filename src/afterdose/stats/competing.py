"""Time to the first of several kinds of event: Aalen-Johansen."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterdose.stats.levels import tail_of, times_and_codes
from afterdose.stats.risk_sets import RiskSets, risk_sets, value_at


@dataclass(frozen=True)
class CumulativeIncidence:
    """The share that has had the event of interest, as steps.

    Attributes
    ----------
    times : array of float, shape (k,)
        0, then each time at which something happened, increasing.
    value, low, high : array of float, shape (k,)
        From this time until the next. Limits are not numbers before the first event.
    variance : array of float, shape (k,)
    at_risk : array of int, shape (k,)
        Under observation without any event just before this time.
    events, competing : array of int, shape (k,)
    """

    times: NDArray[np.float64]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    variance: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    competing: NDArray[np.int64]

    def at(self, time: float) -> tuple[float, float, float]:
        """Value, low and high at ``time``; not numbers once nobody is under observation."""
        value, low, high = (
            value_at(self.times, row, time) for row in (self.value, self.low, self.high)
        )
        return value, low, high

    def at_risk_at(self, time: float) -> int:
        """How many were under observation without any event just before ``time``."""
        later = np.searchsorted(self.times, time)
        return int(self.at_risk[later]) if later < self.times.size else 0


def aalen_johansen(
    times: ArrayLike, endings: ArrayLike, *, conf_level: float = 0.95
) -> CumulativeIncidence:
    """Cumulative incidence of one kind of event where another can come first.

    One minus Kaplan-Meier would treat those who died as if they could still fall ill.

    Parameters
    ----------
    times : array of float, shape (n,), any one unit, each >= 0
        From the start of risk to whatever ended it.
    endings : array of int, shape (n,)
        0: observation ended; 1: the event of interest; 2: a competing event, as a rule death.
    conf_level : float, default 0.95, between 0 and 1

    Returns
    -------
    CumulativeIncidence

    Raises
    ------
    UsageError
        The lengths differ, a time cannot be used, or an ending is not 0, 1 or 2.

    Notes
    -----
    Variance by the delta method ([2]_, chapter 10), which without competing events is
    Greenwood's. The interval is symmetric on the scale ``log(-log F)``.

    References
    ----------
    .. [1] Aalen OO, Johansen S. Scand J Stat 1978;5:141-150.
    .. [2] Marubini E, Valsecchi MG. Analysing Survival Data from Clinical Trials and
       Observational Studies. Wiley 1995.

    Examples
    --------
    >>> found = aalen_johansen([1, 2, 3, 4], [1, 2, 0, 1])
    >>> [float(share) for share in found.value]
    [0.0, 0.25, 0.25, 0.25, 0.75]
    """
    days, kinds = times_and_codes(times, endings, highest=2)
    sets = risk_sets(days, kinds, kinds_of_event=2)
    wanted, competing = sets.events
    at_risk = np.maximum(sets.at_risk, 1)
    free = np.cumprod(1 - (wanted + competing) / at_risk)
    free_before = np.concatenate([[1.0], free[:-1]])
    value = np.cumsum(free_before * wanted / at_risk)
    variance = _variance(sets, value, free_before)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = NormalDist().inv_cdf(1 - tail_of(conf_level))
        half = z * np.sqrt(variance) / np.abs(value * np.log(value))
        low, high = value ** np.exp(half), value ** np.exp(-half)
    unknown = ~((value > 0) & (value < 1))
    low, high = np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
    return CumulativeIncidence(
        sets.times, value, low, high, variance, sets.at_risk, wanted, competing
    )


def _variance(
    sets: RiskSets, value: NDArray[np.float64], free_before: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Delta-method variance at every time, from running sums: one pass over the times.

    With ``F`` the incidence now, ``Fj`` at time j and ``gj`` Greenwood's term, the first sum
    ``sum (F - Fj)^2 gj`` is ``F^2 sum gj - 2 F sum Fj gj + sum Fj^2 gj``; the third likewise.
    """
    wanted, competing = sets.events
    at_risk = np.maximum(sets.at_risk, 1).astype(np.float64)
    both = wanted + competing
    left = at_risk - both
    # Where everybody left has an event, later terms are zero: nobody remains to have one.
    greenwood = np.divide(both, at_risk * left, out=np.zeros_like(left), where=left > 0)
    own = np.cumsum(free_before**2 * wanted * (at_risk - wanted) / at_risk**3)
    cross = free_before * wanted / at_risk**2
    first = (
        value**2 * np.cumsum(greenwood)
        - 2 * value * np.cumsum(value * greenwood)
        + np.cumsum(value**2 * greenwood)
    )
    third = value * np.cumsum(cross) - np.cumsum(value * cross)
    variance: NDArray[np.float64] = np.maximum(first + own - 2 * third, 0.0)
    return variance
