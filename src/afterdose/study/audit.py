"""The audit of monitoring as one HTML page: how completely every test was done, by protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import afterdose
from afterdose.engines.reference import CheckCompleteness
from afterdose.engines.reference.completeness import audit_notes
from afterdose.monitoring import Protocol
from afterdose.study.model import Section
from afterdose.study.render import render_page
from afterdose.study.sections import monitoring


@dataclass(frozen=True)
class Audit:
    """What the page tells.

    Attributes
    ----------
    simulated : bool
    about : str
        What the record says of itself.
    as_of : date
    people : int
        In the record.
    code_version : str
    sections : tuple of Section
        One a protocol.
    """

    simulated: bool
    about: str
    as_of: date
    people: int
    code_version: str
    sections: tuple[Section, ...]


def build_audit(
    completeness: Mapping[Protocol, Sequence[CheckCompleteness]],
    *,
    as_of: date,
    people: int,
    about: str = "",
    simulated: bool = False,
) -> Audit:
    """The audit of every protocol's checks.

    Parameters
    ----------
    completeness : mapping of Protocol to sequence of CheckCompleteness
        From an engine's ``build_completeness``; a protocol nobody was followed by has none.
    as_of : date
    people : int
        In the record.
    about : str
    simulated : bool
    """
    return Audit(
        simulated=simulated,
        about=about,
        as_of=as_of,
        people=people,
        code_version=f"Afterdose {afterdose.__version__}",
        sections=tuple(_section(protocol, rows) for protocol, rows in completeness.items()),
    )


def write_audit(audit: Audit, path: Path) -> None:
    """Write the audit as a self-contained HTML file: no script, nothing remote.

    Parameters
    ----------
    audit : Audit
    path : Path
        Replaced if it exists; its folder is made if it does not.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        render_page("audit.html.j2", simulated=audit.simulated, audit=audit), encoding="utf-8"
    )


def _section(protocol: Protocol, rows: Sequence[CheckCompleteness]) -> Section:
    """The report's section on monitoring, of one protocol."""
    found = monitoring.build(rows)
    parts = tuple(
        replace(part, plot=part.plot and replace(part.plot, id=f"{part.plot.id}-{protocol.id}"))
        for part in found.parts
    )
    return replace(
        found,
        id=protocol.id,
        title=f"{protocol.title}, version {protocol.version}",
        parts=parts,
        notes=(*audit_notes(protocol, rows), *found.notes),
        missing="Nobody in this record was followed by this protocol up to this day."
        if found.missing
        else "",
    )
