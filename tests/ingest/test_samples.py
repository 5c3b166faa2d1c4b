"""Files that other projects published: every one is read or refused row by row."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from tests.ingest.conftest import Run

from afterdose.cohort import validate_folder
from afterdose.ingest import Receipt, ingest_files
from afterdose.ingest.unmatched import read_unmatched


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
        "files": 29, "refused": 0, "rows": 2959, "accepted": 608, "duplicates": 0,
        "set_aside": 2351,
    }  # fmt: skip
    reasons: Counter[str] = Counter()
    for file in receipt.files:
        reasons += file.set_aside
    assert reasons == {
        "person-unmatched": 1595,
        "code-not-in-catalogue": 634,
        "code-not-loinc": 76,
        "unit-not-permitted": 20,
        "implausible": 19,
        "value-not-a-number": 4,
        "date-unreadable": 2,
        "drug-not-known": 1,
    }


def test_nine_documents_that_say_patient_example_are_not_one_person(
    receipt: Receipt, record: Path
) -> None:
    assert receipt.files
    examples = [one for one in read_unmatched(record / "unmatched.csv")
                if one.identifier == "Patient/example"]  # fmt: skip
    assert len({one.assigner for one in examples}) == len(examples) == 9


def test_of_a_named_sender_they_are_read(samples: Path, tmp_path: Path) -> None:
    """The export whose file of people was not published."""
    named = ingest_files(
        [samples / "fhir"], tmp_path / "record", landed_on=date(2026, 1, 1), sender="Published"
    )
    totals = named.as_dict()["totals"]
    assert (totals["accepted"], totals["set_aside"]) == (1286, 1581)


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


def test_clinical_documents_and_sections_are_read(samples: Path, tmp_path: Path) -> None:
    """Two documents with a person each; seven sections that name nobody."""
    paths = sorted((samples / "ccda").iterdir())
    files = ingest_files(paths, tmp_path / "record", landed_on=date(2026, 1, 1)).files
    assert [(file.rows, file.accepted) for file in files] == [
        (1, 0), (1, 0), (2, 0), (1, 0), (1, 0), (1, 0), (1, 0), (7, 7), (2, 1),
    ]  # fmt: skip
    reasons: Counter[str] = Counter()
    for file in files:
        reasons += file.set_aside
    assert reasons == {"person-unknown": 8, "code-not-in-catalogue": 1}
    assert validate_folder(tmp_path / "record").problems == ()


def test_other_formats_are_refused_whole_with_what_is_permitted(run: Run, samples: Path) -> None:
    content = (samples / "README.md").read_bytes()
    assert "Permitted: C-CDA documents and Results sections" in run.take("a.txt", content).refused
