"""Adverse events after the first course: the first of a kind, and all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import FIRST_AUTOIMMUNE, Definition
from afterdose.outcomes.first_events import FirstEvent, first_event
from afterdose.outcomes.timeline import Timeline
from afterdose.record.dates import PartialDate
from afterdose.record.tables import Event

SAFETY_EVENTS = Definition(
    id="safety-events",
    title="Adverse events of a category",
    words=(
        "Events of the category with onset on a day under observation, from the first day of the "
        "first course on. First events have as their denominator the time until each person's "
        "first event, death or the end of continuous observation; all events have all "
        "patient-years under observation. An onset known only to the month or year takes the first "
        "day it can mean; one that may lie before the first course is counted apart. Serious is as "
        "reported; an event for which that is not stated is not counted as serious."
    ),
    source="policy",
)
EXPOSURE_ADJUSTED = Definition(
    id="exposure-adjusted",
    title="Exposure-adjusted rates, with two denominators",
    words=(
        "Time at risk: first events over the time from the first course to the first event, death "
        "or the end of continuous observation; a person with the disease is no longer at risk. All "
        "exposure: the same first events over all patient-years under observation of everybody "
        "assessed, before the event and after it. The first reads as a hazard; the second is "
        "smaller. All events over all exposure counts a person's later events of the type too."
    ),
    source="policy",
)


def known_events(timeline: Timeline, events: Iterable[Event]) -> list[Event]:
    """Events known on the timeline's day, by the first day they can have begun."""
    found = []
    for row in events:
        first = first_possible_day(row)
        if first <= timeline.as_of and (row.recorded_date or first) <= timeline.as_of:
            found.append((first, row))
    return [row for _, row in sorted(found, key=lambda one: one[0])]


def evaluate_first_event(
    timeline: Timeline,
    events: list[Event],
    categories: Iterable[str],
    *,
    definition: Definition = FIRST_AUTOIMMUNE,
) -> FirstEvent:
    """Time to the first event of any of ``categories``, death competing.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    events : list of Event
        From `known_events`.
    categories : iterable of str
        Of `afterdose.record.tables.EVENT_CATEGORIES`.
    definition : Definition, default `FIRST_AUTOIMMUNE`
        Named in the answer.
    """
    assert timeline.start is not None
    wanted = frozenset(categories)
    for row in events:
        if row.category not in wanted or last_possible_day(row) < timeline.start:
            continue
        if first_possible_day(row) < timeline.start and timeline.observed_through() is not None:
            missing = "whether the onset lies before or after the first course"
            because = Because(definition.id, rows=(row,), missing=missing)
            return FirstEvent(None, None, None, because)
        return first_event(timeline, definition.id, on=first_possible_day(row), row=row)
    return first_event(timeline, definition.id)


@dataclass(frozen=True, slots=True)
class EventsSeen:
    """Every event of one kind that a person had after the first course, under observation.

    Attributes
    ----------
    rows : tuple of Event
        By onset.
    unplaced : int
        Events that may lie before or after the first course: in ``rows`` they are not.
    """

    rows: tuple[Event, ...]
    unplaced: int


def events_seen(timeline: Timeline, events: list[Event], categories: Iterable[str]) -> EventsSeen:
    """All events of ``categories``, not only the first: the numerator over all exposure.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    events : list of Event
        From `known_events`.
    categories : iterable of str
    """
    assert timeline.start is not None
    wanted = frozenset(categories)
    rows, unplaced = [], 0
    for row in events:
        if row.category not in wanted or last_possible_day(row) < timeline.start:
            continue
        if first_possible_day(row) < timeline.start:
            unplaced += 1
        elif timeline.is_observed(first_possible_day(row)):
            rows.append(row)
    return EventsSeen(tuple(rows), unplaced)


def first_possible_day(row: Event) -> date:
    """The first day an onset can mean."""
    return PartialDate.parse(row.onset_date).earliest()


def last_possible_day(row: Event) -> date:
    """The last day an onset can mean."""
    return PartialDate.parse(row.onset_date).latest()
