"""Whose move it is."""

from collections.abc import Sequence
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
    """Who owns ``check`` by the latest word on it."""
    latest = latest_word(check.id, known.owners)
    if latest is None:
        return Ownership(check.owner, "default")
    if latest.state == "declined":
        return Ownership(check.owner, "declined")
    return Ownership(latest.owner, latest.state)


def latest_word(check_id: str, words: Sequence[Owner]) -> Owner | None:
    """The latest word on who owns a check; an entry for the check outweighs one for all.

    Of two words of one day the one that was written last counts: a handover may be proposed and
    accepted within an hour.

    Parameters
    ----------
    check_id : str
    words : sequence of Owner
        Of one person, in the order they were written.
    """
    entries = [word for word in words if word.check in (check_id, "all")]
    return max(reversed(entries), key=lambda word: _rank(word, check_id), default=None)


def _rank(entry: Owner, check_id: str) -> tuple[bool, object]:
    return entry.check == check_id, entry.since
