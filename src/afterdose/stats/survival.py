"""Time to one kind of event: Kaplan-Meier."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterdose.stats.levels import log_log_limits
from afterdose.stats.risk_sets import RiskSets, left_at, risk_sets, value_at


@dataclass(frozen=True)
class Survival:
    """The share still without the event, as steps.

    Attributes
    ----------
    times : array of float, shape (k,)
        0, then each time at which something happened, increasing.
    value, low, high : array of float, shape (k,)
        From this time until the next. Limits are not numbers before the first event, and once
        everybody who was left has had it.
    variance : array of float, shape (k,)
        Greenwood's; zero before the first event, not a number once the value is zero.
    at_risk : array of int, shape (k,)
        Under observation without the event just before this time.
    events : array of int, shape (k,)
    """

    times: NDArray[np.float64]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    variance: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]

    @classmethod
    def of(cls, sets: RiskSets, *, conf_level: float = 0.95) -> "Survival":
        """The estimate from risk sets, which may be the sum of those of many parts.

        Every kind of event counts as the event.
        """
        events = sets.events.sum(axis=0)
        at_risk = np.maximum(sets.at_risk, 1).astype(np.float64)
        left = at_risk - events
        value = np.cumprod(left / at_risk)
        # Where everybody left has the event, there is no term and no variance from there on.
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = value**2 * np.cumsum(events / (at_risk * left))
        low, high = log_log_limits(value, variance, conf_level=conf_level)
        return cls(sets.times, value, low, high, variance, sets.at_risk, events)

    def at(self, time: float) -> tuple[float, float, float]:
        """Value, low and high at ``time``; not numbers once nobody is under observation."""
        value, low, high = (
            value_at(self.times, row, time) for row in (self.value, self.low, self.high)
        )
        return value, low, high

    def at_risk_at(self, time: float) -> int:
        """How many were under observation without the event just before ``time``."""
        return int(left_at(self.times, self.at_risk, np.asarray([time]))[0])


def kaplan_meier(times: ArrayLike, is_event: ArrayLike, *, conf_level: float = 0.95) -> Survival:
    """The Kaplan-Meier estimate with Greenwood's variance on the log-log scale.

    What adds over parts: `risk_sets`. ``Survival.of(sets)`` gives the estimate of their sum.

    Parameters
    ----------
    times : array of float, shape (n,), any one unit, each >= 0
        From the start of risk to the event, or to the end of observation.
    is_event : array of bool, shape (n,)
        False: observation ended without the event. At the same time events come first.
    conf_level : float, default 0.95, between 0 and 1

    Returns
    -------
    Survival
        Of nobody, and where all are censored, a value of 1 without limits.

    Raises
    ------
    UsageError
        The lengths differ or a time cannot be used.

    References
    ----------
    .. [1] Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481. doi:10.1080/01621459.1958.10501452
    .. [2] Greenwood M. The natural duration of cancer. HMSO 1926.
    .. [3] Kalbfleisch JD, Prentice RL. The Statistical Analysis of Failure Time Data, 2nd ed.
       Wiley 2002 (log-log interval).

    Examples
    --------
    >>> curve = kaplan_meier([6, 6, 6, 6, 7], [True, True, True, False, False])
    >>> [round(float(share), 2) for share in curve.value]
    [1.0, 0.4, 0.4]
    >>> [curve.at_risk_at(week) for week in (0, 6, 6.5, 8)]
    [5, 5, 1, 0]
    """
    return Survival.of(risk_sets(times, is_event), conf_level=conf_level)
