"""MRI activity by year, those not scanned kept apart."""

from collections import Counter

from afterdose.outcomes.definitions import STUDY_YEAR
from afterdose.outcomes.mri_activity import MRI_ACTIVITY
from afterdose.study import plots
from afterdose.study.model import Part, Section, Table
from afterdose.study.numbers import share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.through_time import points_plot
from afterdose.study.words import count, people, share_in_words
from afterdose.study.yearly import Answers, YearlyAnswers, answers_in_year

_KINDS: dict[str, YearlyAnswers] = {
    "New T2 lesions": lambda person: [row.new_t2 for row in person.extension.mri],
    "Enhancing lesions": lambda person: [row.gd for row in person.extension.mri],
    "Either": lambda person: [row.either for row in person.extension.mri],
}
_EITHER = "Either"


def build(study: Study) -> Section:
    """The share free of new T2 and enhancing lesions in each year."""
    study.record.require("treatments", "mri", "follow_up", question="MRI activity")
    years = range(1, study.years + 1)
    found = {
        kind: {year: answers_in_year(study.outcomes, get, year) for year in years}
        for kind, get in _KINDS.items()
    }
    free = {year: answers.flipped().share for year, answers in found[_EITHER].items()}
    shown = study.headline_year()
    published = published_for("mri-free")
    return Section(
        id="mri",
        title="MRI activity by year",
        headline=(
            f"In year {shown}, {share_in_words(free[shown], of='people')} were free of new T2 and "
            f"enhancing lesions; {people(found[_EITHER][shown].unknown)} could not be assessed."
        ),
        estimates=tuple(
            share_number(f"{kind} in year {year}", answers.share)
            for kind, by_year in found.items()
            for year, answers in by_year.items()
        ),
        parts=(
            Part(
                _table(found),
                points_plot(
                    "plot-mri",
                    "Free of MRI activity in each year",
                    plots.Points.of(list(free), list(free.values()), scale=100),
                    y="Free of MRI activity, %",
                    published=[
                        one
                        for one in published
                        if "MRI activity" in one.measure and (one.year or 0) <= study.years
                    ],
                ),
                published,
            ),
            Part(_reasons(study)),
        ),
        notes=(
            "More scans in a year find more lesions: an unscheduled scan counts, and people are "
            "scanned because of symptoms.",
        ),
        definitions=(MRI_ACTIVITY, STUDY_YEAR),
    )


def _table(found: dict[str, dict[int, Answers]]) -> Table:
    rows = []
    for year, either in found[_EITHER].items():
        cells = [
            f"{share_cell(by_year[year].share)} of {count(by_year[year].share.denominator)}"
            for by_year in found.values()
        ]
        rows.append((str(year), count(either.asked), *cells, count(either.unknown)))
    return Table(
        "People with MRI activity in each year (%; 95 % interval) of those assessed",
        ("Year", "Began the year", *found, "Either: not assessable"),
        tuple(rows),
    )


def _reasons(study: Study) -> Table:
    missing: dict[int, Counter[str]] = {
        year: Counter(
            person.extension.mri[year - 1].because.missing
            for person in study.outcomes
            if len(person.extension.mri) >= year
        )
        for year in range(1, study.years + 1)
    }
    reasons = sorted({reason for found in missing.values() for reason in found if reason})
    return Table(
        "Years in which MRI activity could not be assessed, by what was missing",
        ("Missing", *(f"Year {year}" for year in missing)),
        tuple((reason, *(count(missing[year][reason]) for year in missing)) for reason in reasons)
        or (("Nothing", *("0" for _ in missing)),),
    )
