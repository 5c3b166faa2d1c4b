"""Time to the first of several kinds of event: Aalen-Johansen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterdose.record.errors import UsageError
from afterdose.stats.levels import log_log_limits
from afterdose.stats.risk_sets import RiskSets, left_at, risk_sets, value_at


@dataclass(frozen=True)
class CumulativeIncidence:
    """The share that has had the event of interest, as steps.

    Attributes
    ----------
    times : array of float, shape (k,)
        0, then each time at which something happened, increasing.
    value, low, high : array of float, shape (k,)
        From this time until the next. Limits are not numbers before the first event of interest,
        and once everybody has had it.
    variance : array of float, shape (k,)
        Always a number; zero before the first event of interest.
    at_risk : array of int, shape (k,)
        Under observation without any event just before this time.
    events, competing : array of int, shape (k,)
        Of the kind of interest, and of all others together.
    """

    times: NDArray[np.float64]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    variance: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    competing: NDArray[np.int64]

    @classmethod
    def of(
        cls, sets: RiskSets, *, kind: int = 1, conf_level: float = 0.95
    ) -> "CumulativeIncidence":
        """The incidence of one kind, from risk sets which may be the sum of those of many parts.

        Raises
        ------
        UsageError
            The risk sets do not count this kind.
        """
        if not 1 <= kind <= len(sets.events):
            raise UsageError(
                f"Kind {kind} of event was asked for. Permitted: 1 to {len(sets.events)}."
            )
        wanted = sets.events[kind - 1]
        both = sets.events.sum(axis=0)
        at_risk = np.maximum(sets.at_risk, 1).astype(np.float64)
        free = np.cumprod(1 - both / at_risk)
        free_before = np.concatenate([[1.0], free[:-1]])
        value = np.cumsum(free_before * wanted / at_risk)
        variance = _variance(at_risk, wanted, both, value, free_before)
        low, high = log_log_limits(value, variance, conf_level=conf_level)
        return cls(sets.times, value, low, high, variance, sets.at_risk, wanted, both - wanted)

    def at(self, time: float) -> tuple[float, float, float]:
        """Value, low and high at ``time``; not numbers once nobody is under observation."""
        value, low, high = (
            value_at(self.times, row, time) for row in (self.value, self.low, self.high)
        )
        return value, low, high

    def at_risk_at(self, time: float) -> int:
        """How many were under observation without any event just before ``time``."""
        return int(left_at(self.times, self.at_risk, np.asarray([time]))[0])


def aalen_johansen(
    times: ArrayLike,
    endings: ArrayLike,
    *,
    kind: int = 1,
    kinds: int = 2,
    conf_level: float = 0.95,
) -> CumulativeIncidence:
    """Cumulative incidence of one kind of event where another can come first.

    One minus Kaplan-Meier would treat those who died as if they could still fall ill. What adds
    over parts: `risk_sets`. ``CumulativeIncidence.of(sets, kind=2)`` gives the estimate of their
    sum, for every kind in turn.

    Parameters
    ----------
    times : array of float, shape (n,), any one unit, each >= 0
        From the start of risk to whatever ended it.
    endings : array of int, shape (n,)
        0: observation ended; 1 to ``kinds``: the kind of event that came first.
    kind : int, default 1
        The kind of interest. All others compete with it: as a rule 2 is death.
    kinds : int, default 2
    conf_level : float, default 0.95, between 0 and 1

    Returns
    -------
    CumulativeIncidence
        Of nobody, and where all are censored, a value of 0 without limits.

    Raises
    ------
    UsageError
        The lengths differ, a time cannot be used, or an ending is not 0 to ``kinds``.

    Notes
    -----
    Variance by the delta method ([2]_, chapter 10), which without competing events is
    Greenwood's, and which is what R's ``survival`` reaches as an infinitesimal jackknife. The
    interval is symmetric on the scale ``log(-log F)``.

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
    >>> float(aalen_johansen([1, 2, 3, 4], [1, 2, 0, 1], kind=2).value[-1])
    0.25
    """
    return CumulativeIncidence.of(
        risk_sets(times, endings, kinds=kinds), kind=kind, conf_level=conf_level
    )


def _variance(
    at_risk: NDArray[np.float64],
    wanted: NDArray[np.int64],
    both: NDArray[np.int64],
    value: NDArray[np.float64],
    free_before: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Delta-method variance at every time, from running sums: one pass over the times.

    With ``F`` the incidence now, ``Fj`` at time j and ``gj`` Greenwood's term, the first sum
    ``sum (F - Fj)^2 gj`` is ``F^2 sum gj - 2 F sum Fj gj + sum Fj^2 gj``; the third likewise.
    """
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
