"""``afterdose report``: the extension report as one HTML file, and as PDF."""

from datetime import date
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import click

from afterdose.cli import options

if TYPE_CHECKING:
    from afterdose.monitoring import Protocol

DRUG = "alemtuzumab"


@click.command("report")
@options.record_folder
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The HTML file to write.",
)
@click.option(
    "--json",
    "machine",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file for machines and for `afterdose trace`. Without it: beside the HTML file.",
)
@click.option(
    "--pdf",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The same as PDF, too. Needs the library Pango.",
)
@click.option(
    "--about",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file with title, authors, their conflicts of interest, funding and contact.",
)
@click.option(
    "--volume-from-month",
    type=click.IntRange(0, 120),
    default=12,
    show_default=True,
    help="Month after the first course from which brain volume is measured anew; 0: before it.",
)
@options.as_of
@options.protocols
def command(
    record: Path,
    output: Path,
    machine: Path | None,
    pdf: Path | None,
    about: Path | None,
    volume_from_month: int,
    as_of: date | None,
    protocol_names: tuple[str, ...],
) -> None:
    """What happened to everybody: retreatment, relapses, disability, brain volume, autoimmunity."""
    from afterdose.cli.opening import open_cohort
    from afterdose.cli.terminal import progress_bar, waiting
    from afterdose.cohort import hashes_of
    from afterdose.outcomes.brain_volume import volume_start
    from afterdose.study import (
        build_report,
        read_authorship,
        render_report,
        summary_lines,
        write_report_json,
    )
    from afterdose.study.authorship import UNNAMED
    from afterdose.study.pdf import write_pdf
    from afterdose.study.render import write_page

    machine = machine or output.with_suffix(".json")
    _require_own_files({"--output": output, "--json": machine, "--pdf": pdf})
    authorship = UNNAMED if about is None else read_authorship(about)
    protocol = _protocol(record, protocol_names)
    opened = open_cohort(record, as_of=as_of)
    completeness = None
    if protocol is not None:
        with progress_bar("Measuring monitoring", len(opened.person_ids)) as bar:
            completeness = opened.completeness(protocol, bar)
    with waiting("Counting and drawing"):
        report = build_report(
            opened.cohort,
            as_of=opened.as_of,
            completeness=completeness,
            volume_start=volume_start(volume_from_month),
            authorship=authorship,
            engine=opened.engine,
        )
        page = render_report(report)
    write_page(page, output)
    write_report_json(
        report,
        machine,
        data=hashes_of(opened.cohort),
        protocols=() if protocol is None else (protocol,),
    )
    for line in summary_lines(report):
        click.echo(line)
    click.echo(f"Report written to {output}.")
    click.echo(f"For machines, and for `afterdose trace`, written to {machine}.")
    if pdf is not None:
        with waiting("Laying out the PDF"):
            write_pdf(page, pdf)
        click.echo(f"PDF written to {pdf}.")


def _require_own_files(files: dict[str, Path | None]) -> None:
    from afterdose.record.errors import UsageError

    given = {option: path for option, path in files.items() if path is not None}
    for (one, path), (other, second) in combinations(given.items(), 2):
        if path.resolve() == second.resolve():
            raise UsageError(
                f"{one} and {other} both name {path.name}. Permitted: a file each, such as "
                "report.html, report.json and report.pdf."
            )


def _protocol(record: Path, names: tuple[str, ...]) -> "Protocol | None":
    """The protocol by which completeness is measured; None where none of the drug is approved."""
    from afterdose.cli.approvals import approved_protocols, read_approvals
    from afterdose.record.errors import UsageError

    if not names and not read_approvals(record):
        return None
    for protocol, _ in approved_protocols(record, names):
        if DRUG in protocol.drugs:
            return protocol
    if names:
        raise UsageError(
            f"The report is about {DRUG}, and none of the protocols named is for it. Permitted: "
            "one that is, or none. Run `afterdose protocols list`."
        )
    return None
