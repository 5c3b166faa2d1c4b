"""Events that come again: the mean cumulative function with a robust variance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterdose.record.errors import UsageError
from afterdose.stats.levels import normal_quantile, numbers, refuse, same_length, whole_numbers
from afterdose.stats.risk_sets import RiskSets, count_at, left_at, risk_sets, value_at


@dataclass(frozen=True)
class MeanCumulativeFunction:
    """The mean number of events a person has had, as steps.

    Attributes
    ----------
    times : array of float, shape (k,)
        0, then each time at which something happened, increasing.
    value, low, high : array of float, shape (k,)
        From this time until the next. Limits are not numbers before the first event.
    variance : array of float, shape (k,)
        Always a number; zero before the first event.
    at_risk, events : array of int, shape (k,)
        Under observation just before this time; events at it.
    """

    times: NDArray[np.float64]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    variance: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]

    @classmethod
    def of(
        cls, sets: RiskSets, squares: NDArray[np.float64], *, conf_level: float = 0.95
    ) -> "MeanCumulativeFunction":
        """The estimate from the sums over all parts of both passes; see `RecurrentEvents`."""
        z = normal_quantile(conf_level)
        value = np.cumsum(sets.events[0] / np.maximum(sets.at_risk, 1))
        variance = np.maximum(squares, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.where(value > 0, np.exp(z * np.sqrt(variance) / value), np.nan)
        return cls(
            sets.times, value, value / apart, value * apart, variance, sets.at_risk, sets.events[0]
        )

    def at(self, time: float) -> tuple[float, float, float]:
        """Value, low and high at ``time``; not numbers once nobody is under observation."""
        value, low, high = (
            value_at(self.times, row, time) for row in (self.value, self.low, self.high)
        )
        return value, low, high

    def at_risk_at(self, time: float) -> int:
        """How many were under observation just before ``time``."""
        return int(left_at(self.times, self.at_risk, np.asarray([time]))[0])


@dataclass(frozen=True)
class RecurrentEvents:
    """A part's events and ends of observation, each person whole.

    The variance needs every person's path beside the mean of all, so a registry in parts is gone
    through twice: the parts' ``risk_sets`` add, and, given their sum, the parts' ``squares`` add.

    Attributes
    ----------
    times : array of float, shape (events,)
    people : array of int, shape (events,)
        Position in ``ends``; events are in order of person, then time.
    ends : array of float, shape (people,)
    """

    times: NDArray[np.float64]
    people: NDArray[np.int64]
    ends: NDArray[np.float64]

    @classmethod
    def of(
        cls, event_times: ArrayLike, event_people: ArrayLike, end_times: ArrayLike
    ) -> "RecurrentEvents":
        """Checked and in order; parameters and errors are those of `mean_cumulative_function`."""
        times = numbers(event_times, what="times of events")
        people = numbers(event_people, what="positions of people")
        ends = numbers(end_times, what="ends of observation")
        same_length(times, people, what="times of events came with positions of people")
        refuse(
            ~(np.isfinite(ends) & (ends >= 0)),
            what="ends of observation",
            permitted="a time of zero or more",
        )
        refuse(
            ~(whole_numbers(people) & (people < ends.size)),
            what="positions of people",
            permitted=f"whole numbers from 0 to one fewer than the {ends.size} people",
        )
        whose = people.astype(np.int64)
        refuse(
            ~((times >= 0) & (times <= ends[whose])),
            what="times of events",
            permitted="zero or more, and no later than the person's end of observation",
        )
        order = np.lexsort((times, whose))
        return cls(times[order], whose[order], ends)

    def risk_sets(self) -> RiskSets:
        """The first pass: who was at risk, and events, at every time; ``+`` adds them."""
        people = risk_sets(self.ends, np.zeros(self.ends.size))
        distinct = np.unique(self.times)
        nobody = np.zeros(distinct.size, dtype=np.int64)
        return people + RiskSets(distinct, nobody, count_at(distinct, self.times)[np.newaxis])

    def squares(self, sets: RiskSets) -> NDArray[np.float64]:
        """The second pass: the sum over people of their squared distance from the mean.

        A person's distance is ``S - H``: ``S`` sums one over the number at risk at each of their
        events, ``H`` sums the same of the mean while they are observed. The sums of ``S^2``,
        ``S H`` and ``H^2`` over people are each a running sum over times.

        Parameters
        ----------
        sets : RiskSets
            Of all parts together.

        Returns
        -------
        array of float, shape (k,)
            At every time of ``sets``.

        Raises
        ------
        UsageError
            The risk sets lack a time of this part.
        """
        shared = np.isin(self.times, sets.times).all() and np.isin(self.ends, sets.times).all()
        if not shared:
            raise UsageError(
                "These risk sets lack times of this part. Add the risk sets of all parts first."
            )
        size = sets.times.size
        at_risk = np.maximum(sets.at_risk, 1).astype(np.float64)
        expected = np.cumsum(sets.events[0] / at_risk**2)
        place, end = np.searchsorted(sets.times, self.times), np.searchsorted(sets.times, self.ends)

        def running(places: NDArray[np.int64], of: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.cumsum(np.bincount(places, weights=of, minlength=size))

        jump = 1 / at_risk[place]
        total = np.bincount(self.people, weights=jump, minlength=self.ends.size)
        # One running sum less itself at each person's first event, so that its rounding cancels.
        earlier = np.cumsum(jump) - jump
        before = earlier - earlier[np.searchsorted(self.people, self.people)]
        own = running(place, 2 * before * jump + jump**2)
        still = running(place, jump) - running(end, total)
        cross = running(end, total * expected[end]) + expected * still
        observed = self.ends.size - running(end, np.ones(self.ends.size))
        common = running(end, expected[end] ** 2) + expected**2 * observed
        return own - 2 * cross + common


def mean_cumulative_function(
    event_times: ArrayLike,
    event_people: ArrayLike,
    end_times: ArrayLike,
    *,
    conf_level: float = 0.95,
) -> MeanCumulativeFunction:
    """The mean number of events by each time, of people observed for different lengths of time.

    Parameters
    ----------
    event_times : array of float, shape (events,), any one unit, each >= 0
        From the start of each person's observation; several of one person are expected.
    event_people : array of int, shape (events,)
        Whose event it is, as a position in ``end_times``.
    end_times : array of float, shape (n,), each >= 0
        When each person's observation ended. At the same time events come first.
    conf_level : float, default 0.95, between 0 and 1

    Returns
    -------
    MeanCumulativeFunction
        Of nobody, and without events, a value of 0 without limits.

    Raises
    ------
    UsageError
        A time is missing or negative, an event comes after its person's end, or a position is not
        one of a person.

    Notes
    -----
    Nelson's estimate with the variance of Lawless and Nadeau [1]_, which holds however the events
    of one person go together. The interval is symmetric for the logarithm. Somebody who died is
    counted as no longer observed: where many die, the mean is that of people who stay alive.

    References
    ----------
    .. [1] Lawless JF, Nadeau C. Technometrics 1995;37:158-168. doi:10.1080/00401706.1995.10484300

    Examples
    --------
    >>> mean = mean_cumulative_function([1, 2, 2, 5], [0, 0, 1, 0], [6, 4, 3])
    >>> [round(float(count), 3) for count in mean.value], mean.at_risk.tolist()
    ([0.0, 0.333, 1.0, 1.0, 1.0, 2.0, 2.0], [3, 3, 3, 3, 2, 1, 1])
    """
    part = RecurrentEvents.of(event_times, event_people, end_times)
    sets = part.risk_sets()
    return MeanCumulativeFunction.of(sets, part.squares(sets), conf_level=conf_level)
