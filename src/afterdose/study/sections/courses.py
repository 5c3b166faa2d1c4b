"""Courses given: in each year, and how many everybody has had."""

from collections import Counter

from afterdose.outcomes.courses import (
    COURSES_BY_YEAR,
    COURSES_GIVEN,
    CoursesInYear,
    courses_in_words,
)
from afterdose.outcomes.definitions import RETREATMENT, STUDY_YEAR
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import compute_median, exact_proportion
from afterdose.study.model import Estimate, Part, Section, Table
from afterdose.study.numbers import share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.words import count, people, signed

_TOTALS = ("1", "2", "3", "4", "5", "6 or more")
_STRATA = tuple(courses_in_words(number) for number in (1, 2, 3, 4))


def build(study: Study) -> Section:
    """How many courses were given, when, and to how many."""
    study.record.require("treatments", "follow_up", question="courses given")
    totals = Counter(
        _total(max(course.number for course in person.timeline.courses))
        for person in study.outcomes
    )
    shares = {name: exact_proportion(totals[name], study.treated) for name in _TOTALS}
    three = exact_proportion(sum(totals[name] for name in _TOTALS[2:]), study.treated)
    by_year = {
        year: [
            row for p in study.outcomes for row in p.extension.courses if row.year == year
        ]
        for year in range(1, study.years + 1)
    }  # fmt: skip
    return Section(
        id="courses",
        title="Courses given",
        headline=(
            f"By the data day {share_cell(three)} of {people(study.treated)} had begun a third or "
            "later course (percentage and 95 % interval)."
        ),
        estimates=(
            *(share_number(f"Courses by the data day: {name}", s) for name, s in shares.items()),
            share_number("Three or more courses by the data day", three),
            *_time_to_third(study),
        ),
        parts=(
            Part(
                Table(
                    f"Courses begun by the data day, of {people(study.treated)}",
                    ("Courses", "People (%; 95 % interval)"),
                    tuple((name, share_cell(share)) for name, share in shares.items()),
                ),
                published=published_for("courses"),
            ),
            Part(_begun(by_year)),
            Part(_received(study)),
        ),
        notes=(
            _third_in_words(study),
            "People were followed for different times, so the shares by the data day grow with "
            "time; the published ones are of people who entered the extension, by year 8.",
        ),
        definitions=(COURSES_GIVEN, COURSES_BY_YEAR, RETREATMENT, STUDY_YEAR),
    )


def _total(number: int) -> str:
    return _TOTALS[min(number, len(_TOTALS)) - 1]


def _years_to_third(study: Study) -> list[float]:
    return [
        (p.retreatment.on - p.timeline.start).days / DAYS_PER_YEAR
        for p in study.outcomes
        if p.retreatment.on is not None and p.timeline.start is not None
    ]


def _time_to_third(study: Study) -> tuple[Estimate, ...]:
    found = compute_median(_years_to_third(study))
    return (
        Estimate(
            "Median time to the third course, of those who had one",
            None, found.count, found.value, found.low, found.high, "years",
        ),
    )  # fmt: skip


def _third_in_words(study: Study) -> str:
    found = compute_median(_years_to_third(study))
    if not found.count:
        return "Nobody has had a third course, so there is no time to it."
    return (
        f"Of the {people(found.count)} retreated, half had the third course within "
        f"{signed(found.value, 1)} years of the first. For the time to it of everybody see the "
        "cumulative incidence under (b)."
    )


def _begun(by_year: dict[int, list[CoursesInYear]]) -> Table:
    names = ("First", "Second", "Third", "Fourth", "Fifth or later")
    rows = []
    for year, found in by_year.items():
        numbers = Counter(min(number, len(names)) for row in found for number in row.begun)
        rows.append(
            (str(year), count(len(found)), *(count(numbers[n]) for n in range(1, len(names) + 1)))
        )
    return Table(
        "Courses begun in each year, under observation",
        ("Year", "People seen in it", *names),
        tuple(rows),
    )


def _received(study: Study) -> Table:
    rows = []
    for year in range(1, study.years + 1):
        entered = study.entering(year)
        found = Counter(courses_in_words(p.extension.courses[year - 1].received) for p in entered)
        rows.append((str(year), count(len(entered)), *(count(found[name]) for name in _STRATA)))
    return Table(
        "Courses received by the first day of each year, of those under observation on it",
        ("Year", "People", *(f"{name}" for name in _STRATA)),
        tuple(rows),
    )
