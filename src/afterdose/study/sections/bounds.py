"""Who was followed how long, and how far the headline shares could move with what is missing."""

from collections.abc import Callable
from dataclasses import dataclass
from math import nan

import numpy as np

from afterdose.engines.extension import AGAINST, MET, NO_YEAR, NOT_ASSESSABLE, NOT_MET
from afterdose.outcomes.disability import Against
from afterdose.outcomes.neda import NEDA_3
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import compute_median
from afterdose.study.model import Behind, Cell, Estimate, Table
from afterdose.study.numbers import count_cell, median_number, share_number
from afterdose.study.people import Study
from afterdose.study.sections.neda import neda_answers, neda_year
from afterdose.study.sections.retreatment import retreated_in_year
from afterdose.study.words import count, interval, percent, signed
from afterdose.study.yearly import Answers, answers_of_everybody


@dataclass(frozen=True, slots=True)
class _Share:
    """A share that stands in a headline, and the tables without which it has no answer.

    Attributes
    ----------
    title : str
        With the year in braces.
    year : callable
    tables : tuple of str
    answers : callable
        int8 (people, years), of `afterdose.engines.extension.ANSWERS`.
    outcome : str
        A name in `afterdose.study.tracing`.
    """

    title: str
    year: Callable[[Study], int]
    tables: tuple[str, ...]
    answers: Callable[[Study], np.ndarray]
    outcome: str


_LAST_RETREATED = 4


def _retreated(study: Study) -> np.ndarray:
    seen = study.columns.followed.years_seen
    return np.column_stack(
        [
            np.where(seen >= year, retreated_in_year(study, year), NO_YEAR)
            for year in range(1, _LAST_RETREATED + 1)
        ]
    )


def _not_worse(study: Study) -> np.ndarray:
    meaning = {Against.WORSE: NOT_MET, Against.NOT_ASSESSABLE: NOT_ASSESSABLE}
    answers = np.array([*(meaning.get(against, MET) for against in AGAINST), NO_YEAR], np.int8)
    return answers[study.columns.edss.against]  # NO_YEAR is the last


def _mri_free(study: Study) -> np.ndarray:
    opposite = np.array([NOT_MET, MET, NOT_ASSESSABLE, NO_YEAR], np.int8)
    return opposite[study.columns.mri.either]


_HEADLINES = (
    _Share("Retreated in year {}", lambda study: 3, ("follow_up",), _retreated, "retreatment"),
    _Share(
        "Retreated in year {}", lambda study: _LAST_RETREATED, ("follow_up",), _retreated,
        "retreatment",
    ),
    _Share(
        "EDSS same or better, end of year {}", Study.headline_year, ("assessments",), _not_worse,
        "edss",
    ),
    _Share(
        "Free of relapses in year {}", Study.headline_year, ("relapses", "follow_up"),
        lambda study: study.columns.relapses.free, "relapse-free",
    ),
    _Share(
        "Free of MRI activity in year {}", Study.headline_year, ("mri",), _mri_free, "mri",
    ),
    _Share(
        "NEDA-3 in year {}", neda_year, ("relapses", "assessments", "mri", "follow_up"),
        neda_answers, NEDA_3.id,
    ),
)  # fmt: skip


def bounds_table(study: Study) -> Table:
    """Each headline share as seen, and if all the unknown went one way or the other."""
    rows = []
    for share in _HEADLINES:
        if all(table in study.record.frames for table in share.tables):
            year = share.year(study)
            found = answers_of_everybody(study, share.answers(study), year, outcome=share.outcome)
            rows.append((share.title.format(year), *_cells(found)))
    return Table(
        "How far the headline shares could move: of everybody treated whose year was over by the "
        "data day, those who had left included",
        ("Share", "People", "Known", "As seen, of those known", "If none of the unknown",
         "If all of the unknown"),
        tuple(rows) or (("None can be asked of this record", "0", "0", "–", "–", "–"),),
    )  # fmt: skip


def _cells(found: Answers) -> tuple[str, ...]:
    known = found.met + found.not_met
    if not found.asked:
        return ("0", "0", "–", "–", "–")
    low, high = found.bounds()
    return (
        count_cell(found.asked, found.behind_asked),
        count_cell(known, found.behind_known),
        Cell(
            f"{count(found.met)} ({percent(found.share.value)})",
            share_number("", found.share, found.behind),
        ),
        _bound(found.met, low, found, all_met=False),
        _bound(found.met + found.unknown, high, found, all_met=True),
    )


def _bound(met: int, share: float, found: Answers, *, all_met: bool) -> Cell:
    behind = found.behind_bound(all_met=all_met)
    number = Estimate("", met, found.asked, 100 * share, nan, nan, "%", behind)
    return Cell(f"{count(met)} ({percent(share)})", number)


def _years(number: int) -> str:
    return "1 year" if number == 1 else f"{number} years"


def follow_up_table(study: Study) -> Table:
    """How long people were under observation, and how many to the end of each year."""
    days = study.columns.followed.days_in_all
    years = days / DAYS_PER_YEAR
    everybody = study.behind("observation", study.everybody())
    median = compute_median(years)
    found = median_number("", median, everybody, unit="years")
    total = Estimate(
        "", None, None, int(days.sum()) / DAYS_PER_YEAR, nan, nan, "patient-years", everybody
    )  # fmt: skip
    rows = [
        ("Patient-years under observation", Cell(f"{total.value:.1f}", total)),
        ("Median, years", Cell(signed(median.value, 2), found)),
        (
            "Middle half, years",
            Cell(interval(median.lower_quartile, median.upper_quartile, 2), found),
        ),
        ("Shortest and longest, years", _range(years, everybody)),
        *(
            (words, count_cell(
                int(chosen.sum()), study.behind("observation", study.everybody(), chosen)
            ))
            for words, chosen in (
                ("Never under observation after the first course", days == 0),
                ("With a gap in observation", study.columns.followed.spans > 1),
                *(
                    (
                        f"Under observation for {_years(year)} or more",
                        days >= int(year * DAYS_PER_YEAR),
                    )
                    for year in range(1, study.years + 1)
                ),
            )
        ),
    ]  # fmt: skip
    return Table("How long people were under observation", ("What", "How much"), tuple(rows))


def _range(years: np.ndarray, behind: Behind) -> str:
    if not years.size:
        return "–"
    low, high = float(years.min()), float(years.max())
    return Cell(
        interval(low, high, 2), Estimate("", None, None, low, nan, nan, "years", behind)
    )  # fmt: skip
