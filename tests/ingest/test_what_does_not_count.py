"""Results that a sender marks as not to be used, or as somebody else's, or as tests."""

import json
from typing import Any

import pytest
from tests.ingest.conftest import (
    HEADER,
    LANDED_ON,
    PLATELETS,
    Run,
    bundle,
    observation,
    oru,
    patient,
)

from afterdose.ingest import ingest_files
from afterdose.ingest.pipeline import replay

UNKNOWN = [{"url": "https://lab.example/negated", "valueBoolean": True}]
ABSENT = {"coding": [{"code": "unknown"}]}
HTEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
MANY = 250
"""Lines enough for them to be read many at once."""


def lines(*resources: dict[str, Any]) -> str:
    """Resources a line each, behind so many ordinary ones that all are read together."""
    others = [observation(id=f"n{number}") for number in range(MANY)]
    return "".join(json.dumps(one) + "\n" for one in (*others, *resources))


MARKS = [
    ({"modifierExtension": UNKNOWN}, "modifier-not-understood", "modifierExtension"),
    ({"dataAbsentReason": ABSENT}, "malformed", "a value beside dataAbsentReason"),
    ({"focus": [{"reference": "RelatedPerson/baby"}]}, "about-somebody-else", "focus"),
    ({"specimen": {"reference": "Specimen/spilt"}}, "specimen-unusable", "unsatisfactory"),
    ({"specimen": {"reference": "Specimen/wrong"}}, "specimen-unusable", "entered-in-error"),
    ({"meta": {"tag": [HTEST]}}, "test-message", "meta: HTEST"),
    ({"meta": {"security": [HTEST]}}, "test-message", "meta: HTEST"),
]
SPECIMENS = [
    {"resourceType": "Specimen", "id": "spilt", "status": "unsatisfactory"},
    {"resourceType": "Specimen", "id": "wrong", "status": "entered-in-error"},
    {"resourceType": "Specimen", "id": "good", "status": "available"},
]


@pytest.mark.parametrize("is_many", [False, True])
@pytest.mark.parametrize(("changes", "reason", "seen"), MARKS)
def test_fhir_results_that_do_not_count(
    run: Run, changes: dict[str, Any], reason: str, seen: str, is_many: bool
) -> None:
    marked = observation(**changes)
    resources = (patient(), *SPECIMENS, marked)
    receipt = run.take("a.json", lines(*resources) if is_many else bundle(*resources))
    assert receipt.set_aside == {reason: 1}
    (row,) = run.set_aside
    assert (row["reason"], row["seen"]) == (reason, seen)


def test_a_monitored_result_that_does_not_count_says_whose_and_what_it_is(run: Run) -> None:
    """So that it stands on the worklist."""
    run.take("a.json", bundle(patient(), observation(modifierExtension=UNKNOWN)))
    (row,) = run.set_aside
    assert (row["person_id"], row["analyte"]) == ("4711", "platelets")


def test_a_specimen_that_can_be_used_is_used(run: Run) -> None:
    one = observation(specimen={"reference": "Specimen/good"})
    assert run.take("a.json", bundle(patient(), *SPECIMENS, one)).accepted == 2


def test_a_contained_specimen_tells_too(run: Run) -> None:
    spilt = {"resourceType": "Specimen", "id": "s", "status": "unsatisfactory"}
    one = observation(contained=[spilt], specimen={"reference": "#s"})
    receipt = run.take("a.json", bundle(patient(), one))
    assert receipt.set_aside == {"specimen-unusable": 1}


def test_a_modifier_on_anything_else_that_is_read(run: Run) -> None:
    receipt = run.take("a.json", bundle(patient(modifierExtension=UNKNOWN)))
    assert receipt.set_aside == {"modifier-not-understood": 1}
    assert run.table("people") == []


def test_a_modifier_of_a_component_concerns_that_component(run: Run) -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": "718-7"}]}
    value = {"value": 13, "unit": "g/dL"}
    parts = [
        {"code": code, "valueQuantity": value},
        {"code": code, "valueQuantity": value, "modifierExtension": UNKNOWN},
    ]
    receipt = run.take("a.json", bundle(patient(), observation(component=parts)))
    assert receipt.set_aside == {"modifier-not-understood": 1}
    assert len(run.labs) == 2


# Tests ------------------------------------------------------------------------------------------

TESTS = {
    "hl7": oru(PLATELETS).replace("|M1|P|", "|M1|T|"),
    "debug": oru(PLATELETS).replace("|M1|P|", "|M1|D|"),
    "many": "".join(
        (oru(PLATELETS) if number else oru(PLATELETS).replace("|M1|P|", "|M1|T|"))
        for number in range(60)
    ),
}


@pytest.mark.parametrize("content", ["hl7", "debug", "many"])
def test_a_message_for_training_is_set_aside_with_its_person(run: Run, content: str) -> None:
    assert "|M1|P|" in HEADER
    receipt = run.take("a.hl7", TESTS[content])
    assert receipt.set_aside == {"test-message": 2}
    (letter,) = {row["seen"] for row in run.set_aside}
    assert letter in ("MSH-11 T", "MSH-11 D")
    assert (run.labs == []) == (content != "many")


@pytest.mark.parametrize("content", ["hl7", "many"])
def test_a_site_may_accept_test_messages_and_a_replay_does_as_well(run: Run, content: str) -> None:
    path = run.file("a.hl7", TESTS[content])
    run.ingest(path)
    (receipt,) = ingest_files([path], run.record, landed_on=LANDED_ON, accept_tests=True).files
    assert not receipt.set_aside
    assert any("--accept-test-messages" in note for note in receipt.notes)
    assert len(run.labs) == 1
    (again,) = replay(run.record, on=LANDED_ON, everything=True).files
    assert not again.set_aside


def test_test_resources_may_be_accepted_too(run: Run) -> None:
    path = run.file("a.json", bundle(patient(), observation(meta={"tag": [HTEST]})))
    (receipt,) = ingest_files([path], run.record, landed_on=LANDED_ON, accept_tests=True).files
    assert receipt.accepted == 2


# Ranges and words -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [{"appliesTo": [{"text": "pregnant"}]}, {"modifierExtension": UNKNOWN}],
)
def test_a_range_for_other_people_is_not_taken(run: Run, more: dict[str, Any]) -> None:
    limits = {"low": {"value": 150}, "high": {"value": 400}}
    run.take("a.json", bundle(patient(), observation(referenceRange=[limits | more])))
    assert [(lab["ref_low"], lab["ref_high"]) for lab in run.labs] == [(None, None)]


def test_of_two_ranges_the_one_for_everybody_is_taken(run: Run) -> None:
    everybody = {"low": {"value": 150}, "high": {"value": 400}}
    pregnant = {"low": {"value": 120}, "appliesTo": [{"text": "pregnant"}]}
    run.take("a.json", bundle(patient(), observation(referenceRange=[pregnant, everybody])))
    assert [(lab["ref_low"], lab["ref_high"]) for lab in run.labs] == [(150, 400)]


def test_a_code_without_words_is_a_value(run: Run) -> None:
    coded = {"coding": [{"system": "http://loinc.org", "code": "LA6577-6"}]}
    one = observation("20454-5", valueQuantity=None, valueCodeableConcept=coded)
    assert run.take("a.json", bundle(patient(), one)).set_aside == {"value-not-a-number": 1}


# Periods ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_many", [False, True])
@pytest.mark.parametrize(
    ("period", "day"),
    [
        ({"start": "2024-03-01", "end": "2024-03-31"}, None),
        ({"start": "2024-03-01T07:00:00Z", "end": "2024-03-02T07:00:00Z"}, "2024-03-02"),
        ({"start": "2024-03-01"}, "2024-03-01"),
        ({"end": "2024-03-01"}, None),
    ],
)
def test_a_period_is_a_day_only_where_it_is_one_collection(
    run: Run, period: dict[str, str], day: str | None, is_many: bool
) -> None:
    one = observation(effectiveDateTime=None, effectivePeriod=period, id="last")
    receipt = run.take("a.json", lines(patient(), one) if is_many else bundle(patient(), one))
    days = {str(lab["specimen_date"]) for lab in run.labs if lab["result_id"] == "last"}
    assert days == ({day} if day else set())
    assert receipt.set_aside == ({} if day else {"no-specimen-date": 1})


@pytest.mark.parametrize(
    ("collected", "day"),
    [
        ("20240301070000^20240302070000", "2024-03-02"),
        ("20240301^20240331", None),
        ("20240301070000", "2024-03-01"),
    ],
)
@pytest.mark.parametrize("copies", [1, 60])
def test_a_range_of_collection_in_hl7(
    run: Run, collected: str, day: str | None, copies: int
) -> None:
    message = oru(PLATELETS, f"SPM|1|||BLD{'|' * 13}{collected}")
    message = message.replace("20240304083000+0100", "")
    run.take("a.hl7", message * copies)
    assert {str(lab["specimen_date"]) for lab in run.labs} == ({day} if day else set())
