"""MRI activity by year, those not scanned kept apart."""

from afterdose.engines.extension import Mri
from afterdose.outcomes.definitions import STUDY_YEAR
from afterdose.outcomes.mri_activity import MISSING, MRI_ACTIVITY
from afterdose.study import plots
from afterdose.study.model import Cell, Part, Section, Table
from afterdose.study.numbers import count_cell, share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.through_time import points_plot
from afterdose.study.words import count, or_nobody, people, share_in_words
from afterdose.study.yearly import Answers, answers_in_year

_KINDS = {
    "New T2 lesions": Mri._fields.index("new_t2"),
    "Enhancing lesions": Mri._fields.index("gd"),
    "Either": Mri._fields.index("either"),
}
_EITHER = "Either"


def build(study: Study) -> Section:
    """The share free of new T2 and enhancing lesions in each year."""
    study.record.require("treatments", "mri", "follow_up", question="MRI activity")
    years = range(1, study.years + 1)
    found = {
        kind: {
            year: answers_in_year(study, study.columns.mri[place], year, outcome="mri")
            for year in years
        }
        for kind, place in _KINDS.items()
    }
    free = {year: answers.flipped().share for year, answers in found[_EITHER].items()}
    shown = study.headline_year()
    published = published_for("mri-free")
    return Section(
        id="mri",
        title="MRI activity by year",
        headline=or_nobody(
            free[shown].denominator,
            f"In year {shown}, {share_in_words(free[shown], of='people')} were free of new T2 and "
            f"enhancing lesions; {people(found[_EITHER][shown].unknown)} could not be assessed.",
            nobody=f"of {people(found[_EITHER][shown].unknown)} under observation when year "
            f"{shown} began, nobody has the scans it asks for",
        ),
        estimates=tuple(
            share_number(f"{kind} in year {year}", answers.share, answers.behind)
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
        rows.append(
            (
                str(year),
                count_cell(either.asked, either.behind_asked),
                *(_cell(by_year[year]) for by_year in found.values()),
                count_cell(either.unknown, either.behind_unknown),
            )
        )
    return Table(
        "People with MRI activity in each year (%; 95 % interval) of those assessed",
        ("Year", "Began the year", *found, "Either: not assessable"),
        tuple(rows),
    )


def _cell(answers: Answers) -> Cell:
    shown = share_cell(answers.share, answers.behind)
    return Cell(f"{shown} of {count(answers.share.denominator)}", shown.number)


def _reasons(study: Study) -> Table:
    missing = study.columns.mri.missing[:, : study.years]
    years = range(1, study.years + 1)
    rows = []
    for reason in sorted(MISSING):
        lacking = missing == MISSING.index(reason)
        if not reason or not lacking.any():
            continue
        behind = [
            study.behind("mri", missing[:, year - 1] >= 0, lacking[:, year - 1], year=year)
            for year in years
        ]
        rows.append((reason, *(count_cell(len(own.counted), own) for own in behind)))
    return Table(
        "Years in which MRI activity could not be assessed, by what was missing",
        ("Missing", *(f"Year {year}" for year in years)),
        tuple(rows) or (("Nothing", *("0" for _ in years)),),
    )
