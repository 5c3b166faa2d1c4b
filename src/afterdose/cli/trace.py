"""``afterdose trace``: from a number of a report back to the people and rows behind it."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from afterdose.cli import options

if TYPE_CHECKING:
    from rich.table import Table

    from afterdose.cli.opening import Opened
    from afterdose.ingest.provenance import Origins
    from afterdose.monitoring import Protocol
    from afterdose.outcomes.definitions import Definition
    from afterdose.outcomes.disability import DisabilityDefinition
    from afterdose.study.identifiers import Place
    from afterdose.study.model import Section
    from afterdose.study.report_file import ReportFile
    from afterdose.study.row_words import RowShown
    from afterdose.study.tracing import PersonTrace, Trace

_SHOWN = 50
"""People shown on a terminal unless asked otherwise."""
_COLUMNS = (
    "number", "person_id", "counted", "answer", "value", "missing", "definition", "table", "date",
    "row", "provider", "source", "file", "sha256", "landed_on", "mapping",
)  # fmt: skip


@click.command("trace")
@click.argument(
    "report", metavar="REPORT.json", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.argument("number_id", metavar="NUMBER")
@click.option(
    "--record",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The record the report was made from. Without it: the one with the report's values, in "
    "the report's folder, in a folder beside it or above it.",
)
@click.option("--not-counted", is_flag=True, help="Also the people asked who did not count.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"How many people to show; 0: all. Without it: {_SHOWN}, and in a file all.",
)
@click.option(
    "--csv",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the people and rows to this file instead: a row a person, answer and row.",
)
@options.protocols
def command(
    report: Path,
    number_id: str,
    record: Path | None,
    not_counted: bool,
    limit: int | None,
    file: Path | None,
    protocol_names: tuple[str, ...],
) -> None:
    """The people and rows behind a number of a report, by its id, such as c1.E3."""
    from afterdose.cli.trace_record import MONITORING, open_record
    from afterdose.ingest.provenance import Origins
    from afterdose.study.report_file import read_report_json

    written = read_report_json(report)
    section = written.number(number_id).section
    folder, opened = open_record(record, report=report, written=written, section=section)
    _warn_of_other_code(written)
    if limit is None and file is None:
        limit = _SHOWN
    if section == MONITORING:
        protocol = _protocol(folder, protocol_names, written)
        found, place, sections = _trace_monitoring(
            opened, written, number_id, protocol, not_counted=not_counted, limit=limit or None
        )
    else:
        found, place, sections = _trace(
            opened, written, number_id, not_counted=not_counted, limit=limit or None
        )
    people = None if found is None else list(found.people)
    _print_number(opened, place, _definitions(place, people or [], sections))
    if found is None or people is None:
        from afterdose.cli.terminal import console

        console().print(_no_rows(section == MONITORING))
    elif file is None:
        _print_people(found, people, not_counted=not_counted, limit=limit)
        _print_files(people, Origins(folder))
    else:
        _write(found, people, file, Origins(folder))


def _warn_of_other_code(written: "ReportFile") -> None:
    from afterdose.sources import package_stamp

    if written.code != package_stamp():
        click.echo(
            "The report was made by other code of Afterdose than is installed here. Its data, "
            "definitions and number are compared, and the trace is by the code installed here.",
            err=True,
        )


def _trace(
    opened: "Opened",
    written: "ReportFile",
    number_id: str,
    *,
    not_counted: bool,
    limit: int | None,
) -> "tuple[Trace | None, Place, tuple[Section, ...]]":
    """The report is made anew, so that the people are those of this very number."""
    from afterdose.cli.terminal import waiting
    from afterdose.outcomes.brain_volume import volume_start
    from afterdose.study import build_report
    from afterdose.study.tracing import trace_number

    with waiting("Making the report anew"):
        report = build_report(
            opened.cohort,
            as_of=opened.as_of,
            drug=written.drug,
            volume_start=volume_start(written.volume_from_month),
            engine=opened.engine,
        )
    place = _same_number(report.sections, number_id, written)
    found = trace_number(opened.cohort, report, place, not_counted=not_counted, limit=limit)
    return found, place, report.sections


def _trace_monitoring(
    opened: "Opened",
    written: "ReportFile",
    number_id: str,
    protocol: "Protocol",
    *,
    not_counted: bool,
    limit: int | None,
) -> "tuple[Trace | None, Place, tuple[Section, ...]]":
    from afterdose.cli.terminal import progress_bar
    from afterdose.study.sections import monitoring
    from afterdose.study.tracing_monitoring import check_of, trace_check

    with progress_bar("Counting tests", len(opened.person_ids)) as bar:
        section = monitoring.build(opened.completeness(protocol, bar))
    place = _same_number((section,), number_id, written)
    check = check_of(place, protocol)
    if check is None:
        return None, place, (section,)
    with progress_bar("Looking at everybody's tests", len(opened.person_ids)) as bar:
        found = trace_check(
            opened.cohort, protocol, place, check,
            as_of=opened.as_of, not_counted=not_counted, limit=limit, advance=bar.advance,
        )  # fmt: skip
    return found, place, (section,)


def _protocol(folder: Path, names: tuple[str, ...], written: "ReportFile") -> "Protocol":
    """The approved protocol by which the report measured completeness, unchanged."""
    from afterdose.cli.approvals import approved_protocols
    from afterdose.record.errors import UsageError
    from afterdose.study.report_json import hash_of

    approved = [protocol for protocol, _ in approved_protocols(folder, names)]
    for protocol in approved:
        if written.protocols.get(protocol.id) == hash_of(protocol):
            return protocol
    asked = ", ".join(written.protocols) or "none"
    raise UsageError(
        f"Completeness was measured by the protocol {asked}, and no protocol approved or named is "
        f"the same: {', '.join(one.id for one in approved)}. Name it with --protocol, or make the "
        "report anew with `afterdose report`."
    )


def _same_number(sections: "Iterable[Section]", number_id: str, written: "ReportFile") -> "Place":
    """The number made anew; refused where it is not the one the report holds."""
    from afterdose.study.identifiers import numbers_in

    places = {place.id: place for section in sections for place in numbers_in(section)}
    place = places.get(number_id)
    if place is not None:
        written.refuse_other_definitions(place.section.definitions)
    written.refuse_other_number(number_id, place)
    assert place is not None
    return place


def _no_rows(is_monitoring: bool) -> str:
    if is_monitoring:
        return (
            "It is of several checks. `afterdose coverage RECORD --format csv` has a row a person, "
            "check and span."
        )
    return (
        "It rests on no treated person's rows: it counts the whole record, or is made from other "
        "numbers of the report."
    )


def _print_number(
    opened: "Opened", place: "Place", definitions: "list[Definition | DisabilityDefinition]"
) -> None:
    from rich.markup import escape

    from afterdose.cli.terminal import console
    from afterdose.study.render import words_of
    from afterdose.study.words import DASH, interval_in_words, made_of, number_in_words

    out, number = console(), place.number
    if opened.simulated:
        out.print("SIMULATED DATA: nobody in it exists.")
    out.print(f"[bold]{place.id}[/bold]  {escape(place.text)}")
    out.print(f"{escape(place.section.title)}. {escape(place.in_words())}.")
    told = {"95 % interval": interval_in_words(number), "made of": made_of(number)}
    out.print(
        "; ".join(
            (
                number_in_words(number),
                *(f"{what} {words}" for what, words in told.items() if words != DASH),
                f"as known on {opened.as_of}",
            )
        )
    )
    for definition in definitions:
        out.print(escape(f"{definition.id}: {words_of(definition)}"))


def _definitions(
    place: "Place", people: "list[PersonTrace]", sections: "Iterable[Section]"
) -> "list[Definition | DisabilityDefinition]":
    """Those of the report that the answers name; those of the section where they name none."""
    named = {told.because.definition for person in people for told in person.told}
    every = {one.id: one for section in sections for one in section.definitions}
    return [one for one in every.values() if one.id in named] or list(place.section.definitions)


def _print_people(
    found: "Trace", people: "list[PersonTrace]", *, not_counted: bool, limit: int | None
) -> None:
    from afterdose.cli.terminal import console
    from afterdose.study.words import people as in_words

    out = console()
    out.print(f"\n{in_words(found.asked)} asked, {found.counted} counted.")
    out.print(_table(people, not_counted=not_counted))
    left = (found.asked if not_counted else found.counted) - len(people)
    if left:
        out.print(f"{in_words(left)} more; --limit 0 shows all, --csv FILE writes all.")
    if not not_counted and found.asked > found.counted:
        out.print("--not-counted shows those asked who did not count, too.")


def _print_files(people: "list[PersonTrace]", origins: "Origins") -> None:
    """The files that the rows cite, by the beginning of their hash."""
    from rich.markup import escape

    from afterdose.cli.terminal import console
    from afterdose.study.row_words import show_row

    rows = (show_row(row) for one in people for told in one.told for row in told.because.rows)
    cited = dict.fromkeys(row.source for row in rows if row.source)
    files = {one.sha256: one for source in cited for one in origins.of(source)}
    if not files:
        return
    out = console()
    out.print("\nFiles; `afterdose source RECORD FILE:LOCATOR` shows what stands there.")
    for one in files.values():
        out.print(
            escape(
                f"[{one.sha256[:12]}] {one.file}, landed on {one.landed_on}, codes and units "
                f"{one.mapping or 'not noted'}, sha256 {one.sha256}"
            )
        )


def _table(people: "list[PersonTrace]", *, not_counted: bool) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from afterdose.study.row_words import show_row

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    columns = ["Person", "Answer", "Table", "Date", "Row"]
    if not_counted:
        columns.insert(1, "Counted")
    for title in columns:
        table.add_column(title)
    for person in people:
        who = [person.person_id]
        if not_counted:
            who.append("yes" if person.is_counted else "no")
        for told in person.told:
            missing = f"; missing: {told.because.missing}" if told.because.missing else ""
            first = [*who, f"{told.words}{missing}"]
            for row in [show_row(one) for one in told.because.rows] or [None]:
                shown = ["", "", ""] if row is None else [row.table, row.day, _in_one(row)]
                table.add_row(*(Text(cell) for cell in (*first, *shown)))
                first = [""] * len(first)
            who = [""] * len(who)
    return table


def _in_one(row: "RowShown") -> str:
    origin = " ".join(part for part in (row.provider, f"[{row.source}]" if row.source else "")
                      if part)  # fmt: skip
    return ", ".join(part for part in (row.values, origin) if part)


def _write(found: "Trace", people: "list[PersonTrace]", file: Path, origins: "Origins") -> None:
    from afterdose.study.row_words import show_row

    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(_COLUMNS)
        for person in people:
            counted = "yes" if person.is_counted else "no"
            for told in person.told:
                because, value = told.because, "" if told.value is None else told.value
                first = (found.place.id, person.person_id, counted, told.words, value,
                         because.missing, because.definition)  # fmt: skip
                for row in [show_row(one) for one in because.rows] or [None]:
                    shown = ("",) * 9 if row is None else (
                        row.table, row.day, row.values, row.provider, row.source,
                        *_of_files(row.source, origins),
                    )  # fmt: skip
                    writer.writerow((*first, *shown))
    click.echo(f"{found.asked} people asked, {found.counted} counted; written to {file}.")


def _of_files(source: str, origins: "Origins") -> tuple[str, str, str, str]:
    """Name, hash, day and codes of the files behind a row; of several, in the order cited."""
    found = origins.of(source)
    return (
        "; ".join(one.file for one in found),
        "; ".join(one.sha256 for one in found),
        "; ".join(str(one.landed_on) for one in found),
        "; ".join(one.mapping for one in found),
    )
