"""Answers and their reasons, shared by checks and alerts."""

from dataclasses import dataclass
from enum import StrEnum

from afterdose.monitoring.model import Evidence, Grounds
from afterdose.record.tables import Lab


class Answer(StrEnum):
    """Absent data never reads as normal, so there are three."""

    MET = "met"
    NOT_MET = "not met"
    NOT_ASSESSABLE = "not assessable"


@dataclass(frozen=True, slots=True)
class Reason:
    """One statement with what it rests on.

    Attributes
    ----------
    text : str
        A sentence.
    rule : str
        Id of the rule it applies.
    rows : tuple of str
        The rows used, each readable on its own and traceable to its source.
    sources : tuple of str
        Citations of the rule.
    evidence : Evidence
    """

    text: str
    rule: str
    evidence: Evidence
    rows: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def reason(text: str, *, rule: str, grounds: Grounds, rows: tuple[str, ...] = ()) -> Reason:
    """A reason that carries the citations of its rule."""
    return Reason(
        text=text,
        rule=rule,
        evidence=grounds.evidence,
        rows=rows,
        sources=tuple(
            f"{source.cite}, {source.section}" if source.section else source.cite
            for source in grounds.sources
        ),
    )


def cite_lab(lab: Lab) -> str:
    """A laboratory row as a line a reader can find again."""
    value = "no value" if lab.value is None else f"{lab.comparator or ''}{lab.value:g} {lab.unit}"
    original = (
        f" (reported as {lab.original_value} {lab.original_unit or ''}".rstrip() + ")"
        if lab.original_value and lab.original_unit != lab.unit
        else ""
    )
    provider = lab.provider or "provider not recorded"
    where = f" [{lab.source}]" if lab.source else ""
    return (
        f"{lab.analyte} {value}{original}, {lab.status}, specimen {lab.specimen_date}, "
        f"received {lab.received_date}, {provider}{where}"
    )
