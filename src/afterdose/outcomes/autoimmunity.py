"""First autoimmune disease after the first course, by type; earlier autoimmunity apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import EARLIER_AUTOIMMUNITY, FIRST_AUTOIMMUNE
from afterdose.outcomes.timeline import Timeline
from afterdose.record.dates import PartialDate
from afterdose.record.history import History
from afterdose.record.tables import Event

AUTOIMMUNE_TYPES: dict[str, str] = {
    "thyroid": "Thyroid disease",
    "itp": "Immune thrombocytopenia",
    "nephropathy": "Nephropathy",
    "hepatitis": "Autoimmune hepatitis",
    "cytopenia": "Other cytopenia",
    "haemolytic_anaemia": "Haemolytic anaemia",
    "haemophilia": "Acquired haemophilia",
    "other_autoimmune": "Other autoimmune disease",
}
"""Event categories counted as autoimmune, with the words shown."""


class Earlier(StrEnum):
    """Autoimmune disease other than MS before the first course."""

    NONE = "none"
    YES = "yes"
    NEVER_ASKED = "never asked"


class Ending(StrEnum):
    """What ended a person's time at risk."""

    EVENT = "event"
    DEATH = "death"
    OBSERVATION = "end of observation"


@dataclass(frozen=True, slots=True)
class FirstEvent:
    """One person's time to the first event of a type.

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


def autoimmune_events(timeline: Timeline, events: Iterable[Event]) -> list[Event]:
    """Autoimmune events known on the timeline's day, by the first day they can have begun."""
    rows = [
        row
        for row in events
        if row.category in AUTOIMMUNE_TYPES and _first_day(row) <= timeline.as_of
        and (row.recorded_date or _first_day(row)) <= timeline.as_of
    ]  # fmt: skip
    return sorted(rows, key=_first_day)


def earlier_autoimmunity(
    timeline: Timeline, history: History, events: list[Event]
) -> tuple[Earlier, Because]:
    """Whether a person had autoimmune disease before the first course.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    history : History
    events : list of Event
        From `autoimmune_events`.
    """
    assert timeline.start is not None
    before = tuple(row for row in events if _last_day(row) < timeline.start)
    said = history.person.prior_autoimmunity
    if before or said not in (None, "none"):
        rows = before or (history.person,)
        return Earlier.YES, Because(EARLIER_AUTOIMMUNITY.id, rows=rows)
    if said is None:
        missing = "the answer in prior_autoimmunity"
        return Earlier.NEVER_ASKED, Because(EARLIER_AUTOIMMUNITY.id, missing=missing)
    return Earlier.NONE, Because(EARLIER_AUTOIMMUNITY.id, rows=(history.person,))


def evaluate_first_event(
    timeline: Timeline, events: list[Event], categories: Iterable[str]
) -> FirstEvent:
    """Time to the first event of any of ``categories``, death competing.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    events : list of Event
        From `autoimmune_events`.
    categories : iterable of str
        Keys of `AUTOIMMUNE_TYPES`.
    """
    assert timeline.start is not None
    until = timeline.observed_through()
    if until is None:
        missing = "observation from the first course on"
        return FirstEvent(None, None, None, Because(FIRST_AUTOIMMUNE.id, missing=missing))
    wanted = frozenset(categories)
    for row in events:
        if row.category not in wanted or _last_day(row) < timeline.start:
            continue
        if _first_day(row) < timeline.start:
            missing = "whether the onset lies before or after the first course"
            because = Because(FIRST_AUTOIMMUNE.id, rows=(row,), missing=missing)
            return FirstEvent(None, None, None, because)
        if _first_day(row) <= until:
            return _at_risk(timeline, Ending.EVENT, _first_day(row), (row,))
    if timeline.died_on is not None and timeline.died_on <= until:
        return _at_risk(timeline, Ending.DEATH, timeline.died_on, ())
    return _at_risk(timeline, Ending.OBSERVATION, until, ())


def _at_risk(
    timeline: Timeline, ending: Ending, last_day: date, rows: tuple[Event, ...]
) -> FirstEvent:
    assert timeline.start is not None
    days = (last_day - timeline.start).days + 1
    return FirstEvent(ending, last_day, days, Because(FIRST_AUTOIMMUNE.id, rows=rows))


def _first_day(row: Event) -> date:
    return PartialDate.parse(row.onset_date).earliest()


def _last_day(row: Event) -> date:
    return PartialDate.parse(row.onset_date).latest()
