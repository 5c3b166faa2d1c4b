"""Whatever is public is documented: tables, columns, analytes, errors, commands, protocols."""

import doctest
import inspect
import re

import generate
import pytest
from generators import commands, failures, layers, markdown, record

from afterdose import stats
from afterdose.cli import afterdose
from afterdose.ingest.reasons import REASONS
from afterdose.monitoring.load import load_protocol, shipped_protocols
from afterdose.record import errors
from afterdose.record.analytes import catalogue
from afterdose.record.columns import Column
from afterdose.record.tables import SPECS


@pytest.mark.parametrize("name", SPECS)
def test_every_table_and_column_has_its_line(name, generated):
    spec = SPECS[name]
    page, *_ = generated[f"record/{name}.md"].partition("\n## ")
    assert page.startswith(f"# {name}\n")
    for column, specification in spec.columns.items():
        (line,) = (line for line in page.splitlines() if line.startswith(f"| `{column}`"))
        assert markdown.escape(specification.meaning) in line
        assert line.startswith(f"| `{column}` required |") == (column in spec.required)
        assert all(f"`{value}`" in line for value in specification.values)
    assert f"generated/record/{name}" in generated["fragments/record-tables.md"]


def test_rules_between_columns_are_printed(generated):
    page = generated["record/treatments.md"]
    assert "| `end_date` | a day before start_date | start_date or later |" in page


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (Column("", "text"), ""),
        (Column("", "code"), "a name from the [analyte catalogue](../analytes.md)"),
        (Column("", "code", values=("a", "b*")), "`a`, `b*`"),
        (Column("", "number", low=0, high=1, unit="1"), "0 to 1; unit `1`"),
        (Column("", "whole", low=0), "0 or more"),
        (Column("", "number", high=9, step=0.5), "at most 9; by 0.5"),
    ],
)
def test_what_a_column_permits_in_words(column, words):
    assert record.permitted(column) == words


@pytest.mark.parametrize("analyte", catalogue().values(), ids=lambda analyte: analyte.name)
def test_every_analyte_has_units_and_codes(analyte, generated):
    page = generated["analytes.md"]
    (section,) = (
        part for part in re.split(r"^###? ", page, flags=re.M) if f"`{analyte.name}`;" in part
    )
    for unit, factor in analyte.units.items():
        assert f"| `{unit}` | {factor} |" in section
    for loinc in analyte.loinc:
        grade = {"V2": "secondary", "U": "unverified"}[loinc.evidence]
        assert re.search(rf"^\| `{re.escape(loinc.code)}` \| .+ \| {grade}\b", section, re.M)


def test_every_error_has_its_line(generated):
    found = failures.families()
    assert len(found) == len(set(found)) > 5
    for family in found:
        line = f"| `{family.__name__}` | {family.exit_code} |"
        assert line in generated["fragments/errors.md"]


def test_the_tree_drawn_in_the_code_is_the_tree():
    drawn = re.findall(r"(\w+Error) +exit (\d+)", errors.__doc__)
    assert {(family.__name__, str(family.exit_code)) for family in failures.families()} == set(
        drawn
    )


def test_every_reason_for_setting_aside_has_its_next_step(generated):
    page = generated["fragments/reasons.md"]
    assert all(
        f"| `{reason}` | {markdown.escape(step)} |" in page for reason, step in REASONS.items()
    )


def test_every_command_is_printed(generated):
    found = [path for path, _ in commands.walk("afterdose", afterdose)]
    assert "afterdose worklist" in found
    assert "afterdose protocols approve" in found
    assert all(f"## {path}\n" in generated["commands.md"] for path in found)


def test_every_estimator_has_its_line(root):
    page = (root / "docs" / "statistics.md").read_text("utf-8")
    functions = [name for name in stats.__all__ if inspect.isfunction(getattr(stats, name))]
    assert len(functions) > 10
    assert [name for name in functions if f"`{name}`" not in page and name != "add_up"] == []


@pytest.mark.parametrize("name", shipped_protocols())
def test_every_rule_of_every_protocol_is_printed(name, generated):
    protocol = load_protocol(name)
    page = generated[f"protocols/{protocol.id}.md"]
    rules = (*protocol.checks, *protocol.alerts, *protocol.advice)
    assert all(f"`{rule.id}`" in page for rule in rules)
    assert f"generated/protocols/{protocol.id}" in generated["fragments/protocols.md"]


def test_protocols_of_one_drug_are_compared(generated):
    page = generated["protocols/alemtuzumab-eu-and-alemtuzumab-us.md"]
    assert "\n## Liver\n" in page
    assert "every month" in page
    assert "every 3 months" in page


def test_the_picture_holds_every_layer(root, generated):
    packages = [name for layer in layers.read_layers(root) for name in layer]
    there = {path.parent.name for path in (root / "src" / "afterdose").glob("*/__init__.py")}
    assert there - {"protocols"} == set(packages)
    assert all(f">{name}</text>" in generated["layers.svg"] for name in packages)
    assert all(f"| `{name}` |" in generated["fragments/layers.md"] for name in packages)


def test_the_example_worklist_is_of_its_morning(generated):
    assert generated["fragments/worklist.txt"].startswith("Worklist of 2023-11-08")


def test_glossary_has_every_table(root):
    glossary = (root / "GLOSSARY.md").read_text("utf-8")
    assert all(re.search(rf"`{name}`.* \|", glossary) for name in SPECS)


def test_an_old_page_goes_when_nothing_makes_it(tmp_path):
    generate.write({"record/old.md": "old\n", "kept.md": "kept\n"}, tmp_path)
    before = (tmp_path / "kept.md").stat().st_mtime_ns
    generate.write({"kept.md": "kept\n"}, tmp_path)
    assert not (tmp_path / "record" / "old.md").exists()
    assert (tmp_path / "kept.md").stat().st_mtime_ns == before


def test_examples_of_the_generators_run():
    outcome = doctest.testmod(markdown)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_cells_are_read_as_they_stand():
    assert markdown.escape("a | b * <c> [d] `e|f*`") == r"a \| b \* \<c> \[d\] `e\|f*`"
