"""Files that other projects published: every one is read or refused row by row."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from afterdose.cohort import validate_folder
from afterdose.ingest import Receipt, ingest_files


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("samples") / "record"


@pytest.fixture(scope="module")
def folders(samples: Path) -> list[Path]:
    return [samples / "fhir", samples / "hl7v2"]


@pytest.fixture(scope="module")
def receipt(folders: list[Path], record: Path) -> Receipt:
    return ingest_files(folders, record, landed_on=date(2026, 1, 1))


def test_every_file_is_read_and_every_row_accounted_for(
    folders: list[Path], receipt: Receipt
) -> None:
    files = [path for folder in folders for path in folder.iterdir()]
    assert len(receipt.files) == len(files)
    for file in receipt.files:
        assert file.refused == ""
        assert file.rows > 0
        assert file.rows == file.accepted + file.duplicates + file.set_aside.total()


def test_what_becomes_of_the_rows(receipt: Receipt) -> None:
    totals = receipt.as_dict()["totals"]
    assert totals == {
        "files": 29, "refused": 0, "rows": 2959, "accepted": 1308, "duplicates": 0,
        "set_aside": 1651,
    }  # fmt: skip
    reasons: Counter[str] = Counter()
    for file in receipt.files:
        reasons += file.set_aside
    assert reasons == {
        "code-not-in-catalogue": 1501,
        "code-not-loinc": 76,
        "unit-not-permitted": 34,
        "implausible": 33,
        "value-not-a-number": 4,
        "date-unreadable": 2,
        "drug-not-known": 1,
    }


def test_the_record_keeps_to_its_specification(receipt: Receipt, record: Path) -> None:
    assert receipt.files
    assert validate_folder(record).problems == ()


def test_reading_them_again_changes_no_table(
    folders: list[Path], receipt: Receipt, record: Path
) -> None:
    tables = {path: path.read_bytes() for path in record.glob("*.*")}
    again = ingest_files(folders, record, landed_on=date(2026, 2, 2))
    assert {path: path.read_bytes() for path in record.glob("*.*")} == tables
    for first, second in zip(receipt.files, again.files, strict=True):
        assert (second.accepted, second.duplicates) == (0, first.accepted)
        assert second.set_aside == first.set_aside


def test_other_formats_are_refused_whole_with_what_is_permitted(
    samples: Path, tmp_path: Path
) -> None:
    paths = sorted((samples / "ccda").iterdir())
    assert paths
    for file in ingest_files(paths, tmp_path / "record", landed_on=date(2026, 1, 1)).files:
        assert "Permitted: FHIR R4 JSON" in file.refused
