"""``python -m afterdose.web.manage``: Django's own commands, with the clinic's settings."""

import os
import sys

from django.core.management import execute_from_command_line

from afterdose.web.audit.actor import begin


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afterdose.web.settings")
    if len(sys.argv) > 1:
        begin(f"command:{sys.argv[1]}"[:100])
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
