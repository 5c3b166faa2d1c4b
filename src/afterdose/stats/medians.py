"""A median, with an interval that rests on ranks alone."""

from dataclasses import dataclass
from functools import lru_cache
from math import nan

import numpy as np
from numpy.typing import ArrayLike

from afterdose.record.errors import UsageError
from afterdose.stats.levels import tail_of


@dataclass(frozen=True, slots=True)
class Median:
    """A median with its interval and quartiles.

    Attributes
    ----------
    count : int
    value : float
        In the unit of the values; not a number where there are none.
    low, high : float
        Not numbers where there are too few values for the level.
    lower_quartile, upper_quartile : float
        Not numbers where there are no values.
    """

    count: int
    value: float
    low: float
    high: float
    lower_quartile: float
    upper_quartile: float


def compute_median(values: ArrayLike, *, conf_level: float = 0.95) -> Median:
    """The median of ``values`` with an interval between two of them.

    Parameters
    ----------
    values : array of float, shape (n,)
        In any unit; missing values are the caller's to leave out.
    conf_level : float, default 0.95, between 0 and 1

    Returns
    -------
    Median

    Raises
    ------
    UsageError
        A value is not a finite number.

    Notes
    -----
    The limits are the values of rank ``k`` from either end, with the largest ``k`` for which a
    binomial count of ``n`` fair coins falls below ``k`` with probability at most ``a/2`` [1]_. Five
    values or fewer hold no 95 % interval. Quartiles are interpolated between ranks.

    References
    ----------
    .. [1] Conover WJ. Practical Nonparametric Statistics, 3rd ed. Wiley 1999, section 3.2.

    Examples
    --------
    >>> found = compute_median(range(1, 11))  # ranks 2 and 9 of ten
    >>> found.value, found.low, found.high
    (5.5, 2.0, 9.0)
    """
    tail = tail_of(conf_level)
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if not np.isfinite(ordered).all():
        raise UsageError(
            "A median was asked of values that are not all numbers. Leave the missing ones out, "
            "and say how many they were."
        )
    count = int(ordered.size)
    if count == 0:
        return Median(0, nan, nan, nan, nan, nan)
    lower, middle, upper = (float(q) for q in np.quantile(ordered, [0.25, 0.5, 0.75]))
    rank = _rank(count, tail)
    if rank == 0:
        return Median(count, middle, nan, nan, lower, upper)
    return Median(count, middle, float(ordered[rank - 1]), float(ordered[-rank]), lower, upper)


@lru_cache(maxsize=1 << 12)
def _rank(count: int, tail: float) -> int:
    """The largest ``k`` for which ``count`` fair coins fall below ``k`` heads with a chance of at
    most ``tail``, found by halving, since the chance grows with ``k``.
    """
    from scipy.special import bdtr

    low, high = 0, count // 2 + 1
    while low < high:
        middle = (low + high) // 2
        if bdtr(middle, count, 0.5) <= tail:
            low = middle + 1
        else:
            high = middle
    return low
