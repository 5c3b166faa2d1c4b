"""HL7 v2 over MLLP into a team's record: on disk before it is acknowledged, then taken in."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import connection

from afterdose.ingest.listener import Limits, Listener
from afterdose.ingest.receipt import FileReceipt, Receipt
from afterdose.record.errors import UsageError
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.arrivals import take_journal
from afterdose.web.record.taking import Sender, landing_of

SOON = Limits(every_seconds=0.4)
"""A result stands on the worklist within a second."""


class TeamListener(Listener):
    """Listens for one team; conversations and the journal are those of `Listener`.

    Parameters
    ----------
    team : Team
    feed : str
        Who sends here.
    now : callable
        The time, with its offset.
    limits : Limits
    told : callable, optional
        Called with the receipt of every batch.
    """

    def __init__(
        self,
        team: Team,
        feed: str,
        *,
        now: Callable[[], datetime],
        limits: Limits = SOON,
        told: Callable[[Receipt], None] | None = None,
    ) -> None:
        super().__init__(landing_of(team), now=now, limits=limits, told=told)
        self._team = team
        self._feed = feed

    def _ingest(self, journal: Path) -> Receipt | None:
        if not self._journal.mend(journal):
            journal.unlink()
            return None
        try:
            arrival = take_journal(self._team, journal, Sender(feed=self._feed))
        finally:
            # The thread is one of many, each with a connection of its own, and may not come again.
            connection.close()
        if arrival.receipt["refused"]:
            raise UsageError(arrival.receipt["refused"])
        journal.unlink()
        return Receipt(arrival.landed_on.isoformat(), [_receipt(arrival.receipt)])


def _receipt(said: dict[str, object]) -> FileReceipt:
    known = {name: said[name] for name in FileReceipt.__dataclass_fields__ if name in said}
    receipt = FileReceipt(**known)  # type: ignore[arg-type]
    receipt.set_aside = type(FileReceipt("").set_aside)(receipt.set_aside)
    return receipt
