"""Versions of one result, as senders release, correct and take them back."""

import json
from collections.abc import Iterable
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import REQUEST, Run, bundle, observation, obx, oru, patient
from tests.ingest.test_replay import shown

from afterdose.ingest import FileReceipt, ingest_files, replay
from afterdose.ingest.matching import split
from afterdose.ingest.rows import Identifier
from afterdose.monitoring.versions import current_results
from afterdose.record.tables import Lab

LANDED_ON = date(2024, 6, 1)


@pytest.fixture
def run(run: Run) -> Run:
    """Everything comes from one sender."""
    run.sender = "North Lab"
    return run


def told(
    value: str = "210",
    status: str = "F",
    at: str = "20240305080000",
    request: str = REQUEST,
    **changes: str,
) -> str:
    """A message with a platelet count, released at that time (OBR-22); empty: nobody says when."""
    request = request + "|" * (22 - request.count("|")) + at
    segment = obx(f5=value, f11=status, **changes)
    message = oru(segment).replace(REQUEST, request)
    return message if at else message.replace("20240305101500+0100", "")


def stands(run: Run) -> list[tuple[float | None, str]]:
    """What stands in the record, by value and status."""
    current = current_results(Lab(**row) for row in run.labs)
    return sorted((lab.value, lab.status) for lab in current)


def take_all(run: Run, contents: Iterable[str]) -> list[FileReceipt]:
    """Each in a run of its own, on days of their own."""
    receipts = []
    for number, content in enumerate(contents):
        ending = "json" if content.startswith("{") else "hl7"
        path = run.file(f"{number}.{ending}", content)
        receipts += run.ingest(path, landed_on=date(2024, 6, 1 + number))
    return receipts


# The order in which files are read --------------------------------------------------------------

HISTORIES = {
    "a wrong tube": (
        [told("210"), told("210", "W", "20240305090000"), told("20", at="20240305100000")],
        [(20.0, "final")],
    ),
    "released anew with the same value": (
        [told("20"), told("20", "W", "20240306"), told("20", at="20240307")],
        [(20.0, "final")],
    ),
    "corrected to and fro": (
        [told("20", "C"), told("210", "C", "20240306"), told("20", "C", "20240307")],
        [(20.0, "corrected")],
    ),
    "a preliminary after the final": (
        [told("20"), told("210", "P", "20240306")],
        [(20.0, "final")],
    ),
    "two finals of one day": (
        [told("210"), told("20", at="20240305100000")],
        [(20.0, "final")],
    ),
    "nobody can say which is the later one": (
        [told("210", "C", "20240305"), told("20", "C", "20240305")],
        [(20.0, "corrected"), (210.0, "corrected")],
    ),
    "sent again, and taken back in between": (
        [told("20"), told("20", at="20240309"), told("", "X", "20240307")],
        [(20.0, "final")],
    ),
    "a correction that cannot be read": (
        [told("210"), told("clumped", "C", "20240306")],
        [],
    ),
    "one that can be read stands at its place": (
        [told("210"), told("clumped", "C", "20240306"), told("20", "C", "20240306")],
        [(20.0, "corrected")],
    ),
    "a cancellation without the laboratory": (
        [told(f15="L1^Central Lab"), told("", "X", "20240306")],
        [],
    ),
    "released after a cancellation that named it loosely": (
        [
            told(f15="L1^Central Lab"),
            told("", "X", "20240306"),
            told("20", at="20240307", f15="L1^Central Lab"),
        ],
        [(20.0, "final")],
    ),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_the_order_of_files_does_not_matter(name: str, tmp_path: Path) -> None:
    """Neither over several runs nor in one."""
    versions, expected = HISTORIES[name]
    for number, order in enumerate(permutations(versions)):
        apart, together = Run(tmp_path / f"{number}a"), Run(tmp_path / f"{number}b")
        take_all(apart, order)
        paths = [together.file(f"{place}.hl7", text) for place, text in enumerate(order)]
        together.ingest(*paths)
        assert stands(apart) == stands(together) == expected
        before = apart.labs
        assert all(receipt.accepted == 0 for receipt in take_all(apart, order))
        assert apart.labs == before


def test_the_time_of_release_is_kept(run: Run) -> None:
    run.take("a.hl7", told(at="20240305081501+0100"))
    run.take("b.hl7", told("20", at="20240306"))
    assert [(lab["received_date"].day, lab["received_time"]) for lab in run.labs] == [
        (5, "08:15:01"),
        (6, None),
    ]


def test_a_release_after_the_file_landed_has_no_time(run: Run) -> None:
    """A clock that runs ahead: the file cannot have come before its result."""
    run.take("a.hl7", told(at="20240701081501"))
    (lab,) = run.labs
    assert (lab["received_date"], lab["received_time"]) == (LANDED_ON, None)


# Withdrawals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        ("X", {"value": "CANCELLED"}),
        ("D", {"value": "DELETED"}),
        ("W", {"f6": ""}),
        ("X", {"value": "9999"}),
        ("W", {"value": "210~20"}),
        ("X", {"value": "", "f6": ""}),
    ],
)
def test_a_withdrawal_needs_no_value(status: str, changes: dict[str, str], run: Run) -> None:
    _, receipt = take_all(run, [told(), told(status=status, at="20240306", **changes)])
    assert receipt.set_aside.total() == 0
    assert stands(run) == []
    row = run.labs[-1]
    assert (row["value"], row["unit"], row["ref_low"]) == (None, None, None)
    assert row["original_value"] == (changes.get("value", "210") or None)


DAY_ONLY = REQUEST.replace("20240304083000+0100", "20240304")


@pytest.mark.parametrize(
    ("result", "withdrawal"),
    [
        ({"f15": "L1^Central Lab"}, {}),
        ({}, {"f15": "L1^Central Lab"}),
        ({"f23": "Central Lab"}, {}),
        ({"f14": ""}, {"f14": "", "request": DAY_ONLY}),
        ({"f14": "", "request": DAY_ONLY}, {"f14": ""}),
        ({}, {"f4": "1"}),
        ({"f4": "1"}, {}),
        ({"f14": ""}, {"f14": "", "request": REQUEST.replace("20240304083000+0100", "")}),
    ],
)
@pytest.mark.parametrize("first", ["result", "withdrawal"])
def test_a_withdrawal_finds_what_it_names_loosely(
    result: dict[str, str], withdrawal: dict[str, str], first: str, run: Run
) -> None:
    said = [told(**result), told("", "X", "20240306", **withdrawal)]
    receipts = take_all(run, said if first == "result" else said[::-1])
    if any(receipt.set_aside for receipt in receipts):
        # Without a day it waits until its result is there.
        assert run.set_aside[0]["reason"] == "withdraws-unknown"
        replay(run.record, on=date(2024, 7, 1))
    assert stands(run) == []
    again = replay(run.record, on=date(2024, 7, 1), everything=True)
    assert sum(file.accepted for file in again.files) == 0


@pytest.mark.parametrize(
    ("result", "withdrawal"),
    [
        ({"f15": "L1^Central Lab"}, {"f15": "L2^Other Lab"}),
        ({}, {"request": REQUEST.replace("G240304", "G240305")}),
        ({}, {"f3": "26515-7^Platelets^LN"}),
        ({"f4": "1"}, {"f4": "2"}),
        ({}, {"f14": "20240305083000+0100"}),
        ({}, {"f14": "20240304093000+0100"}),
    ],
)
def test_a_withdrawal_of_something_else_takes_nothing_back(
    result: dict[str, str], withdrawal: dict[str, str], run: Run
) -> None:
    take_all(run, [told(**result), told("", "X", "20240306", **withdrawal)])
    assert stands(run) == [(210.0, "final")]


def test_what_a_withdrawal_takes_back_is_a_row_that_cites_it(run: Run) -> None:
    take_all(run, [told(f15="L1^Central Lab"), told("CANCELLED", "X", "20240306")])
    rows = [lab for lab in run.labs if lab["status"] == "cancelled"]
    assert {lab["provider"] for lab in rows} == {"Central Lab", "North Lab"}
    assert len({lab["source"] for lab in rows}) == 1
    assert {lab["original_value"] for lab in rows} == {"CANCELLED"}


# FHIR -------------------------------------------------------------------------------------------


def emptied(**changes: Any) -> dict[str, Any]:
    """What is left of an Observation that a server marks as an error."""
    return observation(
        **{
            "status": "entered-in-error",
            "code": {"text": "error"},
            "effectiveDateTime": None,
            "valueQuantity": None,
            "issued": "2024-03-06T10:00:00+01:00",
        }
        | changes
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"code": None},
        {"code": observation()["code"]},
        {"effectiveDateTime": "2024-03-04"},
        {
            "code": {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                        "code": "error",
                    }
                ]
            }
        },
    ],
)
@pytest.mark.parametrize("is_one_run", [True, False])
def test_an_emptied_result_is_known_by_its_id(
    changes: dict[str, Any], is_one_run: bool, run: Run
) -> None:
    said = [bundle(observation()), bundle(emptied(**changes))]
    if is_one_run:
        run.ingest(*(run.file(f"{n}.json", text) for n, text in enumerate(reversed(said))))
    else:
        _, receipt = take_all(run, said)
        assert (receipt.accepted, receipt.duplicates) == (1, 0)
        again = run.take("1.json", said[1])
        assert (again.accepted, again.duplicates) == (0, 1)
    assert stands(run) == []
    assert len(run.labs) == 2


def test_one_that_is_known_by_nothing_is_set_aside_and_found_later(run: Run) -> None:
    run.take("a.json", bundle(emptied()))
    (row,) = run.set_aside
    assert (row["reason"], row["person_id"]) == ("withdraws-unknown", "Patient/p1")
    run.take("b.json", bundle(observation()))
    assert stands(run) == [(210.0, "final")]
    replay(run.record, on=date(2024, 7, 1))
    assert (stands(run), run.set_aside) == ([], [])


def test_an_id_that_names_two_results_takes_back_neither(run: Run) -> None:
    later = observation(effectiveDateTime="2024-04-04", issued="2024-04-05")
    run.take("a.json", bundle(observation(), later))
    run.take("b.json", bundle(emptied(issued="2024-05-01")))
    assert [row["reason"] for row in run.set_aside] == ["withdraws-unknown"]
    assert len(stands(run)) == 2


def test_a_panel_is_taken_back_with_its_parts(run: Run) -> None:
    part = {name: observation()[name] for name in ("code", "valueQuantity")}
    creatinine = observation("2160-0", valueQuantity={"value": 70, "unit": "umol/L"})
    other = {name: creatinine[name] for name in ("code", "valueQuantity")}
    panel = observation("58410-2", valueQuantity=None, component=[part, other])
    run.take("a.json", bundle(panel))
    assert len(stands(run)) == 2
    run.take("b.json", bundle(emptied()))
    assert stands(run) == []


def test_a_local_code_that_is_taken_back_stays_a_local_code(run: Run) -> None:
    code = {"coding": [{"system": "urn:local", "code": "PLT"}]}
    run.take("a.json", bundle(emptied(code=code, effectiveDateTime="2024-03-04")))
    assert [row["reason"] for row in run.set_aside] == ["code-not-loinc"]


def test_an_id_inside_a_report_is_no_identifier(run: Run) -> None:
    """Every report calls its count ``plt``."""

    def report(**changes: Any) -> str:
        count = observation(id="plt", **changes)
        return bundle(
            {
                "resourceType": "DiagnosticReport",
                "status": "final",
                "subject": {"reference": "Patient/p1"},
                "contained": [count],
                "result": [{"reference": "#plt"}],
            }
        )

    take_all(run, [report(), report(effectiveDateTime="2024-03-08", issued="2024-03-09")])
    assert [lab["result_id"] for lab in run.labs] == [None, None]
    assert stands(run) == [(210.0, "final")] * 2


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
@pytest.mark.parametrize("is_one_file", [True, False])
def test_a_report_that_is_taken_back_takes_its_results_with_it(
    status: str, is_one_file: bool, run: Run
) -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "status": status,
        "subject": {"reference": "Patient/p1"},
        "issued": "2024-03-06T10:00:00+01:00",
        "result": [{"reference": "Observation/o1"}],
    }
    if is_one_file:
        run.take("a.json", bundle(observation(), report))
    else:
        take_all(run, [bundle(observation()), bundle(report)])
    assert stands(run) == []
    assert run.labs[-1]["status"] == status


def test_a_preliminary_report_leaves_its_final_results_final(run: Run) -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "status": "preliminary",
        "result": [{"reference": "Observation/o1"}],
    }
    run.take("a.json", bundle(observation(), report))
    assert stands(run) == [(210.0, "final")]


def test_in_many_lines_too(run: Run) -> None:
    """Lines that are read together say what single ones say."""
    results = [observation(id=f"o{n}", effectiveDateTime=f"2024-03-{n:02}") for n in range(1, 4)]
    report = {
        "resourceType": "DiagnosticReport",
        "status": "entered-in-error",
        "subject": {"reference": "Patient/p1"},
        "result": [{"reference": "Observation/o2"}],
    }
    others = [{"resourceType": "Encounter"}] * 200
    lines = "\n".join(map(json.dumps, [*results, report, *others]))
    run.take("a.ndjson", lines)
    assert [lab["status"] for lab in run.labs] == ["final", "entered-in-error", "final"]


def test_a_split_takes_withdrawals_away_with_their_rows(run: Run) -> None:
    """Those too that were entered beside what they take back."""
    take_all(run, [bundle(observation(), patient()), bundle(patient(), emptied())])
    assert stands(run) == []
    mrn = Identifier("https://hospital.example/mrn", "4711")
    split(run.record, mrn, by="Dr Example", on=LANDED_ON)
    assert run.labs == []


def test_a_table_of_results_says_when_each_was_released(run: Run) -> None:
    header = (
        "person_id,original_code,status,original_value,original_unit,specimen_date,received_date,"
        "received_time,accession\n"
    )
    versions = [("20", "10:00:00"), ("210", "08:00:00")]
    run.take(
        "results.csv",
        header
        + "".join(
            f"p1,LOINC:777-3,final,{value},10*9/L,2024-03-04,2024-03-05,{time},A1\n"
            for value, time in versions
        ),
    )
    assert {lab["received_time"] for lab in run.labs} == {"08:00:00", "10:00:00"}
    assert stands(run) == [(20.0, "final")]


# Corrections that cannot be read ----------------------------------------------------------------


@pytest.mark.parametrize("changes", [{"value": "clumped"}, {"value": ""}, {"value": "9999"}])
def test_what_an_unreadable_correction_corrects_no_longer_counts(
    changes: dict[str, str], run: Run
) -> None:
    _, receipt = take_all(run, [told(), told(status="C", at="20240306", **changes)])
    assert (receipt.accepted, receipt.unread_corrections) == (0, 1)
    assert receipt.set_aside.total() == 1
    assert stands(run) == []
    assert (run.labs[-1]["value"], run.labs[-1]["status"]) == (None, "corrected")


def test_the_receipt_says_so(run: Run) -> None:
    path = run.file("a.hl7", told("clumped", "C"))
    receipt = ingest_files([path], run.record, landed_on=LANDED_ON)
    assert "1 correction could not be read: what it corrects no longer counts." in shown(receipt)


def test_a_final_that_cannot_be_read_takes_nothing_back(run: Run) -> None:
    _, receipt = take_all(run, [told(), told("clumped", at="20240306")])
    assert receipt.unread_corrections == 0
    assert stands(run) == [(210.0, "final")]


# The same again ---------------------------------------------------------------------------------


def test_undated_the_day_of_landing_says_nothing(run: Run) -> None:
    """A table that is sent again each week holds what was said before, and what is said now."""
    first = told("20", at="")
    receipts = take_all(run, [first, first + "\r", first + "\r\r"])
    assert [receipt.duplicates for receipt in receipts] == [0, 2, 2]
    assert len(run.labs) == 1


def rows(*said: tuple[str, str]) -> str:
    """Undated versions of one result, in one message a row."""
    return "".join(told(value, status, at="") for value, status in said)


@pytest.mark.parametrize(
    ("weeks", "kept", "expected"),
    [
        ([[("20", "F")], [("20", "F"), ("25", "C")], [("20", "F"), ("25", "C")]], 2, [25]),
        ([[("20", "F")], [("20", "W")], [("20", "F")]], 3, [20]),
        ([[("20", "C")], [("210", "C")], [("20", "C")]], 3, [20]),
        ([[("20", "F"), ("20", "W")], [("20", "F"), ("20", "W")]], 2, []),
        ([[("20", "F"), ("210", "F")], [("20", "F"), ("210", "F")]], 2, [20, 210]),
        ([[("20", "F")], [("20", "F"), ("20", "W")], [("20", "F")]], 3, [20]),
    ],
)
def test_undated_versions_that_are_sent_again(
    weeks: list[list[tuple[str, str]]], kept: int, expected: list[float], run: Run
) -> None:
    take_all(run, [rows(*said) + "\r" * number for number, said in enumerate(weeks)])
    assert len(run.labs) == kept
    assert [value for value, _ in stands(run)] == expected
