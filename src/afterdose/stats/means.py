"""A mean with Student's interval."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from afterdose.record.errors import UsageError
from afterdose.stats.levels import numbers, tail_of


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its interval.

    Attributes
    ----------
    count : int
    value : float
        In the unit of the values; not a number where there are none.
    low, high : float
        Not numbers where there are fewer than two values.
    standard_deviation : float
        With ``n - 1``; not a number where there are fewer than two values.
    """

    count: int
    value: float
    low: float
    high: float
    standard_deviation: float


def compute_mean(values: ArrayLike, *, conf_level: float = 0.95) -> Mean:
    """The mean of ``values`` with its interval by Student's t.

    Parameters
    ----------
    values : array of float, shape (n,)
        In any unit; missing values are the caller's to leave out.
    conf_level : float, default 0.95, between 0 and 1

    Returns
    -------
    Mean

    Raises
    ------
    UsageError
        A value is not a finite number.

    Notes
    -----
    The standard error is the standard deviation divided by the root of ``n``; the limits are the
    quantiles of Student's t with ``n - 1`` degrees of freedom to either side [1]_. The interval is
    exact for normal values and close for many others; of skewed values it takes a few dozen.

    References
    ----------
    .. [1] Student. Biometrika 1908;6:1-25. doi:10.1093/biomet/6.1.1

    Examples
    --------
    >>> found = compute_mean([0.0, 0.5, -0.5, 1.0])
    >>> f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
    '0.25 (-0.78 to 1.28)'
    """
    from scipy.special import stdtrit

    tail = tail_of(conf_level)
    found = numbers(values, what="values of a mean").ravel()
    if not np.isfinite(found).all():
        raise UsageError(
            "A mean was asked of values that are not all numbers. Leave the missing ones out, and "
            "say how many they were."
        )
    count = int(found.size)
    value = float(found.mean()) if count else nan
    if count < 2:
        return Mean(count, value, nan, nan, nan)
    deviation = float(found.std(ddof=1))
    half = float(stdtrit(count - 1, 1 - tail)) * deviation / sqrt(count)
    return Mean(count, value, value - half, value + half, deviation)
