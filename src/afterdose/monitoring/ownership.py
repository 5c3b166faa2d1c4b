"""Whose move it is."""

from dataclasses import dataclass

from afterdose.monitoring.known import Known
from afterdose.monitoring.model import Check
from afterdose.record.tables import Owner


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns a check on a given morning.

    ``state`` is ``accepted``, ``proposed`` (nobody has accepted yet), ``declined`` (it falls back
    to the protocol's owner) or ``default`` (nobody was ever asked).
    """

    owner: str
    state: str

    @property
    def is_accepted(self) -> bool:
        return self.state == "accepted"


def owner_of(check: Check, known: Known) -> Ownership:
    """The latest word on who owns ``check``; an entry for the check outweighs one for all.

    Of two words of one day the one that was written last counts: a handover may be proposed and
    accepted within an hour.
    """
    entries = [entry for entry in known.owners if entry.check in (check.id, "all")]
    if not entries:
        return Ownership(check.owner, "default")
    latest = max(reversed(entries), key=lambda entry: _rank(entry, check))
    if latest.state == "declined":
        return Ownership(check.owner, "declined")
    return Ownership(latest.owner, latest.state)


def _rank(entry: Owner, check: Check) -> tuple[bool, object]:
    return entry.check == check.id, entry.since
