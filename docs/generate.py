"""Writes the pages that are made from the code, so that they cannot drift from it."""

import ast
import tomllib
from collections.abc import Iterable
from pathlib import Path

from afterdose.monitoring.load import load_protocol, shipped_protocols
from afterdose.monitoring.words import render_protocol
from afterdose.record import errors
from afterdose.record.analytes import Analyte, catalogue
from afterdose.record.columns import Column
from afterdose.record.tables import SPECS, TableSpec
from afterdose.simulate import simulate_cohort
from afterdose.simulate.calibration import compare

ROOT = Path(__file__).parent.parent
KINDS = {
    "text": "text",
    "code": "code",
    "date": "day, YYYY-MM-DD",
    "partial_date": "date, may be partial",
    "number": "number",
    "whole": "whole number",
    "yes_no": "yes or no",
}


def everything(target: Path) -> None:
    """Write every generated page below ``target``."""
    pages = {
        "tables.md": tables_page(),
        "analytes.md": analytes_page(),
        "errors.md": errors_page(),
        "architecture.md": architecture_page(),
        "calibration.md": calibration_table(),
        "manual.md": manual_page(ROOT / "tests" / "spec"),
        **{f"protocol-{name}.md": protocol_page(name) for name in shipped_protocols()},
    }
    target.mkdir(exist_ok=True)
    for name, text in pages.items():
        path = target / name
        # Rewriting an unchanged page would make every build a full one.
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


# The record ---------------------------------------------------------------------------------------


def tables_page() -> str:
    """Every table and column of the record, from the row classes."""
    lines = [
        "# The record's tables",
        "",
        "A record is a set of tables: a folder of Parquet or CSV files with these names. It may "
        "hold only the tables a question needs. Nothing is overwritten: a corrected or cancelled "
        "result is a new row. Empty means not known, which is never the same as normal or none.",
    ]
    for spec in SPECS.values():
        lines += _table(spec)
    return "\n".join(lines) + "\n"


def _table(spec: TableSpec) -> list[str]:
    rows = [
        (
            f"`{name}`" + (" (required)" if name in spec.required else ""),
            KINDS[column.kind],
            _permitted(column),
            column.meaning,
        )
        for name, column in spec.columns.items()
    ]
    return [
        "",
        f"## `{spec.name}`",
        "",
        spec.meaning,
        "",
        *markdown_table(("Column", "Kind", "Permitted", "Meaning"), rows),
    ]


def _permitted(column: Column) -> str:
    parts = []
    if column.values:
        parts.append(", ".join(f"`{value}`" for value in column.values))
    elif column.kind == "code":
        parts.append("a name of the [analyte catalogue](analytes.md)")
    if column.low is not None:
        parts.append(f"at least {column.low:g}")
    if column.high is not None:
        parts.append(f"at most {column.high:g}")
    if column.unit:
        parts.append(f"in {column.unit}")
    return "; ".join(parts)


def analytes_page() -> str:
    """The analyte catalogue: codes with their grade, units with their factors."""
    lines = [
        "# The analyte catalogue",
        "",
        "What a result is, its LOINC code says; nothing is matched by name. Units convert once, on "
        "the way in, by exact factors; a unit that is not listed for its analyte is set aside. "
        "The plausible range only catches slips of typing and of units: it is our policy and says "
        "nothing about health.",
        "",
        "Evidence of a code: **V2** code and name were seen together in a public code list or a "
        "published example; **U** recalled only. No code was checked at loinc.org itself.",
    ]
    groups: dict[str, list[Analyte]] = {}
    for analyte in catalogue().values():
        groups.setdefault(analyte.group, []).append(analyte)
    for group, analytes in groups.items():
        rows = [
            (
                f"{analyte.title} (`{analyte.name}`)",
                analyte.unit,
                _units(analyte),
                _codes(analyte),
                f"{analyte.plausible_low:g} to {analyte.plausible_high:g}",
                analyte.note,
            )
            for analyte in analytes
        ]
        header = ("Analyte", "Unit", "Also accepted, × factor", "LOINC", "Plausible", "Note")
        lines += ["", f"## {group}", "", *markdown_table(header, rows)]
    return "\n".join(lines) + "\n"


def _units(analyte: Analyte) -> str:
    others = [
        f"`{unit}` × {factor.numerator}"
        + (f"/{factor.denominator}" if factor.denominator > 1 else "")
        for unit, factor in analyte.units.items()
        if unit != analyte.unit
    ]
    mass = f" ({analyte.molar_mass:g} g/mol)" if analyte.molar_mass else ""
    return ", ".join(others) + (mass if others else "")


def _codes(analyte: Analyte) -> str:
    return ", ".join(
        f"{code.code} ({code.evidence}{'; ' + code.note if code.note else ''})"
        for code in analyte.loinc
    )


# Errors, architecture, protocols ------------------------------------------------------------------


def errors_page() -> str:
    """The error tree and the exit codes, from the module that defines them."""
    tree = (errors.__doc__ or "").partition("::")[2]
    drawing = [line[4:] for line in tree.splitlines() if line.startswith("    ")]
    return "\n".join(
        [
            "# Errors and exit codes",
            "",
            "Every message says what was seen, what is permitted, and what to do next. Messages "
            "carry table and column names, row positions, codes and units; never a person's "
            "identifier, name or values. The command line returns the exit code of the family.",
            "",
            "```text",
            *drawing,
            "```",
            "",
        ]
    )


def architecture_page() -> str:
    """The packages and which may import which, from the contract that holds them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers, pure = project["tool"]["importlinter"]["contracts"]
    drawing = [
        "   ".join(name.strip().removeprefix("afterdose.") for name in layer.split("|"))
        for layer in layers["layers"]
    ]
    width = max(map(len, drawing)) + 4
    lines = [
        "# Architecture",
        "",
        "Each package may import those below it and none beside it; a test of the import "
        "contract holds this.",
        "",
        "```text",
        *(line.center(width).rstrip() for line in drawing),
        "```",
        "",
        "These run on the standard library alone: "
        + ", ".join(f"`{name.removeprefix('afterdose.')}`" for name in pure["source_modules"])
        + ".",
        "",
        "| package | holds |",
        "| --- | --- |",
    ]
    for name in _packages(layers["layers"]):
        doc = ast.get_docstring(
            ast.parse((ROOT / "src" / "afterdose" / name / "__init__.py").read_text("utf-8"))
        )
        lines.append(f"| `{name}` | {(doc or SUMMARIES[name]).splitlines()[0]} |")
    return "\n".join(lines) + "\n"


SUMMARIES = {
    "record": "What is known about people: tables, units, codes, partial dates.",
    "stats": "Estimators on arrays.",
}


def _packages(layers: Iterable[str]) -> list[str]:
    return [
        name.strip().removeprefix("afterdose.")
        for layer in reversed(list(layers))
        for name in layer.split("|")
    ]


def protocol_page(name: str) -> str:
    """A protocol as a page a clinic can print and check."""
    return render_protocol(load_protocol(name))


def calibration_table() -> str:
    """The simulated cohort beside the published figures it is held to."""
    rows = [
        (
            found.target["id"].replace("-", " "),
            f"{found.target['value']:g} {found.target['unit']}",
            f"{found.simulated:.3g}",
            str(found.people),
            f"± {found.target['tolerance']:g}",
            found.target["cite"] + (f". {found.target['why']}" if "why" in found.target else ""),
        )
        for found in compare(simulate_cohort(811, 1, only=CALIBRATED_TABLES))
    ]
    header = ("Figure", "Published", "Simulated", "People", "Tolerance", "Source")
    return "\n".join(markdown_table(header, rows)) + "\n"


CALIBRATED_TABLES = (
    "people",
    "treatments",
    "assessments",
    "relapses",
    "mri",
    "events",
    "follow_up",
)


# The manual ---------------------------------------------------------------------------------------


def manual_page(folder: Path) -> str:
    """The manual of monitoring: chapters and sections of spec tests, a paragraph a test."""
    chapters = _chapters(folder / "toc.py")
    lines = [
        "# Manual of monitoring",
        "",
        "Every paragraph is a test that runs, and every table below it is that test's input. The "
        "rules are those of a small protocol made for this manual, in `tests/spec/example.toml`; "
        "no drug's label. Unless a table of courses is shown, the person had one course from 8 to "
        "12 March 2021. The answer is given for each morning asked about.",
    ]
    for chapter, sections in chapters.items():
        lines += ["", f"## {chapter}"]
        for section in sections:
            lines += _section(folder / f"{section}.py")
    return "\n".join(lines) + "\n"


def _chapters(toc: Path) -> dict[str, list[str]]:
    tree = ast.parse(toc.read_text(encoding="utf-8"))
    assigned = next(node for node in tree.body if isinstance(node, ast.Assign))
    found: dict[str, list[str]] = ast.literal_eval(assigned.value)
    return found


def _section(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    lines = ["", f"### {ast.literal_eval(named['title'])}", "", ast.get_docstring(tree) or ""]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            lines += _paragraph(node, named)
    return lines


def _paragraph(test: ast.FunctionDef, named: dict[str, ast.expr]) -> list[str]:
    """A test's docstring, its tables, and what is answered on which morning."""
    call = next(
        node
        for node in ast.walk(test)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "spec_test"
    )
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    subject = given.get("check", given.get("alert"))
    about = f" (`{ast.literal_eval(subject)}`)" if subject is not None else ""
    heading = test.name.removeprefix("test_").replace("_", " ").capitalize()
    lines = ["", f"**{heading}**{about}. {ast.get_docstring(test)}"]
    lines += _setting(given)
    for name in given:
        if name in SPECS or name == "courses":
            text = _text(given[name], named)
            if text.strip():
                lines += ["", f"{name.replace('_', ' ').capitalize()}:", "", *_pipe_table(text)]
    answers = _expected(given["expected"])
    return [*lines, "", *markdown_table(("Morning", "Answer"), answers)]


def _setting(given: dict[str, ast.expr]) -> list[str]:
    """What is known of the person and the record, where the test says so."""
    lines = []
    if "person" in given:
        lines += ["", f"The person: {ast.unparse(given['person']).strip('{}') or 'nothing known'}."]
    if "absent" in given:
        names = ast.unparse(given["absent"]).removeprefix("frozenset({").removesuffix("})")
        lines += ["", f"The record holds no table {names}."]
    return lines


def _text(node: ast.expr, named: dict[str, ast.expr]) -> str:
    if isinstance(node, ast.Name):
        return _text(named[node.id], named)
    if isinstance(node, ast.BinOp):
        return _text(node.left, named) + _text(node.right, named)
    value = ast.literal_eval(node)
    return str(value)


def _expected(node: ast.expr) -> list[tuple[str, str]]:
    found: dict[str, str] = ast.literal_eval(node)
    return list(found.items())


def _pipe_table(text: str) -> list[str]:
    header, *rows = [
        tuple(cell.strip() for cell in line.split("|"))
        for line in text.splitlines()
        if line.strip()
    ]
    return markdown_table(header, rows)


def markdown_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A Markdown table; a bar inside a cell is written so that it stays one."""
    header = list(header)

    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"

    return [line(header), line("---" for _ in header), *map(line, rows)]
