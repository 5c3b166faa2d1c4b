"""Which events are autoimmune disease, and who had such disease before the first course."""

from collections.abc import Iterable
from enum import StrEnum

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import EARLIER_AUTOIMMUNITY
from afterdose.outcomes.events import known_events, last_possible_day
from afterdose.outcomes.timeline import Timeline
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


def autoimmune_events(timeline: Timeline, events: Iterable[Event]) -> list[Event]:
    """Autoimmune events known on the timeline's day, by the first day they can have begun."""
    return known_events(timeline, (row for row in events if row.category in AUTOIMMUNE_TYPES))


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
    before = tuple(row for row in events if last_possible_day(row) < timeline.start)
    said = history.person.prior_autoimmunity
    if before or said not in (None, "none"):
        rows = before or (history.person,)
        return Earlier.YES, Because(EARLIER_AUTOIMMUNITY.id, rows=rows)
    if said is None:
        missing = "the answer in prior_autoimmunity"
        return Earlier.NEVER_ASKED, Because(EARLIER_AUTOIMMUNITY.id, missing=missing)
    return Earlier.NONE, Because(EARLIER_AUTOIMMUNITY.id, rows=(history.person,))
