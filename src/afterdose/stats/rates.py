"""Events per patient-years, with their interval."""

from dataclasses import dataclass
from math import nan

from afterdose.record.errors import UsageError
from afterdose.stats.levels import counted, positive, tail_of


@dataclass(frozen=True, slots=True)
class Rate:
    """Events per ``per_years`` patient-years.

    Attributes
    ----------
    events : int
    patient_years : float
    per_years : float
    value, low, high : float
        Not numbers where there were no patient-years; otherwise always numbers. Without events the
        value and the lower limit are zero.
    """

    events: int
    patient_years: float
    per_years: float
    value: float
    low: float
    high: float


def poisson_rate(
    events: int, patient_years: float, *, per_years: float = 1.0, conf_level: float = 0.95
) -> Rate:
    """A rate with Garwood's exact Poisson interval.

    Parameters
    ----------
    events : int
        All events, or first events: the caller says which.
    patient_years : float, unit year
        Time at risk of those in whom the events were counted.
    per_years : float, default 1
        Patient-years in the denominator of the result.
    conf_level : float, default 0.95, between 0 and 1

    Returns
    -------
    Rate

    Raises
    ------
    UsageError
        A count or time is negative or missing, or there were events without any time at risk.

    Notes
    -----
    The limits of the count are quantiles of gamma distributions with shape ``x`` and ``x + 1``,
    half the chi-squared quantiles with twice the degrees of freedom [1]_. Several events of one
    person are not independent, so for recurrent events the interval is too short.

    References
    ----------
    .. [1] Garwood F. Biometrika 1936;28:437-442. doi:10.1093/biomet/28.3-4.437

    Examples
    --------
    >>> rate = poisson_rate(10, 400, per_years=100)
    >>> f"{rate.value:.2f} ({rate.low:.2f} to {rate.high:.2f})"
    '2.50 (1.20 to 4.60)'
    """
    from scipy.special import gammaincinv

    tail = tail_of(conf_level)
    counted(events, patient_years, of="patient-years")
    positive(per_years, what="A rate per patient-years")
    if events and patient_years == 0:
        raise UsageError(
            f"{events} events came without any patient-years. Permitted: events of people who were "
            "at risk when they happened. Check the spans under observation."
        )
    if patient_years == 0:
        return Rate(events, 0.0, per_years, nan, nan, nan)
    scale = per_years / patient_years
    low = float(gammaincinv(events, tail)) if events else 0.0
    high = float(gammaincinv(events + 1, 1 - tail))
    return Rate(events, patient_years, per_years, events * scale, low * scale, high * scale)
