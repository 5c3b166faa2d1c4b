"""``manage escalate_overdue``: pass what nobody answered in time to whoever is on duty."""

from typing import Any

from django.core.management.base import BaseCommand

from afterdose.web.accounts.models import Team
from afterdose.web.clinic.overdue import escalate_overdue


class Command(BaseCommand):
    """For a timer, every hour, at weekends too."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """All teams, one after the other."""
        for team in Team.objects.order_by("slug"):
            done = escalate_overdue(team)
            if done.nobody:
                self.stderr.write(
                    f"{team.slug}: {done.nobody} late and nobody on duty. Set who is on duty."
                )
            self.stdout.write(f"{team.slug}: {done.passed} passed to a deputy.")
