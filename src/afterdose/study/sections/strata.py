"""Everything side by side: by earlier autoimmunity, disability, phenotype and courses received."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from afterdose.outcomes.autoimmunity import Earlier
from afterdose.outcomes.courses import COURSES_BY_YEAR, MOST_COURSES, courses_in_words
from afterdose.outcomes.definitions import EARLIER_AUTOIMMUNITY
from afterdose.outcomes.person import PersonOutcomes
from afterdose.outcomes.strata import BASELINE_DISABILITY, PHENOTYPE, EdssBand, Phenotype
from afterdose.study.model import Estimate, Part, Section, Table
from afterdose.study.people import Study
from afterdose.study.sections import stratum_measures, stratum_years
from afterdose.study.words import people


@dataclass(frozen=True, slots=True)
class _Kind:
    """One way to divide people, into strata that leave nobody out."""

    title: str
    values: type[StrEnum]
    get: Callable[[PersonOutcomes], StrEnum]


_KINDS = (
    _Kind("Autoimmune disease before treatment", Earlier, lambda person: person.earlier),
    _Kind("EDSS before treatment", EdssBand, lambda person: person.extension.band),
    _Kind("Phenotype", Phenotype, lambda person: person.extension.phenotype),
)


def build(study: Study) -> Section:
    """Every outcome in every stratum."""
    study.record.require("people", "treatments", "follow_up", question="strata")
    measures = [(one, one.year(study)) for one in stratum_measures.measures_for(study)]
    parts, estimates = [], []
    for kind in _KINDS:
        groups = divide(study, kind.get, kind.values)
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


def divide(
    study: Study, get: Callable[[PersonOutcomes], StrEnum], values: Iterable[StrEnum]
) -> dict[str, Study]:
    """The study in parts, one for each value that anybody has; together they are everybody."""
    groups: dict[str, list[PersonOutcomes]] = {str(value): [] for value in values}
    for person in study.outcomes:
        groups[str(get(person))].append(person)
    return {name: study.of(group) for name, group in groups.items() if group}


def _compare(
    title: str, groups: dict[str, Study], measures: list[tuple[stratum_measures.Measure, int]]
) -> tuple[Table, list[Estimate]]:  # fmt: skip
    rows, estimates = [], []
    names = list(groups)
    frames = next(iter(groups.values())).record.frames if groups else {}
    for measure, year in measures if groups else ():
        if any(table not in frames for table in measure.tables):
            continue
        found = {name: measure.of(group, year) for name, group in groups.items()}
        words = measure.title.format(year)
        rows.append((words, *(cell for cell, _ in found.values())))
        estimates += [
            stratum_measures.named(estimate, f"{words}, {title}: {name}")
            for name, (_, estimate) in found.items()
            if estimate is not None
        ]
    table = Table(
        f"{title}: every outcome",
        ("Outcome (95 % interval)", *names),
        tuple(rows) or (("Nobody was treated",),),
    )
    return table, estimates


def _by_courses(study: Study) -> tuple[Table, list[Estimate]]:
    names = [courses_in_words(number) for number in range(1, MOST_COURSES + 1)]
    groups: dict[str, list[stratum_years.PersonYear]] = {name: [] for name in names}
    for person in study.outcomes:
        for row in person.extension.courses[2 : study.years]:
            groups[courses_in_words(row.received)].append((person, row.year))
    groups = {name: years for name, years in groups.items() if years}
    held = study.record.frames
    rows, estimates = [], []
    for measure in stratum_years.measures_for(study):
        if any(table not in held for table in measure.tables):
            continue
        found = {name: measure.of(years) for name, years in groups.items()}
        rows.append((measure.title, *(cell for cell, _ in found.values())))
        estimates += [
            stratum_measures.named(estimate, f"{measure.title}, courses received: {name}")
            for name, (_, estimate) in found.items()
            if estimate is not None
        ]
    table = Table(
        f"Years from 3 to {study.years} by the courses received before the year began"
        if study.years > 2
        else "By the courses received before the year began: nobody was seen to the end of year 3",
        ("Outcome (95 % interval)", *groups),
        tuple(rows) if groups else (("Nobody",),),
    )
    return table, estimates
