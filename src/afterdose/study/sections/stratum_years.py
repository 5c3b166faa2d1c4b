"""What is asked of years lived after so many courses: one row of that table each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from afterdose.outcomes.brain_volume import Volume
from afterdose.outcomes.person import ANY, PersonOutcomes
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import exact_proportion, poisson_rate
from afterdose.study.people import Study
from afterdose.study.sections.ageing import held_measures
from afterdose.study.sections.autoimmunity import days_at_risk, is_event_in
from afterdose.study.sections.brain_volume import changes_of
from afterdose.study.sections.neda import neda_answers
from afterdose.study.sections.stratum_measures import Cell, median, rate, share
from afterdose.study.words import count
from afterdose.study.yearly import Answers

PersonYear: TypeAlias = tuple[PersonOutcomes, int]
"""A person, and a year the person began under observation or was seen in."""


@dataclass(frozen=True, slots=True)
class YearMeasure:
    """One row: its title, the tables it needs, and how it is had."""

    title: str
    tables: tuple[str, ...]
    of: Callable[[Sequence[PersonYear]], Cell]


def _people(years: Sequence[PersonYear]) -> Cell:
    return count(len({id(person) for person, _ in years})), None


def _days(years: Sequence[PersonYear]) -> int:
    return sum(person.timeline.days_in_year(year) for person, year in years)


def _patient_years(years: Sequence[PersonYear]) -> Cell:
    return count(round(_days(years) / DAYS_PER_YEAR)), None


def _retreated(years: Sequence[PersonYear]) -> Cell:
    begun = sum(bool(person.extension.courses[year - 1].begun) for person, year in years)
    return share(exact_proportion(begun, len(years)))


def _relapses(years: Sequence[PersonYear]) -> Cell:
    rows = [row for person, year in years for row in person.relapses if row.year == year]
    return rate(
        poisson_rate(sum(row.relapses for row in rows), sum(row.patient_years for row in rows))
    )


def _relapse_free(years: Sequence[PersonYear]) -> Cell:
    return share(Answers.of(p.extension.relapse_free[year - 1] for p, year in years).share)


def _mri(years: Sequence[PersonYear]) -> Cell:
    return share(Answers.of(p.extension.mri[year - 1].either for p, year in years).share)


def _neda(years: Sequence[PersonYear]) -> Cell:
    return share(Answers.of(neda_answers(person)[year - 1] for person, year in years).share)


def _autoimmune(years: Sequence[PersonYear]) -> Cell:
    events, days = 0, 0
    for person, year in years:
        found = person.first_events[ANY]
        if found.ending is not None:
            days += days_at_risk(person.timeline, found, year)
            events += is_event_in(person.timeline, found, year)
    return rate(poisson_rate(events, days / DAYS_PER_YEAR, per_years=100))


def _deaths(years: Sequence[PersonYear]) -> Cell:
    deaths = sum(
        person.death is not None and person.death.is_observed and person.death.year == year
        for person, year in years
    )
    return rate(poisson_rate(deaths, _days(years) / DAYS_PER_YEAR, per_years=100))


_MEASURES = (
    YearMeasure("People", (), _people),
    YearMeasure("Patient-years under observation", ("follow_up",), _patient_years),
    YearMeasure("A further course in the year", ("follow_up",), _retreated),
    YearMeasure("Relapses a year", ("relapses", "follow_up"), _relapses),
    YearMeasure("Free of relapses in the year", ("relapses", "follow_up"), _relapse_free),
    YearMeasure("MRI activity in the year", ("mri",), _mri),
    YearMeasure(
        "NEDA-3 in the year", ("relapses", "assessments", "mri", "follow_up"), _neda
    ),
    YearMeasure(
        "First autoimmune disease per 100 patient-years at risk", ("events", "follow_up"),
        _autoimmune,
    ),
    YearMeasure("Deaths per 100 patient-years", ("follow_up",), _deaths),
)  # fmt: skip


def measures_for(study: Study) -> tuple[YearMeasure, ...]:
    """The rows of the table, one for each measure of volume the record holds."""
    return (*_MEASURES, *(_volume(measure) for measure in held_measures(study)))


def _volume(measure: Volume) -> YearMeasure:
    def of(years: Sequence[PersonYear]) -> Cell:
        return median(changes_of([p.extension.volume[measure].yearly[y - 1] for p, y in years]))

    return YearMeasure(f"Yearly change of {measure}, median, %", ("mri",), of)
