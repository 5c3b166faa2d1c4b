"""Retreatment: a third or later course, and the year it began."""

from dataclasses import dataclass
from datetime import date, timedelta

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import RETREATMENT
from afterdose.outcomes.timeline import Timeline
from afterdose.record.answers import Answer

PLANNED_COURSES = 2


@dataclass(frozen=True, slots=True)
class Retreatment:
    """Whether and when a person was retreated.

    Attributes
    ----------
    on : date or None
        First day of the first course beyond the planned two.
    year : int or None
        The year after the first course in which that day lies.
    because : Because
    """

    on: date | None
    year: int | None
    because: Because


def evaluate_retreatment(timeline: Timeline) -> Retreatment:
    """The first third-or-later course.

    A course dated before the first one contradicts its own number and is passed over.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    """
    assert timeline.start is not None
    for course in timeline.courses:
        if course.number > PLANNED_COURSES and course.start > timeline.start:
            return Retreatment(
                course.start,
                timeline.year_of(course.start),
                Because(RETREATMENT.id, rows=(course.row,)),
            )
    return Retreatment(None, None, Because(RETREATMENT.id))


def is_retreated_in_year(timeline: Timeline, year: int) -> tuple[Answer, Because]:
    """Whether the first retreatment fell into a year after the first course.

    Not assessable where observation ended before the year did and nothing had been given by then.
    """
    found = evaluate_retreatment(timeline)
    if found.year is not None and found.year <= year:
        answer = Answer.MET if found.year == year else Answer.NOT_MET
        return answer, found.because
    last_day = timeline.year_start(year + 1) - timedelta(days=1)
    if timeline.is_observed(last_day):
        return Answer.NOT_MET, found.because
    return Answer.NOT_ASSESSABLE, Because(
        RETREATMENT.id, missing=f"observation to the end of year {year}"
    )
