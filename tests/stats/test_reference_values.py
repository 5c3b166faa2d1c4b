"""Every estimator beside R's survival, MASS and sandwich, on data drawn by the same script.

`tests/reference_values/values.csv` says at its head which versions made it.
"""

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from afterdose.stats import (
    aalen_johansen,
    count_rows,
    exact_proportion,
    kaplan_meier,
    log_rank,
    mean_cumulative_function,
    negative_binomial_regression,
    poisson_rate,
    poisson_regression,
    restricted_mean,
    wilson_proportion,
)

FOLDER = Path(__file__).parents[1] / "reference_values"


def read(name: str) -> list[dict[str, str]]:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@cache
def columns(name: str) -> dict[str, np.ndarray]:
    rows = read(name)
    return {
        key: np.array([row[key] for row in rows], str if key == "group" else float)
        for key in rows[0]
    }


Answer = Callable[[str, str], float]
"""What we say of a place and a field."""


def answer_of(curve) -> Answer:
    def found(at: str, field: str) -> float:
        if field == "at_risk":
            return curve.at_risk_at(float(at))
        if field == "variance":
            return curve.variance[np.searchsorted(curve.times, float(at))]
        return dict(zip(("value", "low", "high"), curve.at(float(at)), strict=True))[field]

    return found


def of_kaplan_meier(case: str) -> Answer:
    people = columns("people.csv")
    return answer_of(kaplan_meier(people["time"], people["kind"] > 0))


def of_restricted_mean(case: str) -> Answer:
    people = columns("people.csv")
    curve = kaplan_meier(people["time"], people["kind"] > 0)
    return lambda at, field: getattr(restricted_mean(curve, horizon=float(at)), field)


def of_aalen_johansen(case: str) -> Answer:
    people = columns("people.csv")
    return answer_of(aalen_johansen(people["time"], people["kind"], kind=int(case), kinds=3))


def of_log_rank(case: str) -> Answer:
    people = columns("people.csv")
    groups = people["group"] == "a" if case == "two groups" else people["group"]
    strata = people["stratum"].astype(int) if case.endswith("in strata") else None
    test = log_rank(people["time"], people["kind"] > 0, groups, strata=strata)

    def found(at: str, field: str) -> float:
        value = getattr(test, field)
        if not at:
            return value
        place = int(at) - 1
        return value[place, place] if field == "variance" else value[place]

    return found


def of_mean_cumulative_function(case: str) -> Answer:
    rows = columns("recurrent.csv")
    event = rows["is_event"] == 1
    return answer_of(
        mean_cumulative_function(
            rows["time"][event], rows["person"][event] - 1, rows["time"][~event]
        )
    )


def of_regression(estimator, case: str) -> Answer:
    yearly = columns("counts.csv")
    by_person = case.endswith(" by person")
    if by_person:
        events, years, first = yearly["events"], yearly["years"], slice(None)
    else:
        _, first, whose = np.unique(yearly["person"], return_index=True, return_inverse=True)
        events = np.bincount(whose, weights=yearly["events"])
        years = np.bincount(whose, weights=yearly["years"])
    design, names = [np.ones(events.size)], ["(Intercept)"]
    if case.startswith("covariates"):
        design += [yearly["treated"][first], yearly["age"][first]]
        names += ["treated", "age"]
    whose = yearly["person"] if by_person else None
    rows = count_rows(np.stack(design, axis=1), events, years, names=names, clusters=whose)
    fit = estimator([rows])

    def found(at: str, field: str) -> float:
        if not at:
            return getattr(fit, field)
        return getattr(fit, f"{field}s")[names.index(at)]

    return found


def of_interval(estimator, case: str) -> Answer:
    events, total = (float(number) for number in case.split("/"))
    interval = estimator(int(events), total if estimator is poisson_rate else int(total))
    return lambda at, field: getattr(interval, field)


OURS: dict[str, Callable[[str], Answer]] = {
    "kaplan_meier": of_kaplan_meier,
    "restricted_mean": of_restricted_mean,
    "aalen_johansen": of_aalen_johansen,
    "log_rank": of_log_rank,
    "mean_cumulative_function": of_mean_cumulative_function,
    "poisson_regression": lambda case: of_regression(poisson_regression, case),
    "negative_binomial_regression": lambda case: of_regression(negative_binomial_regression, case),
    "poisson_rate": lambda case: of_interval(poisson_rate, case),
    "exact_proportion": lambda case: of_interval(exact_proportion, case),
    "wilson_proportion": lambda case: of_interval(wilson_proportion, case),
}
VALUES = read("values.csv")
CASES = sorted({(row["estimator"], row["case"]) for row in VALUES})


@pytest.mark.parametrize(("estimator", "case"), CASES)
def test_the_numbers_are_those_of_r(estimator, case):
    """To one in a million: tied times, several kinds, groups, strata, several rows a person."""
    answer = OURS[estimator](case)
    wanted = [row for row in VALUES if (row["estimator"], row["case"]) == (estimator, case)]
    for row in wanted:
        found = answer(row["at"], row["field"])
        assert found == pytest.approx(float(row["value"]), rel=1e-6, abs=1e-12), row


def test_the_versions_are_stated():
    head = (FOLDER / "values.csv").read_text("utf-8").partition("\n")[0]
    assert all(name in head for name in ("R version", "survival", "MASS", "sandwich"))
