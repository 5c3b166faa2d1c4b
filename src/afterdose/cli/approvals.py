"""Which protocol versions a named clinician has approved for a record.

A protocol monitors nobody until a clinician at the site has approved that version. Approvals stand
in ``approvals.csv`` inside the record folder; a newer version of a protocol needs a new one.
"""

import csv
from datetime import date
from pathlib import Path
from typing import NamedTuple

from afterdose.monitoring import Protocol, load_protocol
from afterdose.record.errors import UsageError

FILE_NAME = "approvals.csv"


class Approval(NamedTuple):
    """One clinician's word on one version of one protocol."""

    protocol: str
    version: str
    approved_by: str
    approved_on: str


def read_approvals(record: Path) -> list[Approval]:
    """Every approval given for this record, oldest first."""
    path = record / FILE_NAME
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [Approval(**row) for row in csv.DictReader(file)]


def approve(record: Path, protocol: Protocol, *, by: str, on: date) -> Approval:
    """Record that ``by`` approved this version of ``protocol`` for this record."""
    approval = Approval(protocol.id, protocol.version, by, on.isoformat())
    path = record / FILE_NAME
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(Approval._fields)
        writer.writerow(approval)
    return approval


def approved_protocol(record: Path, name: str | None) -> tuple[Protocol, Approval]:
    """The protocol to monitor by, and who approved it.

    Raises
    ------
    UsageError
        No protocol is approved for this record, the one asked for is not, or several are and none
        was asked for.
    """
    latest = {approval.protocol: approval for approval in read_approvals(record)}
    if name is None:
        if len(latest) != 1:
            raise UsageError(_which(latest))
        name = next(iter(latest))
    protocol = load_protocol(name)
    approval = latest.get(protocol.id)
    if approval is None or approval.version != protocol.version:
        raise UsageError(
            f"Protocol '{protocol.id}' version {protocol.version} is not approved for this record. "
            "A protocol monitors nobody until a named clinician has approved that version. "
            f"Read it with `afterdose protocols show {protocol.id}`, then run "
            f'`afterdose protocols approve {name} --record {record} --by "NAME"`.'
        )
    return protocol, approval


def _which(latest: dict[str, Approval]) -> str:
    if latest:
        return (
            f"Several protocols are approved for this record: {', '.join(latest)}. "
            "Name one with --protocol."
        )
    return (
        "No protocol is approved for this record, so it monitors nobody. See "
        "`afterdose protocols list`, read one with `afterdose protocols show ID`, then run "
        '`afterdose protocols approve ID --record RECORD --by "NAME"`.'
    )
