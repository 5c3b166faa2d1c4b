"""No evidence of disease activity, by year and since the first course."""

import numpy as np

from afterdose.engines.extension import NEDA_IDS, NO_YEAR, Nedas
from afterdose.outcomes.brain_volume import Volume
from afterdose.outcomes.definitions import RELAPSE_RATE, STUDY_YEAR
from afterdose.outcomes.disability import CARE_MS_CDW
from afterdose.outcomes.mri_activity import MRI_ACTIVITY
from afterdose.outcomes.neda import NEDA_3, NEDAS, Component, Neda
from afterdose.outcomes.relapse_free import RELAPSE_FREE
from afterdose.study import plots
from afterdose.study.model import Part, Section, Table
from afterdose.study.numbers import count_cell, share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.through_time import points_plot
from afterdose.study.words import or_nobody, people, share_in_words
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
        headline=or_nobody(
            chosen.share.denominator,
            f"NEDA-3 in year {shown}: {share_in_words(chosen.share, of='people')}; "
            f"{people(chosen.unknown)} could not be assessed.",
            nobody=f"of {people(chosen.unknown)} under observation when year {shown} began, nobody "
            "has all that NEDA-3 asks for",
        ),
        estimates=tuple(
            share_number(f"{definition.title} in year {year}", answers.share, answers.behind)
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


def nedas_of(study: Study, definition: Neda) -> Nedas:
    """Everybody's answers by one definition."""
    return study.columns.neda[NEDA_IDS.index(definition.id)]


def neda_answers(study: Study) -> np.ndarray:
    """NEDA-3 of everybody: int8 (people, years), of `ANSWERS`."""
    return nedas_of(study, NEDA_3).answer


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
    answers = nedas_of(study, definition).answer
    return {
        year: answers_in_year(study, answers, year, outcome=definition.id)
        for year in range(1, study.years + 1)
    }


def _through(study: Study, definition: Neda) -> dict[int, Answers]:
    answers = nedas_of(study, definition).through
    return {
        year: answers_in_year(study, answers, year, outcome=f"{definition.id}.through")
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
                count_cell(answers.asked, answers.behind_asked),
                count_cell(answers.share.denominator, answers.behind_known),
                share_cell(answers.share, answers.behind),
                count_cell(answers.unknown, answers.behind_unknown),
                count_cell(through[year].share.denominator, through[year].behind_known),
                share_cell(through[year].share, through[year].behind),
                count_cell(through[year].unknown, through[year].behind_unknown),
            )
            for year, answers in by_year.items()
        ),
    )  # fmt: skip


def _components(study: Study) -> Table:
    """How often each component showed activity, and how often it was missing."""
    found = nedas_of(study, NEDA_3)
    parts = [tuple(Component).index(part) for part in NEDA_3.components]
    rows = []
    for year in range(1, study.years + 1):
        begun = found.answer[:, year - 1] != NO_YEAR
        behind = [
            study.behind(NEDA_3.id, begun, (bits[:, year - 1] >> part) & 1 == 1, year=year)
            for bits in (found.active, found.lacking)
            for part in parts
        ]
        rows.append(
            (
                str(year),
                count_cell(int(begun.sum()), study.behind(NEDA_3.id, begun, year=year)),
                *(count_cell(len(own.counted), own) for own in behind),
            )
        )
    return Table(
        "The components of NEDA-3: people with activity, and people in whom it could not be "
        "assessed; one person may stand in several columns",
        ("Year", "Began the year", *(_title(part) for part in NEDA_3.components),
         *(f"{_title(part)}: missing" for part in NEDA_3.components)),
        tuple(rows),
    )  # fmt: skip


def _title(part: Component) -> str:
    return part[0].upper() + part[1:]
