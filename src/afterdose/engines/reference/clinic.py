"""The worklist of a whole clinic on one morning."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from afterdose.monitoring import Entry, Protocol, Standing, Urgency, follow_person
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
    standings : dict of Standing to int
        How many people stand where. Everybody stands somewhere: they add up to ``people``.
    entries : tuple of Entry
        Most dangerous first.
    not_answered : tuple of str
        Titles of checks this record can answer for nobody, each with the table it lacks; checks
        whose evidence is unverified are left out.
    """

    as_of: date
    protocols: tuple[Protocol, ...]
    standings: dict[Standing, int]
    entries: tuple[Entry, ...]
    not_answered: tuple[str, ...]

    @property
    def people(self) -> int:
        """How many people were looked at."""
        return sum(self.standings.values())

    @property
    def treated(self) -> int:
        """How many of them have had a drug of one of the protocols."""
        return self.people - sum(
            self.standings.get(standing, 0)
            for standing in (Standing.NOT_TREATED, Standing.NO_PROTOCOL)
        )

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
    standings: Counter[Standing] = Counter()
    entries = []
    absent: frozenset[str] = frozenset()
    people = 0
    for history in histories:
        people += 1
        absent = history.absent
        standing, entry = follow_person(history, protocols, as_of=as_of)
        standings[standing] += 1
        if entry is not None:
            entries.append(entry)
    found = Worklist(
        as_of=as_of,
        protocols=tuple(protocols),
        standings={standing: standings[standing] for standing in Standing},
        entries=tuple(sorted(entries, key=lambda entry: entry.rank)),
        not_answered=not_answered(protocols, absent),
    )
    everybody_stands_somewhere(found, people)
    return found


def not_answered(protocols: Sequence[Protocol], absent: frozenset[str]) -> tuple[str, ...]:
    """Checks the record can answer for nobody, because it lacks a table."""
    found = (
        f"{check.title} (no table {', '.join(sorted(tables_of(check) & absent))})"
        for protocol in protocols
        for check in protocol.checks
        if tables_of(check) & absent and check.grounds.evidence is not Evidence.UNVERIFIED
    )
    return tuple(dict.fromkeys(found))


def everybody_stands_somewhere(found: Worklist, people: int) -> None:
    """Nobody vanishes between the record and the worklist."""
    listed = found.standings.get(Standing.LISTED, 0)
    if found.people != people or listed != len(found.entries):
        raise AssertionError(
            f"{people} people went in, {found.people} stand somewhere, {listed} stand on the "
            f"worklist and {len(found.entries)} are on it"
        )
