"""The worklist of a whole clinic on one morning."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from afterdose.monitoring import (
    Entry,
    Protocol,
    SetAsideResult,
    Standing,
    Urgency,
    Whereabouts,
    follow_person,
)
from afterdose.monitoring.due import tables_of
from afterdose.monitoring.model import Evidence
from afterdose.record.history import History


@dataclass(frozen=True)
class Worklist:
    """Everybody who needs something on one morning.

    Attributes
    ----------
    as_of : date
    protocols : tuple of Protocol
    whereabouts : tuple of Whereabouts
        Where everybody stands, in the record's order.
    entries : tuple of Entry
        Most dangerous first.
    not_answered : tuple of str
        What this record can answer for nobody, each with the table it lacks: what people are
        treated with, and titles of checks; those whose evidence is unverified are left out.
    """

    as_of: date
    protocols: tuple[Protocol, ...]
    whereabouts: tuple[Whereabouts, ...]
    entries: tuple[Entry, ...]
    not_answered: tuple[str, ...]

    @property
    def people(self) -> int:
        """How many people were looked at."""
        return len(self.whereabouts)

    @property
    def standings(self) -> dict[Standing, int]:
        """How many people stand where. Everybody stands somewhere: they add up to ``people``."""
        found = Counter(one.standing for one in self.whereabouts)
        return {standing: found[standing] for standing in Standing}

    def standing_at(self, standing: Standing) -> tuple[Whereabouts, ...]:
        """Those who stand there, by name.

        On a drug that no approved protocol covers is also who is on the worklist for another.
        """
        if standing is Standing.UNCOVERED:
            return tuple(one for one in self.whereabouts if one.uncovered)
        return tuple(one for one in self.whereabouts if one.standing is standing)

    def counts(self) -> dict[Urgency, int]:
        """People by their most urgent item."""
        found = Counter(entry.urgency for entry in self.entries)
        return {urgency: found[urgency] for urgency in Urgency}


def build_worklist(
    histories: Iterable[History], protocols: Sequence[Protocol], *, as_of: date
) -> Worklist:
    """The worklist of the morning of ``as_of``.

    Parameters
    ----------
    histories : iterable of History
        Taken one at a time, so a stream will do.
    protocols : sequence of Protocol
        One per drug.
    as_of : date

    Returns
    -------
    Worklist
    """
    whereabouts = []
    entries = []
    absent: frozenset[str] = frozenset()
    people = 0
    for history in histories:
        people += 1
        absent = history.absent
        place, entry = follow_person(history, protocols, as_of=as_of)
        whereabouts.append(place)
        if entry is not None:
            entries.append(entry)
    found = Worklist(
        as_of=as_of,
        protocols=tuple(protocols),
        whereabouts=tuple(whereabouts),
        entries=tuple(sorted(entries, key=lambda entry: entry.rank)),
        not_answered=not_answered(protocols, absent),
    )
    everybody_stands_somewhere(found, people)
    return found


def with_set_aside(
    found: Worklist,
    histories: Iterable[History],
    set_aside: Mapping[str, Sequence[SetAsideResult]],
) -> Worklist:
    """A worklist, of whatever engine, with what was set aside beside the record.

    Parameters
    ----------
    found : Worklist
    histories : iterable of History
        Of the people in ``set_aside``.
    set_aside : mapping of str to sequence of SetAsideResult
        By person.
    """
    places = {one.person_id: one for one in found.whereabouts}
    entries = {entry.person_id: entry for entry in found.entries}
    for history in histories:
        name = history.person.person_id
        place, entry = follow_person(
            history, found.protocols, as_of=found.as_of, set_aside=set_aside[name]
        )
        places[name] = place
        if entry is not None:
            entries[name] = entry
    whole = replace(
        found,
        whereabouts=tuple(places.values()),
        entries=tuple(sorted(entries.values(), key=lambda entry: entry.rank)),
    )
    everybody_stands_somewhere(whole, found.people)
    return whole


def not_answered(protocols: Sequence[Protocol], absent: frozenset[str]) -> tuple[str, ...]:
    """What the record can answer for nobody, because it lacks a table."""
    treated = ["What people are treated with (no table treatments)"]
    found = [
        f"{check.title} (no table {', '.join(sorted(tables_of(check) & absent))})"
        for protocol in protocols
        for check in protocol.checks
        if tables_of(check) & absent and check.grounds.evidence is not Evidence.UNVERIFIED
    ]
    return tuple(dict.fromkeys((treated if "treatments" in absent else []) + found))


def everybody_stands_somewhere(found: Worklist, people: int) -> None:
    """Nobody vanishes between the record and the worklist."""
    names = {one.person_id for one in found.whereabouts}
    listed = {one.person_id for one in found.standing_at(Standing.LISTED)}
    on_it = {entry.person_id for entry in found.entries}
    if not people == len(names) == found.people or listed != on_it:
        raise AssertionError(
            f"{people} people went in, {len(names)} stand somewhere, {len(listed)} stand on the "
            f"worklist and {len(on_it)} are on it"
        )
