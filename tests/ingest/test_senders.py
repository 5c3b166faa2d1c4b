"""References such as Patient/1 mean somebody at their sender only: two senders' never meet."""

import json
from datetime import date
from typing import Any

import pytest
from tests.ingest.conftest import HEADER, PLATELETS, REQUEST, Run, bundle, observation, patient
from tests.ingest.test_matching import people, queue

from afterdose.ingest import ingest_files, replay
from afterdose.ingest.matching import join, split
from afterdose.ingest.rows import Identifier
from afterdose.ingest.senders import is_at_home_only

MRN = "https://hospital.example/mrn"
DECIDED: dict[str, Any] = {"by": "Dr Example", "on": date(2024, 7, 1)}
STRAY = bundle(observation())


def other(**changes: Any) -> str:
    """A count of another day, of the same Patient/p1."""
    return bundle(observation(**({"id": "o2", "effectiveDateTime": "2024-02-04"} | changes)))


def whose(run: Run) -> list[str]:
    return sorted(lab["person_id"] for lab in run.labs)


def waiting(run: Run) -> list[tuple[str, str]]:
    return [(one.assigner, one.identifier) for one in queue(run)]


@pytest.mark.parametrize(
    ("reference", "is_local"),
    [
        ("Patient/1", True),
        ("urn:uuid:1", True),
        ("urn:uuid:7a1f2b8e-0d4c-4d6e-9a53-2d2f4ce5b3f1", True),
        ("https://fhir.north.example/r4/Patient/1", False),
        ("http://localhost:8080/fhir/Patient/1", True),
        ("http://fhir/Patient/1", True),
        ("http://server.local/Patient/1", True),
        ("http://192.168.0.7/fhir/Patient/1", True),
        ("http://8.8.8.8/fhir/Patient/1", False),
        ("http://[::1]/Patient/1", True),
        ("http://[broken/Patient/1", True),
        ("ftp://fhir.north.example/Patient/1", True),
    ],
)
def test_which_references_say_nothing_elsewhere(reference: str, is_local: bool) -> None:
    assert is_at_home_only(Identifier("reference", reference)) is is_local


def test_two_senders_with_one_reference_are_not_one_person(run: Run) -> None:
    """Neither of the two is taken in: nobody knows who Patient/p1 is."""
    first, second = run.take("north.json", STRAY), run.take("south.json", other())
    assert first.set_aside == second.set_aside == {"person-unmatched": 1}
    assert (run.labs, run.table("people")) == ([], [])
    assigners = {assigner for assigner, _ in waiting(run)}
    assert assigners == {f"reference in {one.sha256[:12]}" for one in (first, second)}


def test_the_command_says_what_a_sender_s_name_would_change(run: Run) -> None:
    run.take("a.json", STRAY, sender="North")
    split(run.record, Identifier("reference at North", "Patient/p1"), **DECIDED)
    assert "--sender" not in people("unmatched", str(run.record))
    run.take("b.json", other())
    assert "ingest FILE --sender NAME" in people("unmatched", str(run.record))


def test_a_patient_without_identifiers_waits_with_its_results(run: Run) -> None:
    nameless = patient(identifier=[{"value": "4711"}])
    receipt = run.take("a.json", bundle(nameless, observation()))
    assert receipt.set_aside == {"person-unmatched": 2}
    assert [one.rows for one in queue(run)] == [2]


def test_what_was_decided_of_one_sending_says_nothing_of_another(run: Run) -> None:
    run.take("people.csv", "person_id,sex\nana,\n")
    north = run.take("north.json", STRAY)
    run.take("south.json", other())
    reference = Identifier(f"reference in {north.sha256[:12]}", "Patient/p1")
    join(run.record, "ana", reference, **DECIDED)
    assert whose(run) == ["ana"]
    assert len(queue(run)) == 1
    assert run.take("again.json", STRAY).duplicates == 1
    assert replay(run.record, on=date(2024, 8, 1)).files[0].accepted == 0
    assert whose(run) == ["ana"]
    assert split(run.record, reference, **DECIDED).went == 1
    assert (run.labs, len(queue(run))) == ([], 2)


def test_a_sender_who_is_named_is_matched_again(run: Run) -> None:
    """One delivery says who Patient/p1 is, the next ones need not."""
    run.take("monday.json", bundle(patient(), observation()), sender="North")
    receipt = run.take("tuesday.json", other(), sender="North")
    assert (receipt.accepted, whose(run)) == (1, ["4711", "4711"])
    assert run.take("south.json", other(id="o3"), sender="South").accepted == 1
    assert whose(run) == ["4711", "4711", "Patient/p1"]
    unnamed = run.take("unnamed.json", other(id="o4"))
    assert unnamed.set_aside == {"person-unmatched": 1}


def test_a_decision_about_a_named_sender_lasts_and_is_undone(run: Run) -> None:
    run.take("people.csv", "person_id,sex\nana,\n")
    run.take("monday.json", STRAY, sender="North")
    assert whose(run) == ["Patient/p1"]
    reference = Identifier("reference at North", "Patient/p1")
    done = join(run.record, "ana", reference, **DECIDED)
    assert (done.moved_from, done.forgotten) == ("Patient/p1", True)
    run.take("tuesday.json", other(), sender="North")
    assert whose(run) == ["ana", "ana"]
    assert split(run.record, reference, **DECIDED).went == 2
    run.take("wednesday.json", other(id="o3"), sender="North")
    assert run.labs == []
    assert waiting(run) == [("reference at North", "Patient/p1")] * 3


def test_the_sender_may_be_named_later(run: Run) -> None:
    run.take("a.json", STRAY)
    assert run.take("a.json", STRAY, sender="North").accepted == 1
    assert (whose(run), queue(run)) == (["Patient/p1"], [])
    # The name stays with the bytes.
    assert run.take("a.json", STRAY).duplicates == 1
    assert replay(run.record, on=date(2024, 8, 1), everything=True).files[0].duplicates == 1


def test_what_was_decided_before_the_sender_was_named_holds(run: Run) -> None:
    run.take("people.csv", "person_id,sex\nana,\n")
    receipt = run.take("a.json", STRAY)
    join(run.record, "ana", Identifier(f"reference in {receipt.sha256[:12]}", "Patient/p1"),
         **DECIDED)  # fmt: skip
    assert run.take("a.json", STRAY, sender="North").duplicates == 1
    assert run.take("b.json", other(), sender="North").accepted == 1
    assert whose(run) == ["ana", "ana"]


def test_a_sender_wrongly_named_is_corrected(run: Run) -> None:
    run.take("people.json", bundle(patient(identifier=None)), sender="South")
    run.take("a.json", STRAY, sender="North")
    assert run.take("a.json", STRAY, sender="South").accepted == 1
    assert [lab["person_id"] for lab in run.labs] == ["Patient/p1"]


def test_an_absolute_reference_means_the_same_in_every_file(run: Run) -> None:
    far = {"reference": "https://fhir.north.example/Patient/p1"}
    run.take("a.json", bundle(observation(subject=far)))
    run.take("b.json", other(subject=far))
    assert len(set(whose(run))) == 1
    assert len(run.labs) == 2


def test_an_identifier_beside_a_reference_counts(run: Run) -> None:
    subject = {"reference": "Patient/p1", "identifier": {"system": MRN, "value": "4711"}}
    receipt = run.take("a.json", bundle(observation(subject=subject)))
    assert (receipt.accepted, whose(run)) == (1, ["4711"])


def test_a_message_that_names_no_sender_is_known_by_its_file(run: Run) -> None:
    header = HEADER.replace("LabSys|North Lab", "|")
    for identifier in ("7^^^MR", "7"):
        person = f"PID|1||{identifier}||||19880614|F"
        message = "\r".join([header, person, REQUEST, PLATELETS]) + "\r"
        assert run.take(f"{identifier}.hl7", message).set_aside == {"person-unmatched": 2}
    assert [assigner.partition(" in ")[0] for assigner, _ in waiting(run)] == [
        "unnamed",
        "unnamed/MR",
    ]
    run.take("c.hl7", message.replace("PID|1||7", "PID|1||8"), sender="North")
    assert whose(run) == ["8"]


# Bulk exports -----------------------------------------------------------------------------------


def export(run: Run, *resources: dict[str, Any], people: str = "", to: str = "inbox") -> list[Any]:
    """One export after another, put into the same folder on the same day."""
    text = "\n".join(map(json.dumps, resources))
    files = [run.file(f"{to}/Observation.ndjson", text)]
    if people:
        files.append(run.file(f"{to}/Patient.ndjson", people))
    return run.ingest(*files)


def test_two_exports_in_one_folder_on_one_day_stay_apart_in_a_replay(run: Run) -> None:
    """Of both, rows were set aside; read again together, one's Patient/p1 would be the other's."""
    odd = {"valueQuantity": {"value": 7, "unit": "cups"}}
    for number in ("1", "2"):
        who = json.dumps(patient(identifier=[{"system": MRN, "value": number}]))
        export(run, observation(id=f"a{number}"), observation(id=f"b{number}", **odd), people=who)
    assert whose(run) == ["1", "2"]
    before = run.labs
    replay(run.record, on=date(2024, 8, 1), everything=True)
    assert run.labs == before
    assert [row["person_id"] for row in run.set_aside] == ["1", "2"]


def test_an_export_without_its_people_waits_as_one(run: Run) -> None:
    export(run, observation(), observation(id="o2", effectiveDateTime="2024-02-04"))
    (one,) = queue(run)
    assert one.rows == 2
    join(run.record, "ana", Identifier(one.assigner, one.identifier), is_new=True, **DECIDED)
    assert whose(run) == ["ana", "ana"]


def test_an_unchanged_file_of_people_ties_deliveries_together(run: Run) -> None:
    """Also where it names them by nothing but their references."""
    people = json.dumps(patient(identifier=None)) + "\n"
    export(run, observation(), people=people)
    (assigner, identifier), *_ = waiting(run)
    join(run.record, "ana", Identifier(assigner, identifier), is_new=True, **DECIDED)
    export(run, observation(id="o2", effectiveDateTime="2024-02-04"), people=people, to="later")
    assert whose(run) == ["ana", "ana"]
    assert replay(run.record, on=date(2024, 8, 1), everything=True).as_dict()["totals"][
        "set_aside"
    ] == 0  # fmt: skip


def test_known_people_only_holds_for_a_named_sender_too(run: Run) -> None:
    run.take("monday.json", bundle(patient(), observation()), sender="North")
    path = run.file("tuesday.json", other(id="o9", subject={"reference": "Patient/p9"}))
    ingest_files(
        [path], run.record, landed_on=date(2024, 6, 2), sender="North", known_people_only=True
    )
    assert waiting(run) == [("reference at North", "Patient/p9")]
