"""Reasons, shared by checks and alerts, and how they cite rows."""

from dataclasses import dataclass

from afterdose.monitoring.model import Evidence, Grounds
from afterdose.monitoring.words import need_title, override_in_words, quantity
from afterdose.record.tables import Lab


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
    """A reason that carries the citations of its rule, and what the site changed in it."""
    changed = [f"Changed by this site: {override_in_words(one)}" for one in grounds.overrides]
    return Reason(
        text=" ".join((text, *changed)),
        rule=rule,
        evidence=grounds.evidence,
        rows=rows,
        sources=tuple(
            f"{source.cite}, {source.section}" if source.section else source.cite
            for source in grounds.sources
        ),
    )


def cite_lab(lab: Lab) -> str:
    """A laboratory row as a line a reader can find again, with what the laboratory wrote."""
    if lab.value is None:
        value = "no value"
    else:
        value = f"{lab.comparator or ''}{quantity(lab.value, lab.analyte)}"
    written = f"{lab.original_value or ''} {lab.original_unit or ''}".strip()
    original = f" (reported as {written})" if written and lab.original_unit != lab.unit else ""
    where = f" [{lab.source}]" if lab.source else ""
    return (
        f"{need_title(lab.analyte)} {value}{original}, {lab.status}, specimen "
        f"{lab.specimen_date}, received {lab.received_date}, "
        f"{lab.provider or 'laboratory not recorded'}{where}"
    )
