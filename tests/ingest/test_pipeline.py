"""A whole run: what is kept, what a second run changes, and what the receipt says."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from tests.ingest.conftest import (
    LANDED_ON,
    PLATELETS,
    REQUEST,
    Run,
    bundle,
    observation,
    obx,
    oru,
    patient,
    quantity,
)

from afterdose.cohort import About, folder, validate_folder
from afterdose.cohort.about import write_about
from afterdose.ingest import FileReceipt, Receipt, ingest_files, landing
from afterdose.ingest.reasons import REASONS
from afterdose.monitoring.versions import current_results
from afterdose.record.errors import RecordError, UsageError
from afterdose.record.tables import Lab


def test_a_file_becomes_a_record_that_keeps_to_its_specification(run: Run) -> None:
    receipt = run.take("hospital.json", bundle(patient(), observation(), observation("8302-2")))
    assert (receipt.rows, receipt.accepted, receipt.set_aside) == (
        3,
        2,
        {"code-not-in-catalogue": 1},
    )
    (lab,) = run.labs
    assert lab["source"] == f"{receipt.sha256[:12]}:/entry/1/resource"
    assert lab["received_date"] == date(2024, 3, 5)
    (person,) = run.table("people")
    assert (person["person_id"], person["sex"], person["birth_date"]) == (
        "4711",
        "female",
        "1988-06-14",
    )
    assert validate_folder(run.record).problems == ()


def test_no_name_enters_the_record(run: Run) -> None:
    run.ingest(
        run.file("a.json", bundle(patient(), observation(), observation("8302-2"))),
        run.file("b.hl7", oru(PLATELETS)),
    )
    for path in run.record.rglob("*"):
        if path.is_file() and path.parent.name != "landed":
            assert b"Nobody" not in path.read_bytes()


def test_the_bytes_land_as_they_came_before_anything_reads_them(run: Run) -> None:
    receipt = run.take("visit of Ms X.hl7", "no format at all")
    assert "cannot be read. Permitted: C-CDA" in receipt.refused
    landed = run.record / "landed" / receipt.sha256
    assert landed.read_bytes() == b"no format at all"
    assert json.loads(landed.with_suffix(".json").read_text()) == {
        "name": "visit of Ms X.hl7",
        "size": 16,
        "landed_on": "2024-06-01",
    }


def test_the_same_bytes_again_change_nothing(run: Run) -> None:
    path = run.file("a.json", bundle(patient(), observation(issued=None), observation("8302-2")))
    run.ingest(path)
    before = {p: p.read_bytes() for p in run.record.rglob("*") if p.is_file()}
    (receipt,) = run.ingest(path, landed_on=date(2024, 9, 9))
    assert receipt.already_landed
    assert (receipt.rows, receipt.accepted, receipt.duplicates) == (3, 0, 2)
    after = {p: p.read_bytes() for p in run.record.rglob("*") if p.is_file()}
    assert {p.name for p in set(after) - set(before)} == {"000002.json"}
    assert {p.name for p in before if before[p] != after[p]} == set()


def test_a_result_released_twice_is_kept_twice(run: Run) -> None:
    """What came between the two may still arrive; the second changes no answer."""
    again = run.file("b.hl7", oru(PLATELETS).replace("20240305101500", "20240309101500"))
    receipts = run.ingest(run.file("a.hl7", oru(PLATELETS)), again)
    assert [receipt.duplicates for receipt in receipts] == [0, 1]
    labs = [Lab(**row) for row in run.labs]
    assert [lab.received_date.day for lab in labs] == [5, 9]
    assert current_results(labs) == labs[:1]


def test_a_result_sent_twice_is_one_and_counted(run: Run) -> None:
    """The same release in another message."""
    sent = oru(PLATELETS).replace(REQUEST, REQUEST + "|" * 15 + "20240305")
    again = run.file("b.hl7", sent.replace("20240305101500", "20240309101500"))
    receipts = run.ingest(run.file("a.hl7", sent), again)
    assert [receipt.duplicates for receipt in receipts] == [0, 2]
    assert len(run.labs) == 1


def test_a_correction_is_a_new_row_beside_the_old(run: Run) -> None:
    run.take("a.hl7", oru(obx(f5="21", f11="P")))
    run.take("b.hl7", oru(obx(f11="C")).replace("20240305101500", "20240306101500"))
    assert [(lab["value"], lab["status"], lab["received_date"].day) for lab in run.labs] == [
        (21, "preliminary", 5),
        (210, "corrected", 6),
    ]


def test_a_cancelled_result_is_a_row_without_a_value(run: Run) -> None:
    run.take("a.hl7", oru(obx(f5="", f11="X")))
    assert [(lab["value"], lab["status"]) for lab in run.labs] == [(None, "cancelled")]


def test_folders_are_opened_and_a_records_own_books_are_passed(run: Run) -> None:
    run.file("sent/a.json", bundle(patient(), observation()))
    run.file("sent/README.md", "what this is")
    run.file("sent/.hidden", "x")
    run.file("sent/landed/1", "x")
    run.file("sent/gp/b.hl7", oru(PLATELETS))
    receipts = run.ingest(run.record.parent / "sent")
    assert [receipt.name for receipt in receipts] == ["a.json", "b.hl7"]


def test_one_record_ingested_into_another(run: Run, tmp_path: Path) -> None:
    run.take("a.json", bundle(patient(), observation()))
    other = tmp_path / "other"
    ingest_files([run.record], other, landed_on=LANDED_ON)
    assert (other / "labs.parquet").read_bytes() == (run.record / "labs.parquet").read_bytes()


def test_one_file_named_twice_is_read_once(run: Run) -> None:
    path = run.file("a.hl7", oru(PLATELETS))
    assert len(run.ingest(path, path)) == 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", b"", "is empty"),
        ("a.json", b"  \n", "is empty"),
        ("document.xml", b"<Letter/>", "HL7 v2 ORU"),
        ("a.parquet", b"PAR", "cannot be read"),
        ("labs.csv", b"\xff\xfe", "cannot be read"),
        ("labs.csv", b"person_id,colour\np1,red\n", "labs.colour: an unknown column"),
        ("visits.csv", b"person_id\np1\n", "not a table of a record"),
        ("results.csv", b"original_code,nickname\n777-3,x\n", "has columns nickname"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(
    run: Run, name: str, content: bytes, says: str
) -> None:
    receipt = run.take(name, content)
    assert says in receipt.refused
    assert (receipt.rows, receipt.accepted) == (0, 0)


def test_one_refused_file_does_not_stop_the_others(run: Run) -> None:
    receipts = run.ingest(run.file("a.xml", "<a/>"), run.file("b.hl7", oru(PLATELETS)))
    assert [bool(receipt.refused) for receipt in receipts] == [True, False]
    assert len(run.labs) == 1


def test_a_missing_or_too_large_file_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (receipt,) = run.ingest(Path("nowhere.json"))
    assert "cannot be opened" in receipt.refused
    monkeypatch.setattr(landing, "MAX_LANDED", 10)
    assert "Permitted: 10." in run.take("a.hl7", oru(PLATELETS)).refused


def test_a_table_of_the_record(run: Run) -> None:
    receipt = run.take(
        "treatments.csv",
        "person_id,drug,start_date,course_number\n"
        "p1,alemtuzumab,2024-01-08,1\np1,alemtuzumab,soon,2\np1,alemtuzumab,2024-01-08,1\n",
    )
    assert (receipt.rows, receipt.accepted, receipt.duplicates) == (3, 1, 1)
    assert run.set_aside[0]["locator"] == "row 2"
    assert run.set_aside[0]["reason"] == "breaks-specification"
    assert [row["person_id"] for row in run.table("people")] == ["p1"]


def test_results_of_the_record_get_a_source_and_the_default_status(run: Run) -> None:
    receipt = run.take(
        "labs.csv",
        "person_id,specimen_date,received_date,analyte,value,unit\n"
        "p1,2024-03-04,2024-03-05,platelets,210,10*9/L\n",
    )
    (lab,) = run.labs
    assert lab["source"] == f"{receipt.sha256[:12]}:row 1"
    assert lab["status"] == "final"


def test_results_in_original_units_take_the_same_way_as_all_others(run: Run) -> None:
    receipt = run.take(
        "private.csv",
        "assigner,identifier,person_id,specimen_date,specimen_time,original_code,original_value,"
        "original_unit,reference_range,status\n"
        "lab,7,,2024-03-04,08:30:00,LOINC:777-3,205000,/mm3,150000-400000,final\n"
        ",,p1,2024-03-04,,777-3,205,g/l-1,,final\n"
        ",7,,2024-03-04,,777-3,205,G/L,,final\n",
    )
    assert receipt.accepted == 1
    assert receipt.set_aside == {"unit-not-permitted": 1, "person-unknown": 1}
    (lab,) = run.labs
    assert (lab["person_id"], lab["value"], lab["ref_low"]) == ("7", 205, 150)
    assert lab["specimen_time"] == "08:30:00"
    assert lab["received_date"] == LANDED_ON


def test_facts_about_a_person_fill_gaps_and_never_overwrite(run: Run) -> None:
    run.take("people.csv", "person_id,sex,birth_date\np1,,1988\np2,male,1970-01\n")
    receipt = run.take(
        "people.csv", "person_id,sex,birth_date\np1,female,1988-06-14\np2,female,1970-01\n"
    )
    assert (receipt.accepted, receipt.set_aside) == (1, {"person-differs": 1})
    assert [(row["sex"], row["birth_date"]) for row in run.table("people")] == [
        ("female", "1988-06-14"),
        ("male", "1970-01"),
    ]
    again = run.take("people.csv", "person_id,birth_date\np1,1988\n")
    assert again.duplicates == 1
    other = run.take(
        "a.csv",
        "person_id,original_code,original_value,original_unit,specimen_date,status\n"
        "p2,777-3,200,G/L,2024-03-04,final\n",
    )
    assert other.accepted == 1


def test_a_patient_whose_facts_differ_is_set_aside_and_the_results_are_kept(run: Run) -> None:
    run.take("a.json", bundle(patient(), observation()))
    receipt = run.take("b.json", bundle(patient(gender="male"), observation("718-7", id="o2",
                       valueQuantity=quantity(131, "g/L"))))  # fmt: skip
    assert (receipt.accepted, receipt.set_aside) == (1, {"person-differs": 1})


def test_what_was_set_aside_is_safe_in_a_spreadsheet(run: Run) -> None:
    run.take("a.hl7", oru(obx(f3='=HYPERLINK("x")^^L')))
    assert run.set_aside[0]["seen"].startswith("'=HYPERLINK")
    assert run.set_aside[0]["do"] == REASONS["code-not-loinc"]


def test_a_simulated_or_broken_record_takes_nobody_in(run: Run) -> None:
    path = run.file("a.hl7", oru(PLATELETS))
    run.record.mkdir()
    (run.record / "people.csv").write_text("person_id,sex\np1,unheard-of\n")
    with pytest.raises(RecordError, match="refused"):
        run.ingest(path)
    write_about(About(simulated=True), run.record)
    with pytest.raises(UsageError, match="simulated"):
        run.ingest(path)


def test_progress_is_told_by_file(run: Run) -> None:
    done: list[int] = []
    paths = [run.file("a.hl7", oru(PLATELETS)), run.file("b.hl7", oru(obx(f5="99")))]
    ingest_files(paths, run.record, landed_on=LANDED_ON, progress=done.append)
    assert done == [1, 2]


# The receipt ------------------------------------------------------------------------------------


def test_a_receipt_is_written_and_numbered(run: Run) -> None:
    run.take("a.hl7", oru(PLATELETS))
    run.take("b.hl7", oru(obx(f6="g/l-1")))
    (run.record / "receipts" / "000001.json").unlink()
    run.take("c.hl7", oru(PLATELETS, "NTE|1"))
    names = sorted(path.name for path in (run.record / "receipts").iterdir())
    assert names == ["000002.json", "000003.json"]
    receipt = json.loads((run.record / "receipts" / "000002.json").read_text())
    assert receipt["totals"] == {
        "files": 1, "refused": 0, "rows": 2, "accepted": 0, "duplicates": 1, "set_aside": 1,
    }  # fmt: skip
    assert receipt["files"][0]["set_aside"] == {"unit-not-permitted": 1}


def test_a_receipt_whose_sums_do_not_hold_is_never_issued() -> None:
    with pytest.raises(AssertionError, match="3 rows in, 2 accounted for"):
        FileReceipt("a", rows=3, accepted=2).check()
    receipt = FileReceipt("a", rows=1)
    receipt.set_aside["because"] = 1
    with pytest.raises(AssertionError, match="without a next step"):
        receipt.check()


def test_the_receipt_in_the_terminal(run: Run) -> None:
    others = [{"resourceType": kind} for kind in ("Encounter", "Claim", "Device", "Goal")]
    path = run.file("a.json", bundle(patient(), observation("8302-2"), *others))
    run.ingest(path)
    receipt = Receipt("2024-06-01", run.ingest(path, run.file("b.xml", "<a/>")))
    console = Console(width=140, record=True)
    with console.capture() as capture:
        console.print(receipt.as_table())
    text = " ".join(capture.get().split())
    assert "a.json (seen before)" in text
    assert "1 Encounter, 1 Claim, 1 Device and 1 more" in text
    assert "Set aside, code-not-in-catalogue: 1. Nothing, if this test is not monitored" in text
    assert "Refused, 1 (b.xml): is in a format that cannot be read." in text


@pytest.mark.parametrize("written", [0, 1])
def test_a_run_that_is_cut_off_finds_everybody_again(
    run: Run, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """Wherever it stops between the tables, the same files again make the same record."""
    whole = Run(run.record.parent / "whole")
    whole.record.parent.mkdir()
    whole.take("a.hl7", oru(PLATELETS))
    real, tables = folder._write_table, []

    def stops(frame: pl.DataFrame, path: Path, about: About) -> None:
        if len(tables) == written:
            raise KeyboardInterrupt
        tables.append(path.stem)
        real(frame, path, about)

    with monkeypatch.context() as patch:
        patch.setattr(folder, "_write_table", stops)
        with pytest.raises(KeyboardInterrupt):
            run.take("a.hl7", oru(PLATELETS))
    assert tables == ["people"][:written]
    run.take("a.hl7", oru(PLATELETS))
    assert (run.labs, run.table("people")) == (whole.labs, whole.table("people"))
    identities = run.record / "identities.csv"
    assert identities.read_bytes() == (whole.record / "identities.csv").read_bytes()
