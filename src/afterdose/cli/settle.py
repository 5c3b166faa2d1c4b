"""``afterdose settle``: somebody looked at a row that was set aside."""

from datetime import date
from pathlib import Path

import click

from afterdose.cli import options


@click.command("settle")
@options.record_folder
@click.argument("cited", metavar="FILE:LOCATOR")
@click.option("--by", required=True, help="Who looked at it.")
@click.option("--why", required=True, help="What was found, in a few words.")
@click.option("--on", type=options.Day(), help="When. Without it: today.")
@click.option("--reopen", is_flag=True, help="It asks for something again.")
def command(record: Path, cited: str, by: str, why: str, on: date | None, reopen: bool) -> None:
    """A row set aside was looked at: it leaves the worklist, with who, when and what was found.

    FILE:LOCATOR is what the worklist, explain and set_aside.csv cite. The row stays set aside, and
    explain goes on naming it.
    """
    from afterdose.cli.terminal import today
    from afterdose.ingest.settled import settle

    said = settle(record, cited, by=by, on=on or today(), why=why, reopen=reopen)
    done = "Open again" if reopen else "Settled"
    click.echo(f"{done}: {said.file}:{said.locator}, by {said.by} on {said.on}.")
