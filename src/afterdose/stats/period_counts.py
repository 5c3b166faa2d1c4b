"""Rates of several periods in the same people, and their ratios."""

from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterdose.record.errors import UsageError
from afterdose.stats.answers import Estimate, NotEstimable
from afterdose.stats.levels import normal_quantile, numbers, positive, refuse, whole_numbers


@dataclass(frozen=True)
class PeriodCounts:
    """Events and time at risk by period; ``+`` gives those of both groups of people.

    Attributes
    ----------
    people : array of int, shape (k,)
        With time at risk in each period.
    events, time : array of float, shape (k,)
    events_squared, events_by_time, time_squared : array of float, shape (k, k)
        Sums over people of products of two periods, for the robust intervals.
    """

    people: NDArray[np.int64]
    events: NDArray[np.float64]
    time: NDArray[np.float64]
    events_squared: NDArray[np.float64]
    events_by_time: NDArray[np.float64]
    time_squared: NDArray[np.float64]

    def __add__(self, other: "PeriodCounts") -> "PeriodCounts":
        if self.people.shape != other.people.shape:
            raise UsageError(
                f"Counts of {self.people.size} and of {other.people.size} periods cannot be added. "
                "Count both in the same periods."
            )
        return PeriodCounts(
            self.people + other.people,
            self.events + other.events,
            self.time + other.time,
            self.events_squared + other.events_squared,
            self.events_by_time + other.events_by_time,
            self.time_squared + other.time_squared,
        )

    def rate(
        self, period: int, *, per_time: float = 1.0, conf_level: float = 0.95
    ) -> Estimate | NotEstimable:
        """Events per ``per_time`` in a period, counted from 0."""
        positive(per_time, what="A rate per time")
        if (without := self._without(period)) is not None:
            return without
        found = self._estimate([period], [1], conf_level)
        return Estimate(*(per_time * one for one in (found.value, found.low, found.high)))

    def ratio(
        self, period: int, against: int, *, conf_level: float = 0.95
    ) -> Estimate | NotEstimable:
        """How many times higher the rate is in one period than in another, counted from 0."""
        return (
            self._without(against)
            or self._without(period)
            or self._estimate([period, against], [1, -1], conf_level)
        )

    def _without(self, period: int) -> NotEstimable | None:
        if not 0 <= period < self.people.size:
            raise UsageError(
                f"Period {period} was asked for. Permitted: 0 to {self.people.size - 1}."
            )
        if self.events[period] == 0:
            return NotEstimable("No event happened, so no rate has a logarithm.")
        if self.people[period] == 1:
            return NotEstimable("One person does not show how people differ.")
        return None

    def _estimate(self, chosen: list[int], signs: list[int], conf_level: float) -> Estimate:
        """Of the sum of logarithms of rates, each with its sign."""
        sign = np.array(signs, np.float64)
        events, time = self.events[chosen], self.time[chosen]
        rates = events / time
        value = exp(float(sign @ np.log(rates)))
        both = np.ix_(chosen, chosen)
        cross = self.events_by_time[both] * rates
        squares = (
            self.events_squared[both] - cross - cross.T
            + np.outer(rates, rates) * self.time_squared[both]
        )  # fmt: skip
        weights = sign / events
        variance = max(float(weights @ squares @ weights), 0.0)
        apart = exp(normal_quantile(conf_level) * sqrt(variance))
        return Estimate(value, value / apart, value * apart)


def period_counts(events: ArrayLike, time: ArrayLike) -> PeriodCounts:
    """Sum events, time at risk and their products over people.

    Parameters
    ----------
    events : array of int, shape (n, k), each >= 0
        Of each person in each period.
    time : array of float, shape (n, k), any one unit, each >= 0
        At risk; zero where a person was not there. Whole days add exactly.

    Returns
    -------
    PeriodCounts

    Raises
    ------
    UsageError
        The shapes differ, a time is missing or negative, or an event has no time at risk. Row
        positions are named, never values.

    Notes
    -----
    The answers of a Poisson regression with one rate a period and the sandwich variance by person
    [1]_, in closed form: the covariance of the logarithms of rates ``r_j`` and ``r_k`` is the sum
    over people of the products of ``events_j - r_j time_j`` and ``events_k - r_k time_k``, divided
    by all events of the one and of the other. It holds however the events of a person go together.
    With fewer than some 40 people it is too small.

    References
    ----------
    .. [1] White H. Econometrica 1982;50:1-25. doi:10.2307/1912526

    Examples
    --------
    >>> counts = period_counts([[2, 0], [1, 1], [3, 1], [0, 0]], [[1, 1], [1, 1], [1, 0.5], [1, 0]])
    >>> ratio = counts.ratio(1, against=0)
    >>> f"{counts.rate(0).value:.2f} a year, then {ratio.value:.2f} times that"
    '1.50 a year, then 0.53 times that'
    """
    counts, spans = numbers(events, what="events"), numbers(time, what="times at risk")
    if counts.ndim != 2 or counts.shape != spans.shape:
        raise UsageError(
            f"Events of shape {counts.shape} came with times at risk of shape {spans.shape}. Give "
            "both as tables with a row a person and a column a period."
        )
    usable = np.isfinite(spans) & (spans >= 0) & whole_numbers(counts)
    refuse(
        (~usable | ((counts > 0) & (spans == 0))).any(axis=1),
        what="rows",
        permitted="whole counts of zero or more, time of zero or more, and no event without time",
    )
    return PeriodCounts(
        people=(spans > 0).sum(axis=0),
        events=counts.sum(axis=0),
        time=spans.sum(axis=0),
        # Sums of products in their order, not matrix products, whose order is nobody's promise.
        events_squared=np.einsum("ij,ik->jk", counts, counts),
        events_by_time=np.einsum("ij,ik->jk", counts, spans),
        time_squared=np.einsum("ij,ik->jk", spans, spans),
    )
