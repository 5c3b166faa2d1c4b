"""``afterdose report``: the extension report as one HTML file."""

from datetime import date
from pathlib import Path

import click

from afterdose.cli import options


@click.command("report")
@options.record_folder
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The HTML file to write.",
)
@options.as_of
@options.protocol
def command(record: Path, output: Path, as_of: date | None, protocol_name: str | None) -> None:
    """What happened to everybody: retreatment, relapses, disability, brain volume, autoimmunity."""
    from afterdose.cli.approvals import approved_protocol
    from afterdose.cli.opening import open_cohort
    from afterdose.cli.terminal import progress_bar
    from afterdose.engines.reference import build_completeness
    from afterdose.study import build_report, summary_lines, write_report

    protocol, _ = approved_protocol(record, protocol_name)
    opened = open_cohort(record, as_of=as_of)
    with progress_bar("Measuring monitoring", len(opened.person_ids)) as bar:
        completeness = build_completeness(opened.histories(bar), protocol, as_of=opened.as_of)
    report = build_report(opened.cohort, as_of=opened.as_of, completeness=completeness)
    write_report(report, output)
    for line in summary_lines(report):
        click.echo(line)
    click.echo(f"Report written to {output}.")
