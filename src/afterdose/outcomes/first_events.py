"""Time to a first event: what ended a person's time at risk, and after how many days."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from afterdose.outcomes.answers import Because
from afterdose.outcomes.timeline import Timeline


class Ending(StrEnum):
    """What ended a person's time at risk."""

    EVENT = "event"
    DEATH = "death"
    OBSERVATION = "end of observation"


@dataclass(frozen=True, slots=True)
class FirstEvent:
    """One person's time to the first event of a kind.

    Attributes
    ----------
    ending : Ending or None
        None: not assessable.
    last_day : date or None
        The last day at risk: of the event, of death, or of unbroken observation.
    days_at_risk : int or None
        From the first course to ``last_day``, both counted.
    because : Because
    """

    ending: Ending | None
    last_day: date | None
    days_at_risk: int | None
    because: Because


def first_event(
    timeline: Timeline, definition: str, *, on: date | None = None, row: Any = None
) -> FirstEvent:
    """What ended the time at risk: the event, death, or the end of unbroken observation.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    definition : str
        Id of the definition applied.
    on : date, optional
        Day of the first event, on or after the first course; one that comes after unbroken
        observation had ended is not seen.
    row : row of the record, optional
        The row that holds it.

    Examples
    --------
    >>> line = Timeline(date(2013, 1, 1), (), date(2012, 1, 1),
    ...                 ((date(2012, 1, 1), date(2012, 12, 31)),), None)
    >>> found = first_event(line, "relapse-free", on=date(2012, 1, 31))
    >>> found.ending.value, found.days_at_risk
    ('event', 31)
    """
    assert timeline.start is not None
    until = timeline.observed_through()
    if until is None:
        missing = "observation from the first course on"
        return FirstEvent(None, None, None, Because(definition, missing=missing))
    if on is not None and on <= until:
        ending, last_day, rows = Ending.EVENT, on, (row,) if row is not None else ()
    elif timeline.died_on is not None and timeline.died_on <= until:
        ending, last_day, rows = Ending.DEATH, timeline.died_on, ()
    else:
        ending, last_day, rows = Ending.OBSERVATION, until, ()
    days = (last_day - timeline.start).days + 1
    return FirstEvent(ending, last_day, days, Because(definition, rows=rows))
