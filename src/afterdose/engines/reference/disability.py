"""Confirmed disability change over everybody: every person in one of three groups."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any

from afterdose.outcomes.disability import (
    Disability,
    DisabilityDefinition,
    DisabilityEvent,
    evaluate_disability,
)
from afterdose.outcomes.disability.choices import Class
from afterdose.outcomes.disability.gather import Tally
from afterdose.record.answers import Answer
from afterdose.record.history import History

COLUMNS = (
    "person_id", "event", "class", "onset_date", "confirmation_date", "reference_date",
    "reference_value", "value", "days", "sustained_days", "because",
)  # fmt: skip
"""What is written of an event, in this order."""


@dataclass(frozen=True)
class DisabilityCounts:
    """How many people and events one definition finds; counts of parts add up to the whole's.

    Attributes
    ----------
    people, not_assessable, with_event : int
        The rest of the people were assessed and have no event.
    events : int
    attributed : int
        Worsenings whose relation to relapses was asked.
    pira : int
        Those of them that are PIRA or PIRMA.
    """

    people: int = 0
    not_assessable: int = 0
    with_event: int = 0
    events: int = 0
    attributed: int = 0
    pira: int = 0


def total_counts(parts: Iterable[DisabilityCounts]) -> DisabilityCounts:
    """The counts of everybody from those of parts.

    Examples
    --------
    >>> total_counts([DisabilityCounts(people=3, events=1), DisabilityCounts(people=2)]).people
    5
    """
    return DisabilityCounts(*map(sum, zip(*map(astuple, parts), strict=True)))


@dataclass(frozen=True)
class DisabilityResult:
    """Everybody's events by one definition.

    Attributes
    ----------
    definition : DisabilityDefinition
    people : tuple of Disability
        In the record's order.
    """

    definition: DisabilityDefinition
    people: tuple[Disability, ...]

    def count(self, answer: Answer) -> int:
        """People with this answer; the three counts add up to everybody."""
        return sum(one.answer is answer for one in self.people)

    def counts(self) -> DisabilityCounts:
        """People by their answer, and events by their class."""
        classes = [event.event_class for person in self.people for event in person.events]
        return DisabilityCounts(
            people=len(self.people),
            not_assessable=self.count(Answer.NOT_ASSESSABLE),
            with_event=self.count(Answer.MET),
            events=len(classes),
            attributed=sum(one is not Class.NONE for one in classes),
            pira=sum(one in (Class.PIRA, Class.PIRMA) for one in classes),
        )

    def missing(self) -> list[tuple[str, int]]:
        """What was missing in those not assessable, and in how many; the most first."""
        return Counter(one.missing for one in self.people if one.missing).most_common()

    def tally(self) -> Tally:
        """What became of every score."""
        names = [field.name for field in fields(Tally)]
        return Tally(*(sum(getattr(one.tally, name) for one in self.people) for name in names))

    def rows(self) -> Iterator[dict[str, Any]]:
        """A row an event, with `COLUMNS`."""
        for person in self.people:
            for event in person.events:
                yield dict(zip(COLUMNS, _cells(event), strict=True))


def build_disability(
    histories: Iterable[History], definition: DisabilityDefinition, *, as_of: date
) -> DisabilityResult:
    """Ask the plain code about one person after the other.

    Parameters
    ----------
    histories : iterable of History
    definition : DisabilityDefinition
    as_of : date
        Rows recorded after this day do not exist yet.
    """
    return DisabilityResult(
        definition,
        tuple(evaluate_disability(history, definition, as_of=as_of) for history in histories),
    )


def _cells(event: DisabilityEvent) -> tuple[Any, ...]:
    days = ", ".join(row.date.isoformat() for row in event.because.rows)
    return (
        event.person_id, event.event.value, event.event_class.value, event.onset_date,
        event.confirmation_date, event.reference_date, event.reference_value, event.value,
        event.days, event.sustained_days, f"{event.because.definition}: assessments of {days}",
    )  # fmt: skip
