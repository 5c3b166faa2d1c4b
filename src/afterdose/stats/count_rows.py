"""The rows of a regression of counts: covariates, events, time; checked once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterdose.record.errors import UsageError
from afterdose.stats.levels import numbers, refuse, same_length, whole_numbers

_MOST_EVENTS = 1_000_000
"""Of one person: more are an error of units, and a likelihood is summed event by event."""


@dataclass(frozen=True)
class CountRows:
    """Rows with time at risk; those without any say nothing about a rate, and are counted apart.

    Attributes
    ----------
    names : tuple of str, length p
    design : array of float, shape (n, p)
    events, time : array of float, shape (n,)
    people : array of float, shape (n,)
        How many people a row stands for, each with its ``events`` and ``time``.
    clusters : array of int, shape (n,), or None
        Rows of one cluster are those of one person.
    without_time : int
        People left out, as their time at risk was zero.
    """

    names: tuple[str, ...]
    design: NDArray[np.float64]
    events: NDArray[np.float64]
    time: NDArray[np.float64]
    people: NDArray[np.float64]
    clusters: NDArray[np.int64] | None
    without_time: int


def count_rows(
    design: ArrayLike,
    events: ArrayLike,
    time: ArrayLike,
    *,
    names: Sequence[str],
    people: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
) -> CountRows:
    """Check the rows of a regression of counts.

    Parameters
    ----------
    design : array of float, shape (n, p)
        Covariates; a column of ones is the caller's to give. Small and dense.
    events : array of int, shape (n,), each from 0 to a million
    time : array of float, shape (n,), any one unit, each >= 0
        Time at risk of one person; its logarithm is the offset. As a rule in years.
    names : sequence of str, length p
    people : array of int, shape (n,), each >= 1, optional
        How many people are alike in everything; one, where not given.
    clusters : array of int, shape (n,), optional
        Whose row it is, where a person has several, such as one for each year. All rows of one
        person belong into one part. Not together with ``people``.

    Returns
    -------
    CountRows

    Raises
    ------
    UsageError
        Lengths differ, a number is missing, or an event has no time at risk. Row positions are
        named, never values.

    Examples
    --------
    >>> rows = count_rows([[1], [1]], [3, 0], [2.0, 4.0], names=["rate"])
    >>> rows.design.shape, rows.without_time
    ((2, 1), 0)
    """
    covariates = numbers(design, what="covariates")
    counts, spans = numbers(events, what="events"), numbers(time, what="times at risk")
    same_length(counts, spans, what="events came with times at risk")
    if covariates.shape != (counts.size, len(names)) or not names:
        raise UsageError(
            f"Covariates of shape {covariates.shape} came with {counts.size} rows and {len(names)} "
            "names. Give one row of covariates for each count, and one name for each column."
        )
    alike = numbers(np.ones(counts.size) if people is None else people, what="numbers of people")
    same_length(counts, alike, what="events came with numbers of people")
    if people is not None and clusters is not None:
        raise UsageError(
            "Rows that stand for several people came with clusters. Permitted: one of them, as the "
            "rows of a cluster are those of one person."
        )
    whose = None if clusters is None else numbers(clusters, what="clusters")
    if whose is not None:
        same_length(counts, whose, what="events came with clusters")
        refuse(~whole_numbers(whose), what="clusters", permitted="whole numbers of zero or more")
    usable = np.isfinite(covariates).all(axis=1) & np.isfinite(spans) & (spans >= 0)
    usable &= whole_numbers(counts) & (counts <= _MOST_EVENTS)
    usable &= whole_numbers(alike) & (alike >= 1)
    refuse(
        ~usable | ((counts > 0) & (spans == 0)),
        what="rows",
        permitted=(
            "finite covariates, whole counts up to a million, time of zero or more, "
            "no event without time"
        ),
    )
    kept = spans > 0
    return CountRows(
        names=tuple(names),
        design=covariates[kept],
        events=counts[kept],
        time=spans[kept],
        people=alike[kept],
        clusters=None if whose is None else np.unique(whose[kept], return_inverse=True)[1],
        without_time=int(alike[~kept].sum()),
    )
