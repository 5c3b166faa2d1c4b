"""The published figures: each with a document, and each shown somewhere."""

import re
import tomllib
from importlib import resources

import pytest
from tests.study.conftest import AS_OF, cohort_of

from afterdose.study import build_report
from afterdose.study.published import by_source, published_for

DATA = tomllib.loads(
    resources.files("afterdose.study").joinpath("published.toml").read_text("utf-8")
)


def test_every_figure_is_set_beside_something(tables):
    """No figure is kept that no reader sees."""
    report = build_report(cohort_of(tables), as_of=AS_OF)
    shown = {figure.beside for section in report.sections for figure in section.published}
    assert {row["beside"] for row in DATA["figure"]} == shown


def test_every_figure_names_a_document_that_exists_here():
    """Each source is used and each is known; a DOI looks like one."""
    assert {row["source"] for row in DATA["figure"]} == set(DATA["source"])
    for source in DATA["source"].values():
        assert source["cite"]
        assert re.fullmatch(r"10\.\d{4,}/\S+", source.get("doi", "10.1000/none"))
        assert "http" not in source["cite"]


@pytest.mark.parametrize("row", DATA["figure"], ids=lambda row: row["measure"])
def test_how_a_figure_was_read_is_said(row):
    assert row["read"] in ("cited text", "secondary text")
    assert isinstance(row["value"], int | float)
    assert row["unit"]


def test_arithmetic_on_a_published_figure_is_said():
    """100 less 68.5 is ours, not the paper's."""
    for beside in ("retreated-by", "cdw"):
        assert all("Arithmetic" in figure.note for figure in published_for(beside))


def test_figures_of_one_document_stand_together():
    groups = by_source(published_for("relapse-rate"))
    assert [(group[0].study, len(group)) for group in groups] == [
        ("CARE-MS I", 3), ("CARE-MS II", 3), ("CARE-MS II", 1),
    ]  # fmt: skip


def test_a_loss_has_a_true_minus_sign():
    first = published_for("bpf")[0]
    assert first.as_text() == "−0.59 %"
