"""Rates and rate ratios where counts vary more than Poisson counts: negative binomial (NB2)."""

from collections.abc import Iterable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from afterdose.record.errors import UsageError
from afterdose.stats.answers import NotEstimable
from afterdose.stats.count_regression import CountRegression, Total, add_up
from afterdose.stats.count_rows import CountRows
from afterdose.stats.newton import LikelihoodSums, maximise
from afterdose.stats.poisson_regression import described, fit_poisson, log_factorials


def negative_binomial_regression(
    parts: Iterable[CountRows], *, total: Total = add_up
) -> CountRegression | NotEstimable:
    """Negative binomial regression by maximum likelihood, the logarithm of time as offset.

    A count with mean ``m`` has variance ``m + m^2 / theta``. What adds over parts: value, score and
    information of the likelihood at each step of Newton's method.

    Parameters
    ----------
    parts : sequence of CountRows
        One where all rows are here: ``[count_rows(...)]``. It is gone through once a step.
    total : callable, optional
        How something of every part is computed and added up, where the parts lie elsewhere.

    Returns
    -------
    CountRegression or NotEstimable
        ``theta`` is None where counts vary no more than Poisson counts: the likelihood then rises
        as theta does, and coefficients and covariance are those of a Poisson model. Not estimable
        in the cases of `poisson_regression`.

    Raises
    ------
    UsageError
        Parts have different covariates, or rows came with clusters.

    Notes
    -----
    Coefficients and ``1 / theta`` are sought together, on its logarithm, until the steps themselves
    vanish. Standard errors are those of ``MASS::glm.nb`` [1]_: for coefficients from the expected
    information, which knows no covariance with theta; for theta from its observed information.

    References
    ----------
    .. [1] Venables WN, Ripley BD. Modern Applied Statistics with S, 4th ed. Springer 2002,
       section 7.4.

    Examples
    --------
    >>> from afterdose.stats import count_rows
    >>> rows = count_rows([[1]] * 8, [0, 0, 0, 1, 1, 2, 5, 9], [2.0] * 8, names=["rate"])
    >>> found = negative_binomial_regression([rows])
    >>> f"{found.rate([1]).value:.3f} a year, theta {found.theta:.3f}"
    '1.125 a year, theta 0.616'
    """
    poisson = fit_poisson(parts, total)
    if isinstance(poisson, NotEstimable):
        return poisson
    spread, squares = total(partial(_spread, at=poisson.coefficients), parts)
    model = np.linalg.inv(poisson.sums.information)
    if spread <= 0:
        return described(poisson.totals, poisson.coefficients, model, poisson.sums.value)
    start = np.append(poisson.coefficients, np.log(spread / squares))
    highest = maximise(lambda at: total(partial(_sums, at=at), parts), start)
    if highest is None:
        return NotEstimable("The likelihood of the negative binomial model has no maximum.")
    at, sums = highest
    theta = float(np.exp(-at[-1]))
    expected = total(partial(_expected_information, at=at), parts)
    return described(
        poisson.totals,
        at[:-1],
        np.linalg.inv(expected),
        sums.value,
        theta=theta,
        theta_standard_error=theta / float(np.sqrt(sums.information[-1, -1])),
    )


def _spread(rows: CountRows, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far squares of residuals exceed Poisson's, which is the slope at ``1 / theta = 0``.

    Beside it the sum of squared means; their quotient is the moment estimate of ``1 / theta``.
    """
    if rows.clusters is not None:
        raise UsageError(
            "Rows came with clusters, and a negative binomial likelihood takes rows as "
            "independent. Give one row a person, or ask for a Poisson regression."
        )
    mean = np.exp(rows.design @ at) * rows.time
    excess = rows.people @ ((rows.events - mean) ** 2 - rows.events)
    return np.array([excess, rows.people @ mean**2])


def _sums(rows: CountRows, at: NDArray[np.float64]) -> LikelihoodSums:
    """In coefficients and ``k = log(a)``, with ``a = 1 / theta``.

    The quotient of gamma functions, ``gamma(y + theta) / gamma(theta) / theta^y``, is the product
    of ``1 + a j`` over ``j < y``. Summed by ``j`` it needs no special function and stays exact
    where theta is large.
    """
    a = float(np.exp(at[-1]))
    y, weight = rows.events, rows.people
    linear = rows.design @ at[:-1] + np.log(rows.time)
    mean = np.exp(linear)
    shrunk = 1 + a * mean
    log_shrunk = np.log1p(a * mean) / a
    pull = a * mean * (y - mean) / shrunk**2

    above = _counts_above(rows)
    steps = a * np.arange(above.size)
    value = (
        above @ np.log1p(steps)
        + weight @ (y * linear - (1 + a * y) * log_shrunk - log_factorials(y))
    )  # fmt: skip
    score = np.append(
        rows.design.T @ (weight * (y - mean) / shrunk),
        above @ (steps / (1 + steps)) + weight @ (log_shrunk - (1 + a * y) * mean / shrunk),
    )
    information = np.empty((at.size, at.size))
    curvature = weight * mean * (1 + a * y) / shrunk**2
    information[:-1, :-1] = (rows.design * curvature[:, np.newaxis]).T @ rows.design
    information[:-1, -1] = information[-1, :-1] = rows.design.T @ (weight * pull)
    information[-1, -1] = weight @ (log_shrunk - mean / shrunk + pull) - above @ (
        steps / (1 + steps) ** 2
    )
    return LikelihoodSums(float(value), score, information)


def _counts_above(rows: CountRows) -> NDArray[np.float64]:
    """How many people have more than 0, 1, 2, ... events."""
    alike = np.bincount(rows.events.astype(np.int64), weights=rows.people, minlength=1)
    above: NDArray[np.float64] = alike[::-1].cumsum()[::-1][1:]
    return above


def _expected_information(rows: CountRows, at: NDArray[np.float64]) -> NDArray[np.float64]:
    mean = np.exp(rows.design @ at[:-1]) * rows.time
    weight = rows.people * mean / (1 + np.exp(at[-1]) * mean)
    information: NDArray[np.float64] = (rows.design * weight[:, np.newaxis]).T @ rows.design
    return information
