"""``manage.py make_team SLUG NAME ADMINISTRATOR``: a team, and the first who may sign in to it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email, validate_slug
from django.db import transaction
from django.forms import ValidationError
from django.urls import reverse

from afterdose.web.accounts.models import Role, Team
from afterdose.web.sharing.invitations import invite


class Command(BaseCommand):
    """Everybody after the first administrator is invited on the team's page."""

    help = "Make a team, and print the address at which its first administrator chooses a password."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which team, and who."""
        parser.add_argument("slug", help="Its short name, such as north.")
        parser.add_argument("name", help="As its pages show it.")
        parser.add_argument("administrator", help="The e-mail address of its first administrator.")
        parser.add_argument("--simulated", action="store_true", help="Nobody in it exists.")

    @transaction.atomic
    def handle(self, *args: Any, **given: Any) -> None:
        """Make it."""
        try:
            validate_slug(given["slug"])
            validate_email(given["administrator"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        team, is_new = Team.objects.get_or_create(
            slug=given["slug"],
            defaults={"name": given["name"], "is_simulated": given["simulated"]},
        )
        if not is_new and team.memberships.filter(role=Role.ADMINISTRATOR).exists():
            raise CommandError(
                f"Team '{team.slug}' has an administrator. Permitted: a new team, or one without. "
                "They invite others on the team's page."
            )
        _, secret = invite(team, given["administrator"], Role.ADMINISTRATOR, by=None)
        host = settings.ALLOWED_HOSTS[0]
        scheme = "http" if settings.DEMO else "https"
        address = f"{scheme}://{host}{reverse('sharing:invited', args=[secret])}"
        self.stdout.write(f"Open within seven days, once: {address}")
