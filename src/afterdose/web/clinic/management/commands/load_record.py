"""``load_record FOLDER --team SLUG``: a record folder into the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from afterdose.record.errors import AfterdoseError
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.laboratories import note_laboratories
from afterdose.web.clinic.state import recompute_team
from afterdose.web.record.folder import load_record


def team_named(slug: str) -> Team:
    """The team of that short name; `CommandError` where there is none."""
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        known = ", ".join(Team.objects.order_by("slug").values_list("slug", flat=True))
        raise CommandError(
            f"There is no team '{slug}'. Permitted: {known or 'none yet'}. Name one of these, or "
            "make the team first."
        )
    return team


class Command(BaseCommand):
    """See the module."""

    help = "Put a record folder into the record of a team that has no people yet."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what is asked for."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--team", required=True, help="The team's short name.")

    def handle(self, *, folder: Path, team: str, **_: Any) -> None:
        """Load, and make everybody's state."""
        whose = team_named(team)
        try:
            rows = load_record(folder, whose, progress=self._say)
        except AfterdoseError as error:
            raise CommandError(str(error)) from None
        recompute_team(whose, progress=lambda done: self._say("people looked at", done))
        note_laboratories(whose)
        self.stdout.write(f"Loaded {sum(rows.values())} rows of {rows.get('people', 0)} people.")

    def _say(self, what: str, count: int) -> None:
        self.stderr.write(f"{what}: {count}")
