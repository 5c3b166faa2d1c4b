"""Exposure-adjusted incidence: people with a first event, or all events, per time at risk."""

from dataclasses import dataclass, fields
from math import exp, sqrt

import numpy as np
from numpy.typing import ArrayLike

from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats.answers import NotEstimable
from afterdose.stats.levels import normal_quantile, numbers, refuse, same_length, whole_numbers
from afterdose.stats.rates import Rate, poisson_rate


@dataclass(frozen=True, slots=True)
class PersonTime:
    """Events and time at risk; ``+`` gives those of both groups of people, exactly for whole days.

    Attributes
    ----------
    people, events : int
    days : float
        Time at risk.
    events_squared, events_by_days, days_squared : float
        Sums over people of products, for the robust interval.
    """

    people: int
    events: int
    days: float
    events_squared: float
    events_by_days: float
    days_squared: float

    def __add__(self, other: "PersonTime") -> "PersonTime":
        return PersonTime(
            *(getattr(self, one.name) + getattr(other, one.name) for one in fields(PersonTime))
        )

    @property
    def years(self) -> float:
        return self.days / DAYS_PER_YEAR

    def rate(self, *, per_years: float = 100, conf_level: float = 0.95) -> Rate:
        """The rate with its exact Poisson interval, as `poisson_rate` states it."""
        return poisson_rate(self.events, self.years, per_years=per_years, conf_level=conf_level)

    def robust_rate(
        self, *, per_years: float = 100, conf_level: float = 0.95
    ) -> Rate | NotEstimable:
        """The rate with an interval that holds when the events of one person go together.

        The interval is symmetric for the logarithm of the rate ``r``; its variance is the sum over
        people of ``(events - r days)^2``, divided by the square of all events: the sandwich
        variance of a Poisson regression on nothing [1]_. Not estimable without events, and of one
        person.

        References
        ----------
        .. [1] White H. Econometrica 1982;50:1-25. doi:10.2307/1912526
        """
        z = normal_quantile(conf_level)
        if self.events == 0:
            return NotEstimable("No event happened, and a robust interval rests on events.")
        if self.people == 1:
            return NotEstimable("One person does not show how people differ.")
        found = self.rate(per_years=per_years, conf_level=conf_level)
        daily = self.events / self.days
        squares = (
            self.events_squared - 2 * daily * self.events_by_days + daily**2 * self.days_squared
        )
        apart = exp(z * sqrt(max(squares, 0.0)) / self.events)
        return Rate(
            self.events, self.years, per_years, found.value,
            found.value / apart, found.value * apart,
        )  # fmt: skip


def person_time(events: ArrayLike, days_at_risk: ArrayLike) -> PersonTime:
    """Sum events and time at risk over people.

    Parameters
    ----------
    events : array of int or bool, shape (n,), each >= 0
    days_at_risk : array of float, shape (n,), unit day, each >= 0

    Raises
    ------
    UsageError
        The lengths differ, a time is missing or negative, or an event has no time at risk.

    Examples
    --------
    >>> both = person_time([2, 0], [400, 300]) + person_time([1], [500])
    >>> both.people, both.events, both.days
    (3, 3, 1200.0)
    """
    counts, days = numbers(events, what="events"), numbers(days_at_risk, what="days at risk")
    same_length(counts, days, what="events came with days at risk")
    usable = np.isfinite(days) & (days >= 0) & whole_numbers(counts)
    refuse(
        ~usable | ((counts > 0) & (days == 0)),
        what="counts or times at risk",
        permitted="whole counts of zero or more, over zero days or more, and no event without time",
    )
    # Sums of products, not dot products: those wait for threads, and add in no stated order.
    return PersonTime(
        people=int(days.size),
        events=int(counts.sum()),
        days=float(days.sum()),
        events_squared=float((counts * counts).sum()),
        events_by_days=float((counts * days).sum()),
        days_squared=float((days * days).sum()),
    )


def eair(
    has_event: ArrayLike, days_at_risk: ArrayLike, *, per_years: float = 100,
    conf_level: float = 0.95,
) -> Rate:  # fmt: skip
    """Exposure-adjusted incidence rate of a first event.

    Each person counts once and leaves the risk set at that event; `eaer` counts all events. What
    adds over parts: `person_time`, whose sum has a ``rate``.

    Parameters
    ----------
    has_event : array of bool, shape (n,)
        True if the person had the event while at risk.
    days_at_risk : array of float, shape (n,), unit day, each >= 0
        Start of risk to first event or censoring. Some reports use all time observed: see the
        clarifications.
    per_years : float, default 100
        Patient-years in the denominator; a year is 365.25 days.
    conf_level : float, default 0.95, between 0 and 1
        Level of the exact Poisson interval.

    Returns
    -------
    Rate
        Value and limits are not numbers where nobody was at risk for any time.

    Raises
    ------
    UsageError
        The lengths differ, a time is missing or negative, an event has no time at risk, or somebody
        has more than one.

    Notes
    -----
    Reads as a hazard when risk is constant. Where it is not, show `aalen_johansen` beside it.

    Examples
    --------
    >>> rate = eair([True] * 10 + [False] * 90, [1461] * 100)  # ten of 100, four years each
    >>> f"{rate.value:.2f} ({rate.low:.2f} to {rate.high:.2f})"
    '2.50 (1.20 to 4.60)'
    """
    refuse(
        numbers(has_event, what="events") > 1, what="counts", permitted="one first event or none"
    )
    sums = person_time(has_event, days_at_risk)
    return sums.rate(per_years=per_years, conf_level=conf_level)


def eaer(
    events: ArrayLike, days_at_risk: ArrayLike, *, per_years: float = 100, conf_level: float = 0.95
) -> Rate:
    """Exposure-adjusted event rate: all events per time under observation.

    What adds over parts: `person_time`, whose sum has a ``rate`` and a ``robust_rate``.

    Parameters
    ----------
    events : array of int, shape (n,), each >= 0
        How many each person had.
    days_at_risk : array of float, shape (n,), unit day, each >= 0
        All time under observation, after an event as well.
    per_years : float, default 100
        Patient-years in the denominator; a year is 365.25 days.
    conf_level : float, default 0.95, between 0 and 1
        Level of the exact Poisson interval. Several events of one person are not independent, so it
        is too short; ``person_time(...).robust_rate()`` has the one that is not.

    Returns
    -------
    Rate
        Value and limits are not numbers where nobody was at risk for any time.

    Raises
    ------
    UsageError
        The lengths differ, a time is missing or negative, or an event has no time at risk.

    Examples
    --------
    >>> rate = eaer([3, 0, 1, 0], [1461] * 4)
    >>> f"{rate.value:.1f} ({rate.low:.1f} to {rate.high:.1f})"
    '25.0 (6.8 to 64.0)'
    >>> robust = person_time([3, 0, 1, 0], [1461] * 4).robust_rate()
    >>> f"{robust.low:.1f} to {robust.high:.1f}"
    '7.5 to 83.0'
    """
    sums = person_time(events, days_at_risk)
    return sums.rate(per_years=per_years, conf_level=conf_level)
