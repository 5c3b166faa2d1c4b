"""Courses given: in each year, and how many everybody has had."""

import numpy as np

from afterdose.engines.extension import COURSE_NUMBERS, NEVER
from afterdose.outcomes.courses import (
    COURSES_BY_YEAR,
    COURSES_GIVEN,
    MOST_COURSES,
    courses_in_words,
)
from afterdose.outcomes.definitions import RETREATMENT, STUDY_YEAR
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import Median, compute_median, exact_proportion
from afterdose.study.model import Behind, Part, Section, Table
from afterdose.study.numbers import count_cell, median_number, share_cell, share_number, share_text
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.words import or_nobody, people, signed

_TOTALS = ("1", "2", "3", "4", "5", "6 or more")
_STRATA = tuple(courses_in_words(number) for number in range(1, MOST_COURSES + 1))


def build(study: Study) -> Section:
    """How many courses were given, when, and to how many."""
    study.record.require("treatments", "follow_up", question="courses given")
    most = np.minimum(study.columns.courses.most, len(_TOTALS))
    of_total = {name: most == number for number, name in enumerate(_TOTALS, 1)}
    shares = {
        name: (exact_proportion(int(own.sum()), study.treated), _behind(study, own))
        for name, own in of_total.items()
    }
    three = exact_proportion(int((most >= 3).sum()), study.treated)
    third = _years_to_third(study)
    return Section(
        id="courses",
        title="Courses given",
        headline=or_nobody(
            study.treated,
            f"By the data day {share_text(three)} of {people(study.treated)} had begun a third or "
            "later course (percentage and 95 % interval).",
            nobody="nobody had begun a first course by the data day",
        ),
        estimates=(
            *(
                share_number(f"Courses by the data day: {name}", share, behind)
                for name, (share, behind) in shares.items()
            ),
            share_number("Three or more courses by the data day", three, _behind(study, most >= 3)),
            median_number(
                "Median time to the third course, of those who had one",
                third,
                study.behind("retreatment", _is_retreated(study)),
                unit="years",
            ),
        ),
        parts=(
            Part(
                Table(
                    f"Courses begun by the data day, of {people(study.treated)}",
                    ("Courses", "People (%; 95 % interval)"),
                    tuple((name, share_cell(*share)) for name, share in shares.items()),
                ),
                published=published_for("courses"),
            ),
            Part(_begun(study)),
            Part(_received(study)),
        ),
        notes=(
            _third_in_words(third),
            "People were followed for different times, so the shares by the data day grow with "
            "time; the published ones are of people who entered the extension, by year 8.",
        ),
        definitions=(COURSES_GIVEN, COURSES_BY_YEAR, RETREATMENT, STUDY_YEAR),
    )


def _behind(study: Study, chosen: np.ndarray) -> Behind:
    return study.behind("treatments", study.everybody(), chosen)


def _is_retreated(study: Study) -> np.ndarray:
    return study.columns.courses.retreated_after != NEVER


def _years_to_third(study: Study) -> Median:
    after = study.columns.courses.retreated_after
    return compute_median(after[_is_retreated(study)] / DAYS_PER_YEAR)


def _third_in_words(found: Median) -> str:
    if not found.count:
        return "Nobody has had a third course, so there is no time to it."
    return (
        f"Of the {people(found.count)} retreated, half had the third course within "
        f"{signed(found.value, 1)} years of the first. For the time to it of everybody see the "
        "cumulative incidence under (b)."
    )


def _begun(study: Study) -> Table:
    names = ("First", "Second", "Third", "Fourth", "Fifth or later")
    rows = []
    for year in range(1, study.years + 1):
        seen = study.columns.followed.years_seen >= year
        begun = study.columns.courses.begun[:, year - 1]
        behind = [
            study.behind("courses", seen, begun[:, place] > 0, year=year)
            for place in range(COURSE_NUMBERS)
        ]
        rows.append(
            (
                str(year),
                count_cell(int(seen.sum()), study.behind("courses", seen, year=year)),
                *(
                    count_cell(int(number), own, unit="courses")
                    for number, own in zip(begun.sum(axis=0), behind, strict=True)
                ),
            )
        )
    return Table(
        "Courses begun in each year, under observation",
        ("Year", "People seen in it", *names),
        tuple(rows),
    )


def _received(study: Study) -> Table:
    rows = []
    for year in range(1, study.years + 1):
        entered = study.entered(year)
        received = np.minimum(study.columns.courses.received[:, year - 1], MOST_COURSES)
        behind = [
            study.behind("treatments", entered, received == number, year=year)
            for number in range(1, MOST_COURSES + 1)
        ]
        rows.append(
            (
                str(year),
                count_cell(int(entered.sum()), study.behind("treatments", entered, year=year)),
                *(count_cell(len(own.counted), own) for own in behind),
            )
        )
    return Table(
        "Courses received by the first day of each year, of those under observation on it",
        ("Year", "People", *_STRATA),
        tuple(rows),
    )
