"""No evidence of disease activity, by year and since the first course."""

from collections import Counter

from afterdose.outcomes.brain_volume import Volume
from afterdose.outcomes.definitions import RELAPSE_RATE, STUDY_YEAR
from afterdose.outcomes.disability import CARE_MS_CDW
from afterdose.outcomes.mri_activity import MRI_ACTIVITY
from afterdose.outcomes.neda import NEDA_3, NEDAS, Component, Neda, NedaInYear
from afterdose.outcomes.person import PersonOutcomes
from afterdose.outcomes.relapse_free import RELAPSE_FREE
from afterdose.record.answers import Answer
from afterdose.study import plots
from afterdose.study.model import Part, Section, Table
from afterdose.study.numbers import share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.through_time import points_plot
from afterdose.study.words import count, people, share_in_words
from afterdose.study.yearly import Answers, answers_in_year

_MOST_UNKNOWN = 0.10


def build(study: Study) -> Section:
    """NEDA-3, and NEDA-4 by each measure of volume the record holds."""
    study.record.require(
        "treatments", "relapses", "assessments", "mri", "follow_up",
        question="no evidence of disease activity",
    )  # fmt: skip
    held = [definition for definition in NEDAS if _is_held(study, definition)]
    found = {definition: _by_year(study, definition) for definition in held}
    shown = neda_year(study)
    chosen = found[NEDA_3][shown]
    published = published_for("neda")
    shares = {year: answers.share for year, answers in found[NEDA_3].items() if _is_shown(answers)}
    return Section(
        id="neda",
        title="No evidence of disease activity (NEDA)",
        headline=(
            f"NEDA-3 in year {shown}: {share_in_words(chosen.share, of='people')}; "
            f"{people(chosen.unknown)} could not be assessed."
        ),
        estimates=tuple(
            share_number(f"{definition.title} in year {year}", answers.share)
            for definition, by_year in found.items()
            for year, answers in by_year.items()
        ),
        parts=(
            Part(
                _table(NEDA_3, found[NEDA_3], _through(study, NEDA_3)),
                points_plot(
                    "plot-neda",
                    "NEDA-3 in each year",
                    plots.Points.of(list(shares), list(shares.values()), scale=100),
                    y="NEDA-3, % of those assessed",
                    published=[one for one in published if (one.year or 0) <= study.years],
                ),
                published,
            ),
            Part(_components(study)),
            *(
                Part(_table(definition, by_year, _through(study, definition)))
                for definition, by_year in found.items()
                if definition is not NEDA_3
            ),
        ),
        notes=(
            "One component with activity decides, even where another is missing. A missing "
            "component therefore takes away only people who showed none, and the percentages of "
            "those assessed tend to be too low; the bounds under what is missing say how far "
            "that can go.",
            f"Years in which more than {100 * _MOST_UNKNOWN:.0f} % could not be assessed are in "
            "the tables, and in neither the plot nor the first sentence.",
            "Published NEDA asks the same three questions of another visit schedule; scans and "
            "visits further apart find less.",
        ),
        definitions=(*held, RELAPSE_FREE, RELAPSE_RATE, CARE_MS_CDW, MRI_ACTIVITY, STUDY_YEAR),
    )


def neda_answers(person: PersonOutcomes) -> list[Answer]:
    """NEDA-3 of years 1, 2, ..."""
    return [row.answer for row in person.extension.neda[NEDA_3.id]]


def neda_year(study: Study) -> int:
    """The last year, up to the headline year, in which few could not be assessed for NEDA-3.

    Where every year has too many of them, the one with the smallest share of them.
    """
    found = {
        year: answers
        for year, answers in _by_year(study, NEDA_3).items()
        if answers.asked and year <= study.headline_year()
    }
    few = [year for year, answers in found.items() if _is_shown(answers)]
    if few:
        return max(few)
    return min(found, key=lambda year: found[year].unknown / found[year].asked, default=1)


def _is_shown(answers: Answers) -> bool:
    return bool(answers.asked) and answers.unknown <= _MOST_UNKNOWN * answers.asked


def _is_held(study: Study, definition: Neda) -> bool:
    """Whether the record holds the volume a definition asks for, of anybody."""
    if definition.volume is None:
        return True
    column = "bpf" if definition.volume is Volume.BPF else "pbvc_pct"
    return study.record.frames["mri"][column].count() > 0


def _by_year(study: Study, definition: Neda) -> dict[int, Answers]:
    return {
        year: answers_in_year(
            study.outcomes,
            lambda p: [row.answer for row in p.extension.neda[definition.id]],
            year,
        )
        for year in range(1, study.years + 1)
    }


def _through(study: Study, definition: Neda) -> dict[int, Answers]:
    return {
        year: answers_in_year(
            study.outcomes,
            lambda p: [row.answer for row in p.extension.neda_through[definition.id]],
            year,
        )
        for year in range(1, study.years + 1)
    }


def _table(definition: Neda, by_year: dict[int, Answers], through: dict[int, Answers]) -> Table:
    return Table(
        f"{definition.title} in each year and since the first course: people (%; 95 % interval)",
        (
            "Year", "Began the year", "Assessed", "In the year", "Not assessable",
            "Assessed since the start", "Since the start", "Not assessable since the start",
        ),
        tuple(
            (
                str(year),
                count(answers.asked),
                count(answers.share.denominator),
                share_cell(answers.share),
                count(answers.unknown),
                count(through[year].share.denominator),
                share_cell(through[year].share),
                count(through[year].unknown),
            )
            for year, answers in by_year.items()
        ),
    )  # fmt: skip


def _components(study: Study) -> Table:
    """How often each component showed activity, and how often it was missing."""
    rows = []
    for year in range(1, study.years + 1):
        found: list[NedaInYear] = [
            person.extension.neda[NEDA_3.id][year - 1]
            for person in study.outcomes
            if len(person.extension.neda[NEDA_3.id]) >= year
        ]
        active = Counter(part for row in found for part in row.active)
        missing = Counter(part for row in found for part in row.missing)
        parts = NEDA_3.components
        rows.append(
            (
                str(year), count(len(found)), *(count(active[part]) for part in parts),
                *(count(missing[part]) for part in parts),
            )
        )  # fmt: skip
    return Table(
        "The components of NEDA-3: people with activity, and people in whom it could not be "
        "assessed; one person may stand in several columns",
        ("Year", "Began the year", *(_title(part) for part in NEDA_3.components),
         *(f"{_title(part)}: missing" for part in NEDA_3.components)),
        tuple(rows),
    )  # fmt: skip


def _title(part: Component) -> str:
    return part[0].upper() + part[1:]
