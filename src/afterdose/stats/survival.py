"""Time to one kind of event: Kaplan-Meier."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterdose.stats.levels import tail_of, times_and_codes
from afterdose.stats.risk_sets import risk_sets, value_at


@dataclass(frozen=True)
class Survival:
    """The share still without the event, as steps.

    Attributes
    ----------
    times : array of float, shape (k,)
        0, then each time at which something happened, increasing.
    value, low, high : array of float, shape (k,)
        From this time until the next. Limits are not numbers before the first event, and once
        nobody is left.
    at_risk : array of int, shape (k,)
        Under observation without the event just before this time.
    events : array of int, shape (k,)
    """

    times: NDArray[np.float64]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]

    def at(self, time: float) -> tuple[float, float, float]:
        """Value, low and high at ``time``; not numbers once nobody is under observation."""
        value, low, high = (
            value_at(self.times, row, time) for row in (self.value, self.low, self.high)
        )
        return value, low, high


def kaplan_meier(times: ArrayLike, is_event: ArrayLike, *, conf_level: float = 0.95) -> Survival:
    """The Kaplan-Meier estimate with Greenwood's variance on the log-log scale.

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
    """
    days, kinds = times_and_codes(times, is_event, highest=1)
    sets = risk_sets(days, kinds, kinds_of_event=1)
    events = sets.events[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.cumprod(1 - events / np.maximum(sets.at_risk, 1))
        left = sets.at_risk - events
        greenwood = np.cumsum(np.where(events > 0, events / (sets.at_risk * left), 0.0))
        z = NormalDist().inv_cdf(1 - tail_of(conf_level))
        half = z * np.sqrt(greenwood) / np.abs(np.log(value))
        low, high = value ** np.exp(half), value ** np.exp(-half)
    unknown = ~((value > 0) & (value < 1))
    low, high = np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
    return Survival(sets.times, value, low, high, sets.at_risk, events)
