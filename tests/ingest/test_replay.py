"""Read again: what was set aside enters the record once a code or unit is known, and only then."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace as changed
from datetime import date
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from rich.console import Console
from tests.ingest.conftest import (
    LANDED_ON,
    PLATELETS,
    Run,
    bundle,
    observation,
    obx,
    oru,
    patient,
    quantity,
)

from afterdose.cohort import validate_folder
from afterdose.ingest import Receipt, ingest_files, replay, versions
from afterdose.ingest.kept import kept_file, kept_files
from afterdose.ingest.provenance import trace
from afterdose.record import analytes
from afterdose.record.errors import UsageError

LATER = date(2025, 1, 1)
ODD = quantity(210, "plt/nL")
"""Platelets per nanolitre, spelt as nobody does: not permitted as it stands."""


@contextmanager
def with_unit(monkeypatch: pytest.MonkeyPatch, unit: str) -> Iterator[None]:
    """For a while the catalogue permits a further unit of platelets, one to one."""
    known = dict(analytes.catalogue())
    units = MappingProxyType({**known["platelets"].units, unit: Fraction(1)})
    known["platelets"] = changed(known["platelets"], units=units)
    with monkeypatch.context() as patch:
        analytes._by_loinc.cache_clear()
        patch.setattr(analytes, "catalogue", lambda: known)
        patch.setattr("afterdose.ingest.taking.mapping_version", lambda: "with-the-unit")
        yield
    analytes._by_loinc.cache_clear()


def books(record: Path) -> dict[str, bytes]:
    """Every file of a record but its receipts."""
    return {
        str(path.relative_to(record)): path.read_bytes()
        for path in record.rglob("*")
        if path.is_file() and path.parent.name != "receipts"
    }


def test_a_row_enters_the_record_once_its_unit_is_known(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = observation(valueQuantity=ODD, issued=None)
    first = run.take("hospital.json", bundle(patient(), odd, observation("8302-2")))
    assert first.set_aside == {"unit-not-permitted": 1, "code-not-in-catalogue": 1}
    with with_unit(monkeypatch, "plt/nL"):
        again = replay(run.record, on=LATER)
    (file,) = again.files
    assert (file.name, file.accepted, file.duplicates) == ("hospital.json", 1, 1)
    assert again.replay == {"before": 2, "now": 1}
    (lab,) = run.labs
    assert (lab["value"], lab["unit"], lab["original_unit"]) == (210, "10*9/L", "plt/nL")
    # Received on the day the file landed, not on that of the replay.
    assert lab["received_date"] == LANDED_ON
    assert [row["reason"] for row in run.set_aside] == ["code-not-in-catalogue"]
    assert validate_folder(run.record).problems == ()


def test_a_second_replay_changes_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.ingest(
        run.file("a.json", bundle(patient(), observation(valueQuantity=ODD))),
        run.file("b.hl7", oru(obx(f3="PLT^Platelets^L"), PLATELETS)),
        run.file("c.hl7", oru(obx(f6="furlong"))),
    )
    with with_unit(monkeypatch, "plt/nL"):
        replay(run.record, on=LATER)
        before = books(run.record)
        assert replay(run.record, on=date(2025, 2, 2)).replay == {"before": 2, "now": 2}
    assert books(run.record) == before


def test_a_replay_before_anything_was_added_changes_nothing(run: Run) -> None:
    run.take("a.hl7", oru(obx(f6="furlong"), obx(f3="2160-0^^LN", f5="1", f6="mg/dL")))
    before = books(run.record)
    receipt = replay(run.record, on=LATER)
    assert receipt.replay == {"before": 1, "now": 1}
    assert books(run.record) == before


def test_only_files_with_something_to_gain_are_read(run: Run) -> None:
    run.take("good.hl7", oru(PLATELETS))
    run.take("odd.hl7", oru(obx(f6="furlong")))
    run.take("neither.xml", "<a/>")
    assert [file.name for file in replay(run.record, on=LATER).files] == ["odd.hl7", "neither.xml"]
    everything = replay(run.record, on=LATER, everything=True)
    assert [file.name for file in everything.files] == ["good.hl7", "odd.hl7", "neither.xml"]


def test_a_file_whose_run_was_cut_short_is_read(run: Run) -> None:
    """It landed, and neither a receipt nor a row of it was written."""
    run.take("a.hl7", oru(PLATELETS))
    (run.record / "receipts" / "000001.json").unlink()
    (run.record / "labs.parquet").unlink()
    replay(run.record, on=LATER)
    assert len(run.labs) == 1


def test_a_file_that_landed_without_its_note_is_noted_when_it_comes_again(run: Run) -> None:
    path = run.file("a.hl7", oru(obx(f6="furlong")))
    run.ingest(path)
    note = next((run.record / "landed").glob("*.json"))
    before = note.read_bytes()
    note.unlink()
    run.ingest(path)
    assert note.read_bytes() == before


def test_bytes_that_are_no_longer_those_that_landed_are_refused(run: Run) -> None:
    run.take("a.hl7", oru(obx(f6="furlong")))
    (kept,) = kept_files(run.record)
    kept.path.write_bytes(kept.path.read_bytes().replace(b"210", b"810"))
    (file,) = replay(run.record, on=LATER).files
    assert "not those that landed" in file.refused
    # What stood aside of it still does.
    assert len(run.set_aside) == 1
    kept.path.unlink()
    assert "no longer among" in replay(run.record, on=LATER).files[0].refused


def test_a_part_of_a_table_keeps_the_folder_that_names_it(run: Run, tmp_path: Path) -> None:
    row = "person_id,drug,start_date\np1,alemtuzumab,2021-03-08\np1,alemtuzumab,soon\n"
    path = run.file("treatments/part-1.csv", row)
    run.ingest(path)
    (file,) = replay(run.record, on=LATER).files
    assert (file.form, file.duplicates, file.refused) == ("table treatments", 1, "")


def test_files_of_one_export_are_read_together_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An Observation points at a Patient in another file, which holds nothing to gain."""
    run.file("export/Patient.ndjson", json.dumps(patient()))
    odd = observation(valueQuantity=ODD)
    run.file("export/Observation.ndjson", json.dumps(odd))
    run.ingest(run.record.parent / "export")
    assert [row["person_id"] for row in run.set_aside] == ["4711"]
    with with_unit(monkeypatch, "plt/nL"):
        files = replay(run.record, on=LATER).files
    assert [file.name for file in files] == ["Patient.ndjson", "Observation.ndjson"]
    assert [lab["person_id"] for lab in run.labs] == ["4711"]
    for note in (run.record / "landed").glob("*.json"):
        assert "export" not in note.read_text()


def test_a_member_of_a_container_is_read_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    content = gzip.compress(bundle(patient(), observation(valueQuantity=ODD)).encode())
    run.take("a.json.gz", content)
    with with_unit(monkeypatch, "plt/nL"):
        receipt = replay(run.record, on=LATER)
    assert receipt.replay == {"before": 1, "now": 0}
    assert [lab["value"] for lab in run.labs] == [210]


RESULTS = """
table = "results"
[columns]
person_id = "who"
specimen_date = "day"
code = "test"
value = "value"
[constants]
unit = "mg/dL"
status = "final"
[codes]
CREA = "2160-0"
"""


def take_mapped(run: Run, mapping: str) -> Any:
    """A table by a mapping: a creatinine and a test that mapping may not know."""
    path = run.file(
        "table.csv", "who,day,test,value\np1,2024-03-04,CREA,20\np1,2024-03-04,KREA,25\n"
    )
    toml = run.file("mapping.toml", mapping)
    return ingest_files([path], run.record, landed_on=LANDED_ON, mapping=toml).files[0]


def test_a_table_is_read_again_by_its_mapping(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    take_mapped(run, RESULTS)
    before = books(run.record)
    receipt = replay(run.record, on=LATER)
    assert [file.name for file in receipt.files] == ["table.csv"]
    assert receipt.files[0].refused == ""
    assert receipt.replay == {"before": 1, "now": 1}
    assert books(run.record) == before
    assert "and mapping " in run.set_aside[0]["mapping"]


def test_a_corrected_mapping_takes_the_place_of_the_old(run: Run) -> None:
    """What was read by the wrong unit is not left beside what is read by the right one."""
    take_mapped(run, RESULTS)
    assert [(lab["value"], lab["original_unit"]) for lab in run.labs] == [
        (pytest.approx(1768.4, abs=1), "mg/dL")
    ]
    take_mapped(run, RESULTS.replace("mg/dL", "umol/L").replace("CREA =", "KREA ="))
    assert [(lab["value"], lab["original_unit"]) for lab in run.labs] == [(25, "umol/L")]
    (lab,) = run.labs
    assert trace(run.record, lab["source"]).original == (
        "who,day,test,value\np1,2024-03-04,KREA,25"
    )
    before = books(run.record)
    replay(run.record, on=LATER)
    assert books(run.record) == before


def test_a_report_of_a_scan_is_read_again_with_its_list(run: Run) -> None:
    """A list that names the report in its folder says whose it is."""
    from tests.ingest.test_volumetry import ASEG, HEADER

    run.file("scans/p1/aseg.stats", ASEG)
    run.file("scans/p2/aseg.stats", ASEG + "#\n")
    listing = run.file("scans/scans.csv", HEADER + "p1/aseg.stats,p1,2024-03-04,A,,\n"
                       "p2/aseg.stats,,2024-03-04,A,,\n")  # fmt: skip
    run.ingest(listing)
    assert len(run.table("mri")) == 1
    before = books(run.record)
    receipt = replay(run.record, on=LATER, everything=True)
    assert {file.name: file.refused for file in receipt.files} == {
        "scans.csv": "", "aseg.stats": "",
    }  # fmt: skip
    assert sum(file.duplicates for file in receipt.files) == 1
    assert books(run.record) == before
    assert receipt.replay["before"] == receipt.replay["now"]


def test_a_corrected_list_and_the_one_before_are_not_read_as_one(run: Run) -> None:
    """Of one folder and one day. Read together, the older would win and the newer be set aside."""
    from tests.ingest.test_volumetry import ASEG, HEADER

    run.file("scans/p1/aseg.stats", ASEG)
    run.file("scans/p2/aseg.stats", ASEG + "#\n")
    others = "p2/aseg.stats,p2,2024-03-04,A,,\n"
    run.ingest(run.file("scans/scans.csv", HEADER + "p1/aseg.stats,,2024-03-04,A,,\n" + others))
    assert [row["person_id"] for row in run.table("mri")] == ["p2"]
    run.ingest(run.file("scans/scans.csv", HEADER + "p1/aseg.stats,p1,2024-03-05,A,,\n"))
    assert [row["person_id"] for row in run.table("mri")] == ["p1", "p2"]
    before = books(run.record)
    receipt = replay(run.record, on=LATER, everything=True)
    assert sum(file.accepted for file in receipt.files) == 0
    assert books(run.record) == before
    # What the older list names and the newer does not is still completed by the older.
    (run.record / "mri.parquet").unlink()
    replay(run.record, on=LATER, everything=True)
    assert [(row["person_id"], str(row["date"])) for row in run.table("mri")] == [
        ("p1", "2024-03-05"), ("p2", "2024-03-04"),
    ]  # fmt: skip


def test_reports_of_the_same_bytes_are_each_read_again(run: Run) -> None:
    """Two people's reports with one content land once, and both names are known."""
    from tests.ingest.test_volumetry import ASEG, HEADER

    run.file("scans/p1/aseg.stats", ASEG)
    run.file("scans/p2/aseg.stats", ASEG)
    run.file("scans/p3/other.stats", ASEG)
    lines = "".join(
        f"{where},{who},2024-03-04,A,,\n"
        for where, who in (("p1/aseg.stats", "p1"), ("p2/aseg.stats", "p2"), ("p3/other.stats", ""))
    )
    run.ingest(run.file("scans/scans.csv", HEADER + lines))  # fmt: skip
    assert [row["person_id"] for row in run.table("mri")] == ["p1", "p2"]
    kept = [one for one in kept_files(run.record) if one.name != "scans.csv"]
    assert sorted(one.place for one in kept if one.place) == ["p1/aseg.stats", "p2/aseg.stats"]
    assert sorted(one.name for one in kept) == ["aseg.stats", "aseg.stats", "other.stats"]
    assert kept_file(run.record, kept[0].short).place == "p1/aseg.stats"
    (run.record / "mri.parquet").unlink()
    replay(run.record, on=LATER, everything=True)
    assert [row["person_id"] for row in run.table("mri")] == ["p1", "p2"]
    # A later list in another folder: the newest that names a report counts.
    run.file("later/p1/aseg.stats", ASEG)
    run.ingest(run.file("later/scans.csv", HEADER + "p1/aseg.stats,p1,2024-03-04,B,,\n"))
    run.file("later/p2/aseg.stats", ASEG)
    run.ingest(run.file("later/scans.csv", HEADER + "p2/aseg.stats,p2,2024-03-04,B,,\n"))
    found = [one for one in kept_files(run.record) if one.name == "aseg.stats"]
    assert [one.place for one in found] == ["p1/aseg.stats", "p2/aseg.stats"]
    assert len({one.sending for one in found}) == 2


def test_the_same_bytes_under_another_name_are_noted_and_read_again(run: Run) -> None:
    """The name says which table a file is."""
    rows = "person_id,start_date,end_date\np1,2024-01-01,2024-02-01\n"
    run.take("notes.csv", rows)
    run.take("follow_up.csv", rows)
    names = [(one.name, one.sha256) for one in kept_files(run.record)]
    assert [name for name, _ in names] == ["notes.csv", "follow_up.csv"]
    assert len({sha256 for _, sha256 in names}) == 1
    run.take("notes.csv", rows)
    run.take("follow_up.csv", rows)
    assert len(kept_files(run.record)) == 2
    (run.record / "follow_up.parquet").unlink()
    replay(run.record, on=LATER, everything=True)
    assert len(run.table("follow_up")) == 1


def test_what_is_set_aside_says_by_which_codes_and_when(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.take("a.hl7", oru(obx(f6="furlong")))
    (row,) = run.set_aside
    assert row["mapping"] == versions.mapping_version()
    assert (row["analyte"], row["person_id"]) == ("platelets", "88-2301")
    assert (row["specimen_date"], row["received_date"]) == ("2024-03-04", "2024-03-05")
    with with_unit(monkeypatch, "plt/nL"):
        replay(run.record, on=LATER)
    assert run.set_aside[0]["mapping"] == "with-the-unit"


def test_a_file_read_again_replaces_its_own_rows_in_their_place(run: Run) -> None:
    first, second = (run.file(f"{name}.hl7", oru(obx(f6=name))) for name in ("furlong", "fathom"))
    run.ingest(first, second)
    before = books(run.record)
    run.ingest(first, landed_on=LATER)
    assert books(run.record) == before


def test_who_is_who_is_taken_up_from_a_file_once(run: Run) -> None:
    """Afterwards the record's own book is the truth, and may have been corrected."""
    identities = "person_id,assigner,identifier\np1,North Lab/PATNO,88-2301\n"
    run.take("identities.csv", identities)
    run.take("a.hl7", oru(obx(f6="furlong")))
    (run.record / "identities.csv").write_text(identities.replace("88-2301", "88-2302"))
    receipt = replay(run.record, on=LATER, everything=True)
    assert [file.name for file in receipt.files] == ["a.hl7"]
    assert "p1,North Lab/PATNO,88-2301" not in (run.record / "identities.csv").read_text()


def test_there_must_be_something_to_read(run: Run) -> None:
    run.record.mkdir()
    with pytest.raises(UsageError, match="No file has landed"):
        replay(run.record, on=LATER)


def test_the_receipt_of_a_replay_says_so(run: Run) -> None:
    run.take("a.hl7", oru(obx(f6="furlong")))
    receipt = replay(run.record, on=LATER)
    newest = max((run.record / "receipts").iterdir())
    written: dict[str, Any] = json.loads(newest.read_text())
    assert written["replay"] == {"before": 1, "now": 1}
    assert written["mapping"] == versions.mapping_version()
    assert shown(receipt).startswith("Receipt of a replay")
    assert "Set aside before: 1 rows of these files. Now: 1." in shown(receipt)


def shown(receipt: Receipt) -> str:
    console = Console(width=200)
    with console.capture() as capture:
        console.print(receipt.as_table())
    return " ".join(capture.get().split())
