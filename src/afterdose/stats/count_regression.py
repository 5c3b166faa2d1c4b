"""What a regression of counts answers, and how its sums are gathered from parts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from math import exp, sqrt
from operator import add
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterdose.record.errors import UsageError
from afterdose.stats.answers import Estimate
from afterdose.stats.count_rows import CountRows
from afterdose.stats.levels import normal_quantile, numbers, positive

Total = Callable[[Callable[[CountRows], Any], Any], Any]
"""Computes something of every part and adds it up; called with the function and the parts."""


def add_up(compute: Callable[[CountRows], Any], parts: Iterable[CountRows]) -> Any:
    """``compute`` of every part, summed here; on a cluster ``parts.map(compute).reduce(add)``.

    Raises
    ------
    UsageError
        There is no part.
    """
    found = [compute(rows) for rows in parts]
    if not found:
        raise UsageError(
            "No rows were given, or parts that can be gone through only once. Give a list of parts."
        )
    return reduce(add, found)


@dataclass(frozen=True)
class CountRegression:
    """Logarithms of rates and of rate ratios, with what they rest on.

    Attributes
    ----------
    names : tuple of str, length p
    coefficients : array of float, shape (p,)
    covariance : array of float, shape (p, p)
        Robust for a Poisson regression; of the model for a negative binomial one.
    log_likelihood : float
    people, events : int
        With time at risk.
    time : float
        At risk, in the unit it was given in.
    without_time : int
        People left out, as their time at risk was zero.
    theta, theta_standard_error : float or None
        Of a negative binomial regression: the variance is ``mean + mean^2 / theta``. None where the
        counts vary no more than Poisson counts, and for a Poisson regression.
    """

    names: tuple[str, ...]
    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    log_likelihood: float
    people: int
    events: int
    time: float
    without_time: int
    theta: float | None = None
    theta_standard_error: float | None = None

    @property
    def standard_errors(self) -> NDArray[np.float64]:
        found: NDArray[np.float64] = np.sqrt(np.diag(self.covariance))
        return found

    def ratio(self, name: str, *, conf_level: float = 0.95) -> Estimate:
        """How many times higher the rate is for one more of covariate ``name``.

        Raises
        ------
        UsageError
            There is no such covariate.
        """
        if name not in self.names:
            raise UsageError(f"No covariate is called {name}. Permitted: {', '.join(self.names)}.")
        return self.rate([one == name for one in self.names], conf_level=conf_level)

    def rate(
        self, covariates: ArrayLike, *, per_time: float = 1.0, conf_level: float = 0.95
    ) -> Estimate:
        """Events per ``per_time`` of somebody with these covariates.

        Raises
        ------
        UsageError
            There is not one finite number for each covariate.
        """
        positive(per_time, what="A rate per time")
        row = numbers(covariates, what="covariates")
        if row.shape != self.coefficients.shape or not np.isfinite(row).all():
            raise UsageError(
                f"Covariates of shape {row.shape} were given. Permitted: one finite number for "
                f"each of {', '.join(self.names)}."
            )
        value = float(row @ self.coefficients)
        half = normal_quantile(conf_level) * sqrt(float(row @ self.covariance @ row))
        return Estimate(
            per_time * exp(value), per_time * exp(value - half), per_time * exp(value + half)
        )


@dataclass(frozen=True)
class Totals:
    """What all rows hold together; ``+`` gives that of both parts.

    Attributes
    ----------
    names : tuple of str
    people, events, without_time : int
    time : float
    curvature : array of float, shape (p, p)
    slope : array of float, shape (p,)
        Of the weighted least squares that give Newton its start.
    """

    names: tuple[str, ...]
    people: int
    events: int
    time: float
    without_time: int
    curvature: NDArray[np.float64]
    slope: NDArray[np.float64]

    @classmethod
    def of(cls, rows: CountRows) -> "Totals":
        # Logarithms of counts, a tenth added so that zero has one.
        mean = rows.events + 0.1
        weighted = rows.design * (rows.people * mean)[:, np.newaxis]
        target = np.log(mean / rows.time) + (rows.events - mean) / mean
        return cls(
            names=rows.names,
            people=int(rows.people.sum()),
            events=int(rows.people @ rows.events),
            time=float(rows.people @ rows.time),
            without_time=rows.without_time,
            curvature=weighted.T @ rows.design,
            slope=weighted.T @ target,
        )

    def __add__(self, other: "Totals") -> "Totals":
        if self.names != other.names:
            raise UsageError(
                f"One part has the covariates {', '.join(self.names)}, another "
                f"{', '.join(other.names)}. Give every part the same, in the same order."
            )
        return Totals(
            self.names,
            self.people + other.people,
            self.events + other.events,
            self.time + other.time,
            self.without_time + other.without_time,
            self.curvature + other.curvature,
            self.slope + other.slope,
        )
