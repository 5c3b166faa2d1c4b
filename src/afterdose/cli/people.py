"""``afterdose people``: whose rows these are, where the identifiers alone do not say."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterdose.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable

    from afterdose.ingest.matching import Matched


@click.group("people")
def command() -> None:
    """Who waits to be matched, and whose rows they are.

    An identifier is a number and who assigned it, as identities.csv has them. Nobody is matched by
    name or birth date. Every decision is kept in identity_decisions.csv, and can be undone.
    """


def _decision(function: "Callable[..., None]") -> "Callable[..., None]":
    """Who decided, when and why; and what is needed to read the files again."""
    for option in (
        options.keys,
        click.option("--why", default="", help="Why, in a few words."),
        click.option("--on", type=options.Day(), help="When it was decided. Without it: today."),
        click.option("--by", required=True, help="Who decided."),
    ):
        function = option(function)
    return function


@command.command("unmatched")
@options.record_folder
def unmatched(record: Path) -> None:
    """Identifiers that match nobody, and how many rows wait for each."""
    from afterdose.cli.terminal import console
    from afterdose.ingest.rows import Identifier
    from afterdose.ingest.senders import is_of_one_sending
    from afterdose.ingest.set_aside import FILE_NAME as SET_ASIDE
    from afterdose.ingest.set_aside import read_set_aside
    from afterdose.ingest.unmatched import FILE_NAME, read_unmatched

    rows: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for one in read_unmatched(record / FILE_NAME):
        rows.setdefault((one.assigner, one.identifier), []).append((one.file, one.rows))
    out = console()
    if rows:
        out.print(_table(rows))
    else:
        click.echo("Nobody waits to be matched.")
    conflicts = [
        row for row in read_set_aside(record / SET_ASIDE) if row.reason == "identity-conflict"
    ]
    for row in conflicts:
        click.echo(f"Identifiers that mean several people: {row.file}:{row.locator}")
    if any(is_of_one_sending(Identifier(*pair)) for pair in rows):
        click.echo(
            "A reference in one file means somebody there only. If you know who sent the file: "
            "afterdose ingest FILE --sender NAME --into RECORD"
        )
    if rows or conflicts:
        click.echo("Decide: afterdose people join RECORD PERSON ASSIGNER IDENTIFIER --by NAME")


def _table(rows: dict[tuple[str, str], list[tuple[str, int]]]) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Assigner", overflow="fold")
    table.add_column("Identifier", overflow="fold")
    table.add_column("Rows", justify="right")
    table.add_column("Files", overflow="fold")
    for (assigner, identifier), found in rows.items():
        count = sum(rows for _, rows in found)
        table.add_row(assigner, identifier, str(count), ", ".join(file for file, _ in found))
    return table


@command.command("join")
@options.record_folder
@click.argument("person_id", metavar="PERSON")
@click.argument("assigner")
@click.argument("identifier")
@click.option("--new", "is_new", is_flag=True, help="PERSON is somebody new, who is taken in.")
@_decision
def join(
    record: Path,
    person_id: str,
    assigner: str,
    identifier: str,
    is_new: bool,
    by: str,
    on: date | None,
    why: str,
    keys: Path | None,
) -> None:
    """An identifier means PERSON: its rows become theirs. Undone by split."""
    from afterdose.cli.terminal import today
    from afterdose.ingest import matching
    from afterdose.ingest.keys import Keys
    from afterdose.ingest.rows import Identifier

    trusted = None if keys is None else Keys.read(keys)

    whose = Identifier(assigner, identifier)
    day = on or today()
    _say(
        matching.join(record, person_id, whose, by=by, on=day, why=why, is_new=is_new, keys=trusted)
    )


@command.command("split")
@options.record_folder
@click.argument("assigner")
@click.argument("identifier")
@_decision
def split(
    record: Path,
    assigner: str,
    identifier: str,
    by: str,
    on: date | None,
    why: str,
    keys: Path | None,
) -> None:
    """An identifier means nobody any more: its rows leave the record and wait. Undone by join."""
    from afterdose.cli.terminal import today
    from afterdose.ingest import matching
    from afterdose.ingest.keys import Keys
    from afterdose.ingest.rows import Identifier

    trusted = None if keys is None else Keys.read(keys)

    whose = Identifier(assigner, identifier)
    _say(matching.split(record, whose, by=by, on=on or today(), why=why, keys=trusted))


def _say(done: "Matched") -> None:
    click.echo(f"{done.came} rows entered the record, {done.went} left it.")
    if done.emptied:
        click.echo(
            f"Emptied for {done.moved_from}, since these rows stated it: "
            f"{', '.join(done.emptied)}. Enter again what is known of them."
        )
    if done.forgotten:
        click.echo(f"{done.moved_from} had nothing else and is no longer in the record.")
