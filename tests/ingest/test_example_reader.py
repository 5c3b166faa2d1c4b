"""The documentation's reader in thirty lines, installed as a package outside would be."""

import ast
from pathlib import Path

import pytest
from tests.ingest.conftest import Run

from afterdose.ingest.hooks import readers

EXAMPLE = Path(__file__).parents[2] / "examples" / "reader" / "clinic_scores.py"
SCORES = "SCORES\nEDSS|4711|2024-03-04|3.5\nEDSS|4711|2024-04-01\nEDSS|4712|2024-03-04|eleven\n"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The module on the path, with the entry point a package declares."""
    site = tmp_path / "site"
    about = site / "clinic_scores-1.0.dist-info"
    about.mkdir(parents=True)
    (site / "clinic_scores.py").write_bytes(EXAMPLE.read_bytes())
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: clinic-scores\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[afterdose]\nclinic-scores = clinic_scores\n")
    monkeypatch.syspath_prepend(site)
    readers.cache_clear()
    yield
    readers.cache_clear()


@pytest.mark.usefixtures("installed")
def test_every_row_is_in_the_record_or_set_aside(run: Run) -> None:
    receipt = run.take("march.txt", SCORES)
    assert (receipt.form, receipt.rows, receipt.accepted) == ("scores", 3, 1)
    assert [(row["measure"], row["value"]) for row in run.table("assessments")] == [("edss", 3.5)]
    assert sorted((row["locator"], row["reason"]) for row in run.set_aside) == [
        ("line 3", "malformed"),
        ("line 4", "breaks-specification"),
    ]


@pytest.mark.usefixtures("installed")
def test_it_stands_before_our_own_and_is_named_in_refusals(run: Run) -> None:
    assert readers()[0].form == "scores"
    assert "lists of scores of our clinic" in run.take("a.xyz", "?").refused


def test_it_has_thirty_lines() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    ast.parse(text)
    assert sum(bool(line.strip()) for line in text.splitlines()) <= 30
