"""Whether a change is confirmed: by a visit in a window, or by an intercurrent event."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from afterdose.outcomes.disability.choices import (
    ComparedWith,
    Kind,
    Magnitude,
)
from afterdose.outcomes.disability.definition import DisabilityDefinition
from afterdose.outcomes.disability.visits import Person, Visit

Holds = Callable[[int], bool]
NOT_CONFIRMABLE = "a visit late enough to confirm a change"
"""What is missing where no change could have been confirmed, whatever the scores."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How a change was confirmed.

    Attributes
    ----------
    visits : tuple of int
        Positions of the confirming visits, in order; empty where none confirms it.
    by_intercurrent : date or None
        The intercurrent event that counts as confirmation instead.
    holds_until : date
        The last day the change is known to have held without a break.
    place : int
        The visit at which the search may go on: the first confirming one, or the last until the
        intercurrent event.
    lasts : bool
        Whether it lasted as long as the definition asks.
    """

    visits: tuple[int, ...]
    by_intercurrent: date | None
    holds_until: date
    place: int
    lasts: bool


def candidates(visits: Sequence[Visit], definition: DisabilityDefinition, onset: int) -> list[int]:
    """Positions of the visits that may confirm a change begun at ``onset``."""
    found = set()
    for window in definition.confirmation.windows:
        due = window.after.after(visits[onset].day)
        for place in range(onset + 1, len(visits)):
            late = (visits[place].day - due).days
            if -window.early_days <= late <= window.late_days and visits[place].keeps(
                definition.relapses.confirmation
            ):
                found.add(place)
    return sorted(found)


def last_confirmable(
    visits: Sequence[Visit], definition: DisabilityDefinition, reference: int = 0
) -> int | None:
    """Position of the last visit after a reference at which a change could still have counted."""
    places = range(len(visits) - 1, reference, -1)
    return next((place for place in places if _is_confirmable(visits, definition, place)), None)


def _is_confirmable(visits: Sequence[Visit], definition: DisabilityDefinition, place: int) -> bool:
    if candidates(visits, definition, place):
        return True
    is_last = place == len(visits) - 1
    return is_last and definition.confirmation.last_visit_within > 0


def confirm(
    person: Person,
    definition: DisabilityDefinition,
    onset: int,
    reference: float,
    *,
    kind: Kind,
    below_step: bool,
) -> Confirmed | None:
    """How a change that began at ``onset`` was confirmed; None if it was not.

    Parameters
    ----------
    person : Person
    definition : DisabilityDefinition
    onset : int
        Position of its first visit.
    reference : float
        The score it is a change from.
    kind : Kind
    below_step : bool
        Whether any change in that direction will do, not only a step.
    """
    visits = person.visits
    holds = _holding(visits, definition, onset, reference, kind=kind, below_step=below_step)
    late_enough = candidates(visits, definition, onset)
    stop = next((day for day in person.composites if day >= visits[onset].day), None)
    if stop is not None and not any(visits[place].day <= stop for place in late_enough):
        return _by_intercurrent(visits, onset, stop, holds, kind)
    if not late_enough:
        return None
    # Without looking between, the first visit late enough decides alone.
    start = onset if definition.confirmation.intermediate else late_enough[0]
    failing = next((at for at in range(start, len(visits)) if not holds(at)), len(visits))
    confirming = tuple(place for place in late_enough if place < failing)
    if not confirming:
        return None
    return Confirmed(
        visits=confirming,
        by_intercurrent=None,
        holds_until=visits[failing - 1].day,
        place=confirming[0],
        lasts=_lasts(visits, definition, onset, failing, holds),
    )


def _holding(
    visits: Sequence[Visit],
    definition: DisabilityDefinition,
    onset: int,
    reference: float,
    *,
    kind: Kind,
    below_step: bool,
) -> Holds:
    """The test every visit until confirmation has to pass."""
    sign = 1 if kind is Kind.CDW else -1
    as_far = definition.confirmation.magnitude is Magnitude.EVENT_SCORE or (
        kind is Kind.CDI
        and definition.reference.roves.has(kind)
        and definition.reference.compared_with is ComparedWith.NEW
    )
    least = sign * definition.change(reference, visits[onset].value)

    def holds(place: int) -> bool:
        value = visits[place].value
        towards = sign * definition.change(reference, value)
        if as_far and towards < least:
            return False
        return towards > 0 if below_step else definition.is_reached(reference, value, kind)

    return holds


def _by_intercurrent(
    visits: Sequence[Visit], onset: int, stop: date, holds: Holds, kind: Kind
) -> Confirmed | None:
    """A worsening that held until an intercurrent event counts; an improvement does not."""
    until = max(place for place, visit in enumerate(visits) if visit.day <= stop)
    if kind is Kind.CDI or not all(holds(place) for place in range(onset, until + 1)):
        return None
    return Confirmed((), stop, stop, until, True)


def _lasts(
    visits: Sequence[Visit],
    definition: DisabilityDefinition,
    onset: int,
    failing: int,
    holds: Holds,
) -> bool:
    """Whether the change lasted ``sustained_days``, or to the end of follow-up."""
    wanted = definition.confirmation.sustained_days
    if not wanted:
        return True

    def days(place: int) -> int:
        return (visits[place].day - visits[onset].day).days

    if definition.confirmation.intermediate:
        return failing == len(visits) or days(failing) >= wanted
    last = len(visits) - 1
    return holds(next((at for at in range(onset + 1, last) if days(at) >= wanted), last))
