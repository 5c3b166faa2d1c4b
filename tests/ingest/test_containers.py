"""gzip and zip: members are read like files, within bounds."""

import gzip
import io
import json
import os
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from tests.ingest.conftest import LANDED_ON, PLATELETS, Run, bundle, observation, oru, patient

from afterdose.ingest import containers, ingest_files, replay
from afterdose.ingest.sendings import sending_of


def zipped(members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as container:
        for name, member in members.items():
            container.writestr(name, member)
    return content.getvalue()


FHIR = bundle(patient(), observation())
LINES = "\n".join(map(json.dumps, [observation(id=f"o{number}") for number in range(3)])) + "\n"


def leftovers(run: Run) -> list[str]:
    return [path.name for path in (run.record / "landed").iterdir() if path.name.startswith(".")]


def test_gzip(run: Run) -> None:
    receipt = run.take("results.json.gz", gzip.compress(FHIR.encode()))
    assert (receipt.form, receipt.rows, receipt.accepted) == ("container of fhir", 2, 2)
    (row,) = run.labs
    assert row["source"] == f"{receipt.sha256[:12]}:results.json!/entry/1/resource"
    assert (run.record / "landed" / receipt.sha256).read_bytes()[:2] == b"\x1f\x8b"
    assert leftovers(run) == []


def test_a_zip_file_whose_member_has_no_name_is_damaged(run: Run) -> None:
    content = zipped({"a.json": bundle(patient(), observation())})
    assert (
        "is a damaged zip file" in run.take("a.zip", content.replace(b"a.json", b"\0.json")).refused
    )


def test_zip_of_several_formats_has_one_receipt(run: Run) -> None:
    receipt = run.take(
        "all.zip",
        zipped(
            {
                "a/bundle.json": FHIR,
                "b.hl7": oru(PLATELETS),
                "c/results.pdf": "%PDF-1.7",
                "treatments.csv": "person_id,drug,start_date\n4711,alemtuzumab,2020-03-02\n",
                "labs.csv": "person_id,specimen_date,received_date,analyte,value,unit\n"
                "4711,2024-05-04,2024-05-05,platelets,210,10*9/L\n",
                "empty.json": "",
                ".DS_Store": "x",
                "__MACOSX/b.hl7": "x",
            }
        ),
    )
    receipt.check()
    assert receipt.form == "container of fhir, hl7v2, table labs, table treatments"
    assert (receipt.rows, receipt.accepted) == (8, 6)
    assert receipt.set_aside == {"member-unreadable": 2}
    assert [row["locator"] for row in run.set_aside] == ["c/results.pdf!", "empty.json!"]
    assert {row["source"].partition(":")[2] for row in run.labs} == {
        "a/bundle.json!/entry/1/resource",
        "b.hl7!line 4 OBX",
        "labs.csv!row 1",
    }


def test_the_same_container_again_changes_nothing(run: Run) -> None:
    content = zipped({"bundle.json": FHIR})
    run.take("a.zip", content)
    again = run.take("a.zip", content)
    assert (again.already_landed, again.accepted, again.duplicates) == (True, 0, 2)


def test_who_is_who_is_not_taken_from_a_container(run: Run) -> None:
    receipt = run.take(
        "a.zip",
        zipped({"identities.csv": "person_id,assigner,identifier\np9,x,1\n", "bundle.json": FHIR}),
    )
    assert receipt.set_aside == {"member-unreadable": 1}
    assert "p9" not in (run.record / "identities.csv").read_text("utf-8")


def test_a_bundle_of_two_senders_in_one_container_stays_two(run: Run) -> None:
    """Nothing says that one member's Patient/p1 is the other's."""
    receipt = run.take("a.zip", zipped({"a.json": FHIR, "b.json": json.dumps(observation())}))
    assert (receipt.accepted, receipt.set_aside) == (2, {"person-unmatched": 1})
    assert {row["person_id"] for row in run.labs} == {"4711"}


MAPPING = """table = "results"
date = "YYYY-MM-DD"
[columns]
identifier = "who"
specimen_date = "day"
code = "test"
value = "value"
[constants]
assigner = "urn:clinic"
status = "final"
provider = "Clinic"
[codes]
THRO = "777-3"
[units]
THRO = "10*9/L"
"""


def test_mapped_members_of_a_container(run: Run) -> None:
    """The mapping is for its tables; what has a format of its own is read by that."""
    header = "who,day,test,value\n"
    content = zipped(
        {
            "north/a.csv": header + "1,2024-03-04,THRO,210\n1,2024-03-05,XX,1\n",
            "south/a.csv": header + "2,2024-03-04,THRO,99\n",
            "bundle.json": FHIR,
            "broken.csv": "other,columns\n1,2\n",
        }
    )
    path, mapping = run.file("a.zip", content), run.file("m.toml", MAPPING)
    (receipt,) = ingest_files([path], run.record, landed_on=LANDED_ON, mapping=mapping).files
    receipt.check()
    assert (receipt.rows, receipt.accepted) == (6, 4)
    assert receipt.set_aside == {"code-not-loinc": 1, "member-unreadable": 1}
    assert receipt.form.startswith("container of fhir, results by mapping ")
    assert [(row["person_id"], row["value"], row["source"].partition(":")[2].partition(",")[0])
            for row in run.labs] == [
        ("1", 210, "north/a.csv!row 2"),
        ("2", 99, "south/a.csv!row 2"),
        ("4711", 210, "bundle.json!/entry/1/resource"),
    ]  # fmt: skip
    again = replay(run.record, on=LANDED_ON, everything=True).files
    assert [(file.accepted, file.duplicates) for file in again] == [(0, 4)]
    other = MAPPING.replace('"777-3"', '"718-7"').replace('"10*9/L"', '"g/L"')
    corrected = run.file("m.toml", other)
    ingest_files([path], run.record, landed_on=LANDED_ON, mapping=corrected)
    assert sorted((row["person_id"], row["analyte"]) for row in run.labs) == [
        ("1", "haemoglobin"), ("2", "haemoglobin"), ("4711", "platelets"),
    ]  # fmt: skip


# Exports of many files --------------------------------------------------------------------------


def test_a_bulk_export_is_read_together(run: Run) -> None:
    files = [
        run.file("export/Observation.000.ndjson.gz", gzip.compress(LINES.encode())),
        run.file(
            "export/Observation.001.ndjson",
            json.dumps(observation(id="late", effectiveDateTime=None,
                                   specimen={"reference": "Specimen/s1"})) + "\n",
        ),
        run.file("export/Patient.ndjson", json.dumps(patient()) + "\n"),
        run.file(
            "export/Specimen.ndjson",
            json.dumps({"resourceType": "Specimen", "id": "s1",
                        "collection": {"collectedDateTime": "2024-02-01"}}) + "\n",
        ),
        run.file("export/Procedure.ndjson", '{"resourceType": "Procedure"}\n'),
    ]  # fmt: skip
    receipts = run.ingest(files[0].parent)
    assert [receipt.name for receipt in receipts[:2]] == ["Patient.ndjson", "Specimen.ndjson"]
    assert sum(receipt.accepted for receipt in receipts) == 5
    assert {row["person_id"] for row in run.labs} == {"4711"}
    late = next(row for row in run.labs if row["result_id"] == "late")
    assert str(late["specimen_date"]) == "2024-02-01"


def test_the_same_in_a_zip_and_in_another_folder(run: Run) -> None:
    receipt = run.take(
        "export.zip",
        zipped({"x/Observation.ndjson": LINES, "x/Patient.ndjson": json.dumps(patient())}),
    )
    assert receipt.accepted == 4
    assert {row["person_id"] for row in run.labs} == {"4711"}
    other = run.take("other/Observation.ndjson", LINES.replace('"o', '"q'))
    assert set(other.set_aside) == {"person-unmatched"}
    assert {row["person_id"] for row in run.labs} == {"4711"}


def test_a_phones_health_export(run: Run) -> None:
    """By the folder names of the published descriptions; no real export was seen."""
    folder = "apple_health_export"
    receipt = run.take(
        "export.zip",
        zipped(
            {
                f"{folder}/export.xml": "<HealthData/>",
                f"{folder}/export_cda.xml": "<ClinicalDocument/>",
                f"{folder}/workout-routes/route.gpx": "<gpx/>",
                f"{folder}/clinical-records/Observation-1A-2B.json": json.dumps(observation()),
                f"{folder}/clinical-records/Patient-3C.json": json.dumps(patient()),
            }
        ),
    )
    assert (receipt.form, receipt.accepted) == ("container of fhir", 2)
    assert receipt.passed_over == {"other file of a phone's export": 3}
    assert [row["person_id"] for row in run.labs] == ["4711"]


@pytest.mark.parametrize(
    ("name", "together"),
    [
        ("export/Observation.ndjson", True),
        ("export/Observation.000.ndjson.gz", True),
        ("export/Patient-1.ndjson", True),
        ("export/Results.ndjson", False),
        ("export/site_Patient.ndjson", False),
        ("export/Patient-1.json", False),
        ("clinical-records/Patient-1.json", True),
    ],
)
def test_which_files_belong_together(name: str, together: bool) -> None:
    assert (sending_of(PurePosixPath(name)) is not None) is together


# Bounds -----------------------------------------------------------------------------------------


def encrypted() -> bytes:
    content = bytearray(zipped({"a.json": FHIR}, zipfile.ZIP_STORED))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        content[at] |= 1
    return bytes(content)


def damaged() -> bytes:
    content = bytearray(zipped({"a.json": FHIR * 10}))
    content[60] ^= 0xFF
    return bytes(content)


REFUSED = [
    ("a.json.gz", gzip.compress(FHIR.encode())[:-20], "ends too early"),
    ("a.json.gz", b"\x1f\x8b\x08 no gzip at all", "damaged gzip"),
    ("a.json.gz", gzip.compress(b"%PDF"), "cannot be read"),
    ("a.json.gz", gzip.compress(gzip.compress(b"{}")), "holds a container inside"),
    ("a.zip", zipped({"b.zip": zipped({"a.json": FHIR})}), "holds a container inside"),
    ("a.zip", encrypted(), "is encrypted"),
    ("a.zip", zipped({"a.json": FHIR}, zipfile.ZIP_BZIP2), "packed in a way"),
    ("a.zip", damaged(), "damaged zip"),
    ("a.zip", zipped({"a.json": FHIR})[:-30], "damaged zip"),
    ("a.zip", b"PK\x03\x04", "damaged zip"),
    ("a.json.gz", gzip.compress(b"0" * 20_000_000), "times its size"),
    ("a.zip", zipped({"a": b"0" * 9_000_000, "b": b"0" * 9_000_000}), "times its size"),
]


# gzip writes the time into what it packs, so a case is named by its number.
@pytest.mark.parametrize(("name", "content", "says"), REFUSED, ids=map(str, range(len(REFUSED))))
def test_what_cannot_be_opened_is_refused_by_name(
    run: Run, name: str, content: bytes, says: str
) -> None:
    receipt = run.take(name, content)
    assert says in receipt.refused
    assert "Permitted: " in receipt.refused
    assert (receipt.rows, receipt.accepted) == (0, 0)
    assert leftovers(run) == []


def test_how_many_and_how_much_are_bounded(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    content = zipped({"a.json": FHIR, "b.json": FHIR})
    monkeypatch.setattr(containers, "MAX_MEMBERS", 1)
    assert "holds 2 files" in run.take("a.zip", content).refused
    monkeypatch.undo()
    monkeypatch.setattr(containers, "MAX_DIRECTORY", 100)
    assert "holds too many files" in run.take("a.zip", content).refused
    monkeypatch.undo()
    monkeypatch.setattr(containers, "MAX_LANDED", 100)
    assert "unpacks to more than 100 bytes" in run.take("a.zip", content).refused


@pytest.mark.parametrize("ending", ["gz", "zip"])
def test_a_bomb_is_stopped_on_the_way(
    run: Run, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """What is behind it in the container makes it no smaller."""
    monkeypatch.setattr(containers, "FREE_BYTES", 0)
    monkeypatch.setattr(containers, "AHEAD_BYTES", 2_000_000)
    written: list[int] = []
    check = containers._Budget._check

    def noting(budget: Any, taken: int) -> None:
        check(budget, taken)
        written.append(budget._unpacked)

    monkeypatch.setattr(containers._Budget, "_check", noting)
    noise = os.urandom(200_000)
    if ending == "gz":
        content = gzip.compress(bytes(20_000_000)) + gzip.compress(noise)
    else:
        content = zipped({"a": bytes(20_000_000), "b": noise})
    assert "times its size" in run.take(f"a.{ending}", content).refused
    assert 0 < max(written) < 8_000_000
    assert leftovers(run) == []


def test_blanks_in_a_genuine_file_are_no_bomb(run: Run) -> None:
    blank = FHIR.encode() + b"\n" * 9_000_000
    assert run.take("a.json.gz", gzip.compress(blank)).accepted == 2


def test_a_full_disk_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(containers._Budget, "copy", full)
    receipt = run.take("a.zip", zipped({"a.json": FHIR}))
    assert "cannot be unpacked: No space left on device" in receipt.refused
    assert leftovers(run) == []


def test_how_long_a_large_containers_list_says_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    large = b"PK\x06\x06" + bytes(36) + (1 << 40).to_bytes(8, "little") + bytes(8)
    path.write_bytes(large + b"PK\x05\x06" + bytes(8) + b"\xff" * 8 + bytes(2))
    assert containers._directory_size(path) == 1 << 40
    path.write_bytes(b"PK\x05\x06")
    assert containers._directory_size(path) == 0


def test_a_document_of_an_office_program_is_no_folder(run: Run, tmp_path: Path) -> None:
    content = zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"})
    assert "format that cannot be read" in run.take("a.bin", content).refused
    assert "format that cannot be read" in run.take("a.docx", b"PK\x03\x04").refused
    path = tmp_path / "broken.zip"
    path.write_bytes(b"PK\x03\x04")
    assert not containers.is_document(path, path.name)
