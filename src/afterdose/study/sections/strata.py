"""Everything side by side: by earlier autoimmunity, disability, phenotype and courses received."""

from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter

import numpy as np

from afterdose.engines.extension import BANDS, EARLIER, PHENOTYPES
from afterdose.outcomes.courses import COURSES_BY_YEAR, MOST_COURSES, courses_in_words
from afterdose.outcomes.definitions import EARLIER_AUTOIMMUNITY
from afterdose.outcomes.strata import BASELINE_DISABILITY, PHENOTYPE
from afterdose.study.model import Estimate, Part, Section, Table
from afterdose.study.people import Study
from afterdose.study.sections import stratum_measures, stratum_years
from afterdose.study.words import people


@dataclass(frozen=True, slots=True)
class _Kind:
    """One way to divide people, into strata that leave nobody out.

    Attributes
    ----------
    title : str
    column : str
        In `afterdose.engines.extension.Strata`.
    values : tuple of StrEnum
        What its codes stand for.
    """

    title: str
    column: str
    values: tuple[StrEnum, ...]


_KINDS = (
    _Kind("Autoimmune disease before treatment", "earlier", EARLIER),
    _Kind("EDSS before treatment", "band", BANDS),
    _Kind("Phenotype", "phenotype", PHENOTYPES),
)
_FIRST_YEAR = 3
"""The first year that not everybody begins after the same planned courses."""


def build(study: Study) -> Section:
    """Every outcome in every stratum."""
    study.record.require("people", "treatments", "follow_up", question="strata")
    measures = [(one, one.year(study)) for one in stratum_measures.measures_for(study)]
    parts, estimates = [], []
    for kind in _KINDS:
        groups = divide(study, attrgetter(kind.column)(study.columns.strata), kind.values)
        table, found = _compare(kind.title, groups, measures)
        parts.append(Part(table))
        estimates += found
    by_courses, found = _by_courses(study)
    return Section(
        id="strata",
        title="Side by side",
        headline=(
            f"Every outcome of {people(study.treated)}, by what was known before treatment and by "
            "the courses received. Each person stands in one column of each table."
        ),
        parts=(*parts, Part(by_courses)),
        estimates=(*estimates, *found),
        no_published="The published figures stand beside everybody's numbers above.",
        notes=(
            "Columns are not randomised groups: people differ in more than the heading, and no "
            "test of difference was made. Read the intervals.",
            "The last table divides years, not people: a person's year stands under the courses "
            "received before it began. Years 1 and 2, in which everybody receives the planned "
            "courses, are left out, so that the columns cover the same time. Who is given a third "
            "course has had activity; the columns say what followed, not what the course did. "
            "Years of one person are not independent, so that table's intervals are too short.",
        ),
        definitions=(EARLIER_AUTOIMMUNITY, BASELINE_DISABILITY, PHENOTYPE, COURSES_BY_YEAR),
    )


def divide(study: Study, codes: np.ndarray, values: tuple[StrEnum, ...]) -> dict[str, Study]:
    """The study in parts, one for each value that anybody has; together they are everybody.

    Parameters
    ----------
    study : Study
    codes : numpy.ndarray
        int8 (people,): positions in ``values``.
    values : tuple of StrEnum
    """
    return {
        str(value): study.of(codes == code)
        for code, value in enumerate(values)
        if (codes == code).any()
    }


def _compare(
    title: str, groups: dict[str, Study], measures: list[tuple[stratum_measures.Measure, int]]
) -> tuple[Table, list[Estimate]]:  # fmt: skip
    rows, estimates = [], []
    frames = next(iter(groups.values())).record.frames if groups else {}
    for measure, year in measures if groups else ():
        if any(table not in frames for table in measure.tables):
            continue
        found = {name: measure.of(group, year) for name, group in groups.items()}
        words = measure.title.format(year)
        rows.append((words, *found.values()))
        if measure.is_estimate:
            estimates += [
                replace(cell.number, label=f"{words}, {title}: {name}")
                for name, cell in found.items()
            ]
    table = Table(
        f"{title}: every outcome",
        ("Outcome (95 % interval)", *groups),
        tuple(rows) or (("Nobody was treated",),),
    )
    return table, estimates


def years_by_courses(study: Study) -> dict[str, stratum_years.Years]:
    """The years from 3 on that people were seen in, by the courses received before each began."""
    received = np.minimum(study.columns.courses.received, MOST_COURSES)
    years = np.arange(1, study.columns.years + 1)
    received = np.where((years >= _FIRST_YEAR) & (years <= study.years), received, 0)
    return {
        courses_in_words(number): stratum_years.Years(study, received == number)
        for number in range(1, MOST_COURSES + 1)
        if (received == number).any()
    }


def _by_courses(study: Study) -> tuple[Table, list[Estimate]]:
    groups, held = years_by_courses(study), study.record.frames
    rows, estimates = [], []
    for measure in stratum_years.measures_for(study):
        if any(table not in held for table in measure.tables):
            continue
        found = {name: measure.of(years) for name, years in groups.items()}
        rows.append((measure.title, *found.values()))
        if measure.is_estimate:
            estimates += [
                replace(cell.number, label=f"{measure.title}, courses received: {name}")
                for name, cell in found.items()
            ]
    table = Table(
        f"Years from {_FIRST_YEAR} to {study.years} by the courses received before the year began"
        if study.years >= _FIRST_YEAR
        else "By the courses received before the year began: nobody was seen to the end of year 3",
        ("Outcome (95 % interval)", *groups),
        tuple(rows) if groups else (("Nobody",),),
    )
    return table, estimates
