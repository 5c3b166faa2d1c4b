"""``afterdose map``: a mapping proposed for a table."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from afterdose.record.errors import UnreadableInputError, UsageError

if TYPE_CHECKING:
    from afterdose.ingest.mapping import Proposal


@click.command("map")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to save the mapping; a file that is there is not overwritten. Without it: nowhere.",
)
@click.option(
    "--table",
    help="What the table holds: results, treatments, assessments, relapses, mri, events, "
    "examinations or follow_up. Without it: what fits best.",
)
def command(file: Path, output: Path | None, table: str | None) -> None:
    """Propose which column of a CSV, TSV or Excel table is what.

    It looks at the header and at the kind of the values, says what it saw and what is unsure, and
    prints no value. What is unsure stands in the file behind a #, so that a mapping nobody has read
    is refused by `afterdose ingest FILE --mapping mapping.toml`.
    """
    from afterdose.cli.terminal import console
    from afterdose.ingest.landing import MAX_BYTES
    from afterdose.ingest.mapping import propose
    from afterdose.ingest.mapping.model import TABLES

    if table is not None and table not in TABLES:
        raise UsageError(f"'{table}' is no table. Permitted: {', '.join(TABLES)}. Name one.")
    if output is not None and output.exists():
        raise UsageError(
            f"{output.name} is there already. Permitted: a new file, since somebody may have "
            "corrected the old one. Name another, or move it away."
        )
    if file.stat().st_size > MAX_BYTES:
        raise UnreadableInputError(
            f"{file.name} has more than {MAX_BYTES} bytes. Permitted: fewer. Give it the first "
            "lines of the file: a mapping needs no more."
        )
    proposal = propose(file.name, file.read_bytes(), table=table)
    _show(proposal)
    if output is None:
        console().print(proposal.toml, markup=False)
    else:
        output.write_text(proposal.toml, encoding="utf-8")
        console().print(f"Saved as {output}. Read it, correct it, then:", markup=False)
        console().print(
            f"afterdose ingest {file} --mapping {output} --into RECORD",
            markup=False,
            soft_wrap=True,
        )


def _show(proposal: "Proposal") -> None:
    from rich.table import Table
    from rich.text import Text

    from afterdose.cli.terminal import console

    table = Table(title=f"Proposed as {proposal.table}", title_justify="left")
    for title in ("Column", "Saw", "Proposed", "Unsure"):
        table.add_column(title)
    for guess in proposal.guesses:
        cells = (guess.column, guess.saw, guess.field, guess.unsure)
        table.add_row(*map(Text, cells))
    console().print(table)
    for one in proposal.open:
        console().print(Text(f"Open: {one}."))
