"""Arguments and options that several commands share."""

from datetime import date
from pathlib import Path
from typing import Any

import click


class Day(click.ParamType):
    """A day written YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is not a day. Write it as YYYY-MM-DD.", param, ctx)


record_folder = click.argument(
    "record", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
as_of = click.option(
    "--as-of",
    type=Day(),
    help="The morning to look at: only what had been received by then counts. "
    "Without it: today, or for simulated data its last day.",
)
protocols = click.option(
    "--protocol",
    "protocol_names",
    multiple=True,
    help="A protocol's id or file; may be given several times, one per drug. Without it: every one "
    "approved for this record.",
)
keys = click.option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of keys: issuers whose SMART Health Cards are trusted, and links to open.",
)
known_people_only = click.option(
    "--known-people-only",
    is_flag=True,
    help="Take nobody new in: rows of others wait until somebody decides whose they are.",
)
site = click.option(
    "--site",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A site file, with what the site sets differently.",
)

STANDINGS = ("listed", "uncovered", "nothing-due", "ended", "not-treated", "not-recorded", "died")
"""Where people stand, as `afterdose.monitoring.Standing` names it; written out, since to import it
would keep ``--help`` waiting."""
