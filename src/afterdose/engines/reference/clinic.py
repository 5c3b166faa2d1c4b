"""The worklist of a whole clinic on one morning."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from afterdose.monitoring import Entry, Protocol, worklist_entry
from afterdose.monitoring.due import tables_of
from afterdose.monitoring.model import Evidence
from afterdose.monitoring.worklist import Urgency
from afterdose.record.history import History


@dataclass(frozen=True)
class Worklist:
    """Everybody who needs something on one morning.

    Attributes
    ----------
    as_of : date
    protocol : Protocol
    people : int
        How many people were looked at.
    treated : int
        Of these, how many have had a course of the protocol's drug.
    entries : tuple of Entry
        Most dangerous first.
    not_answered : tuple of str
        Titles of checks this record can answer for nobody, each with the table it lacks; checks
        whose evidence is unverified are left out.
    """

    as_of: date
    protocol: Protocol
    people: int
    treated: int
    entries: tuple[Entry, ...]
    not_answered: tuple[str, ...]

    def counts(self) -> dict[Urgency, int]:
        """People by their most urgent item."""
        found = Counter(entry.urgency for entry in self.entries)
        return {urgency: found[urgency] for urgency in Urgency}


def build_worklist(histories: Iterable[History], protocol: Protocol, *, as_of: date) -> Worklist:
    """The worklist of the morning of ``as_of``.

    Parameters
    ----------
    histories : iterable of History
        Taken one at a time, so a stream will do.
    protocol : Protocol
    as_of : date

    Returns
    -------
    Worklist
    """
    people = treated = 0
    entries = []
    absent: frozenset[str] = frozenset()
    for history in histories:
        people += 1
        treated += any(
            row.drug == protocol.drug and row.start_date <= as_of for row in history.treatments
        )
        absent = history.absent
        entry = worklist_entry(history, protocol, as_of=as_of)
        if entry is not None:
            entries.append(entry)
    entries.sort(key=lambda entry: entry.rank)
    return Worklist(
        as_of=as_of,
        protocol=protocol,
        people=people,
        treated=treated,
        entries=tuple(entries),
        not_answered=tuple(
            f"{check.title} (no table {', '.join(sorted(tables_of(check) & absent))})"
            for check in protocol.checks
            if tables_of(check) & absent and check.grounds.evidence is not Evidence.UNVERIFIED
        ),
    )
