"""A count of a total, with its interval."""

from dataclasses import dataclass
from math import nan, sqrt
from statistics import NormalDist

from afterdose.record.errors import UsageError
from afterdose.stats.levels import counted, tail_of


@dataclass(frozen=True, slots=True)
class Proportion:
    """A proportion between 0 and 1.

    Attributes
    ----------
    numerator, denominator : int
    value, low, high : float
        Not numbers where nobody was counted; otherwise always numbers.
    """

    numerator: int
    denominator: int
    value: float
    low: float
    high: float


def exact_proportion(numerator: int, denominator: int, *, conf_level: float = 0.95) -> Proportion:
    """A proportion with its Clopper-Pearson interval, which never covers less than promised.

    Parameters
    ----------
    numerator : int, 0 to ``denominator``
    denominator : int
    conf_level : float, default 0.95, between 0 and 1

    Returns
    -------
    Proportion

    Raises
    ------
    UsageError
        A count is negative, or there are more events than people.

    Notes
    -----
    The limits are quantiles of beta distributions: ``B(a/2; x, n - x + 1)`` and
    ``B(1 - a/2; x + 1, n - x)`` [1]_.

    References
    ----------
    .. [1] Clopper CJ, Pearson ES. Biometrika 1934;26:404-413. doi:10.1093/biomet/26.4.404

    Examples
    --------
    >>> share = exact_proportion(81, 263)
    >>> f"{share.value:.4f} ({share.low:.4f} to {share.high:.4f})"
    '0.3080 (0.2527 to 0.3676)'
    """
    from scipy.special import betaincinv

    tail = _tail(numerator, denominator, conf_level)
    if denominator == 0:
        return Proportion(0, 0, nan, nan, nan)
    rest = denominator - numerator
    low = float(betaincinv(numerator, rest + 1, tail)) if numerator else 0.0
    high = float(betaincinv(numerator + 1, rest, 1 - tail)) if rest else 1.0
    return Proportion(numerator, denominator, numerator / denominator, low, high)


def wilson_proportion(numerator: int, denominator: int, *, conf_level: float = 0.95) -> Proportion:
    """A proportion with its Wilson score interval: shorter than the exact one, right on average.

    Parameters
    ----------
    numerator : int, 0 to ``denominator``
    denominator : int
    conf_level : float, default 0.95, between 0 and 1

    Returns
    -------
    Proportion

    Raises
    ------
    UsageError
        A count is negative, or there are more events than people.

    References
    ----------
    .. [1] Wilson EB. J Am Stat Assoc 1927;22:209-212. doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> share = wilson_proportion(81, 263)
    >>> f"{share.low:.4f} to {share.high:.4f}"
    '0.2553 to 0.3662'
    """
    tail = _tail(numerator, denominator, conf_level)
    if denominator == 0:
        return Proportion(0, 0, nan, nan, nan)
    z = NormalDist().inv_cdf(1 - tail)
    value = numerator / denominator
    middle = value + z * z / (2 * denominator)
    half = z * sqrt(value * (1 - value) / denominator + (z / (2 * denominator)) ** 2)
    scale = 1 + z * z / denominator
    low = 0.0 if numerator == 0 else (middle - half) / scale
    high = 1.0 if numerator == denominator else (middle + half) / scale
    return Proportion(numerator, denominator, value, low, high)


def _tail(numerator: int, denominator: int, conf_level: float) -> float:
    counted(numerator, denominator, of="people")
    if numerator > denominator:
        raise UsageError(
            f"{numerator} events of {denominator} people were given. "
            "Permitted: no more events than people."
        )
    return tail_of(conf_level)
