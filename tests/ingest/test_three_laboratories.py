"""The example: one person, three laboratories, three systems of units."""

from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from afterdose.ingest import Receipt, ingest_files

EXAMPLE = Path(__file__).parents[2] / "examples" / "three-laboratories"


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("example") / "record"


@pytest.fixture(scope="module")
def receipt(record: Path) -> Receipt:
    return ingest_files([EXAMPLE], record, landed_on=date(2023, 11, 8))


@pytest.fixture(scope="module")
def labs(receipt: Receipt, record: Path) -> pl.DataFrame:
    assert receipt.files
    return pl.read_parquet(record / "labs.parquet")


def test_everything_is_read_but_what_must_not_be(receipt: Receipt) -> None:
    assert not any(file.refused for file in receipt.files)
    reasons = [reason for file in receipt.files for reason in file.set_aside.elements()]
    assert Counter(reasons) == {
        "code-not-in-catalogue": 2,
        "code-not-loinc": 1,
        "unit-not-permitted": 1,
    }
    assert sum(file.duplicates for file in receipt.files) > 0


def test_three_laboratories_line_up_as_one_person_in_one_unit(labs: pl.DataFrame) -> None:
    assert labs["person_id"].unique().to_list() == ["alex"]
    for analyte, written_in in (
        ("platelets", {"10*9/L", "10^9/L", "K/uL"}),
        ("creatinine", {"umol/L", "mg/dL"}),
    ):
        rows = labs.filter((pl.col("analyte") == analyte) & pl.col("value").is_not_null())
        assert rows["unit"].n_unique() == 1
        assert rows["provider"].n_unique() == 3
        assert {unit.replace("\u200b", "") for unit in rows["original_unit"]} == written_in
    platelets = labs.filter(pl.col("analyte") == "platelets", pl.col("status") == "final")
    assert platelets["value"].is_between(20, 260).all()


def test_the_story_ends_with_a_fall_of_platelets_and_no_tsh_for_months(labs: pl.DataFrame) -> None:
    platelets = labs.filter(pl.col("analyte") == "platelets").sort("specimen_date")
    assert platelets["value"].to_list()[-2:] == [pytest.approx(209, abs=15), 92]
    newest = labs.group_by("analyte").agg(pl.col("specimen_date").max())
    last = dict(newest.iter_rows())
    assert (last["platelets"] - last["tsh"]).days > 92


def test_nothing_is_lost_that_says_where_a_result_stands(labs: pl.DataFrame) -> None:
    assert {"final", "preliminary", "corrected", "cancelled"} <= set(labs["status"])
