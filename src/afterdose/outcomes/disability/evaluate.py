"""One person's confirmed changes of disability, from the record."""

from dataclasses import dataclass
from datetime import date

from afterdose.outcomes.answers import Because
from afterdose.outcomes.disability.choices import (
    Class,
    Kind,
)
from afterdose.outcomes.disability.confirm import NOT_CONFIRMABLE, last_confirmable
from afterdose.outcomes.disability.definition import DisabilityDefinition
from afterdose.outcomes.disability.gather import Gathered, Tally, gather
from afterdose.outcomes.disability.search import Found, find_events, first_reference
from afterdose.outcomes.disability.visits import Person
from afterdose.record.answers import Answer
from afterdose.record.history import History


@dataclass(frozen=True, slots=True)
class DisabilityEvent:
    """One confirmed change.

    Attributes
    ----------
    person_id : str
    event : Kind
    event_class : Class
        Of a worsening that was attributed; else empty.
    onset_date, reference_date : date
    confirmation_date : date or None
        None where the definition counts an unconfirmed change at the last visit.
    reference_value, value : float, unit of the measure
        The score compared with, and the score at onset.
    days : int
        Onset minus first visit.
    sustained_days : int
        From onset to the last visit that shows the change without a break.
    because : Because
        The rows from reference to confirmation.
    """

    person_id: str
    event: Kind
    event_class: Class
    onset_date: date
    confirmation_date: date | None
    reference_date: date
    reference_value: float
    value: float
    days: int
    sustained_days: int
    because: Because


@dataclass(frozen=True, slots=True)
class Disability:
    """What can be said of one person by one definition.

    Attributes
    ----------
    person_id : str
    answer : Answer
        Met with an event. Not assessable: ``missing`` says what was missing.
    events : tuple of DisabilityEvent
        By onset.
    missing : str
        Empty unless not assessable.
    first_visit, last_visit : date or None
        Of the visits used.
    censored_on : date or None
        The last visit whose change could still have been confirmed; without an event, time ends
        there.
    tally : Tally
        What became of every score.
    """

    person_id: str
    answer: Answer
    events: tuple[DisabilityEvent, ...]
    missing: str
    first_visit: date | None
    last_visit: date | None
    censored_on: date | None
    tally: Tally


def evaluate_disability(
    history: History, definition: DisabilityDefinition, *, as_of: date
) -> Disability:
    """The confirmed changes of one person that a definition reports.

    Parameters
    ----------
    history : History
    definition : DisabilityDefinition
    as_of : date
        Rows recorded after this day do not exist yet.

    Returns
    -------
    Disability

    Examples
    --------
    >>> from afterdose.outcomes.disability.presets import load_definition
    >>> from afterdose.record.tables import Assessment
    >>> from afterdose.record.tables import Person as PersonRow
    >>> scores = [(date(2012, 1, 1), 2.0), (date(2012, 7, 1), 3.0), (date(2013, 1, 1), 3.5)]
    >>> rows = tuple(Assessment("P1", day, "edss", value) for day, value in scores)
    >>> found = evaluate_disability(History(PersonRow("P1"), assessments=rows),
    ...                             load_definition("msprog-first-cdw"), as_of=date(2020, 1, 1))
    >>> [(str(event.event), event.days, event.sustained_days) for event in found.events]
    [('cdw', 182, 184)]
    """
    return judge(gather(history, definition, as_of=as_of), definition)


def judge(gathered: Gathered, definition: DisabilityDefinition) -> Disability:
    """The confirmed changes of somebody whose rows have been gathered."""
    person = gathered.person
    missing = gathered.missing or _missing_reference(person, definition)
    events = () if missing else _events(person, definition)
    if not events and not missing:
        missing = _missing_confirmation(person, definition)
    answer = Answer.MET if events else Answer.NOT_ASSESSABLE if missing else Answer.NOT_MET
    visits = person.visits
    return Disability(
        person.key, answer, events, missing,
        visits[0].day if visits else None,
        visits[-1].day if visits else None,
        _censored_on(person, definition),
        gathered.tally,
    )  # fmt: skip


def _events(person: Person, definition: DisabilityDefinition) -> tuple[DisabilityEvent, ...]:
    return tuple(_event(person, definition, found) for found in find_events(person, definition))


def _event(person: Person, definition: DisabilityDefinition, found: Found) -> DisabilityEvent:
    visits, onset = person.visits, person.visits[found.onset]
    until = found.confirmed_on or onset.day
    between = (visit for visit in visits[found.onset :] if visit.day <= until)
    return DisabilityEvent(
        person_id=person.key,
        event=found.kind,
        event_class=found.event_class,
        onset_date=onset.day,
        confirmation_date=found.confirmed_on,
        reference_date=visits[found.reference].day,
        reference_value=found.reference_value,
        value=onset.value,
        days=(onset.day - visits[0].day).days,
        sustained_days=(found.holds_until - onset.day).days,
        because=Because(
            definition.id, rows=(visits[found.reference].row, *(visit.row for visit in between))
        ),
    )


def _missing_reference(person: Person, definition: DisabilityDefinition) -> str:
    """What is missing for a comparison; empty where there is a reference and a later visit."""
    measure = definition.measure
    if len(person.visits) < 2:
        return f"a {'second ' if person.visits else ''}score of {measure}"
    reference = first_reference(person, definition)
    if reference is None:
        return "a reference visit far enough from relapses"
    if person.visits[reference].value < definition.reference.lowest:
        return f"a reference of at least {definition.reference.lowest:g}"
    return ""


def _missing_confirmation(person: Person, definition: DisabilityDefinition) -> str:
    """Whether no change could have been confirmed, whatever the scores; empty where one could."""
    reference = first_reference(person, definition)
    assert reference is not None
    could = last_confirmable(person.visits, definition, reference)
    return NOT_CONFIRMABLE if could is None else ""


def _censored_on(person: Person, definition: DisabilityDefinition) -> date | None:
    place = last_confirmable(person.visits, definition)
    return None if place is None else person.visits[place].day
