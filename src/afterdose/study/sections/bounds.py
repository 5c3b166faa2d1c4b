"""Who was followed how long, and how far the headline shares could move with what is missing."""

from collections.abc import Callable
from dataclasses import dataclass

from afterdose.outcomes.disability import Against
from afterdose.outcomes.person import PersonOutcomes
from afterdose.outcomes.retreatment import is_retreated_in_year
from afterdose.record.answers import Answer
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import compute_median
from afterdose.study.model import Table
from afterdose.study.people import Study
from afterdose.study.sections.neda import neda_answers, neda_year
from afterdose.study.words import count, interval, percent, signed
from afterdose.study.yearly import Answers, YearlyAnswers, answers_of_everybody


@dataclass(frozen=True, slots=True)
class _Share:
    """A share that stands in a headline, and the tables without which it has no answer."""

    title: str
    year: Callable[[Study], int]
    tables: tuple[str, ...]
    answers: YearlyAnswers


_LAST_RETREATED = 4


def _retreated(person: PersonOutcomes) -> list[Answer]:
    years = range(1, min(len(person.extension.courses), _LAST_RETREATED) + 1)
    return [is_retreated_in_year(person.timeline, year)[0] for year in years]


def _not_worse(person: PersonOutcomes) -> list[Answer]:
    meaning = {Against.WORSE: Answer.NOT_MET, Against.NOT_ASSESSABLE: Answer.NOT_ASSESSABLE}
    return [meaning.get(row.against, Answer.MET) for row in person.edss]


def _mri_free(person: PersonOutcomes) -> list[Answer]:
    opposite = {Answer.MET: Answer.NOT_MET, Answer.NOT_MET: Answer.MET}
    return [opposite.get(row.either, row.either) for row in person.extension.mri]


_HEADLINES = (
    _Share("Retreated in year {}", lambda study: 3, ("follow_up",), _retreated),
    _Share("Retreated in year {}", lambda study: _LAST_RETREATED, ("follow_up",), _retreated),
    _Share(
        "EDSS same or better, end of year {}", Study.headline_year, ("assessments",), _not_worse
    ),
    _Share(
        "Free of relapses in year {}", Study.headline_year, ("relapses", "follow_up"),
        lambda person: person.extension.relapse_free,
    ),
    _Share("Free of MRI activity in year {}", Study.headline_year, ("mri",), _mri_free),
    _Share(
        "NEDA-3 in year {}", neda_year,
        ("relapses", "assessments", "mri", "follow_up"), neda_answers,
    ),
)  # fmt: skip


def bounds_table(study: Study) -> Table:
    """Each headline share as seen, and if all the unknown went one way or the other."""
    rows = []
    for share in _HEADLINES:
        if all(table in study.record.frames for table in share.tables):
            year = share.year(study)
            found = answers_of_everybody(study, share.answers, year)
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
        count(found.asked), count(known),
        f"{count(found.met)} ({percent(found.share.value)})",
        f"{count(found.met)} ({percent(low)})",
        f"{count(found.met + found.unknown)} ({percent(high)})",
    )  # fmt: skip


def _years(number: int) -> str:
    return "1 year" if number == 1 else f"{number} years"


def follow_up_table(study: Study) -> Table:
    """How long people were under observation, and how many to the end of each year."""
    years = [person.timeline.patient_years() for person in study.outcomes]
    median = compute_median(years)
    rows = [
        ("Patient-years under observation", f"{sum(years):.1f}"),
        ("Median, years", signed(median.value, 2)),
        ("Middle half, years", interval(median.lower_quartile, median.upper_quartile, 2)),
        (
            "Shortest and longest, years",
            interval(min(years), max(years), 2) if years else "–",
        ),
        ("Never under observation after the first course", count(sum(not one for one in years))),
        (
            "With a gap in observation",
            count(sum(len(person.timeline.observed) > 1 for person in study.outcomes)),
        ),
        *(
            (f"Under observation for {_years(year)} or more", count(sum(
                one * DAYS_PER_YEAR >= int(year * DAYS_PER_YEAR) for one in years
            )))
            for year in range(1, study.years + 1)
        ),
    ]  # fmt: skip
    return Table("How long people were under observation", ("What", "How much"), tuple(rows))
