"""``afterdose worklist``: who needs what, why, since when, and whose move it is."""

import csv
import json
import sys
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
    from afterdose.monitoring import Entry, Item


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
def command(
    record: Path,
    as_of: date | None,
    protocol_names: tuple[str, ...],
    person_id: str | None,
    form: str,
    limit: int | None,
) -> None:
    """Who needs what on one morning, most dangerous first."""
    from afterdose.cli.approvals import approved_protocols
    from afterdose.cli.opening import open_cohort
    from afterdose.cli.terminal import console, progress_bar

    approved = approved_protocols(record, protocol_names)
    opened = open_cohort(record, as_of=as_of, person_id=person_id)
    with progress_bar("Looking at people", len(opened.person_ids)) as bar:
        protocols = [protocol for protocol, _ in approved]
        found = opened.worklist(protocols, bar)
    approvals = [approval for _, approval in approved]
    if form == "json":
        click.echo(json.dumps(as_json(found, approvals, simulated=opened.simulated), indent=2))
    elif form == "csv":
        write_csv(found)
    else:
        console().print(as_table(found, approvals, simulated=opened.simulated, limit=limit))


def as_table(
    found: "Worklist", approvals: "Sequence[Approval]", *, simulated: bool, limit: int | None = None
) -> "Group":
    """The list as a nurse reads it in the morning."""
    from rich.console import Group

    from afterdose.cli.terminal import ADVICE

    shown = found.entries[:limit]
    hidden = len(found.entries) - len(shown)
    lines = [
        "SIMULATED DATA: nobody on this list exists." if simulated else "",
        f"Worklist of {found.as_of}. {_approved(found, approvals)}",
        _summary(found),
    ]
    notes = [
        f"… and {hidden} more people. Without --limit the list is complete." if hidden else "",
        f"Not recorded for anybody: {'; '.join(found.not_answered)}." if found.not_answered else "",
        *_changed_by_site(found),
        f"Why is somebody here? afterdose explain RECORD PERSON. {ADVICE}",
    ]
    return Group(*filter(None, lines), _people(shown), *filter(None, notes))


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


def _people(entries: Iterable["Entry"]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    # An identifier is never cut: somebody has to be found by it.
    table.add_column("Who", overflow="fold", max_width=20)
    table.add_column("Urgency", max_width=20)
    for title, ratio in (("What", 3), ("Why", 5)):
        table.add_column(title, ratio=ratio)
    table.add_column("Since", min_width=10)
    table.add_column("Whose move", max_width=16)
    for entry in entries:
        for position, line in enumerate(_merged(entry.items)):
            who = _who(entry) if position == 0 else ""
            table.add_row(
                who, line["urgency"], line["what"], line["why"], line["since"], line["owner"]
            )
        table.add_section()
    return table


def _who(entry: "Entry") -> str:
    if entry.months_since_course is None:
        return entry.person_id
    return f"{entry.person_id}\nmonth {entry.months_since_course}"


_MERGED = ("overdue", "due", "known finding", "not assessable")
"""Urgencies whose items share a line: one draw with several reasons, not several rows."""


def _merged(items: Iterable["Item"]) -> list[dict[str, str]]:
    """One line for items of the same urgency and owner; findings to act on keep their own."""
    lines: dict[tuple[str, ...], list[Item]] = {}
    for item in items:
        urgency, owner = str(item.urgency), _owner(item)
        own = () if urgency in _MERGED else (item.rule,)
        lines.setdefault((urgency, owner, *own), []).append(item)
    return [_line(key[0], key[1], group) for key, group in lines.items()]


def _line(urgency: str, owner: str, group: list["Item"]) -> dict[str, str]:
    since = min((item.since for item in group if item.since), default=None)
    days = max(item.days for item in group)
    return {
        "urgency": urgency,
        "what": ", ".join(_whats(group)),
        "why": _whys(group),
        "since": f"{since}\n{days} day{'' if days == 1 else 's'}" if since else "",
        "owner": owner,
    }


def _whats(group: list["Item"]) -> list[str]:
    """Every test by name, those of other drugs that the same draw serves with the drug."""
    found = [item.what for item in group]
    found += [f"{other.what} for {other.drug}" for item in group for other in item.also]
    return found


def _whys(group: list["Item"]) -> str:
    """What most of them share, said once; then what differs, by name."""
    whys = [item.why for item in group]
    shared = max(whys, key=whys.count)
    others = [f"{item.what}: {item.why}" for item in group if item.why != shared]
    others += [
        f"the same draw for {other.drug}, {other.urgency}: {other.why}"
        for item in group
        for other in item.also
    ]
    return "; ".join([shared, *others])


def _owner(item: "Item") -> str:
    from afterdose.monitoring.words import owner_in_words

    name = owner_in_words(item.owner.owner)
    return {
        "accepted": name,
        "proposed": f"{name} (not accepted)",
        "declined": f"{name} (declined by another)",
        "default": f"{name} (nobody accepted)",
    }[item.owner.state]


def as_json(
    found: "Worklist", approvals: "Sequence[Approval]", *, simulated: bool
) -> dict[str, Any]:
    """The whole list with its reasons, for other programs."""
    return {
        "as_of": found.as_of.isoformat(),
        "simulated": simulated,
        "protocols": [
            {
                "id": protocol.id,
                "version": protocol.version,
                "approved_by": approval.approved_by,
                "approved_on": approval.approved_on,
                "changed_by_site": [asdict(override) for override in protocol.overrides],
            }
            for protocol, approval in zip(found.protocols, approvals, strict=True)
        ],
        "people": found.people,
        "standings": {str(standing): count for standing, count in found.standings.items()},
        "not_answered": list(found.not_answered),
        "entries": [
            {
                "person_id": entry.person_id,
                "months_since_course": entry.months_since_course,
                "monitored_until": _iso(entry.monitored_until),
                "last_specimen": _iso(entry.last_specimen),
                "items": [_item_json(item) for item in entry.items],
            }
            for entry in found.entries
        ],
    }


def _item_json(item: "Item") -> dict[str, Any]:
    return {
        "urgency": str(item.urgency),
        "rule": item.rule,
        "protocol": item.protocol,
        "what": item.what,
        "why": item.why,
        "since": _iso(item.since),
        "days": item.days,
        "owner": item.owner.owner,
        "owner_state": item.owner.state,
        "because": [
            {
                "text": reason.text,
                "rule": reason.rule,
                "evidence": str(reason.evidence),
                "rows": list(reason.rows),
                "sources": list(reason.sources),
            }
            for reason in item.because
        ],
        "also": [_item_json(other) for other in item.also],
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def write_csv(found: "Worklist") -> None:
    """One line per thing to do, for a spreadsheet."""
    writer = csv.writer(sys.stdout)
    writer.writerow(
        (
            "person_id",
            "urgency",
            "rule",
            "protocol",
            "what",
            "why",
            "since",
            "days",
            "owner",
            "owner_state",
        )
    )
    for entry in found.entries:
        for item in (one for first in entry.items for one in (first, *first.also)):
            writer.writerow(
                (
                    entry.person_id,
                    item.urgency,
                    item.rule,
                    item.protocol,
                    item.what,
                    item.why,
                    item.since or "",
                    item.days,
                    item.owner.owner,
                    item.owner.state,
                )
            )
