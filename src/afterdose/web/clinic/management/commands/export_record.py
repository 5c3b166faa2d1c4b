"""``export_record TEAM FOLDER``: a team's record as a folder of tables."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from afterdose.record.errors import AfterdoseError
from afterdose.web.clinic.management.commands.load_record import team_named
from afterdose.web.record.folder import write_team


class Command(BaseCommand):
    """See the module."""

    help = "Write the record of a team into a folder, for the command line and the library."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what is asked for."""
        parser.add_argument("team", help="The team's short name.")
        parser.add_argument("folder", type=Path)

    def handle(self, *, team: str, folder: Path, **_: Any) -> None:
        """Write the tables."""
        try:
            record = write_team(team_named(team), folder)
        except AfterdoseError as error:
            raise CommandError(str(error)) from None
        rows = sum(frame.height for frame in record.frames.values())
        self.stdout.write(f"Wrote {rows} rows of {len(record.frames)} tables.")
