"""``take_files PATH … --team SLUG``: files into a team's record, as they are ingested."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from afterdose.record.errors import AfterdoseError
from afterdose.web.clinic.arrivals import take_files
from afterdose.web.clinic.management.commands.load_record import team_named


class Command(BaseCommand):
    """See the module."""

    help = "Read files into a team's record; say what became of every row."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what is asked for."""
        parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
        parser.add_argument("--team", required=True, help="The team's short name.")
        parser.add_argument("--mapping", type=Path, help="What the columns of tables are.")
        parser.add_argument(
            "--known-people-only", action="store_true", help="Take nobody new in: they wait."
        )

    def handle(
        self,
        *,
        paths: list[Path],
        team: str,
        mapping: Path | None,
        known_people_only: bool,
        **_: Any,
    ) -> None:
        """Take them, all or nothing, and print a line a file."""
        try:
            arrivals = take_files(
                team_named(team),
                paths,
                by=None,
                mapping=mapping,
                known_people_only=known_people_only,
            )
        except AfterdoseError as error:
            raise CommandError(str(error)) from None
        for one in arrivals:
            said = one.receipt
            aside = sum(said["set_aside"].values())
            self.stdout.write(
                f"{one.name}: refused. {said['refused']}"
                if said["refused"]
                else f"{one.name}: {said['rows']} rows, {said['accepted']} accepted, "
                f"{said['duplicates']} duplicates, {aside} set aside"
            )
