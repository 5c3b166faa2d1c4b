"""The flow of people: who is in the record, and who was still there year by year."""

import numpy as np

from afterdose.engines.extension import END_REASONS
from afterdose.outcomes.definitions import STUDY_YEAR
from afterdose.study.model import Behind, Cell, Part, Section, Table
from afterdose.study.numbers import count_cell
from afterdose.study.people import Study
from afterdose.study.words import count, people

_WHY = {
    "died": ("death", "died"),
    "withdrew": ("withdrawn",),
    "lost to follow-up": ("lost",),
    "moved away": ("moved",),
    "data cut": ("data_cut",),
    "other": ("other",),
    "not stated": ("",),
}
"""What readers see, and which of `END_REASONS` it stands for."""


def build(study: Study) -> Section:
    """Everybody in the record, down to those under observation on the data day."""
    study.record.require("treatments", question="the flow of people")
    columns = study.columns
    most = columns.courses.most
    everybody = np.arange(columns.in_record)
    is_one = np.ones(columns.in_record, bool)
    steps = [
        (
            "In the record", columns.in_record,
            Behind.of("person", everybody, is_one, is_one, None),
        ),
        (f"No course of {study.drug} by the data day", columns.untreated, None),
        (
            "First course not in the record, so in no statement",
            columns.first_course_unknown, None,
        ),
        *(
            (words, int(chosen.sum()), study.behind(outcome, study.everybody(), chosen))
            for words, outcome, chosen in (
                (
                    "First course begun: everybody in this report", "treatments",
                    study.everybody(),
                ),
                ("Second course begun", "treatments", most >= 2),
                ("Third or later course begun", "treatments", most >= 3),
                ("Died after the first course", "death", columns.deaths.year > 0),
                (
                    "Under observation on the data day", "observation",
                    columns.followed.on_data_day,
                ),
            )
        ),
    ]  # fmt: skip
    parts = [
        Part(
            Table(
                "Flow of people",
                ("Step", "People"),
                tuple((words, count_cell(number, behind)) for words, number, behind in steps),
            )
        )
    ]
    if "follow_up" in study.record.frames:
        parts.append(Part(_by_year(study)))
    return Section(
        id="flow",
        title="Flow of people",
        headline=(
            f"{people(study.treated)} of {count(columns.in_record)} in the record had begun a "
            f"first course of {study.drug} by the data day."
        ),
        parts=tuple(parts),
        definitions=(STUDY_YEAR,),
    )


def _by_year(study: Study) -> Table:
    """Who entered each year, and why observation ended in it."""
    followed = study.columns.followed
    why = {
        words: np.isin(followed.end_why, [END_REASONS.index(reason) for reason in reasons])
        for words, reasons in _WHY.items()
    }
    why = {words: ended for words, ended in why.items() if ended.any()}

    def of_year(year: int) -> tuple[str, ...]:
        def cell(outcome: str, asked: np.ndarray, counted: np.ndarray) -> Cell:
            return count_cell(
                int(counted.sum()), study.behind(outcome, asked, counted, year=year)
            )  # fmt: skip

        entered, ended = study.entered(year), followed.end_year == year
        return (
            str(year),
            cell("observation", study.everybody(), entered),
            *(cell("observation", ended, ended & chosen) for chosen in why.values()),
        )

    return Table(
        "People under observation on the first day of each year, and why observation ended in it",
        ("Year", "On its first day", *(f"Ended: {words}" for words in why)),
        tuple(of_year(year) for year in range(1, study.years + 1)),
    )
