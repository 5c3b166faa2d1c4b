"""What stands in the place of an identifier is nobody's: not one person of all who have none."""

import tomllib
from datetime import date
from importlib import resources
from typing import Any

import pytest
from tests.ingest.conftest import PLATELETS, Run, bundle, observation, oru, patient

from afterdose.ingest.matching import join, split
from afterdose.ingest.placeholders import is_placeholder
from afterdose.ingest.readers.ccda import read_ccda
from afterdose.ingest.rows import Identifier


@pytest.mark.parametrize(
    "value",
    [
        "UNKNOWN", "Unknown", "unk", "N/A", "n.a.", "None", "null", "-", "??", "_", "0", "000",
        "0-0", "999", "999999999", "999-99-9999", "000-00-0000", "111111", "111-11-1111", "7777777",
        "UNKNOWN\u200b", "ASKU", "nullFlavor", "urn:uuid:00000000-0000-0000-0000-000000000000",
    ],
)  # fmt: skip
def test_nobody_is_called_so(value: str) -> None:
    assert is_placeholder(Identifier("urn:oid:1.2.3", value))


@pytest.mark.parametrize(
    "value", ["1", "9", "99", "11111", "1000", "0001", "A0", "9991", "ΑΒΓ", "Noname7", "NINA"]
)
def test_somebody_may_be_called_so(value: str) -> None:
    assert not is_placeholder(Identifier("urn:oid:1.2.3", value))


@pytest.mark.parametrize(
    ("assigner", "value"),
    [("record", "0"), ("OMOP CDM North", "111111"), ("reference at North", "000")],
)
def test_numbers_of_tables_are_what_they_are(assigner: str, value: str) -> None:
    assert not is_placeholder(Identifier(assigner, value))


def test_each_says_why() -> None:
    text = resources.files("afterdose.ingest").joinpath("placeholders.toml").read_text("utf-8")
    for one in tomllib.loads(text)["placeholders"]:
        assert set(one) == {"pattern", "why"}
        assert one["why"].endswith(".")


def unknown(*segments: str) -> str:
    return oru(*segments).replace("88-2301^^^PATNO^MR", "UNKNOWN^^^N")


def test_two_people_whom_nobody_knows_are_not_one(run: Run) -> None:
    receipt = run.take("a.hl7", unknown(PLATELETS))
    assert receipt.set_aside == {"person-unknown": 2}
    assert (run.labs, run.table("people")) == ([], [])
    assert [row["seen"] for row in run.set_aside] == ["a placeholder stands for the identifier", ""]
    assert not (run.record / "unmatched.csv").exists()


def test_of_two_identifiers_the_one_that_names_somebody_counts(run: Run) -> None:
    content = oru(PLATELETS).replace("88-2301^^^PATNO^MR", "000000^^^SSA^SS~88-2301^^^PATNO^MR")
    assert run.take("a.hl7", content).set_aside == {}
    assert [lab["person_id"] for lab in run.labs] == ["88-2301"]
    assert "000000" not in (run.record / "identities.csv").read_text()


def test_a_patient_without_a_number_waits_for_nobody(run: Run) -> None:
    nameless = patient(identifier=[{"system": "https://hospital.example/mrn", "value": "N/A"}])
    receipt = run.take("a.json", bundle(nameless, observation()))
    assert receipt.set_aside == {"person-unknown": 2}


def test_an_identifier_with_a_null_flavour_is_none() -> None:
    content = (
        b'<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole>'
        b'<id root="1.2.3" extension="7" nullFlavor="UNK"/></patientRole></recordTarget>'
        b"</ClinicalDocument>"
    )
    reading = read_ccda(content)
    assert [row.reason for row in reading.unreadable] == ["person-unknown"]
    assert reading.people == []


def test_a_number_that_looks_so_and_is_real_is_somebodys_by_decision(run: Run) -> None:
    """Until somebody takes it from them again."""
    content = oru(PLATELETS).replace("88-2301^^^PATNO^MR", "111111^^^N&1.2.3&ISO")
    assert run.take("a.hl7", content).set_aside == {"person-unknown": 2}
    number = Identifier("urn:oid:1.2.3", "111111")
    decided: dict[str, Any] = {"by": "Dr Example", "on": date(2024, 7, 1)}
    assert join(run.record, "ana", number, is_new=True, **decided).came == 2
    assert [lab["person_id"] for lab in run.labs] == ["ana"]
    assert split(run.record, number, **decided).went == 1
    assert {row["reason"] for row in run.set_aside} == {"person-unknown"}
