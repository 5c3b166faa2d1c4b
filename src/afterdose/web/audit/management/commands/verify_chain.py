"""``manage.py verify_chain``: is the log of changes as it was written?"""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from afterdose.web.audit import triggers
from afterdose.web.audit.chain import verify


class Command(BaseCommand):
    """Check every line of the log, and that the triggers that write it are in place."""

    help = "Check that no line of the log of changes was altered, removed or put in between."

    def add_arguments(self, parser: CommandParser) -> None:
        """Hashes kept from earlier checks."""
        parser.add_argument(
            "--kept",
            action="append",
            default=[],
            metavar="POSITION:HASH",
            type=_kept,
            help="What an earlier check printed; finds lines removed from the end.",
        )

    def handle(self, *args: Any, kept: list[tuple[int, str]], **options: Any) -> None:
        """Say what was found; fail where something is wrong."""
        found = verify(dict(kept))
        faults = [*found.faults, *triggers.faults(connection)]
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(
                "The log is not as it was written. Find out who changed it, and why."
            )
        self.stdout.write(f"{found.lines} lines, as they were written.")
        if found.lines:
            self.stdout.write(f"Keep this outside the database: {found.lines}:{found.head}")


def _kept(text: str) -> tuple[int, str]:
    position, _, digest = text.partition(":")
    if not position.isdecimal() or len(digest) != 64:
        raise argparse.ArgumentTypeError("Permitted: POSITION:HASH, as an earlier check printed it")
    return int(position), digest
