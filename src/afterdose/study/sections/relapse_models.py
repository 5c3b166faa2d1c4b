"""Relapse rates with several relapses and years of one person allowed for, and by subgroup."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import nan

import numpy as np

from afterdose.engines.extension import BANDS, EARLIER, PHENOTYPES
from afterdose.outcomes.definitions import FEW_PEOPLE
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import (
    CountRegression,
    NotEstimable,
    PeriodCounts,
    count_rows,
    negative_binomial_regression,
    period_counts,
    person_time,
    poisson_rate,
)
from afterdose.stats import Estimate as Fitted
from afterdose.study.model import Behind, Cell, Estimate, Part, Table
from afterdose.study.numbers import cells, count_cell, rate_number
from afterdose.study.people import Study
from afterdose.study.words import count, interval, signed

_PERIODS = {
    "All years": slice(None),
    "Years 1 and 2": slice(0, 2),
    "From year 3 on": slice(2, None),
}
_STRATA: tuple[tuple[str, str, str, tuple[StrEnum, ...]], ...] = (
    ("Autoimmune disease before treatment", "people", "earlier", EARLIER),
    ("EDSS before treatment", "assessments", "band", BANDS),
    ("Phenotype", "people", "phenotype", PHENOTYPES),
)
"""Title, the table it rests on, its column in `Strata`, and what that column's numbers mean."""
_UNKNOWN = "not estimable"
_TOO_FEW = NotEstimable(
    f"Fewer than {FEW_PEOPLE} people were under observation, too few to show how people differ."
)


@dataclass
class Models:
    """What the section shows of the models.

    Attributes
    ----------
    parts : list of Part
    estimates : list of Estimate
    reasons : dict of str to list of str
        Why something could not be estimated: the reason, and of what.
    """

    parts: list[Part] = field(default_factory=list)
    estimates: list[Estimate] = field(default_factory=list)
    reasons: dict[str, list[str]] = field(default_factory=dict)

    def keep(self, number: Estimate, found: Fitted | NotEstimable, digits: int = 2) -> str:
        """Keep an estimate under a number's label, or the reason why there is none; its cell."""
        if isinstance(found, NotEstimable):
            self.reasons.setdefault(found.reason, []).append(number.label)
            return _UNKNOWN
        own = replace(number, value=found.value, low=found.low, high=found.high)
        self.estimates.append(own)
        text = f"{signed(own.value, digits)} ({interval(own.low, own.high, digits)})"
        return Cell(text, replace(own, label=""))

    def notes(self) -> tuple[str, ...]:
        """A sentence a reason."""
        return tuple(
            f"Not estimable: {'; '.join(of)}. {reason}" for reason, of in self.reasons.items()
        )


def relapse_models(study: Study) -> Models:
    """The rate of all years and by epoch, years against year 1, and years within strata."""
    models = Models()
    models.parts.append(Part(_by_period(study, models)))
    models.parts.append(Part(_against_year_1(study, models)))
    models.parts += [
        Part(_by_stratum(study, title, getattr(study.columns.strata, column), values))
        for title, table, column, values in _STRATA
        if table in study.record.frames and study.treated
    ]
    return models


def _by_period(study: Study, models: Models) -> Table:
    relapses, days = _sums(study, list(_PERIODS.values()))
    counts = period_counts(relapses, days)
    rows = []
    for period, (name, years) in enumerate(_PERIODS.items()):
        own, at_risk = relapses[:, period], days[:, period]
        behind = study.behind("relapses", at_risk > 0, own > 0, years=study.seen_in(years))
        rate = rate_number(
            f"Relapse rate, {name[0].lower()}{name[1:]}",
            poisson_rate(int(own.sum()), int(at_risk.sum()) / DAYS_PER_YEAR),
            behind,
        )
        fitted = _negative_binomial(own, at_risk)
        rows.append(
            (
                name,
                count_cell(int((at_risk > 0).sum()), behind.whole()),
                *cells(
                    replace(rate, label=""), count(int(rate.numerator or 0)),
                    f"{rate.denominator:.1f}",
                ),
                models.keep(
                    replace(rate, label=f"{rate.label}, robust", method="robust-poisson"),
                    _robust(counts, period),
                ),
                models.keep(
                    replace(
                        rate, label=f"{rate.label}, negative binomial", method="negative-binomial"
                    ),
                    fitted if isinstance(fitted, NotEstimable) else fitted.rate([1]),
                ),
                _theta(fitted, behind),
            )
        )  # fmt: skip
    return Table(
        "Relapses a year, with several relapses and years of one person allowed for",
        (
            "Years", "People", "Relapses", "Patient-years", "Poisson (robust 95 % interval)",
            "Negative binomial (95 % interval)", "Theta",
        ),
        tuple(rows),
    )  # fmt: skip


def _negative_binomial(relapses: np.ndarray, days: np.ndarray) -> CountRegression | NotEstimable:
    """One row a person, those with the same count and time joined."""
    seen = days > 0
    longest = int(days.max(initial=0)) + 1
    alike, people = np.unique(relapses[seen] * longest + days[seen], return_counts=True)
    number, time = np.divmod(alike, longest)
    ones = np.ones((people.size, 1))
    rows = count_rows(ones, number, time / DAYS_PER_YEAR, names=["rate"], people=people)
    return negative_binomial_regression([rows])


def _theta(fitted: CountRegression | NotEstimable, behind: Behind) -> str:
    if isinstance(fitted, NotEstimable):
        return _UNKNOWN
    if fitted.theta is None:
        return "none: counts scatter no more than by chance"
    number = Estimate("", None, None, fitted.theta, nan, nan, "theta", behind)
    return Cell(signed(fitted.theta, 2), number)


def _against_year_1(study: Study, models: Models) -> Table:
    years = [slice(year - 1, year) for year in range(1, study.years + 1)]
    epochs = [_PERIODS["Years 1 and 2"], _PERIODS["From year 3 on"]]
    periods = [*years, *epochs]
    relapses, days = _sums(study, periods)
    counts = period_counts(relapses, days)

    def ratio(name: str, against: str, period: int, first: int) -> str:
        seen = study.seen_in(periods[first], periods[period])
        relapsed = (relapses[:, [first, period]] > 0).any(axis=1)
        number = Estimate(
            f"Relapse rate ratio, {name} against {against}", None, None, nan, nan, nan, "times",
            study.behind("relapses", seen.any(axis=1), relapsed, years=seen), "robust-poisson",
        )  # fmt: skip
        return models.keep(number, _robust(counts, period, first))

    return Table(
        "The relapse rate of one period as a multiple of another's",
        ("Years", "Rate ratio (robust 95 % interval)"),
        (
            *(
                (f"Year {year} against year 1", ratio(f"year {year}", "year 1", year - 1, 0))
                for year in range(2, study.years + 1)
            ),
            (
                "From year 3 on against years 1 and 2",
                ratio("from year 3 on", "years 1 and 2", len(years) + 1, len(years)),
            ),
        ),
    )


def _robust(counts: PeriodCounts, period: int, against: int | None = None) -> Fitted | NotEstimable:
    """A rate, or a ratio; neither where too few people were under observation."""
    if counts.people[[period, period if against is None else against]].min() < FEW_PEOPLE:
        return _TOO_FEW
    return (
        counts.rate(period, per_time=DAYS_PER_YEAR)
        if against is None
        else counts.ratio(period, against)
    )


def _by_stratum(
    study: Study, title: str, groups: np.ndarray, values: tuple[StrEnum, ...]
) -> Table:  # fmt: skip
    held = [code for code in range(len(values)) if (groups == code).any()]
    years = [slice(year - 1, year) for year in range(1, study.years + 1)]
    relapses, days = _sums(study, [*years, slice(None)])
    rows = []
    for place in range(len(years) + 1):
        year = place + 1 if place < len(years) else None
        seen = days[:, place] > 0
        cells_of = (
            _stratum_cell(study, seen & (groups == code), relapses[:, place], days[:, place], year)
            for code in held
        )
        rows.append(("All" if year is None else str(year), *cells_of))
    return Table(
        f"{title}: relapses a year (95 % interval)",
        ("Year", *(str(values[code]) for code in held)),
        tuple(rows),
    )


def _stratum_cell(
    study: Study, seen: np.ndarray, relapses: np.ndarray, days: np.ndarray, year: int | None
) -> str:  # fmt: skip
    """With a robust interval, or the exact one where there are few people or no relapse."""
    sums = person_time(relapses[seen], days[seen])
    if not sums.people:
        return "nobody"
    behind = study.behind("relapses", seen, relapses > 0, year=year)
    rate, robust = sums.rate(per_years=1), sums.robust_rate(per_years=1)
    if sums.people < FEW_PEOPLE or isinstance(robust, NotEstimable):
        number, how = rate_number("", rate, behind), ", exact"
    else:
        number, how = replace(rate_number("", robust, behind), method="robust-poisson"), ""
    return Cell(
        f"{signed(number.value, 2)} ({interval(number.low, number.high, 2)}{how}); "
        f"{count(rate.events)} in {count(round(rate.patient_years))} patient-years",
        number,
    )


def _sums(study: Study, periods: list[slice]) -> tuple[np.ndarray, np.ndarray]:
    """Relapses and days under observation: each int64 (people, periods)."""
    days = study.columns.followed.days
    counted = np.where(days > 0, study.columns.relapses.counted, 0)
    return (
        np.stack([counted[:, period].sum(axis=1, dtype=np.int64) for period in periods], axis=1),
        np.stack([days[:, period].sum(axis=1, dtype=np.int64) for period in periods], axis=1),
    )
