"""Two people are not made one: not by a shared number, not by a message that names both."""

import json
from datetime import date
from typing import Any

import pytest
from tests.ingest.conftest import HEADER, Run, bundle, observation, patient
from tests.ingest.test_matching import queue

from afterdose.ingest import replay
from afterdose.ingest.matching import join, split
from afterdose.ingest.rows import Identifier

DECIDED: dict[str, Any] = {"by": "Dr Example", "on": date(2024, 7, 1)}
MRN, OTHER_MRN = "urn:oid:1.2.3", "urn:oid:4.5.6"
CARD = "urn:oid:7.8.9"
"""An insurer's number: what two people share by a mistake at the desk."""


def number(assigner: str, value: str, kind: str = "") -> str:
    """A repetition of PID-3."""
    return f"{value}^^^X&{assigner.removeprefix('urn:oid:')}&ISO^{kind}"


def message(*numbers: str, birth: str = "", sex: str = "", day: int = 1, value: int = 200) -> str:
    segments = [
        HEADER,
        f"PID|1||{'~'.join(numbers)}||Nobody^Never||{birth}|{sex}",
        f"OBR|1||A{day}|58410-2^CBC^LN|||202403{day:02d}0830",
        f"OBX|1|NM|777-3^Platelets^LN||{value}|10*9/L|||||F",
    ]
    return "\r".join(segments) + "\r"


FIRST = message(
    number(MRN, "111"), number(CARD, "5550123"), birth="19800203", sex="F", day=1, value=210
)
"""Somebody with a hospital's number and an insurer's."""


def whose(run: Run) -> list[tuple[str, float]]:
    return sorted((lab["person_id"], lab["value"]) for lab in run.labs)


def waiting(run: Run) -> list[tuple[str, str, int]]:
    return [(one.assigner, one.identifier, one.rows) for one in queue(run)]


def reasons(run: Run) -> list[tuple[str, str, str]]:
    return [(row["locator"], row["reason"], row["seen"]) for row in run.set_aside]


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (
            message(number(OTHER_MRN, "222"), number(CARD, "5550123"), sex="M", value=20),
            "sex",
        ),
        (
            message(number(OTHER_MRN, "222"), number(CARD, "5550123"), birth="1951", value=20),
            "birth date",
        ),
        (
            message(number(MRN, "222"), number(CARD, "5550123"), value=20),
            "another number of the same assigner",
        ),
        (
            message(
                number(MRN, "222"), number(CARD, "5550123"), birth="19510101", sex="M", value=20
            ),
            "sex, birth date, another number of the same assigner",
        ),
    ],
)
def test_a_shared_number_does_not_make_one_person_of_two(run: Run, second: str, why: str) -> None:
    """Nothing of the second is registered; their row and their result wait together."""
    run.take("a.hl7", FIRST)
    receipt = run.take("b.hl7", second)
    assert receipt.set_aside == {"identity-conflict": 2}
    assert whose(run) == [("111", 210)]
    assert "222" not in (run.record / "identities.csv").read_text()
    assert reasons(run) == [
        ("line 2 PID", "identity-conflict", why),
        ("line 4 OBX", "identity-conflict", ""),
    ]
    ((assigner, identifier, rows),) = waiting(run)
    assert (assigner, rows) == ("identity-conflict", 2)
    assert "222" in identifier
    assert f"{CARD} 5550123" in identifier


def test_in_one_file_it_is_the_same(run: Run) -> None:
    second = message(number(MRN, "222"), number(CARD, "5550123"), sex="M", day=2, value=20)
    assert run.take("a.hl7", FIRST + second).set_aside == {"identity-conflict": 2}
    assert whose(run) == [("111", 210)]


@pytest.mark.parametrize(
    "again",
    [
        message(number(OTHER_MRN, "222"), number(CARD, "5550123"), birth="1980", sex="F", day=2),
        message(number(OTHER_MRN, "222"), number(CARD, "5550123"), birth="198002", day=2),
        message(number(OTHER_MRN, "222"), number(CARD, "5550123"), day=2),
        message(number(OTHER_MRN, "222"), number(CARD, "5550123"), birth="someday", day=2),
    ],
)
def test_what_agrees_as_far_as_it_is_known_is_joined(run: Run, again: str) -> None:
    run.take("a.hl7", FIRST)
    run.take("b.hl7", again)
    assert whose(run) == [("111", 200), ("111", 210)]
    assert "111,urn:oid:4.5.6,222" in (run.record / "identities.csv").read_text()


def test_a_visit_has_another_number_each_time(run: Run) -> None:
    for day, visit in enumerate(("V1", "V2", "V3"), start=1):
        content = message(number(MRN, "111", "MR"), number(MRN, visit, "VN"), day=day)
        assert run.take(f"{visit}.hl7", content).set_aside == {}
    assert [person for person, _ in whose(run)] == ["111"] * 3


def test_a_patient_has_several_addresses(run: Run) -> None:
    """Of a FHIR server, and of one who loaded its people anew."""
    for place in ("p1", "p2"):
        resource = bundle(
            patient(id=place),
            observation(id=place, subject={"reference": f"Patient/{place}"}),
        )
        assert run.take(f"{place}.json", resource, sender="North").set_aside == {}
    assert [person for person, _ in whose(run)] == ["4711", "4711"]


def test_a_patient_whose_address_is_somebody_elses_waits_with_the_results(run: Run) -> None:
    run.take("a.json", bundle(patient(), observation()), sender="North")
    number = [{"system": "https://hospital.example/mrn", "value": "4712"}]
    second = patient(identifier=number, gender="male", birthDate="1951-01-01")
    receipt = run.take("b.json", bundle(second, observation(id="o2")), sender="North")
    assert receipt.set_aside == {"identity-conflict": 2}
    assert [person for person, _ in whose(run)] == ["4711"]


# A message that names two people -----------------------------------------------------------------


def two_known(run: Run) -> None:
    run.take("a.hl7", message(number(MRN, "111"), day=1, value=210))
    run.take("b.hl7", message(number(OTHER_MRN, "222"), day=2, value=20))


BOTH = message(number(MRN, "111"), number(OTHER_MRN, "222"), day=3, value=33)


def test_results_of_a_person_in_conflict_wait_with_them(run: Run) -> None:
    two_known(run)
    receipt = run.take("c.hl7", BOTH + message(number(MRN, "111"), day=4, value=44))
    assert receipt.set_aside == {"identity-conflict": 2}
    # A message that names one of them alone is theirs.
    assert whose(run) == [("111", 44), ("111", 210), ("222", 20)]


def test_entries_and_results_of_a_patient_wait_alike(run: Run) -> None:
    for value in ("1", "2"):
        whom = patient(id=value, identifier=[{"system": f"s{value}", "value": value}])
        run.take(f"{value}.json", bundle(whom))
    both = [{"system": "s1", "value": "1"}, {"system": "s2", "value": "2"}]
    given = {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2024-01-08",
        "medicationCodeableConcept": {"text": "alemtuzumab"},
    }
    receipt = run.take("c.json", bundle(patient(identifier=both), observation(), given))
    assert receipt.set_aside == {"identity-conflict": 3}
    assert (run.labs, run.table("treatments")) == ([], [])


def test_in_a_bulk_export_the_patient_stands_in_another_file(run: Run) -> None:
    for value in ("1", "2"):
        whom = patient(id=value, identifier=[{"system": f"s{value}", "value": value}])
        run.take(f"{value}.json", bundle(whom))
    both = [{"system": "s1", "value": "1"}, {"system": "s2", "value": "2"}]
    files = [
        run.file("export/Patient.ndjson", json.dumps(patient(identifier=both)) + "\n"),
        run.file("export/Observation.ndjson", json.dumps(observation()) + "\n"),
    ]
    people, results = run.ingest(*files)
    assert people.set_aside == results.set_aside == {"identity-conflict": 1}


# Decided ----------------------------------------------------------------------------------------


def in_conflict(run: Run) -> Identifier:
    ((assigner, identifier),) = {(assigner, identifier) for assigner, identifier, _ in waiting(run)}
    return Identifier(assigner, identifier)


def test_somebody_decides_whose_they_are(run: Run) -> None:
    two_known(run)
    run.take("c.hl7", BOTH)
    conflict = in_conflict(run)
    assert join(run.record, "222", conflict, **DECIDED).came == 1
    assert waiting(run) == []
    assert whose(run) == [("111", 210), ("222", 20), ("222", 33)]
    # What is sent again is theirs too; each identifier by itself means what it meant.
    later = message(number(MRN, "111"), number(OTHER_MRN, "222"), day=5, value=55)
    assert run.take("d.hl7", later).set_aside == {}
    run.take("e.hl7", message(number(MRN, "111"), day=4, value=66))
    assert {("111", 66), ("222", 55)} < set(whose(run))
    assert split(run.record, conflict, **DECIDED).went == 2
    assert whose(run) == [("111", 66), ("111", 210), ("222", 20)]
    assert in_conflict(run) == conflict


def test_somebody_new_may_be_meant(run: Run) -> None:
    run.take("a.hl7", FIRST)
    run.take("b.hl7", message(number(MRN, "222"), number(CARD, "5550123"), sex="M", value=20))
    done = join(run.record, "222", in_conflict(run), is_new=True, **DECIDED)
    assert (done.came, waiting(run)) == (2, [])
    assert whose(run) == [("111", 210), ("222", 20)]
    assert {one["person_id"]: one["sex"] for one in run.table("people")} == {
        "111": "female", "222": "male",
    }  # fmt: skip


def test_the_same_person_after_all(run: Run) -> None:
    """Two numbers of one hospital: somebody joins the new one as any other."""
    run.take("a.hl7", FIRST)
    run.take("b.hl7", message(number(MRN, "222"), number(CARD, "5550123"), day=2, value=20))
    assert join(run.record, "111", Identifier(MRN, "222"), **DECIDED).came == 1
    assert (whose(run), waiting(run)) == ([("111", 20), ("111", 210)], [])


def test_once_the_shared_number_is_nobodys_both_are_themselves(run: Run) -> None:
    run.take("a.hl7", FIRST)
    run.take("b.hl7", message(number(MRN, "222"), number(CARD, "5550123"), day=2, value=20))
    split(run.record, Identifier(CARD, "5550123"), **DECIDED)
    assert (whose(run), waiting(run)) == ([("111", 210), ("222", 20)], [])


@pytest.mark.parametrize("again", [True, False])
def test_read_again_it_stays_as_it_is(run: Run, again: bool) -> None:
    two_known(run)
    run.take("c.hl7", BOTH)
    before = whose(run), waiting(run), reasons(run)
    if again:
        run.take("c.hl7", BOTH)
    else:
        replay(run.record, on=date(2024, 7, 2), everything=True)
    assert (whose(run), waiting(run), reasons(run)) == before


def test_a_split_takes_all_that_an_identifier_brought(run: Run) -> None:
    """Also what two numbers of one assigner brought, whom somebody had joined."""
    run.take("a.hl7", FIRST)
    join(run.record, "111", Identifier(MRN, "222"), **DECIDED)
    run.take("b.hl7", message(number(MRN, "222"), number(CARD, "5550124"), day=2, value=20))
    assert whose(run) == [("111", 210)]  # another card: that is to be decided as well
    join(run.record, "111", Identifier(CARD, "5550124"), **DECIDED)
    assert whose(run) == [("111", 20), ("111", 210)]
    split(run.record, Identifier(MRN, "222"), **DECIDED)
    assert ("111", 20) not in whose(run)
