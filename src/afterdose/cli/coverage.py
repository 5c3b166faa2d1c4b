"""``afterdose coverage``: how completely people were monitored, as an audit counts it."""

import csv
import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterdose.cli import options

if TYPE_CHECKING:
    from rich.table import Table

    from afterdose.cli.opening import Opened
    from afterdose.engines.reference import CheckCompleteness
    from afterdose.monitoring import Coverage, Protocol

_BAR = 20
"""Characters of a full bar."""


@click.command("coverage")
@options.record_folder
@options.as_of
@options.protocols
@click.option("--person", "person_id", help="Only this person: every check and span.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="csv and json: a row a person, check and span.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the clinic's audit as an HTML page, a plot and a table a protocol.",
)
def command(
    record: Path,
    as_of: date | None,
    protocol_names: tuple[str, ...],
    person_id: str | None,
    form: str,
    output: Path | None,
) -> None:
    """How completely every test was done: days in the window, longest gap, done against due."""
    from afterdose.cli.approvals import approved_protocols
    from afterdose.cli.opening import open_cohort
    from afterdose.cli.terminal import console, progress_bar
    from afterdose.engines.reference.completeness import audit_notes

    protocols = [protocol for protocol, _ in approved_protocols(record, protocol_names)]
    if output is not None and (person_id is not None or form != "table"):
        raise click.UsageError(
            "The page is about everybody and comes beside the table: leave out --person and "
            "--format, or leave out --output."
        )
    opened = open_cohort(record, as_of=as_of, person_id=person_id)
    if form != "table":
        _write(form, _rows(opened, protocols))
        return
    out = console()
    if opened.simulated:
        out.print("SIMULATED DATA: nobody in it exists.")
    found = {}
    for protocol in protocols:
        out.print(f"{protocol.title}, version {protocol.version}, up to {opened.as_of}")
        if person_id is None:
            with progress_bar("Counting tests", len(opened.person_ids)) as bar:
                found[protocol] = opened.completeness(protocol, bar)
            out.print(_clinic(found[protocol]))
            for note in audit_notes(protocol, found[protocol]):
                out.print(note)
        else:
            (history,) = opened.histories()
            out.print(_person(history, protocol, opened.as_of))
    out.print(
        "Only days under monitoring and under observation are counted, by the day a specimen was "
        "taken. While a test stays undone, another is due with every interval. Tests before and "
        "during a course are not counted. A bar is the share of days on which no test was overdue."
    )
    if output is not None:
        _write_page(opened, found, output)
        out.print(f"Audit written to {output}.")


def _write_page(
    opened: "Opened", found: "dict[Protocol, list[CheckCompleteness]]", output: Path
) -> None:
    from afterdose.study.audit import build_audit, write_audit

    audit = build_audit(
        found,
        as_of=opened.as_of,
        people=len(opened.person_ids),
        about=opened.cohort.about.title,
        simulated=opened.simulated,
    )
    write_audit(audit, output)


def _clinic(rows: "list[CheckCompleteness]") -> "Table":
    table = _table("Check", "People", gap="Median longest gap, days")
    for row in rows:
        table.add_row(
            row.title,
            f"{row.people:,}",
            *_shares(row.tests_in_window, row.tests_due, row.days_in_window, row.days),
            f"{row.median_longest_gap_days:.0f}",
        )
    return table


def _person(history: Any, protocol: "Protocol", as_of: date) -> "Table":
    from afterdose.monitoring import evaluate_coverage

    table = _table("Check", "Span", gap="Longest gap, days")
    for span in evaluate_coverage(history, protocol, as_of=as_of):
        table.add_row(
            protocol.check(span.check_id).title_with_grade,
            f"{span.first} to {span.last}",
            *_shares(span.tests_in_window, span.tests_due, span.days_in_window, span.days),
            str(span.longest_gap_days),
        )
    return table


def _table(*first: str, gap: str) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in first:
        table.add_column(title)
    for title in ("Tests due", "In window", "Days in window"):
        table.add_column(title, justify="right")
    table.add_column("")
    table.add_column(gap, justify="right")
    return table


def _shares(done: int, due: int, days_in_window: int, days: int) -> tuple[str, str, str, str]:
    share = days_in_window / days
    in_window = f"{done:,} ({100 * done / due:.0f} %)" if due else "none due"
    bar = "█" * round(_BAR * share) + "░" * (_BAR - round(_BAR * share))
    return f"{due:,}", in_window, f"{100 * share:.0f} %", bar


def _rows(opened: "Opened", protocols: "list[Protocol]") -> Iterator[dict[str, Any]]:
    from afterdose.monitoring import evaluate_coverage

    for history in opened.histories():
        for protocol in protocols:
            for span in evaluate_coverage(history, protocol, as_of=opened.as_of):
                yield _row(history.person.person_id, protocol, span)


def _row(person_id: str, protocol: "Protocol", span: "Coverage") -> dict[str, Any]:
    return {
        "person_id": person_id,
        "protocol": protocol.id,
        "check": span.check_id,
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
        "tests_due": span.tests_due,
        "tests_in_window": span.tests_in_window,
        "days": span.days,
        "days_in_window": span.days_in_window,
        "share_in_window": round(span.share_in_window, 4),
        "longest_gap_days": span.longest_gap_days,
    }


def _write(form: str, rows: Iterator[dict[str, Any]]) -> None:
    if form == "json":
        click.echo(json.dumps(list(rows), indent=2))
        return
    writer = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(sys.stdout, row)
            writer.writeheader()
        writer.writerow(row)
