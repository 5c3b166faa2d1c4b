"""``afterdose ingest``: laboratory files into a record."""

from datetime import date
from pathlib import Path

import click

from afterdose.cli import options
from afterdose.record.errors import UnreadableInputError


@click.command("ingest")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
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
@options.keys
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the columns of tables and workbooks are; `afterdose map` proposes one.",
)
@options.known_people_only
@click.option(
    "--sender",
    default="",
    help="Who sent the files, by the same name each time. References such as Patient/1 mean "
    "somebody at their sender only: without it they wait to be matched.",
)
@click.option(
    "--replay",
    is_flag=True,
    help="Instead of new files: read again what landed earlier and has rows set aside, after a "
    "code, a unit or an identity was added.",
)
def command(
    files: tuple[Path, ...],
    into: Path,
    landed_on: date | None,
    keys: Path | None,
    mapping: Path | None,
    known_people_only: bool,
    sender: str,
    replay: bool,
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
    from afterdose.ingest import replay as read_again
    from afterdose.ingest.keys import Keys

    if replay == bool(files):
        raise click.UsageError("Give files to read, or --replay and none.")
    if replay and (landed_on is not None or known_people_only or mapping is not None or sender):
        raise click.UsageError(
            "--replay takes none of --landed-on, --known-people-only, --sender and --mapping: "
            "every file is read as it was when it landed. After a mapping was corrected, ingest "
            "the table again with it."
        )
    trusted = None if keys is None else Keys.read(keys)
    with progress_bar("Reading files") as bar:
        if replay:
            receipt = read_again(into, on=today(), keys=trusted, progress=bar.done)
        else:
            receipt = ingest_files(
                files,
                into,
                landed_on=landed_on or today(),
                known_people_only=known_people_only,
                mapping=mapping,
                keys=trusted,
                sender=" ".join(sender.split()),
                progress=bar.done,
            )
    console().print(receipt.as_table())
    if any(file.refused for file in receipt.files):
        raise SystemExit(UnreadableInputError.exit_code)
