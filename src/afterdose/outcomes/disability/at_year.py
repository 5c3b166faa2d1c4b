"""EDSS against baseline at each year's end: better, same or worse, by a single visit."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import EDSS_AT_YEAR
from afterdose.outcomes.disability.choices import (
    Kind,
)
from afterdose.outcomes.disability.presets import CARE_MS_CDW
from afterdose.outcomes.timeline import Timeline, known_rows
from afterdose.outcomes.visits import baseline_row, last_per_day, year_end_row
from afterdose.record.tables import Assessment

BETTER_BY = 1.0
"""Points below the baseline from which a score is better."""


class Against(StrEnum):
    """A score beside the baseline's."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    NOT_ASSESSABLE = "not assessable"


@dataclass(frozen=True, slots=True)
class EdssAtYear:
    """One person's EDSS at the end of one year.

    Attributes
    ----------
    year : int
    against : Against
    score : float or None, unit EDSS point
        Nearest to the year's end, whether or not there is a baseline.
    change : float or None, unit EDSS point
        Positive is worse.
    because : Because
    """

    year: int
    against: Against
    score: float | None
    change: float | None
    because: Because


def edss_visits(timeline: Timeline, assessments: Iterable[Assessment]) -> list[Assessment]:
    """EDSS scores known on the timeline's day, one a day, by date."""
    rows = (row for row in assessments if row.measure == "edss")
    return last_per_day(known_rows(rows, as_of=timeline.as_of))


def evaluate_edss_at_year(timeline: Timeline, visits: list[Assessment], *, year: int) -> EdssAtYear:
    """EDSS against baseline at the end of one year.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    visits : list of Assessment
        From `edss_visits`.
    year : int
    """
    assert timeline.start is not None
    baseline = baseline_row(visits, timeline.start)
    score = year_end_row(visits, timeline.year_start(year + 1))
    if baseline is None or score is None:
        missing = "an EDSS before the first course" if baseline is None else "an EDSS near the day"
        return EdssAtYear(
            year,
            Against.NOT_ASSESSABLE,
            None if score is None else score.value,
            None,
            Because(EDSS_AT_YEAR.id, missing=missing),
        )
    change = score.value - baseline.value
    if CARE_MS_CDW.is_reached(baseline.value, score.value, Kind.CDW):
        against = Against.WORSE
    else:
        against = Against.BETTER if change <= -BETTER_BY else Against.SAME
    return EdssAtYear(
        year, against, score.value, change, Because(EDSS_AT_YEAR.id, rows=(baseline, score))
    )
