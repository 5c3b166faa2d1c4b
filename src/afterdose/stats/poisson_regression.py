"""Rates and rate ratios by Poisson regression, with a variance that does not rest on the model."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from afterdose.stats.answers import NotEstimable
from afterdose.stats.count_regression import CountRegression, Total, Totals, add_up
from afterdose.stats.count_rows import CountRows
from afterdose.stats.newton import LikelihoodSums, is_singular, maximise


def poisson_regression(
    parts: Iterable[CountRows], *, total: Total = add_up
) -> CountRegression | NotEstimable:
    """Poisson regression with the logarithm of time as offset and the sandwich variance.

    What adds over parts: value, score and information of the likelihood at each step of Newton's
    method, and the squares of the scores at the end.

    Parameters
    ----------
    parts : sequence of CountRows
        One where all rows are here: ``[count_rows(...)]``. It is gone through once a step.
    total : callable, optional
        How something of every part is computed and added up, where the parts lie elsewhere.

    Returns
    -------
    CountRegression or NotEstimable
        Not estimable without events or time at risk, where covariates are linearly dependent, and
        where some group of rows has no event, so that its rate is zero and has no logarithm.

    Raises
    ------
    UsageError
        Parts have different covariates.

    Notes
    -----
    The variance is ``A^-1 B A^-1`` with the information ``A`` and the sum ``B`` of squares of the
    scores of people (HC0) [1]_: it holds when counts vary more than Poisson counts, and when the
    rows of one person go together. With fewer than some 40 people it is too small.

    References
    ----------
    .. [1] White H. Econometrica 1982;50:1-25. doi:10.2307/1912526

    Examples
    --------
    >>> from afterdose.stats import count_rows
    >>> treated, events, years = [0, 0, 0, 1, 1, 1], [3, 1, 2, 0, 2, 1], [2, 2, 2, 3, 3, 3]
    >>> rows = count_rows([[1, arm] for arm in treated], events, years, names=["rate", "treated"])
    >>> found = poisson_regression([rows])
    >>> ratio = found.ratio("treated")
    >>> f"{found.rate([1, 0]).value:.2f} a year; ratio {ratio.value:.2f}"
    '1.00 a year; ratio 0.33'
    """
    fitted = fit_poisson(parts, total)
    if isinstance(fitted, NotEstimable):
        return fitted
    bread = np.linalg.inv(fitted.sums.information)
    squares = total(partial(_score_squares, at=fitted.coefficients), parts)
    return described(fitted.totals, fitted.coefficients, bread @ squares @ bread, fitted.sums.value)


@dataclass(frozen=True)
class PoissonFit:
    """The highest point of a Poisson likelihood, from which other models start."""

    totals: Totals
    coefficients: NDArray[np.float64]
    sums: LikelihoodSums


def fit_poisson(parts: Iterable[CountRows], total: Total) -> PoissonFit | NotEstimable:
    """Maximise the likelihood, or say why it has no maximum."""
    totals: Totals = total(Totals.of, parts)
    if totals.people == 0:
        return NotEstimable("Nobody had time at risk.")
    if totals.events == 0:
        return NotEstimable("No event happened, so no rate has a logarithm.")
    if is_singular(totals.curvature):
        return NotEstimable(
            "Some covariate is empty or follows from the others. Leave one of them out."
        )
    start = np.linalg.solve(totals.curvature, totals.slope)
    highest = maximise(lambda at: total(partial(_sums, at=at), parts), start)
    if highest is None or is_singular(highest[1].information):
        return NotEstimable(
            "Some group of rows has no event at all, so its rate has no logarithm. Give its exact "
            "interval instead, or join groups."
        )
    return PoissonFit(totals, *highest)


def described(
    totals: Totals,
    coefficients: NDArray[np.float64],
    covariance: NDArray[np.float64],
    log_likelihood: float,
    **further: Any,
) -> CountRegression:
    """A fit with what it rests on."""
    return CountRegression(
        names=totals.names,
        coefficients=coefficients,
        covariance=covariance,
        log_likelihood=log_likelihood,
        people=totals.people,
        events=totals.events,
        time=totals.time,
        without_time=totals.without_time,
        **further,
    )


def _sums(rows: CountRows, at: NDArray[np.float64]) -> LikelihoodSums:
    linear = rows.design @ at + np.log(rows.time)
    mean = np.exp(linear)
    weight = rows.people
    value = float(weight @ (rows.events * linear - mean - log_factorials(rows.events)))
    score = rows.design.T @ (weight * (rows.events - mean))
    information = (rows.design * (weight * mean)[:, np.newaxis]).T @ rows.design
    return LikelihoodSums(value, score, information)


def _score_squares(rows: CountRows, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of squares of people's scores; rows of one person are summed first."""
    mean = np.exp(rows.design @ at) * rows.time
    scores = rows.design * (rows.events - mean)[:, np.newaxis]
    if rows.clusters is None:
        squares: NDArray[np.float64] = (scores * rows.people[:, np.newaxis]).T @ scores
        return squares
    whole = np.stack([np.bincount(rows.clusters, weights=column) for column in scores.T])
    return np.asarray(whole @ whole.T)


def log_factorials(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithms of the factorials of whole numbers."""
    from scipy.special import gammaln

    found: NDArray[np.float64] = gammaln(counts + 1)
    return found
