"""Which protocol versions a named clinician has approved for a record.

A protocol monitors nobody until a clinician at the site has approved that version. Approvals stand
in ``approvals.csv`` inside the record folder; a newer version of a protocol needs a new one. Of a
protocol that did not come with Afterdose, the very file that was approved is kept in ``approvals/``
and read from there. What a site sets differently stands beside it in ``site.toml``, each override
with its own approval.
"""

import csv
import io
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from afterdose.cli.terminal import today
from afterdose.monitoring import Protocol
from afterdose.monitoring.load import (
    ProtocolFile,
    find_protocol,
    parse_protocol,
)
from afterdose.monitoring.reading import read_text
from afterdose.monitoring.site import apply_site
from afterdose.record.errors import ProtocolError, RecordError, UsageError

FILE_NAME = "approvals.csv"
KEPT = "approvals"
"""The folder of approved files, each under the hash of its text."""
SITE_FILE = "site.toml"


class Approval(NamedTuple):
    """One clinician's word on one version of one protocol.

    ``sha256`` is the hash of the approved file; empty where the protocol came with Afterdose.
    """

    protocol: str
    version: str
    approved_by: str
    approved_on: str
    sha256: str = ""


def read_approvals(record: Path) -> list[Approval]:
    """Every approval given for this record, oldest first; `RecordError` where it is no table."""
    path = record / FILE_NAME
    if not path.exists():
        return []
    required = set(Approval._fields) - set(Approval._field_defaults)
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        columns = set(rows.fieldnames or ())
        found = list(rows)
    is_whole = all(None not in row and None not in row.values() for row in found)
    if not required <= columns <= set(Approval._fields) or not is_whole:
        raise RecordError(
            f"{FILE_NAME} is not a table of approvals. Permitted: the columns "
            f"{', '.join(Approval._fields)}, filled in every row. Move it elsewhere and approve "
            "anew with `afterdose protocols approve`."
        )
    return [Approval(**row) for row in found]


def approve(record: Path, name: str, *, by: str, on: date | None = None) -> Approval:
    """Record that ``by`` approved this version of a protocol for this record.

    Parameters
    ----------
    record : Path
    name : str
        A shipped id, or the path of a protocol file, of which a copy is kept.
    by : str
        The clinician.
    on : date, optional
        The day of approval. Without it: today.

    Raises
    ------
    UsageError
        No clinician is named, the day has not come yet, or there is no such protocol.
    ProtocolError
        The file breaks the protocol model.
    """
    if not by.strip():
        raise UsageError(
            "The name of the clinician is empty. Permitted: a name. Say with --by who approves."
        )
    on = on or today()
    if on > today():
        raise UsageError(
            f"The day of approval, {on}, has not come yet. Permitted: a day up to today, "
            f"{today()}. Correct --on, or leave it out."
        )
    found = find_protocol(name)
    protocol = parse_protocol(found.text, where=found.where)
    approval = Approval(
        protocol.id, protocol.version, by.strip(), on.isoformat(), _hash_to_keep(found)
    )
    if approval.sha256:
        (record / KEPT).mkdir(exist_ok=True)
        _write(_kept(record, approval), found.text)
    _write_approvals(record, [*read_approvals(record), approval])
    return approval


def approved_protocols(record: Path, names: Sequence[str] = ()) -> list[tuple[Protocol, Approval]]:
    """The protocols to monitor by, one per drug, each with who approved it.

    Parameters
    ----------
    record : Path
    names : sequence of str
        Protocols to use, by id or file; none: every one that is approved for this record.

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
    protocols = [_approved(record, name, latest) for name in wanted]
    _one_per_drug(protocols)
    site = record / SITE_FILE
    if site.exists():
        protocols = apply_site(
            protocols, read_text(site), where=SITE_FILE, known=latest, today=today()
        )
    return [(protocol, latest[protocol.id]) for protocol in protocols]


def _approved(record: Path, name: str, latest: dict[str, Approval]) -> Protocol:
    """The protocol of that id or file, if what it says now is what was approved."""
    kept = latest.get(name)
    if kept is not None and kept.sha256:
        return _read_kept(record, kept)
    found = find_protocol(name)
    protocol = parse_protocol(found.text, where=found.where)
    approval = latest.get(protocol.id)
    if approval is None or approval.version != protocol.version:
        raise UsageError(_not_approved(protocol, name, record))
    if approval.sha256 != _hash_to_keep(found):
        raise UsageError(_changed(protocol, name, record))
    return protocol


def _read_kept(record: Path, approval: Approval) -> Protocol:
    path = _kept(record, approval)
    text = path.read_text(encoding="utf-8") if path.is_file() else None
    if text is None or _hash(text) != approval.sha256:
        state = "missing" if text is None else "not the file that was approved"
        raise ProtocolError(
            f"The kept copy of protocol '{approval.protocol}' version {approval.version} is "
            f"{state}. Permitted: the approved file, unchanged, in {KEPT}/ of the record. Put it "
            f"back, or approve anew with `afterdose protocols approve FILE --record {record} "
            '--by "NAME"`.'
        )
    return parse_protocol(text, where=f"{KEPT}/{path.name}")


def _kept(record: Path, approval: Approval) -> Path:
    return record / KEPT / f"{approval.sha256[:16]}.toml"


def _hash_to_keep(found: ProtocolFile) -> str:
    """Empty for a protocol that came with Afterdose: its version says what it says."""
    return "" if found.is_shipped else _hash(found.text)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _write_approvals(record: Path, approvals: Sequence[Approval]) -> None:
    rows = io.StringIO(newline="")
    writer = csv.writer(rows)
    writer.writerow(Approval._fields)
    writer.writerows(approvals)
    _write(record / FILE_NAME, rows.getvalue())


def _write(path: Path, text: str) -> None:
    """Under a temporary name first, so that nobody ever reads half of it."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, encoding="utf-8", newline="")
    temporary.replace(path)


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
        f"{_next_step(name, record)}"
    )


def _changed(protocol: Protocol, name: str, record: Path) -> str:
    return (
        f"Protocol '{protocol.id}' version {protocol.version} is not the file that was approved "
        "for this record: its text differs. A changed file needs a new approval. "
        f"{_next_step(name, record)}"
    )


def _next_step(name: str, record: Path) -> str:
    return (
        f"Read it with `afterdose protocols show {name}`, then run "
        f'`afterdose protocols approve {name} --record {record} --by "NAME"`.'
    )


_NONE = (
    "No protocol is approved for this record, so it monitors nobody. See "
    "`afterdose protocols list`, read one with `afterdose protocols show ID`, then run "
    '`afterdose protocols approve ID --record RECORD --by "NAME"`.'
)
