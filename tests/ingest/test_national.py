"""A number of a state says who somebody is, and is nobody's id in the record."""

from datetime import date
from typing import Any

import pytest
from tests.ingest.conftest import PLATELETS, Run, bundle, observation, oru, patient
from tests.ingest.test_ccda import document, section
from tests.ingest.test_ccda import observation as clinical_observation

from afterdose.ingest.matching import join, split
from afterdose.ingest.national import NATIONAL
from afterdose.ingest.rows import Identifier

SSN = "2.16.840.1.113883.4.1"
MRN = {"system": "https://hospital.example/mrn", "value": "4711"}
NUMBER = "078-05-1120"


def typed(code: str) -> dict[str, Any]:
    return {"system": "urn:clinic", "value": NUMBER, "type": {"coding": [{"code": code}]}}


FHIR = [
    {"system": "http://hl7.org/fhir/sid/us-ssn", "value": NUMBER},
    {"system": f"urn:oid:{SSN}", "value": NUMBER},
    typed("SS"),
    typed("NNESP"),
]


def person_ids(run: Run) -> set[str]:
    return {row["person_id"] for table in ("people", "labs") for row in run.table(table)}


def known_pairs(run: Run) -> str:
    return (run.record / "identities.csv").read_text("utf-8")


@pytest.mark.parametrize("identifier", FHIR)
def test_fhir_calls_nobody_by_it(run: Run, identifier: dict[str, Any]) -> None:
    run.take("a.json", bundle(patient(identifier=[identifier, MRN]), observation()))
    assert person_ids(run) == {"4711"}
    assert NUMBER in known_pairs(run)


@pytest.mark.parametrize("identifier", FHIR)
def test_somebody_with_no_other_is_numbered(run: Run, identifier: dict[str, Any]) -> None:
    run.take("people.csv", "person_id,sex\nperson-1,\n")
    text = bundle(patient(identifier=[identifier]), observation())
    run.take("a.json", text)
    run.take("b.json", text + " ")
    assert person_ids(run) == {"person-1", "person-2"}
    assert f"person-2,{identifier['system']},{NUMBER}" in known_pairs(run)
    assert len(run.labs) == 1


@pytest.mark.parametrize(
    "repetition", [f"{NUMBER}^^^SSA^SS", f"{NUMBER}^^^&{SSN}&ISO", f"{NUMBER}^^^&{SSN}&ISO^SS"]
)
def test_messages_call_nobody_by_it(run: Run, repetition: str) -> None:
    alone = oru(PLATELETS).replace("88-2301^^^PATNO^MR", repetition)
    both = oru(PLATELETS).replace("88-2301^^^PATNO^MR", f"{repetition}~88-2301^^^PATNO^MR")
    run.take("a.hl7", alone)
    assert person_ids(run) == {"person-1"}
    run.take("b.hl7", both)
    # The same number: the same person.
    assert person_ids(run) == {"person-1"}
    other = Run(run.record.parent)
    other.record = run.record.parent / "other"
    other.take("b.hl7", both)
    assert person_ids(other) == {"88-2301"}


def test_documents_call_nobody_by_it(run: Run) -> None:
    text = document(section(clinical_observation()))
    begin, end = text.index("<patientRole>"), text.index("<patient>")
    number = f'<id root="{SSN}" extension="{NUMBER}"/>'
    role = "<patientRole>"
    run.take("a.xml", text.replace(role, role + number))
    assert person_ids(run) == {"4711"}
    run.take("b.xml", text[:begin] + role + number.replace("20", "21") + text[end:])
    assert person_ids(run) == {"4711", "person-1"}


def test_somebody_numbered_is_joined_and_forgotten_like_others(run: Run) -> None:
    run.take("people.csv", "person_id,sex\nana,\n")
    run.take("a.json", bundle(patient(identifier=[FHIR[0]]), observation()))
    whose = Identifier("http://hl7.org/fhir/sid/us-ssn", NUMBER)
    decided: dict[str, Any] = {"by": "Dr Example", "on": date(2024, 7, 1)}
    done = join(run.record, "ana", whose, **decided)
    assert (done.moved_from, done.forgotten) == ("person-1", True)
    assert person_ids(run) == {"ana"}
    assert split(run.record, whose, **decided).went == 1


def test_the_list_of_assigners_is_written_as_identifiers_are() -> None:
    assert all(one.startswith(("urn:oid:", "http")) for one in NATIONAL)
    assert Identifier(f"urn:oid:{SSN}", "1").is_national
    assert Identifier("a", "1", True) == Identifier("a", "1")
