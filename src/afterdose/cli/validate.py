"""``afterdose validate``: a record against its table specifications."""

from pathlib import Path

import click

from afterdose.cli import options


@click.command("validate")
@options.record_folder
@click.option(
    "--quarantine",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Set the rows that break the specification aside in this file, with a reason each.",
)
def command(record: Path, quarantine: Path | None) -> None:
    """Check a record against its table specifications: every problem, and what to do about it."""
    from afterdose.cli.terminal import console
    from afterdose.cohort import read_record, validate_folder

    validation = validate_folder(record)
    console().print(validation.as_text(), markup=False)
    if quarantine is not None:
        read_record(record, quarantine=quarantine)
        click.echo(f"Rows set aside are in {quarantine}.")
    elif validation.problems:
        raise SystemExit(3)
