"""The search for confirmed changes: one person, in order of time.

1. The reference is the first visit far enough from relapses and not an extremum to be passed over.
2. The onset is the next visit a step away from it (or at all, where smaller changes move it).
3. The onset is confirmed by a visit in one of the windows, if the change holds until then.
4. A confirmed change that lasts long enough is an event.
5. The reference moves, if the definition says so, and the search goes on.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from afterdose.outcomes.disability.attribution import Worsening, attribute
from afterdose.outcomes.disability.choices import (
    Class,
    Direction,
    Kind,
    MovesTo,
    Proceed,
    Report,
)
from afterdose.outcomes.disability.confirm import Confirmed, confirm
from afterdose.outcomes.disability.definition import DisabilityDefinition
from afterdose.outcomes.disability.extrema import is_extremum
from afterdose.outcomes.disability.visits import Person


@dataclass(frozen=True, slots=True)
class Found:
    """One event, by the positions of its visits.

    Attributes
    ----------
    kind : Kind
    event_class : Class
    onset, reference : int
    reference_value : float
        Not the reference visit's own where that was better and the definition keeps the old.
    confirmations : tuple of int
        Every visit that confirms it; empty where an intercurrent event did, or nothing.
    confirmed_on : date or None
        The first confirming visit's day, or the intercurrent event's.
    holds_until : date
        The last day it is known to have held without a break.
    """

    kind: Kind
    event_class: Class
    onset: int
    reference: int
    reference_value: float
    confirmations: tuple[int, ...]
    confirmed_on: date | None
    holds_until: date


def find_events(person: Person, definition: DisabilityDefinition) -> tuple[Found, ...]:
    """The events of one person that the definition reports, by onset.

    Examples
    --------
    >>> from afterdose.outcomes.disability.visits import Visit
    >>> days = [date(2020, 1, 1), date(2020, 4, 1), date(2020, 7, 1)]
    >>> person = Person(tuple(map(Visit, days, (2.0, 3.0, 3.5))))
    >>> (event,) = find_events(person, DisabilityDefinition("plain", "Plain", "policy"))
    >>> str(event.kind), event.onset, event.confirmed_on
    ('cdw', 1, datetime.date(2020, 7, 1))
    """
    wanted = [found for found in _Search(person, definition).run() if _is_wanted(found, definition)]
    match definition.events.report:
        case Report.FIRST:
            return tuple(wanted[:1])
        case Report.FIRST_OF_A_KIND:
            firsts = {found.kind: found for found in reversed(wanted)}
            return tuple(sorted(firsts.values(), key=lambda found: found.onset))
    return tuple(wanted)


def first_reference(person: Person, definition: DisabilityDefinition) -> int | None:
    """Position of the first visit that can be a reference; None if there is none."""
    return _place(person, definition, 0)


def _is_wanted(found: Found, definition: DisabilityDefinition) -> bool:
    events = definition.events
    return events.kinds.has(found.kind) and events.of_class in (Class.NONE, found.event_class)


class _Search:
    """Where the search stands: the reference, its value, and the next visit to look at."""

    def __init__(self, person: Person, definition: DisabilityDefinition) -> None:
        self.person, self.definition = person, definition
        self.visits = person.visits
        self.reference, self.value, self.at = -1, 0.0, 0
        self.found: dict[int, Found] = {}

    def run(self) -> list[Found]:
        """Every event by onset; of two with the same onset, the one against the later reference."""
        more = self._move(0)
        while more and (onset := self._next_onset()) is not None:
            relapse = self._relapse_passed(onset)
            if relapse is None:
                more = self._judge(onset)
                relapse = self._relapse_passed(self.at) if more else None
            if relapse is not None:
                more = self._move(relapse)
        return [self.found[onset] for onset in sorted(self.found)]

    def _move(self, place: int) -> bool:
        """Take the first visit from ``place`` on that can be a reference; False if none can."""
        reference = _place(self.person, self.definition, place)
        if reference is None:
            return False
        value = self.visits[reference].value
        keeps_old = self.definition.reference.never_better and self.reference >= 0
        if keeps_old and self.definition.change(self.value, value) < 0:
            value = self.value
        self.reference, self.value, self.at = reference, value, reference + 1
        return True

    def _next_onset(self) -> int | None:
        """The next visit whose change matters, and which is far enough from relapses."""
        for place in range(self.at, len(self.visits)):
            if self.visits[place].keeps(self.definition.relapses.onset) and any(
                True for _ in self._changes(place, any_direction=True)
            ):
                return place
        return None

    def _changes(self, place: int, *, any_direction: bool) -> Iterator[tuple[Kind, bool]]:
        """What the visit may be the onset of: a kind, and whether it is below the step.

        An improvement is looked at before a worsening, and the step before less than the step.
        """
        value, smaller = self.visits[place].value, self._sub_threshold()
        any_change = self.definition.reference.sub_threshold is not Direction.NEITHER
        for kind in (Kind.CDI, Kind.CDW):
            if self.definition.is_reached(self.value, value, kind):
                yield kind, False
            asked = smaller.has(kind) or (any_direction and any_change)
            if asked and _is_towards(kind, self.definition.change(self.value, value)):
                yield kind, True

    def _sub_threshold(self) -> Direction:
        """The changes below the step that move the reference: none where it is fixed."""
        reference = self.definition.reference
        fixed = reference.roves is Direction.NEITHER
        return Direction.NEITHER if fixed else reference.sub_threshold

    def _relapse_passed(self, place: int) -> int | None:
        """The first visit from a relapse on that the search has left behind, if one moves it."""
        rules = self.definition.reference
        if not rules.after_relapse or place >= len(self.visits):
            return None
        reference = self.visits[self.reference].day
        later = (bout.onset for bout in self.person.relapses if bout.onset > reference)
        onset = next(later, None)
        if onset is None or (self.visits[place].day - onset).days <= rules.settled_days:
            return None
        return next(at for at, visit in enumerate(self.visits) if visit.day >= onset)

    def _judge(self, onset: int) -> bool:
        """Confirm the onset or pass it over; False where the search is over."""
        for kind, below_step in self._changes(onset, any_direction=False):
            confirmed = confirm(
                self.person, self.definition, onset, self.value, kind=kind, below_step=below_step
            )
            if confirmed is None and kind is Kind.CDW and not below_step:
                confirmed = self._last_visit(onset)
            if confirmed is not None:
                return self._take(onset, kind, confirmed, is_event=not below_step)
        self.at = onset + 1
        return True

    def _last_visit(self, onset: int) -> Confirmed | None:
        """A worsening at the last visit, where the definition counts it unconfirmed."""
        rules = self.definition.confirmation
        days = (self.visits[-1].day - self.visits[0].day).days
        if onset != len(self.visits) - 1 or not 0 < rules.last_visit_within >= days:
            return None
        if rules.last_visit_share < 1 and _draw(rules.seed, self.person) >= rules.last_visit_share:
            return None
        return Confirmed((), None, self.visits[onset].day, onset, True)

    def _take(self, onset: int, kind: Kind, confirmed: Confirmed, *, is_event: bool) -> bool:
        """Keep an event, move the reference where it roves, and say whether the search goes on."""
        event = None
        if is_event and confirmed.lasts:
            event = self._event(onset, kind, confirmed)
            self.found[onset] = event
            if self._is_enough(event):
                return False
        rules = self.definition
        if rules.reference.roves.has(kind):
            return self._move(self._new_reference(onset, kind, confirmed))
        self.at = onset + 1
        if event is not None and not self._is_passed_over(event):
            self.at = self._proceed_from(onset, confirmed) + 1
        return True

    def _event(self, onset: int, kind: Kind, confirmed: Confirmed) -> Found:
        event_class = Class.NONE
        if kind is Kind.CDW:
            worsening = Worsening(
                self.reference, onset, confirmed.visits, confirmed.by_intercurrent
            )
            event_class = attribute(self.person, self.definition, worsening)
        first = self.visits[confirmed.visits[0]].day if confirmed.visits else None
        return Found(
            kind, event_class, onset, self.reference, self.value, confirmed.visits,
            first or confirmed.by_intercurrent, confirmed.holds_until,
        )  # fmt: skip

    def _is_enough(self, event: Found) -> bool:
        """Whether the first event wanted has come.

        Where both kinds are looked for the search runs to its end: a move of the reference after
        a relapse can still show the same onset against a later reference.
        """
        events = self.definition.events
        return (
            events.report is Report.FIRST
            and events.kinds is not Direction.BOTH
            and _is_wanted(event, self.definition)
        )

    def _is_passed_over(self, event: Found) -> bool:
        """Whether a worsening of another class than the one looked for counts for nothing."""
        wanted = self.definition.events.of_class
        return wanted is not Class.NONE and event.kind is Kind.CDW and event.event_class != wanted

    def _proceed_from(self, onset: int, confirmed: Confirmed) -> int:
        after_onset = self.definition.events.proceed_from is Proceed.ONSET
        return onset if after_onset else confirmed.place

    def _new_reference(self, onset: int, kind: Kind, confirmed: Confirmed) -> int:
        rules = self.definition.reference
        after_improvement = kind is Kind.CDI and rules.improvement_moves_to
        match after_improvement or rules.moves_to:
            case MovesTo.ONSET:
                return onset
            case MovesTo.BEST:
                change = self.definition.change
                places = range(onset, confirmed.place + 1)
                return min(places, key=lambda at: (change(0.0, self.visits[at].value), -at))
        return confirmed.place


def _place(person: Person, definition: DisabilityDefinition, place: int) -> int | None:
    """The first visit from ``place`` on that can be a reference."""
    for at in range(place, len(person.visits)):
        far = person.visits[at].keeps(definition.relapses.reference)
        if far and not is_extremum(person.visits, definition, at):
            return at
    return None


def _is_towards(kind: Kind, change: float) -> bool:
    return change > 0 if kind is Kind.CDW else change < 0


def _draw(seed: int | None, person: Person) -> float:
    """A number from 0 to 1 that depends on the seed and the person alone."""
    digest = hashlib.sha256(f"{seed}:{person.key}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
