"""Whether groups differ in the time to an event: the log-rank test."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterdose.record.errors import UsageError
from afterdose.stats.answers import NotEstimable
from afterdose.stats.levels import same_length, times_and_codes
from afterdose.stats.risk_sets import RiskSets, left_at, risk_sets

Label = int | str


@dataclass(frozen=True)
class LogRank:
    """Observed beside expected events, and the test of their difference.

    Attributes
    ----------
    groups : tuple of int or str, length g, in order
    people : array of int, shape (g,)
    observed : array of int, shape (g,)
    expected : array of float, shape (g,)
        Were the hazard the same in every group of a stratum.
    variance : array of float, shape (g, g)
        Covariance of observed minus expected.
    chi_squared : float
    degrees_of_freedom : int
        One fewer than the groups in which an event was expected.
    p_value : float, 0 to 1
    """

    groups: tuple[Label, ...]
    people: NDArray[np.int64]
    observed: NDArray[np.int64]
    expected: NDArray[np.float64]
    variance: NDArray[np.float64]
    chi_squared: float
    degrees_of_freedom: int
    p_value: float


@dataclass(frozen=True)
class GroupedRiskSets:
    """Risk sets by stratum and group; ``+`` gives those of both groups of people.

    Attributes
    ----------
    sets : mapping of (stratum, group) to RiskSets
    """

    sets: Mapping[tuple[Label, Label], RiskSets]

    def __add__(self, other: "GroupedRiskSets") -> "GroupedRiskSets":
        both = dict(self.sets)
        for place, sets in other.sets.items():
            both[place] = both[place] + sets if place in both else sets
        return GroupedRiskSets(both)


def grouped_risk_sets(
    times: ArrayLike, is_event: ArrayLike, groups: ArrayLike, *, strata: ArrayLike | None = None
) -> GroupedRiskSets:
    """Count people at risk and events in each group of each stratum.

    Parameters and errors are those of `log_rank`.
    """
    days, events = times_and_codes(times, is_event, highest=1)
    group = _labels(groups, days, what="groups")
    stratum = np.zeros(days.size, int) if strata is None else _labels(strata, days, what="strata")
    found = {}
    for one in np.unique(stratum):
        for other in np.unique(group[stratum == one]):
            here = (stratum == one) & (group == other)
            found[one.item(), other.item()] = risk_sets(days[here], events[here])
    return GroupedRiskSets(found)


def log_rank(
    times: ArrayLike, is_event: ArrayLike, groups: ArrayLike, *, strata: ArrayLike | None = None
) -> LogRank | NotEstimable:
    """The log-rank test of two or more groups, stratified where ``strata`` are given.

    What adds over parts: `grouped_risk_sets`. `compare` tests their sum.

    Parameters
    ----------
    times : array of float, shape (n,), any one unit, each >= 0
    is_event : array of bool, shape (n,)
        False: observation ended without the event.
    groups : array of int or str, shape (n,)
    strata : array of int or str, shape (n,), optional
        Groups are compared within strata, and the differences summed.

    Returns
    -------
    LogRank or NotEstimable
        Not estimable where fewer than two groups could have had an event.

    Raises
    ------
    UsageError
        The lengths differ, a time cannot be used, or a label is neither whole number nor text.

    Notes
    -----
    The covariance is the hypergeometric one, ties included [1]_. The test has power where one
    hazard is above the other throughout, and little where curves cross.

    References
    ----------
    .. [1] Mantel N. Cancer Chemother Rep 1966;50:163-170; Peto R, Peto J. J R Stat Soc A
       1972;135:185-207. doi:10.2307/2344317

    Examples
    --------
    >>> test = log_rank([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 0], list("aaabbb"))
    >>> test.observed.tolist(), round(test.chi_squared, 3), round(test.p_value, 3)
    ([3, 1], 5.052, 0.025)
    """
    return compare(grouped_risk_sets(times, is_event, groups, strata=strata))


def compare(grouped: GroupedRiskSets) -> LogRank | NotEstimable:
    """The log-rank test from risk sets, which may be the sum of those of many parts."""
    from scipy.special import chdtrc

    groups = tuple(sorted({group for _, group in grouped.sets}, key=_in_order))
    people, observed = np.zeros((2, len(groups)), dtype=np.int64)
    expected, variance = np.zeros(len(groups)), np.zeros((len(groups), len(groups)))
    for stratum in sorted({stratum for stratum, _ in grouped.sets}, key=_in_order):
        here = [grouped.sets.get((stratum, group), _NOBODY) for group in groups]
        people += [sets.people for sets in here]
        observed += [sets.events.sum() for sets in here]
        in_stratum = _expected(here)
        expected += in_stratum[0]
        variance += in_stratum[1]
    exposed = np.flatnonzero(expected > 0)
    if exposed.size < 2:
        return NotEstimable("No event happened while at least two groups were at risk.")
    # The differences sum to zero, so one group says nothing of its own.
    kept = exposed[1:]
    inner = variance[np.ix_(kept, kept)]
    if np.linalg.matrix_rank(inner) < kept.size:
        return NotEstimable("Some groups were never at risk together when an event happened.")
    apart = (observed - expected)[kept]
    chi_squared = float(apart @ np.linalg.solve(inner, apart))
    p_value = float(chdtrc(kept.size, chi_squared))
    return LogRank(
        groups, people, observed, expected, variance, chi_squared, int(kept.size), p_value
    )


_NOBODY = risk_sets([], [])


def _expected(groups: list[RiskSets]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Expected events of each group of one stratum, and the covariance of what was observed."""
    everybody = reduce(add, groups)
    happened = everybody.events[0] > 0
    times = everybody.times[happened]
    at_risk = everybody.at_risk[happened].astype(np.float64)
    events = everybody.events[0, happened]
    share = np.stack([left_at(sets.times, sets.at_risk, times) for sets in groups]) / at_risk
    # One person alone at risk has the event for certain, and adds no variance.
    spread = events * (at_risk - events) / np.maximum(at_risk - 1, 1)
    variance = np.diag(share @ spread) - (share * spread) @ share.T
    return share @ events, variance


def _labels(labels: ArrayLike, times: NDArray[np.float64], *, what: str) -> NDArray[np.generic]:
    found: NDArray[np.generic] = np.asarray(labels)
    same_length(times, found, what=f"times came with {what}")
    if found.size and found.dtype.kind not in "biuU":
        raise UsageError(
            f"The {what} are neither whole numbers nor text. Give each person one label; those "
            "without one are the caller's to leave out, and to count."
        )
    return found


def _in_order(label: Label) -> tuple[bool, Label]:
    """Numbers before texts, so that parts with labels of both kinds can be told apart."""
    return isinstance(label, str), label
