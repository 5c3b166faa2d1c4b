"""``afterdose ingest``: laboratory files into a record."""

from datetime import date
from pathlib import Path

import click

from afterdose.cli import options
from afterdose.record.errors import UnreadableInputError


@click.command("ingest")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--into",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The record folder; it is made if there is none.",
)
@click.option(
    "--landed-on",
    type=options.Day(),
    help="The day the files arrived. Without it: today.",
)
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the columns of tables and workbooks are; `afterdose map` proposes one.",
)
@click.option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of keys: issuers whose SMART Health Cards are trusted, and links to open.",
)
def command(
    files: tuple[Path, ...],
    into: Path,
    landed_on: date | None,
    mapping: Path | None,
    keys: Path | None,
) -> None:
    """Read results and other files into a record; say what became of every row.

    FHIR, HL7 v2, clinical documents (C-CDA), brain volumetry listed in scans.csv, a record's own
    tables, and with --mapping any CSV, TSV or Excel table.

    Files may be in gzip or zip. SMART Health Cards are read if a key of --keys verifies them.

    Whatever arrives is either in the record, a duplicate, or set aside with a reason. If a file
    could not be read at all, the others are, and the exit code is 4.
    """
    from afterdose.cli.terminal import console, progress_bar, today
    from afterdose.ingest import ingest_files
    from afterdose.ingest.keys import Keys

    trusted = None if keys is None else Keys.read(keys)
    with progress_bar("Reading files") as bar:
        receipt = ingest_files(
            files,
            into,
            landed_on=landed_on or today(),
            mapping=mapping,
            keys=trusted,
            progress=bar.done,
        )
    console().print(receipt.as_table())
    if any(file.refused for file in receipt.files):
        raise SystemExit(UnreadableInputError.exit_code)
