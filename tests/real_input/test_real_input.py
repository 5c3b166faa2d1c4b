"""Files that other projects published, from ingest to worklist and story.

`treatments.csv` beside this test gives three of the people in them alemtuzumab courses in their
own years.
"""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from afterdose.cli import afterdose

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = (ROOT / "docs" / "real-input.md").read_text(encoding="utf-8")
GRANVILLE = "271033b4-ab72-469d-87e2-bbd6c6ecec1f"


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(
        afterdose, [str(argument) for argument in arguments], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def record(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real") / "record"
    run(
        "ingest", samples / "fhir", samples / "hl7v2", HERE / "treatments.csv",
        "--into", folder, "--landed-on", "2026-11-24",
    )  # fmt: skip
    run(
        "protocols", "approve", "alemtuzumab-eu", "--record", folder,
        "--by", "Dr Example", "--on", "2026-11-24",
    )  # fmt: skip
    return folder


def test_every_row_is_accounted_for(record: Path) -> None:
    (receipt,) = (record / "receipts").glob("*.json")
    found = json.loads(receipt.read_text(encoding="utf-8"))
    assert len(found["files"]) == 30
    assert found["totals"]["refused"] == 0
    for file in found["files"]:
        aside = sum(file["set_aside"].values())
        assert file["rows"] == file["accepted"] + file["duplicates"] + aside
        assert file["rows"] > 0
    assert found["totals"]["accepted"] == 614


def test_creatinine_that_tripled_is_found_without_a_laboratory_range(record: Path) -> None:
    """These laboratories send no reference ranges: only the person's own baseline tells."""
    found = json.loads(run("worklist", record, "--as-of", "2004-09-20", "--format", "json"))
    (entry,) = found["entries"]
    assert entry["person_id"] == GRANVILLE
    first, *others = entry["items"]
    assert (first["rule"], first["since"]) == ("creatinine-up-50", "2004-05-07")
    assert first["why"] == (
        "Creatinine 239.4 µmol/L, baseline 90.78 µmol/L on 2003-01-12; confirmed 2004-06-07; "
        "no repeat since 2004-09-09, 8 days late"
    )
    *results, course = first["because"][0]["rows"]
    assert len(results) == 3
    assert course.startswith("Alemtuzumab course 2, 2004-03-08 to 2004-03-10 [")
    assert {item["rule"]: item["urgency"] for item in others} == {
        "blood-count": "overdue",
        "urine": "overdue",
        "thyroid": "overdue",
    }
    blood_count = next(item for item in others if item["rule"] == "blood-count")
    assert "the newest lacks Neutrophils and Lymphocytes" in blood_count["why"]


def test_the_day_before_nobody_knew(record: Path) -> None:
    found = json.loads(run("worklist", record, "--as-of", "2004-05-06", "--format", "json"))
    (entry,) = found["entries"]
    assert "creatinine-up-50" not in {item["rule"] for item in entry["items"]}


def test_platelets_in_a_zero_width_space_are_platelets(record: Path) -> None:
    story = run("explain", record, "b9bbc884-486e-4159-9bf3-c666ecb90df7", "--as-of", "2016-05-27")
    assert re.search(r"Platelets 207\.6 × 10⁹/L", story)


def test_the_page_shows_what_is_printed(record: Path) -> None:
    """The documentation's output is today's, letter for letter."""
    shown = re.findall(r"```console\n\$ afterdose (worklist[^\n]*)\n(.*?)```", PAGE, re.DOTALL)
    assert len(shown) >= 2
    for command, output in shown:
        arguments = command.replace("clinic-record", str(record)).split()
        assert _lines(run(*arguments)) == _lines(output), command


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines() if line.strip()]
