"""Whose rows these are: kept apart until somebody decides, written down, and undone."""

import json
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.ingest.conftest import (
    LANDED_ON,
    PLATELETS,
    Run,
    bundle,
    observation,
    obx,
    oru,
    patient,
)
from tests.ingest.test_replay import books

from afterdose.cli.people import command
from afterdose.cohort import new_files, validate_folder
from afterdose.ingest import ingest_files, replay
from afterdose.ingest.decisions import read_decisions
from afterdose.ingest.matching import join, split
from afterdose.ingest.rows import Identifier
from afterdose.ingest.store import Store
from afterdose.ingest.unmatched import Waiting, read_unmatched
from afterdose.record.errors import UsageError

NORTH = Identifier("North Lab/PATNO", "88-2301")
"""The person of `oru`, as their laboratory numbers them."""
DECIDED_ON = date(2024, 7, 1)
NOBODY_NEW: dict[str, Any] = {"landed_on": LANDED_ON, "known_people_only": True}


@pytest.fixture
def known(run: Run) -> Run:
    """A record that knows one person, 4711."""
    run.take("people.csv", "person_id,sex\n4711,\n")
    return run


def waiting(run: Run) -> list[tuple[str, str, int]]:
    return [(one.assigner, one.identifier, one.rows) for one in queue(run)]


def queue(run: Run) -> list[Waiting]:
    return read_unmatched(run.record / "unmatched.csv")


def take_known(run: Run, name: str, content: str) -> Any:
    return ingest_files([run.file(name, content)], run.record, **NOBODY_NEW).files[0]


def match(run: Run, person_id: str = "4711", **more: Any) -> Any:
    return join(run.record, person_id, NORTH, by="Dr Example", on=DECIDED_ON, **more)


def undo(run: Run, identifier: Identifier = NORTH) -> Any:
    return split(run.record, identifier, by="Dr Example", on=DECIDED_ON, why="two people")


def sources(run: Run) -> list[tuple[str, str]]:
    return [(lab["person_id"], lab["source"].partition(":")[2]) for lab in run.labs]


def test_nobody_new_is_taken_in_where_the_site_asks_for_it(known: Run) -> None:
    receipt = take_known(known, "a.hl7", oru(PLATELETS, obx(f3="2160-0^^LN", f5="1", f6="mg/dL")))
    assert (receipt.rows, receipt.accepted, receipt.set_aside) == (3, 0, {"person-unmatched": 3})
    assert known.labs == []
    assert waiting(known) == [("North Lab/PATNO", "88-2301", 3)]
    assert [person["person_id"] for person in known.table("people")] == ["4711"]
    assert validate_folder(known.record).problems == ()


def test_known_people_are_taken_in_as_ever(run: Run) -> None:
    run.take("a.hl7", oru(PLATELETS))
    receipt = take_known(run, "b.hl7", oru(obx(f5="99", f14="20240301083000+0100")))
    assert (receipt.accepted, receipt.set_aside.total()) == (1, 0)
    assert waiting(run) == []


def test_rows_of_a_record_s_own_tables_wait_too(known: Run) -> None:
    rows = "person_id,drug,start_date\n4711,alemtuzumab,2021-03-08\np9,alemtuzumab,2021-03-08\n"
    receipt = take_known(known, "treatments.csv", rows)
    assert (receipt.accepted, receipt.set_aside) == (1, {"person-unmatched": 1})
    assert waiting(known) == [("record", "p9", 1)]
    with pytest.raises(UsageError, match="this record itself"):
        join(known.record, "4711", Identifier("record", "p9"), by="x", on=DECIDED_ON)
    done = join(known.record, "p9", Identifier("record", "p9"), by="x", on=DECIDED_ON, is_new=True)
    assert done.came == 1
    assert waiting(known) == []


def test_what_identities_and_people_say_is_a_statement_and_never_waits(run: Run) -> None:
    run.file("people.csv", "person_id,sex\np1,female\n")
    folder = run.file(
        "identities.csv", "person_id,assigner,identifier\np1,North Lab/PATNO,88-2301\n"
    ).parent
    run.file("a.hl7", oru(PLATELETS))
    ingest_files([folder], run.record, **NOBODY_NEW)
    assert [lab["person_id"] for lab in run.labs] == ["p1"]


def test_a_join_brings_the_rows_in_and_is_written_down(known: Run) -> None:
    take_known(known, "a.hl7", oru(PLATELETS))
    done = match(known, why="same wristband")
    assert (done.moved_from, done.came, done.went) == ("", 2, 0)
    assert sources(known) == [("4711", "line 4 OBX")]
    (person,) = known.table("people")
    assert (person["sex"], person["birth_date"]) == ("female", "1988-06-14")
    assert (known.set_aside, waiting(known)) == ([], [])
    assert "4711,North Lab/PATNO,88-2301" in (known.record / "identities.csv").read_text()
    (decision,) = read_decisions(known.record)
    assert decision == (
        "2024-07-01", "Dr Example", "join", "4711", "North Lab/PATNO", "88-2301", "same wristband",
    )  # fmt: skip


def test_a_split_undoes_it(known: Run) -> None:
    take_known(known, "a.hl7", oru(PLATELETS))
    before = books(known.record)
    match(known)
    done = undo(known)
    assert (done.moved_from, done.came, done.went) == ("4711", 0, 1)
    assert done.emptied == ("sex", "birth_date")
    after = books(known.record)
    # All is as it was, but for the decisions themselves and an empty table.
    assert {name for name in before if after[name] != before[name]} == set()
    assert set(after) - set(before) == {"identity_decisions.csv", "labs.parquet"}
    assert known.labs == []
    assert [decision.decision for decision in read_decisions(known.record)] == ["join", "split"]


def test_a_join_after_a_split_brings_the_same_rows_back(known: Run) -> None:
    take_known(known, "a.hl7", oru(PLATELETS))
    match(known)
    before = {name: was for name, was in books(known.record).items() if "decisions" not in name}
    undo(known)
    match(known)
    assert {name: books(known.record)[name] for name in before} == before


def test_after_a_split_no_file_gives_the_identifier_to_anybody(run: Run) -> None:
    """Not the same file again, not a new one, and not one that lists it beside another."""
    run.take("a.hl7", oru(PLATELETS))
    undo(run)
    run.take("a.hl7", oru(PLATELETS))
    both = [
        {"system": "https://hospital.example/mrn", "value": "4711"},
        {"system": "North Lab/PATNO", "value": "88-2301"},
    ]
    run.take("b.json", bundle(patient(identifier=both)))
    receipt = run.take("c.hl7", oru(obx(f5="50")))
    assert receipt.set_aside == {"person-unmatched": 2}
    assert run.labs == []
    assert "88-2301" not in (run.record / "identities.csv").read_text()


def test_what_identities_csv_says_stands_above_a_split(run: Run) -> None:
    run.take("a.hl7", oru(PLATELETS))
    undo(run)
    run.take("identities.csv", "person_id,assigner,identifier\np7,North Lab/PATNO,88-2301\n")
    replay(run.record, on=DECIDED_ON)
    assert [lab["person_id"] for lab in run.labs] == ["p7"]


def test_a_split_leaves_what_the_person_s_other_identifiers_brought(run: Run) -> None:
    """The same result came by both: the copy that was a duplicate takes the other's place."""
    other = oru(PLATELETS).replace("88-2301^^^PATNO", "55^^^WEST")
    run.take(
        "identities.csv",
        "person_id,assigner,identifier\np1,North Lab/PATNO,88-2301\np1,North Lab/WEST,55\n",
    )
    run.take("a.hl7", oru(PLATELETS, obx(f3="2160-0^^LN", f5="1", f6="mg/dL")))
    assert run.take("b.hl7", other).duplicates == 2
    done = undo(run)
    assert (done.went, len(run.labs)) == (2, 1)
    assert run.labs[0]["source"].startswith(shas(run)["b.hl7"])
    # What the other identifier stated as well is filled in again.
    assert run.table("people")[0]["sex"] == "female"


def shas(run: Run) -> dict[str, str]:
    notes = (run.record / "landed").glob("*.json")
    return {json.loads(note.read_text())["name"]: note.name[:12] for note in notes}


def test_rows_move_from_one_person_to_another(run: Run) -> None:
    """A laboratory's number had been taken for somebody new: it was a person already known."""
    run.take("a.json", bundle(patient()))
    run.take("b.hl7", oru(PLATELETS))
    assert [person["person_id"] for person in run.table("people")] == ["4711", "88-2301"]
    done = match(run)
    assert (done.moved_from, done.went, done.forgotten) == ("88-2301", 1, True)
    assert sources(run) == [("4711", "line 4 OBX")]
    assert [person["person_id"] for person in run.table("people")] == ["4711"]


def test_rows_of_other_tables_go_back_with_the_results(run: Run) -> None:
    from afterdose.ingest.landing import Landed
    from afterdose.ingest.pipeline import Run as Reading
    from afterdose.ingest.receipt import FileReceipt
    from afterdose.ingest.rows import RawEntry
    from afterdose.ingest.rows import Reading as Rows

    run.take("a.hl7", oru(PLATELETS))
    row = {"date": "2024-03-04", "new_t2_lesions": "2"}
    entry = RawEntry("row 1", "mri", NORTH, row)
    store = Reading(run.record)
    landed = Landed("0" * 64, "scans", 1, LANDED_ON, b"x", Path("x"), is_new=True)
    store.taking.reading(Rows(entries=[entry]), landed, FileReceipt("scans"))
    store.settle()
    with new_files(run.record) as beside:
        store.write(beside)
    assert len(run.table("mri")) == 1
    theirs = Reading.aside(store.identities)
    theirs.taking.reading(Rows(entries=[entry]), landed, FileReceipt("scans"))
    again = Reading(run.record)
    assert again.store.take_out(theirs.store, "88-2301").rows == 1
    assert again.store.take_out(theirs.store, "88-2301").rows == 0


def test_a_death_that_came_with_another_s_rows_goes_with_them(known: Run) -> None:
    """Somebody taken for dead is followed by nobody."""
    dead = patient(identifier=[{"system": "WEST", "value": "9"}], deceasedDateTime="2024-02-01")
    take_known(known, "a.json", bundle(dead))
    join(known.record, "4711", Identifier("WEST", "9"), by="Dr Example", on=DECIDED_ON)
    assert known.table("people")[0]["death_date"] == date(2024, 2, 1)
    undo(known, Identifier("WEST", "9"))
    assert known.table("people")[0]["death_date"] is None


@pytest.mark.parametrize(
    ("person_id", "more", "says"),
    [
        ("nobody", {}, "No such person"),
        ("4711", {"is_new": True}, "in the record already"),
    ],
)
def test_a_join_that_cannot_be_meant(
    known: Run, person_id: str, more: dict[str, Any], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        match(known, person_id, **more)
    assert read_decisions(known.record) == []


def test_what_is_decided_already_is_not_decided_again(known: Run) -> None:
    take_known(known, "a.hl7", oru(PLATELETS))
    with pytest.raises(UsageError, match="means nobody"):
        undo(known)
    match(known)
    with pytest.raises(UsageError, match="that person already"):
        match(known)
    assert len(read_decisions(known.record)) == 1


def test_rows_of_a_table_by_a_mapping_go_back_too(run: Run) -> None:
    from tests.ingest.test_replay import RESULTS, take_mapped

    by_number = RESULTS.replace('person_id = "who"', 'identifier = "who"').replace(
        "[constants]", '[constants]\nassigner = "urn:clinic"'
    )
    take_mapped(run, by_number)
    assert len(run.labs) == 1
    done = undo(run, Identifier("urn:clinic", "p1"))
    assert (done.went, run.labs) == (1, [])


def test_nothing_is_decided_while_a_file_cannot_be_read(run: Run) -> None:
    """Its rows might be the very ones that have to go."""
    receipt = run.take("a.hl7", oru(PLATELETS))
    run.take("b.hl7", oru(obx(f5="99", f14="20240301083000+0100")))
    (run.record / "landed" / receipt.sha256).unlink()
    before = books(run.record)
    with pytest.raises(UsageError, match=r"1 files that were read before .*: a.hl7"):
        undo(run)
    assert books(run.record) == before


# Cut short --------------------------------------------------------------------------------------


def cut_short(monkeypatch: pytest.MonkeyPatch, work: Callable[[], Any]) -> None:
    """The run ends after who is who was written, and before the tables are."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            work()


def all_but_decisions(run: Run) -> dict[str, bytes]:
    return {name: was for name, was in books(run.record).items() if "decisions" not in name}


def test_nobody_is_taken_in_twice(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_short(monkeypatch, lambda: run.take("a.hl7", oru(PLATELETS)))
    run.take("a.hl7", oru(PLATELETS))
    assert [lab["person_id"] for lab in run.labs] == ["88-2301"]


@pytest.mark.parametrize("decide", [match, undo])
def test_a_decision_cut_short_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decide: Callable[[Run], Any]
) -> None:
    """And leaves the very record of one that was not."""
    records = []
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
        run = Run(tmp_path / name)
        run.take("people.csv", "person_id,sex\n4711,\n")
        run.take("a.hl7", oru(PLATELETS))
        if name == "cut":
            before = books(run.record)
            cut_short(monkeypatch, partial(decide, run))
            assert books(run.record) == before
        decide(run)
        records.append(all_but_decisions(run))
    assert records[0] == records[1]
    with pytest.raises(UsageError):
        decide(run)


# The command ------------------------------------------------------------------------------------


def people(*words: str) -> str:
    result = CliRunner().invoke(command, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_the_command_shows_who_waits_and_takes_decisions(known: Run) -> None:
    record = str(known.record)
    assert people("unmatched", record) == "Nobody waits to be matched."
    take_known(known, "a.hl7", oru(PLATELETS))
    assert "North Lab/PATNO 88-2301 2" in people("unmatched", record)
    whose = ("North Lab/PATNO", "88-2301", "--by", "Dr Example", "--on", "2024-07-01")
    said = people("join", record, "4711", *whose)
    assert said == "2 rows entered the record, 0 left it."
    said = people("split", record, *whose)
    assert said.startswith("0 rows entered the record, 1 left it. Emptied for 4711")


def test_the_command_names_people_whose_identifiers_conflict(run: Run) -> None:
    run.take("a.json", bundle(patient()))
    run.take("b.hl7", oru(PLATELETS))
    both = [
        {"system": "https://hospital.example/mrn", "value": "4711"},
        {"system": "North Lab/PATNO", "value": "88-2301"},
    ]
    run.take("c.json", bundle(patient(identifier=both), observation()))
    said = people("unmatched", str(run.record))
    assert "Identifiers that contradict each other: " in said
    assert ", identifiers of several people Decide: " in said


# Files that were refused later, or first --------------------------------------------------------

MAPPED = """
table = "results"
code_system = "loinc"
[columns]
identifier = "who"
specimen_date = "day"
code = "test"
value = "value"
[constants]
assigner = "North Lab/PATNO"
unit = "mg/dL"
status = "final"
"""
SHEET = "who,day,test,value\n88-2301,2024-03-04,2160-0,0.9\n"


def take_sheet(run: Run, mapping: str | None) -> Any:
    toml = None if mapping is None else run.file("mapping.toml", mapping)
    path = run.file("sheet.csv", SHEET)
    return ingest_files([path], run.record, landed_on=LANDED_ON, mapping=toml).files[0]


OTHERWISE = MAPPED.replace('"value"\n', '"result"\n')
"""A mapping that names a column the sheet does not have."""


@pytest.mark.parametrize("mapping", [None, OTHERWISE])
def test_a_file_that_was_refused_later_gives_its_rows_back(run: Run, mapping: str | None) -> None:
    """What it gave when it could be read is in the record, and leaves it."""
    assert take_sheet(run, MAPPED).accepted == 1
    assert take_sheet(run, mapping).refused
    assert len(run.labs) == 1
    done = undo(run)
    assert (done.went, done.forgotten, run.labs) == (1, True, [])
    assert match(run, "ana", is_new=True).came == 1
    assert [lab["person_id"] for lab in run.labs] == ["ana"]


def test_a_file_read_again_after_it_was_refused_is_read_as_it_was_read_well(run: Run) -> None:
    take_sheet(run, MAPPED)
    before = run.labs
    take_sheet(run, OTHERWISE)
    assert run.labs == before
    assert replay(run.record, on=DECIDED_ON).files[0].refused == ""
    assert run.labs == before


def test_a_file_that_can_no_longer_be_read_stops_the_decision(run: Run) -> None:
    take_sheet(run, MAPPED)
    take_sheet(run, None)
    for note in (run.record / "landed").glob("*.json"):
        if json.loads(note.read_text())["name"] == "mapping.toml":
            note.with_suffix("").unlink()
    before = books(run.record)
    with pytest.raises(UsageError, match=r"cannot be read now.*sheet\.csv"):
        undo(run)
    assert books(run.record) == before


def test_a_file_that_was_never_read_stops_no_decision(run: Run) -> None:
    take_sheet(run, None)
    run.take("a.hl7", oru(PLATELETS))
    assert undo(run).went == 1
