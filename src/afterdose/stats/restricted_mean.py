"""The mean time without the event up to a horizon: the area under a Kaplan-Meier curve."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from afterdose.stats.answers import NotEstimable
from afterdose.stats.levels import normal_quantile, positive
from afterdose.stats.survival import Survival


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean time without the event before ``horizon``, in the unit of the times.

    Attributes
    ----------
    horizon : float
    value, variance, low, high : float
        Always numbers. Without any event before the horizon the variance is zero.
    """

    horizon: float
    value: float
    variance: float
    low: float
    high: float


def restricted_mean(
    curve: Survival, *, horizon: float, conf_level: float = 0.95
) -> RestrictedMean | NotEstimable:
    """Restricted mean survival time.

    What adds over parts: `risk_sets`, from which the curve comes.

    Parameters
    ----------
    curve : Survival
    horizon : float, unit of the curve's times, above 0
        The same one for every group that is compared.
    conf_level : float, default 0.95, between 0 and 1

    Returns
    -------
    RestrictedMean or NotEstimable
        Not estimable where observation ended before the horizon while people were still without
        the event: the area beyond is not known.

    Raises
    ------
    UsageError
        The horizon is not above zero.

    Notes
    -----
    With ``A(t)`` the area from ``t`` to the horizon, the variance is the sum of
    ``A(t)^2 d / (n (n - d))`` over event times ([1]_, section 4.5); a time at which everybody left
    has the event has no area after it. The interval is symmetric and cut at 0 and the horizon.

    References
    ----------
    .. [1] Klein JP, Moeschberger ML. Survival Analysis: Techniques for Censored and Truncated Data,
       2nd ed. Springer 2003.

    Examples
    --------
    >>> from afterdose.stats import kaplan_meier
    >>> mean = restricted_mean(kaplan_meier([1, 2, 3, 4], [1, 1, 0, 0]), horizon=3)
    >>> mean.value, round(mean.variance, 4)
    (2.25, 0.1719)
    """
    z = normal_quantile(conf_level)
    positive(horizon, what="A horizon")
    if curve.at_risk[0] == 0:
        return NotEstimable("Nobody was observed.")
    if horizon > curve.times[-1] and curve.value[-1] > 0:
        return NotEstimable("Observation ended before the horizon while people were still at risk.")
    before = curve.times < horizon
    times, events = curve.times[before], curve.events[before]
    at_risk = curve.at_risk[before].astype(np.float64)
    areas = curve.value[before] * np.diff(times, append=horizon)
    area_from = np.cumsum(areas[::-1])[::-1]
    left = at_risk - events
    greenwood = np.divide(events, at_risk * left, out=np.zeros_like(left), where=left > 0)
    value, variance = float(area_from[0]), float(np.sum(area_from**2 * greenwood))
    half = z * sqrt(variance)
    return RestrictedMean(
        horizon, value, variance, max(value - half, 0.0), min(value + half, horizon)
    )
