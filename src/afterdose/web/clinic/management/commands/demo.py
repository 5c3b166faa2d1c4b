"""``demo``: make the demo clinic, say how to sign in, and serve it on this machine."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from afterdose.web.demo.clinic import PASSWORD, make_demo, users_of_the_demo


class Command(BaseCommand):
    """See the module."""

    help = "Make a clinic of simulated people, unless it is there, and serve it on this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what may be asked for."""
        parser.add_argument("--people", type=int, default=300)
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--only-make", action="store_true", help="Do not serve it.")

    def handle(self, *, people: int, port: int, only_make: bool, **_: Any) -> None:
        """Make what is missing, then serve until stopped."""
        if not settings.DEMO:
            raise CommandError(
                "AFTERDOSE_DEMO is not 1: this is a clinic for people who exist. Permitted: a demo "
                "only where nobody does. Set AFTERDOSE_DEMO=1 and a home of its own with "
                "AFTERDOSE_HOME."
            )
        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        self.stdout.write("Making the demo clinic; the first time this takes a moment.")
        make_demo(people)
        self.stdout.write(f"SIMULATED DATA: nobody exists. The password is {PASSWORD}")
        for role, address in users_of_the_demo():
            self.stdout.write(f"  {role:20} {address}")
        self.stdout.write(f"Open http://127.0.0.1:{port}/")
        if not only_make:
            self.stdout.flush()
            # In the place of this process, so that whoever stops it stops the server.
            os.execv(sys.executable, _served(port))  # noqa: S606 - our own server


def _served(port: int) -> list[str]:
    place = ["--host", "127.0.0.1", "--port", str(port)]
    threads = ["--workers", "1", "--blocking-threads", "8"]
    app = "afterdose.web.wsgi:application"
    return [sys.executable, "-m", "granian", "--interface", "wsgi", *place, *threads, app]
