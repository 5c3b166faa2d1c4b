"""Which protocol versions a named clinician has approved for a record.

A protocol monitors nobody until a clinician at the site has approved that version. Approvals stand
in ``approvals.csv`` inside the record folder; a newer version of a protocol needs a new one. What a
site sets differently stands beside it in ``site.toml``, each override with its own approval.
"""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from afterdose.monitoring import Protocol, load_protocol
from afterdose.monitoring.site import apply_site
from afterdose.record.errors import UsageError

FILE_NAME = "approvals.csv"
SITE_FILE = "site.toml"


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


def approved_protocols(record: Path, names: Sequence[str] = ()) -> list[tuple[Protocol, Approval]]:
    """The protocols to monitor by, one per drug, each with who approved it.

    Parameters
    ----------
    record : Path
    names : sequence of str
        Protocols to use; none: every one that is approved for this record.

    Returns
    -------
    list of tuple of Protocol and Approval
        With what the record's ``site.toml`` sets, where there is one.

    Raises
    ------
    UsageError
        No protocol is approved for this record, one asked for is not, or two are for the same
        drug.
    """
    latest = {approval.protocol: approval for approval in read_approvals(record)}
    wanted = names or list(latest)
    if not wanted:
        raise UsageError(_NONE)
    protocols = [load_protocol(name) for name in wanted]
    for protocol, name in zip(protocols, wanted, strict=True):
        approval = latest.get(protocol.id)
        if approval is None or approval.version != protocol.version:
            raise UsageError(_not_approved(protocol, name, record))
    _one_per_drug(protocols)
    site = record / SITE_FILE
    if site.exists():
        protocols = apply_site(protocols, site.read_text(encoding="utf-8"), where=SITE_FILE)
    return [(protocol, latest[protocol.id]) for protocol in protocols]


def _one_per_drug(protocols: list[Protocol]) -> None:
    """A person's drug is monitored by one protocol, never by two at once."""
    owner: dict[str, str] = {}
    for protocol in protocols:
        for drug in protocol.drugs:
            if drug in owner:
                raise UsageError(
                    f"Two protocols for {drug} are approved for this record: {owner[drug]} and "
                    f"{protocol.id}. Permitted: one per drug. Name those to use with --protocol."
                )
            owner[drug] = protocol.id


def _not_approved(protocol: Protocol, name: str, record: Path) -> str:
    return (
        f"Protocol '{protocol.id}' version {protocol.version} is not approved for this record. "
        "A protocol monitors nobody until a named clinician has approved that version. "
        f"Read it with `afterdose protocols show {protocol.id}`, then run "
        f'`afterdose protocols approve {name} --record {record} --by "NAME"`.'
    )


_NONE = (
    "No protocol is approved for this record, so it monitors nobody. See "
    "`afterdose protocols list`, read one with `afterdose protocols show ID`, then run "
    '`afterdose protocols approve ID --record RECORD --by "NAME"`.'
)
