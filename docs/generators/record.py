"""The record's tables and the analyte catalogue, from their specifications."""

from pathlib import Path

from afterdose.cohort.rules import RULES
from afterdose.record.analytes import Analyte, catalogue
from afterdose.record.columns import Column
from afterdose.record.drugs import known_drugs
from afterdose.record.tables import SPECS, TableSpec
from afterdose.record.units import FAR
from generators.markdown import code, escape, page, table, toctree

_KINDS = {
    "text": "text",
    "code": "code",
    "date": "day",
    "partial_date": "day, month or year",
    "number": "number",
    "whole": "whole number",
    "yes_no": "yes or no",
}
_EVIDENCE = {"V2": "secondary", "U": "unverified"}


def pages(root: Path) -> dict[str, str]:
    """A page per table, the list of tables, the drugs and the analytes."""
    found = {f"record/{spec.name}.md": render_table(spec) for spec in SPECS.values()}
    found["fragments/record-tables.md"] = _list_of_tables()
    found["fragments/drugs.md"] = page(", ".join(known_drugs()) + ".")
    found["analytes.md"] = render_analytes()
    return found


def _list_of_tables() -> str:
    rows = [
        (
            f"[{spec.name}](generated/record/{spec.name}.md)",
            escape(spec.meaning),
            ", ".join(code(name) for name in spec.columns if name in spec.required),
        )
        for spec in SPECS.values()
    ]
    return page(
        table(("Table", "A row is", "Required columns"), rows),
        toctree((f"generated/record/{name}" for name in SPECS), hidden=True),
    )


def render_table(spec: TableSpec) -> str:
    """One table: what a row is, its columns, and what must hold between them."""
    rows = [
        (
            code(name) + (" required" if name in spec.required else ""),
            escape(column.meaning),
            "; ".join(part for part in (_KINDS[column.kind], permitted(column)) if part),
        )
        for name, column in spec.columns.items()
    ]
    header = ("Column", "Meaning", "Holds")
    return page(
        f"# {spec.name}",
        f"{escape(spec.meaning)} Rows are kept in the order of "
        f"{', '.join(code(name) for name in spec.order)}.",
        table(header, rows),
        _between_columns(spec),
    )


def permitted(column: Column) -> str:
    """What a column may hold beyond its kind, in words."""
    parts = [", ".join(code(value) for value in column.values)]
    if column.kind == "code" and not column.values:
        parts.append("a name from the [analyte catalogue](../analytes.md)")
    if column.low is not None and column.high is not None:
        parts.append(f"{column.low:g} to {column.high:g}")
    elif column.low is not None:
        parts.append(f"{column.low:g} or more")
    elif column.high is not None:
        parts.append(f"at most {column.high:g}")
    if column.step is not None:
        parts.append(f"by {column.step:g}")
    if column.unit is not None:
        parts.append(f"unit {code(column.unit)}")
    return "; ".join(part for part in parts if part)


def _between_columns(spec: TableSpec) -> str:
    rules = RULES.get(spec.name, ())
    if not rules:
        return ""
    rows = [
        (code(rule.column), escape(rule.seen), escape(rule.permitted), escape(rule.do))
        for rule in rules
    ]
    return page("## Between columns", table(("Column", "Refused", "Permitted", "To do"), rows))


def render_analytes() -> str:
    """Every analyte: units with exact factors, plausible range, codes with their evidence."""
    groups: dict[str, list[Analyte]] = {}
    for analyte in catalogue().values():
        groups.setdefault(analyte.group, []).append(analyte)
    blocks = [
        "# Analytes",
        f"The catalogue holds {len(catalogue())} analytes. A result is what its code says; nothing "
        "is matched by name. A unit that is not listed for its analyte is refused, never guessed.",
        "A value times the factor is the value in the canonical unit. Outside the plausible range "
        "a value is taken for a slip and set aside; that range is policy and says nothing about "
        "health.",
        f"Where a value lies more than {FAR} times beyond a limit of the laboratory's own range, "
        "and another unit of the list would bring it near, the unit is doubted and the row set "
        "aside. This is done for the analytes that say so: others have true values there.",
        "No LOINC code here was read at loinc.org itself. *Secondary*: code and name were seen "
        "together in a public code list or a published example. *Unverified*: recalled only.",
    ]
    for group, analytes in groups.items():
        blocks += [f"## {group}", *(_analyte(analyte) for analyte in analytes)]
    return page(*blocks)


def _analyte(analyte: Analyte) -> str:
    units = [(code(unit), str(factor)) for unit, factor in analyte.units.items()]
    codes = [
        (
            code(loinc.code),
            escape(loinc.name),
            ". ".join(part for part in (_EVIDENCE[loinc.evidence], escape(loinc.note)) if part),
        )
        for loinc in analyte.loinc
    ]
    facts = (
        f"Name in a record {code(analyte.name)}; {analyte.kind}, canonical unit "
        f"{code(analyte.unit)}; plausible {analyte.plausible_low:g} to {analyte.plausible_high:g}."
    )
    if analyte.why_plausible:
        facts += f" {escape(analyte.why_plausible)}"
    if analyte.unit_slips:
        sides = {"low": "below", "high": "above"}
        where = " and ".join(sides[side] for side in sides if side in analyte.unit_slips)
        facts += f" The unit is doubted far {where} the laboratory's own range."
    if analyte.molar_mass is not None:
        facts += f" Factors rest on a molar mass of {analyte.molar_mass:g} g/mol."
    return page(
        f"### {analyte.title}",
        facts,
        escape(analyte.note),
        table(("Unit", "Factor"), units),
        table(("LOINC", "Name", "Evidence"), codes)
        if codes
        else "No LOINC code was found in a source that could be read.",
    )
