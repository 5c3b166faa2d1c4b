"""Whether a confirmed worsening is attributed to a relapse: RAW, PIRA, PIRMA or undefined."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from afterdose.outcomes.disability.choices import (
    Checkpoint,
    Class,
    Kind,
    Preceding,
)
from afterdose.outcomes.disability.definition import DisabilityDefinition
from afterdose.outcomes.disability.extrema import is_extremum
from afterdose.outcomes.disability.parts import (
    Attribution,
    Interval,
)
from afterdose.outcomes.disability.visits import Person, Visit


@dataclass(frozen=True, slots=True)
class Worsening:
    """A confirmed worsening whose class is asked.

    Attributes
    ----------
    reference, onset : int
        Positions of visits.
    confirmations : tuple of int
        Positions of every visit that confirms it, in order; empty where none does and it counts
        all the same.
    confirmed_on : date or None
        The day it counts as confirmed without a visit, by an intercurrent event.
    """

    reference: int
    onset: int
    confirmations: tuple[int, ...]
    confirmed_on: date | None = None


def attribute(person: Person, definition: DisabilityDefinition, found: Worsening) -> Class:
    """The class of a worsening.

    RAW, if a relapse lies in an interval of ``associated``. Else PIRA, if around any of its
    confirmations all intervals of ``relapse_free`` are free of relapses; PIRMA, if in addition
    every interval of ``mri_free`` holds a scan and none with activity. Else undefined.
    """
    rules = definition.attribution
    if rules is None:
        return Class.NONE
    preceding = person.visits[_preceding(person, definition, found)].day
    onset = person.visits[found.onset].day
    relapses = [bout.span(definition.relapses.measured_from) for bout in person.relapses]
    # A worsening that counts unconfirmed has its onset for a confirmation.
    confirmed = [person.visits[place].day for place in found.confirmations]
    confirmed = confirmed or [found.confirmed_on or onset]
    # A worsening is RAW by its first confirmation; a later one cannot undo that.
    first = _days_at(preceding, onset, confirmed[0])
    if any(_holds_any(interval, first, relapses) for interval in rules.associated):
        return Class.RAW
    for day in confirmed:
        at = _days_at(preceding, onset, day)
        if not any(_holds_any(interval, at, relapses) for interval in rules.relapse_free):
            return Class.PIRMA if _is_without_activity(person, rules, at) else Class.PIRA
    return Class.UNDEFINED


def _days_at(preceding: date, onset: date, confirmed: date) -> dict[Checkpoint, date]:
    return {
        Checkpoint.PRECEDING: preceding,
        Checkpoint.ONSET: onset,
        Checkpoint.CONFIRMATION: confirmed,
    }


def _holds_any(
    interval: Interval, at: dict[Checkpoint, date], spans: Iterable[tuple[date, date]]
) -> bool:
    """Whether any span of days touches the interval."""
    return any(
        (at[interval.start] - last).days <= interval.before_days
        and (first - at[interval.end]).days <= interval.after_days
        for first, last in spans
    )


def _is_without_activity(person: Person, rules: Attribution, at: dict[Checkpoint, date]) -> bool:
    """Whether every MRI interval was looked at and nothing active was seen there."""
    seen = [(scan.day, scan.day) for scan in person.scans]
    active = [(scan.day, scan.day) for scan in person.scans if scan.active]
    return bool(rules.mri_free) and all(
        _holds_any(interval, at, seen) and not _holds_any(interval, at, active)
        for interval in rules.mri_free
    )


def _preceding(person: Person, definition: DisabilityDefinition, found: Worsening) -> int:
    """Position of the preceding visit, as the definition chooses it."""
    assert definition.attribution is not None
    match definition.attribution.preceding:
        case Preceding.LAST:
            return found.onset - 1
        case Preceding.LAST_STEP:
            return _last_step_away(person.visits, definition, found)
    return found.reference


def _last_step_away(
    visits: Sequence[Visit], definition: DisabilityDefinition, found: Worsening
) -> int:
    """The last visit a step away from the onset and from what confirms it; else the reference."""
    last = found.confirmations[0] if found.confirmations else found.onset
    if definition.confirmation.intermediate:
        compared = list(range(found.onset, last + 1))
    else:
        compared = [found.onset, last]
    for place in range(found.onset - 1, -1, -1):
        value = visits[place].value
        if not is_extremum(visits, definition, place) and all(
            definition.is_reached(value, visits[one].value, Kind.CDW) for one in compared
        ):
            return place
    return found.reference
