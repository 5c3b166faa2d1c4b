"""Deaths after the first course."""

from dataclasses import dataclass
from datetime import date

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import DEATH
from afterdose.outcomes.timeline import Timeline
from afterdose.record.tables import Person


@dataclass(frozen=True, slots=True)
class Death:
    """One death.

    Attributes
    ----------
    on : date
    year : int
        The year after the first course.
    cause : str or None
        None: not recorded.
    is_observed : bool
        On a day under observation; otherwise it does not count in the rate.
    because : Because
    """

    on: date
    year: int
    cause: str | None
    is_observed: bool
    because: Because


def evaluate_death(timeline: Timeline, person: Person) -> Death | None:
    """A person's death, if it came after the first course and was known on the timeline's day."""
    day = timeline.died_on
    if timeline.start is None or day is None or day < timeline.start:
        return None
    return Death(
        on=day,
        year=timeline.year_of(day),
        cause=person.death_cause,
        is_observed=timeline.is_observed(day),
        because=Because(DEATH.id, rows=(person,)),
    )
