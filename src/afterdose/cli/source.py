"""``afterdose source``: from a row of the record back to the bytes it came from."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterdose.cli import options

if TYPE_CHECKING:
    from afterdose.ingest.provenance import Trace

_SHOWN = 4_000
"""How many characters of the original are shown in the terminal; JSON has all of it."""


@click.command("source")
@options.record_folder
@click.argument("cited", metavar="FILE:LOCATOR")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(record: Path, cited: str, form: str) -> None:
    """Where a row came from: its file, what became of it, and what stands there in the original.

    FILE:LOCATOR is what explain, trace, set_aside.csv and the column source of every table cite.
    The original may hold names; it is shown as it came.
    """
    from afterdose.ingest.provenance import trace

    found = trace(record, cited)
    if form == "json":
        click.echo(json.dumps(_as_json(found), default=str, indent=2))
        return
    for line in _lines(found):
        click.echo(line)


def _as_json(found: "Trace") -> dict[str, Any]:
    file = asdict(found.file)
    return asdict(found) | {
        "file": {name: file[name] for name in ("sha256", "name", "size", "landed_on")},
        "rows": [{"table": row.table} | row.cells for row in found.rows],
        "set_aside": [row._asdict() for row in found.set_aside],
    }


def _lines(found: "Trace") -> list[str]:
    file = found.file
    lines = [
        f"File      {file.name}, {file.size} bytes, landed on {file.landed_on}",
        f"sha256    {file.sha256}",
        f"Position  {found.locator}",
    ]
    lines += [
        f"Read      receipt {read.receipt} of {read.on}{', a replay' if read.is_replay else ''}, "
        f"codes and units {read.mapping}"
        for read in found.reads
    ]
    lines += [f"In the record  {row.table}: {_cells(row.cells)}" for row in found.rows]
    lines += [
        f"Set aside      {row.reason}{f' (seen: {row.seen})' if row.seen else ''}, codes and units "
        f"{row.mapping}. {row.do}"
        for row in found.set_aside
    ]
    if not found.rows and not found.set_aside:
        lines.append(
            "In no row of the record and nothing set aside: a duplicate, or passed over. The "
            "receipt counts it."
        )
    lines += [f"May be the same result: {other}" for other in found.linked]
    if found.original is None:
        return [*lines, "", f"The original cannot be shown as text. It is {file.path}."]
    shown = found.original[:_SHOWN]
    hidden = len(found.original) - len(shown)
    more = [f"… and {hidden} more characters in {file.path}"] if hidden else []
    return [*lines, "", "Original", shown, *more]


def _cells(row: dict[str, object]) -> str:
    return ", ".join(f"{name} {cell}" for name, cell in row.items())
