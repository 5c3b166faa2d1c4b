"""``nightly``: everybody's state for the new day, in every team."""

import logging
from datetime import datetime, time, timedelta
from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections
from django.utils.timezone import localtime

from afterdose.web.accounts.models import Team
from afterdose.web.clinic.laboratories import note_laboratories
from afterdose.web.clinic.state import recompute_team

_log = logging.getLogger("afterdose.web")


class Command(BaseCommand):
    """See the module."""

    help = "Make everybody's state for today; with --at, every day at that time until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what may be asked for."""
        parser.add_argument(
            "--at",
            type=time.fromisoformat,
            help="Now, and then every day at this time, such as 00:05.",
        )

    def handle(self, *, at: time | None, **_: Any) -> None:
        """Every team; one that fails keeps no other from its day."""
        failed = self._run()
        while at is not None:
            sleep(seconds_until(at, localtime()))
            close_old_connections()
            failed = self._run()
        if failed:
            raise CommandError(
                f"{failed} teams were not done; what is shown of them says that it is of an "
                "earlier day. The log names the fault. Run it again once it is mended."
            )

    def _run(self) -> int:
        failed = 0
        for team in Team.objects.order_by("pk"):
            try:
                people = recompute_team(team)
                note_laboratories(team)
            except Exception:
                failed += 1
                _log.exception("Team %s was not done.", team.slug)
            else:
                self.stdout.write(f"{team.slug}: {people} people, as of {team.today}")
        return failed


def seconds_until(at: time, now: datetime) -> float:
    """How long it is until the clock next shows a time.

    Examples
    --------
    >>> seconds_until(time(0, 5), datetime(2024, 3, 4, 23, 5))
    3600.0
    >>> seconds_until(time(0, 5), datetime(2024, 3, 4, 0, 5))
    86400.0
    """
    then = datetime.combine(now.date(), at, tzinfo=now.tzinfo)
    if then <= now:
        then += timedelta(days=1)
    return (then - now).total_seconds()
