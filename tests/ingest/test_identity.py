from pathlib import Path

import pytest
from tests.ingest.conftest import Run, bundle, observation, oru, patient

from afterdose.ingest.identity import RECORD, Identities
from afterdose.ingest.rows import Identifier
from afterdose.record.errors import RecordError

HOSPITAL = Identifier("hospital", "1")
CITY = Identifier("city", "1")


def test_the_first_identifier_becomes_the_persons_id() -> None:
    people = Identities()
    assert people.register((HOSPITAL, Identifier("insurer", "9"))) == "1"
    assert people.find([Identifier("insurer", "9")]) == {"1"}


def test_the_same_number_of_another_assigner_is_somebody_else() -> None:
    people = Identities()
    people.register((HOSPITAL,))
    assert people.register((CITY,)) == "city:1"


def test_an_id_that_the_record_uses_is_not_given_again() -> None:
    people = Identities()
    people.reserve(["1"])
    assert people.register((HOSPITAL,)) == "hospital:1"


def test_the_records_own_ids_need_no_pair() -> None:
    assert Identities().find([Identifier(RECORD, "p1")]) == {"p1"}


def test_identities_are_written_sorted_and_read_back(tmp_path: Path) -> None:
    people = Identities()
    people.add("p2", CITY)
    people.add("p1", HOSPITAL)
    people.write(tmp_path / "identities.csv")
    assert (tmp_path / "identities.csv").read_text().splitlines() == [
        "person_id,assigner,identifier",
        "p1,hospital,1",
        "p2,city,1",
    ]
    assert Identities.read(tmp_path / "identities.csv").find([CITY]) == {"p2"}
    assert len(Identities.read(tmp_path / "none.csv")) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"person,assigner,identifier\n", "other columns"),
        (b"", "other columns"),
        (b"person_id,assigner,identifier\np1,,7\n", "row 1: a cell is empty"),
        (b"person_id,assigner,identifier\np1,a\n", "row 1: a cell is empty"),
        (b"person_id,assigner,identifier\np1,a,7\np2,a,7\n", "stands for two people"),
        (b"person_id,assigner,identifier\n\xff\n", "not CSV in UTF-8"),
        (b'person_id,assigner,identifier\n"p1,a,7\n', "not CSV in UTF-8"),
    ],
)
def test_a_wrong_identities_file_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(RecordError, match=says) as caught:
        Identities.parse(content)
    assert "p1" not in str(caught.value)


def test_an_identities_file_that_conflicts_adds_nothing() -> None:
    known = Identities()
    known.add("p1", HOSPITAL)
    others = Identities()
    others.add("p3", CITY)
    others.add("p2", HOSPITAL)
    with pytest.raises(RecordError):
        known.update(others)
    assert known.find([CITY]) == set()


def test_two_laboratories_are_one_person_only_where_somebody_says_so(run: Run) -> None:
    hospital = run.file("hospital.json", bundle(patient(), observation()))
    gp = run.file("gp.hl7", oru("OBX|1|NM|777-3^Platelets^LN||205|K/uL|||||F|||20240304"))
    run.ingest(hospital, gp)
    assert {lab["person_id"] for lab in run.labs} == {"4711", "88-2301"}


def test_identities_join_laboratories_whatever_the_order_of_the_files(run: Run) -> None:
    files = [
        run.file("hospital.json", bundle(patient(), observation())),
        run.file("gp.hl7", oru("OBX|1|NM|777-3^Platelets^LN||205|K/uL|||||F|||20240304")),
        run.file(
            "identities.csv",
            "person_id,assigner,identifier\nana,https://hospital.example/mrn,4711\n"
            "ana,North Lab/PATNO,88-2301\n",
        ),
        run.file("treatments.csv", "person_id,drug,start_date\nana,alemtuzumab,2024-01-08\n"),
    ]
    run.ingest(*files)
    assert {lab["person_id"] for lab in run.labs} == {"ana"}
    assert [person["person_id"] for person in run.table("people")] == ["ana"]
    assert [row["person_id"] for row in run.table("treatments")] == ["ana"]


def test_identities_that_contradict_the_record_are_refused(run: Run) -> None:
    run.take("hospital.json", bundle(patient(), observation()))
    receipt = run.take(
        "identities.csv",
        "person_id,assigner,identifier\nana,https://hospital.example/mrn,4711\n",
    )
    assert "stands for two people" in receipt.refused
    assert "4711" not in receipt.refused


def test_the_same_local_number_at_two_senders_is_two_people(run: Run) -> None:
    north = oru("OBX|1|NM|777-3^Platelets^LN||205|K/uL|||||F|||20240304")
    run.ingest(
        run.file("north.hl7", north),
        run.file("south.hl7", north.replace("North Lab", "South Lab")),
    )
    assert {lab["person_id"] for lab in run.labs} == {"88-2301", "South Lab/PATNO:88-2301"}


def test_one_oid_in_hl7_and_fhir_is_one_assigner(run: Run) -> None:
    identifier = [{"system": "urn:oid:2.16.840.1.113883.2.1.4.1", "value": "88-2301"}]
    message = oru("OBX|1|NM|777-3^Platelets^LN||205|K/uL|||||F|||20240304").replace(
        "^^^PATNO^", "^^^NHS&2.16.840.1.113883.2.1.4.1&ISO^"
    )
    run.ingest(
        run.file("hospital.json", bundle(patient(identifier=identifier), observation())),
        run.file("gp.hl7", message),
    )
    # It is a number of a state, by which nobody is called.
    assert {lab["person_id"] for lab in run.labs} == {"person-1"}
    assert len(run.labs) == 2


def test_a_patient_whose_identifiers_are_two_peoples_is_set_aside(run: Run) -> None:
    first = patient(id="p1", identifier=[{"system": "a", "value": "1"}])
    second = patient(id="p2", identifier=[{"system": "b", "value": "2"}])
    both = patient(
        id="p3", identifier=[{"system": "a", "value": "1"}, {"system": "b", "value": "2"}]
    )
    receipt = run.take("hospital.json", bundle(first, second, both))
    assert receipt.set_aside == {"identity-conflict": 1}
    assert len(run.table("people")) == 2
