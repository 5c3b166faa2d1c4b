"""Two laboratories' rows that may be one result: named, counted on the receipt, both kept."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from tests.ingest.conftest import PLATELETS, Run, obx, oru
from tests.ingest.test_replay import books, shown

from afterdose.cli import afterdose
from afterdose.cohort import validate_folder
from afterdose.ingest import ingest_files
from afterdose.ingest.links import find_links

LANDED_ON = date(2024, 6, 1)
IDENTITIES = """\
person_id,assigner,identifier
p1,North Lab/PATNO,88-2301
p1,GP Lab/PATNO,88-2301
"""


def by_the_gp(message: str, time: str = "20240304083400+0100") -> str:
    """The same results by way of the GP's laboratory, four minutes later by its clock."""
    return (
        message.replace("North Lab", "GP Lab")
        .replace("G240304", "GP-1")
        .replace("20240304083000+0100", time)
    )


@pytest.fixture
def linked(run: Run) -> Run:
    run.take("identities.csv", IDENTITIES)
    run.take("treatments.csv", "person_id,drug,start_date\np1,alemtuzumab,2023-03-06\n")
    run.take("a.hl7", oru(PLATELETS))
    run.take("b.hl7", by_the_gp(oru(PLATELETS)))
    return run


def links(run: Run) -> list[dict[str, str]]:
    with (run.record / "links.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_both_are_kept_and_named(linked: Run) -> None:
    assert [lab["provider"] for lab in linked.labs] == ["North Lab", "GP Lab"]
    (link,) = links(linked)
    assert (link["person_id"], link["analyte"]) == ("p1", "platelets")
    assert (link["provider"], link["copy_provider"]) == ("North Lab", "GP Lab")
    assert (link["specimen_time"], link["copy_time"]) == ("08:30:00", "08:34:00")
    assert {link["source"], link["copy_source"]} == {lab["source"] for lab in linked.labs}
    assert validate_folder(linked.record).problems == ()


@pytest.mark.parametrize(
    ("time", "is_one"),
    [
        ("20240304073300+0000", True),  # three minutes later by another clock
        ("20240304233300+1600", True),  # and by a clock of the next day's first hours elsewhere
        ("20240303203100-1100", True),
        ("20240304083100+0000", False),  # the same clock face, an hour later
        ("20240304083100", True),  # nothing said of the clock: as if it were the same
    ],
)
def test_clocks_are_compared_where_both_say_how_far_they_are_from_utc(
    run: Run, time: str, is_one: bool
) -> None:
    run.take("identities.csv", IDENTITIES)
    run.take("a.hl7", oru(PLATELETS))
    run.take("b.hl7", by_the_gp(oru(PLATELETS), time))
    assert len(find_links(pl.read_parquet(run.record / "labs.parquet"))) == is_one


def test_the_receipt_counts_them(linked: Run) -> None:
    path = linked.file("c.hl7", oru(obx(f3="2160-0^^LN", f5="1", f6="mg/dL")))
    receipt = ingest_files([path], linked.record, landed_on=LANDED_ON)
    assert receipt.linked == receipt.as_dict()["linked"] == 1
    assert "Linked: 1 pair of results that may be one result" in shown(receipt)


def test_the_story_shows_them_with_both_rows(linked: Run) -> None:
    record = str(linked.record)
    for words in (
        ["protocols", "approve", "alemtuzumab-eu", "--record", record, "--by", "Dr Example"],
        ["explain", record, "p1", "--as-of", "2024-06-10"],
    ):
        result = CliRunner().invoke(afterdose, words, catch_exceptions=False)
        assert result.exit_code == 0
    text = " ".join(result.output.split())
    assert "Platelets of 2024-03-04: from North Lab and from GP Lab" in text
    assert all(lab["source"] in text for lab in linked.labs)


def test_a_link_goes_when_one_of_them_is_corrected(linked: Run) -> None:
    corrected = oru(obx(f5="310", f11="C")).replace("20240305101500", "20240308101500")
    linked.take("c.hl7", corrected)
    assert links(linked) == []
    assert len(linked.labs) == 3


def test_reading_them_again_changes_nothing(linked: Run) -> None:
    before = books(linked.record)
    linked.take("b.hl7", by_the_gp(oru(PLATELETS)))
    assert books(linked.record) == before


def test_where_nothing_is_alike_there_is_no_file(run: Run) -> None:
    run.take("identities.csv", IDENTITIES)
    run.take("a.hl7", oru(PLATELETS))
    run.take("b.hl7", by_the_gp(oru(PLATELETS), "20240304083501+0100"))
    assert len(run.labs) == 2
    assert not (run.record / "links.csv").exists()


def test_a_pair_with_another_between(linked: Run, tmp_path: Path) -> None:
    """A third row of the first laboratory at the same time does not hide the pair."""
    labs = pl.read_parquet(linked.record / "labs.parquet")
    between = labs.filter(pl.col("provider") == "North Lab").with_columns(
        accession=pl.lit("another"), result_id=pl.lit(None, pl.String),
        specimen_time=pl.lit("08:32:00"),
    )  # fmt: skip
    assert len(find_links(pl.concat([labs, between]))) == 1
