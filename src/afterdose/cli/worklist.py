"""``afterdose worklist``: who needs what, why, since when, and whose move it is."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterdose.cli import options

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from afterdose.cli.approvals import Approval
    from afterdose.engines.reference import Worklist
    from afterdose.monitoring import Entry, Whereabouts


@click.command("worklist")
@options.record_folder
@options.as_of
@options.protocols
@click.option("--person", "person_id", help="Only this person.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
)
@click.option("--limit", type=int, help="At most so many people in the table.")
@click.option(
    "--standing",
    type=click.Choice(options.STANDINGS),
    help="Instead of the list: everybody who stands there, by name. uncovered: on a drug that no "
    "approved protocol covers.",
)
@click.option("--everybody", is_flag=True, help="Instead of the list: where everybody stands.")
def command(
    record: Path,
    as_of: date | None,
    protocol_names: tuple[str, ...],
    person_id: str | None,
    form: str,
    limit: int | None,
    standing: str | None,
    everybody: bool,
) -> None:
    """Who needs what on one morning, most dangerous first."""
    if standing is not None and everybody:
        raise click.UsageError("Give --standing or --everybody, not both.")
    from afterdose.cli.approvals import approved_protocols
    from afterdose.cli.beside import not_understood, unmatched_of
    from afterdose.cli.opening import open_cohort
    from afterdose.cli.terminal import console, progress_bar
    from afterdose.cli.worklist_files import as_json, write_csv

    approved = approved_protocols(record, protocol_names)
    opened = open_cohort(record, as_of=as_of, person_id=person_id)
    with progress_bar("Looking at people", len(opened.person_ids)) as bar:
        protocols = [protocol for protocol, _ in approved]
        found = opened.worklist(protocols, bar)
    approvals = [approval for _, approval in approved]
    named = _named(found, standing, everybody=everybody)
    unmatched = unmatched_of(record, as_of=opened.as_of)
    unread = not_understood(record, opened.set_aside, found.whereabouts, as_of=opened.as_of)
    if form == "json":
        text = as_json(found, approvals, simulated=opened.simulated, named=named)
        text |= {"unmatched": asdict(unmatched), "not_understood": asdict(unread)}
        click.echo(json.dumps(text, indent=2))
    elif form == "csv":
        write_csv(found, named)
        if named is None and (note := _uncovered(found)):
            click.echo(note, err=True)
        for note in filter(None, (unmatched.note, unread.note)):
            click.echo(note, err=True)
    else:
        table = as_table(
            found,
            approvals,
            simulated=opened.simulated,
            limit=limit,
            named=named,
            beside=(unmatched.note, unread.note),
        )
        console().print(table)


def _named(
    found: "Worklist", standing: str | None, *, everybody: bool
) -> "tuple[Whereabouts, ...] | None":
    """Those asked for by name instead of the list; None: the list."""
    from afterdose.monitoring import Standing

    if everybody:
        return found.whereabouts
    if standing is None:
        return None
    return found.standing_at(next(one for one in Standing if one.slug == standing))


def as_table(
    found: "Worklist",
    approvals: "Sequence[Approval]",
    *,
    simulated: bool,
    limit: int | None = None,
    named: "Sequence[Whereabouts] | None" = None,
    beside: "Sequence[str]" = (),
) -> "Group":
    """The list as a nurse reads it in the morning, or those ``named`` instead."""
    from rich.console import Group

    from afterdose.cli.terminal import ADVICE

    rows: Sequence[Any] = found.entries if named is None else named
    shown = rows[:limit]
    hidden = len(rows) - len(shown)
    lines = [
        "SIMULATED DATA: nobody on this list exists." if simulated else "",
        f"Worklist of {found.as_of}. {_approved(found, approvals)}",
        _summary(found),
    ]
    notes = [
        f"… and {hidden} more people. Without --limit the list is complete." if hidden else "",
        _uncovered(found) if named is None else "",
        *beside,
        f"Not recorded for anybody: {'; '.join(found.not_answered)}." if found.not_answered else "",
        *_changed_by_site(found),
        f"Why is somebody here? afterdose explain RECORD PERSON. {ADVICE}",
    ]
    return Group(
        *filter(None, lines),
        _people(shown) if named is None else _places(shown),
        *filter(None, notes),
    )


def _approved(found: "Worklist", approvals: "Sequence[Approval]") -> str:
    return "; ".join(
        f"{protocol.title}, version {protocol.version}, approved by {approval.approved_by} on "
        f"{approval.approved_on}"
        for protocol, approval in zip(found.protocols, approvals, strict=True)
    )


def _changed_by_site(found: "Worklist") -> list[str]:
    from afterdose.monitoring.words import override_in_words

    return [
        f"Changed by this site, {override.rule}: {override_in_words(override)}"
        for protocol in found.protocols
        for override in protocol.overrides
    ]


def _summary(found: "Worklist") -> str:
    counts = [f"{urgency}: {count}" for urgency, count in found.counts().items() if count]
    elsewhere = [
        f"{count} {standing}"
        for standing, count in found.standings.items()
        if count and standing != "on the worklist"
    ]
    return (
        f"{len(found.entries)} of {found.people} people need something"
        + (f" ({' · '.join(counts)})" if counts else "")
        + (f". Of the others: {', '.join(elsewhere)}" if elsewhere else "")
        + ". Month: whole months since the last infusion or dose."
    )


def _uncovered(found: "Worklist") -> str:
    """How many are on a drug that nobody's rules watch over here, and how to see who."""
    from afterdose.monitoring import Standing

    people = found.standing_at(Standing.UNCOVERED)
    if not people:
        return ""
    return (
        f"{len(people)} {'person is' if len(people) == 1 else 'people are'} "
        f"{Standing.UNCOVERED}: nothing here watches over that drug. By name: "
        f"afterdose worklist RECORD --standing {Standing.UNCOVERED.slug}"
    )


def _places(people: "Iterable[Whereabouts]") -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Who", overflow="fold")
    table.add_column("Stands")
    table.add_column("Drugs no approved protocol covers")
    for one in people:
        table.add_row(one.person_id, str(one.standing), ", ".join(one.uncovered))
    return table


def _people(entries: Iterable["Entry"]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from afterdose.cli.worklist_lines import lines_of

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    # An identifier is never cut: somebody has to be found by it.
    table.add_column("Who", overflow="fold", max_width=20)
    table.add_column("Urgency", max_width=20)
    for title, ratio in (("What", 3), ("Why", 5)):
        table.add_column(title, ratio=ratio)
    table.add_column("Since", min_width=10)
    table.add_column("Whose move", max_width=16)
    for entry in entries:
        for position, line in enumerate(lines_of(entry)):
            who = _who(entry) if position == 0 else ""
            table.add_row(who, line.urgency, line.what, line.why, line.since, line.owner)
        table.add_section()
    return table


def _who(entry: "Entry") -> str:
    lines = [entry.person_id]
    if entry.months_since_course is not None:
        lines.append(f"month {entry.months_since_course}")
    lines += [f"also on {drug}, which no approved protocol covers" for drug in entry.uncovered]
    return "\n".join(lines)
