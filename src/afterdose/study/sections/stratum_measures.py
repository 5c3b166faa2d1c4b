"""What is asked of each stratum of people: one row of the side-by-side tables each."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from afterdose.outcomes.disability import Against
from afterdose.outcomes.person import ANY
from afterdose.stats import (
    CumulativeIncidence,
    Proportion,
    Rate,
    Survival,
    compute_median,
    exact_proportion,
    poisson_rate,
)
from afterdose.study.model import Estimate
from afterdose.study.numbers import median_number, rate_number, share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.sections.ageing import held_measures, slopes_of
from afterdose.study.sections.autoimmunity import cumulative_incidence
from afterdose.study.sections.disability import confirmed_curve
from afterdose.study.sections.neda import neda_answers, neda_year
from afterdose.study.sections.relapse_free import relapse_free_curve
from afterdose.study.sections.retreatment import cumulative_retreatment
from afterdose.study.sections.safety import numbers_of
from afterdose.study.sections.through_time import last_day_of_year
from afterdose.study.words import (
    count,
    interval,
    percent,
    signed,
)
from afterdose.study.yearly import answers_in_year

Cell: TypeAlias = tuple[str, Estimate | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of a table.

    Attributes
    ----------
    title : str
        With the year in braces.
    tables : tuple of str
        The tables without which the row is left out.
    of : callable
        The cell of a stratum at a year.
    year : callable
        The year, asked of everybody once, so that all strata are asked the same.
    """

    title: str
    tables: tuple[str, ...]
    of: Callable[[Study, int], Cell]
    year: Callable[[Study], int] = Study.headline_year


_NOBODY = "nobody"


def named(estimate: Estimate, label: str) -> Estimate:
    """The same estimate under another label."""
    return replace(estimate, label=label)


def share(found: Proportion) -> Cell:
    """A share with its denominator."""
    if not found.denominator:
        return _NOBODY, share_number("", found)
    return f"{share_cell(found)} of {count(found.denominator)}", share_number("", found)


def rate(found: Rate, digits: int = 2) -> Cell:
    """A rate with its events and patient-years."""
    if not found.patient_years:
        return "no patient-years", rate_number("", found)
    return (
        f"{signed(found.value, digits)} ({interval(found.low, found.high, digits)}); "
        f"{count(found.events)} in {count(round(found.patient_years))} patient-years",
        rate_number("", found),
    )


def median(values: list[float]) -> Cell:
    """A median with how many values it is of."""
    found = compute_median(values)
    if not found.count:
        return _NOBODY, median_number("", found)
    return (
        f"{signed(found.value, 2)} ({interval(found.low, found.high, 2)}) of {count(found.count)}",
        median_number("", found),
    )


def _curve(curve: CumulativeIncidence | Survival, year: int) -> Cell:
    value, low, high = curve.at(last_day_of_year(year))
    began = int(curve.at_risk[0])
    shown = f"{percent(value)} ({interval(low, high, scale=100)}) of {count(began)}"
    return (
        shown if began else _NOBODY,
        Estimate("", None, began, 100 * value, 100 * low, 100 * high, "%"),
    )


def _last_year(curve: CumulativeIncidence, study: Study) -> int:
    """The headline year, or the last before it at whose end somebody was still at risk."""
    years = range(1, study.headline_year() + 1)
    return max((y for y in years if curve.at_risk_at(last_day_of_year(y))), default=1)


def _people(study: Study, year: int) -> Cell:
    return count(study.treated), None


def _patient_years(study: Study, year: int) -> Cell:
    return count(round(sum(p.timeline.patient_years() for p in study.outcomes))), None


def _relapses(study: Study, year: int) -> Cell:
    rows = [row for person in study.outcomes for row in person.relapses]
    return rate(
        poisson_rate(sum(row.relapses for row in rows), sum(row.patient_years for row in rows))
    )


def _edss(study: Study, year: int) -> Cell:
    found = [row.against for p in study.outcomes for row in p.edss if row.year == year]
    known = [against for against in found if against is not Against.NOT_ASSESSABLE]
    return share(exact_proportion(len(known) - known.count(Against.WORSE), len(known)))


def _mri(study: Study, year: int) -> Cell:
    found = answers_in_year(
        study.outcomes, lambda p: [row.either for row in p.extension.mri], year
    )  # fmt: skip
    return share(found.share)


def _deaths(study: Study, year: int) -> Cell:
    deaths = sum(p.death is not None and p.death.is_observed for p in study.outcomes)
    years = sum(p.timeline.patient_years() for p in study.outcomes)
    return rate(poisson_rate(deaths, years, per_years=100))


_EVENTS = ("events", "follow_up")
_MEASURES = (
    Measure("People", (), _people),
    Measure("Patient-years under observation", ("follow_up",), _patient_years),
    Measure(
        "Retreated by the end of year {}", ("follow_up",),
        lambda study, year: _curve(cumulative_retreatment(study), year),
    ),
    Measure("Relapses a year", ("relapses", "follow_up"), _relapses),
    Measure(
        "Free of relapses to the end of year {}", ("relapses", "follow_up"),
        lambda study, year: _curve(relapse_free_curve(study), year),
    ),
    Measure("EDSS same or better, end of year {}", ("assessments",), _edss),
    Measure(
        "Confirmed worsening by the end of year {}", ("assessments",),
        lambda study, year: _curve(confirmed_curve(study, "cdw"), year),
        lambda study: _last_year(confirmed_curve(study, "cdw"), study),
    ),
    Measure(
        "Confirmed improvement by the end of year {}", ("assessments",),
        lambda study, year: _curve(confirmed_curve(study, "cdi"), year),
        lambda study: _last_year(confirmed_curve(study, "cdi"), study),
    ),
    Measure("MRI activity in year {}", ("mri",), _mri),
    Measure(
        "NEDA-3 in year {}", ("relapses", "assessments", "mri", "follow_up"),
        lambda study, year: share(answers_in_year(study.outcomes, neda_answers, year).share),
        neda_year,
    ),
    Measure(
        "Any autoimmune disease by the end of year {}", _EVENTS,
        lambda study, year: _curve(cumulative_incidence(study.outcomes, ANY), year),
    ),
    Measure(
        "Thyroid disease by the end of year {}", _EVENTS,
        lambda study, year: _curve(cumulative_incidence(study.outcomes, "thyroid"), year),
    ),
    Measure(
        "People with a serious infection", _EVENTS,
        lambda study, year: share(numbers_of(study, "infection").serious),
    ),
    Measure(
        "People with a malignancy", _EVENTS,
        lambda study, year: share(numbers_of(study, "malignancy").people),
    ),
    Measure("Deaths per 100 patient-years", ("follow_up",), _deaths),
)  # fmt: skip


def measures_for(study: Study) -> tuple[Measure, ...]:
    """The rows of the side-by-side tables, one for each measure of volume the record holds."""
    volume = tuple(
        Measure(
            f"Own yearly change of {measure}, median, %", ("mri",),
            lambda part, year, measure=measure: median(slopes_of(part.outcomes, measure)),
        )
        for measure in held_measures(study)
    )  # fmt: skip
    return (*_MEASURES, *volume)
