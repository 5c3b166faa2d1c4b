"""``listen --team SLUG --feed NAME``: take HL7 v2 messages over MLLP into a team's record."""

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localtime

from afterdose.ingest.receipt import Receipt
from afterdose.record.errors import AfterdoseError
from afterdose.web.clinic.management.commands.load_record import team_named
from afterdose.web.feeds.listening import TeamListener


class Command(BaseCommand):
    """See the module."""

    help = "Listen for HL7 v2 messages of one feed; stop it with Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what is asked for."""
        parser.add_argument("--team", required=True, help="The team's short name.")
        parser.add_argument("--feed", required=True, help="Who sends here, such as a laboratory.")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=2575)

    def handle(self, *, team: str, feed: str, host: str, port: int, **_: Any) -> None:
        """Listen until stopped; whatever was acknowledged is in the record then."""
        listener = TeamListener(team_named(team), feed, now=localtime, told=self._told)
        try:
            asyncio.run(self._listen(listener, host, port))
        except AfterdoseError as error:
            raise CommandError(str(error)) from None

    async def _listen(self, listener: TeamListener, host: str, port: int) -> None:
        stop = asyncio.Event()
        for one in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
        await listener.run(host, port, stop, ready=self._ready)

    def _ready(self, port: int) -> None:
        self.stdout.write(f"Listening on port {port}.")
        self.stdout.flush()

    def _told(self, receipt: Receipt) -> None:
        totals = receipt.as_dict()["totals"]
        counts = ", ".join(f"{name} {totals[name]}" for name in ("rows", "accepted", "set_aside"))
        self.stdout.write(f"Taken in: {counts}")
        self.stdout.flush()
