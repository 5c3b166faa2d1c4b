"""Doses of one course that come in several files are one row, whatever their order."""

import json
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.conftest import Run, bundle, patient

from afterdose.ingest import replay
from afterdose.ingest.doses import Dose, Doses
from afterdose.ingest.matching import join, split
from afterdose.ingest.provenance import trace
from afterdose.ingest.rows import Identifier
from afterdose.record.cited import each_source

MRN = "https://hospital.example/mrn"
FIRST = date(2024, 1, 8)
DECIDED: dict[str, Any] = {"by": "Dr Example", "on": date(2024, 7, 1)}


def given_on(*days: int, amount: str | None = "12", mrn: str = "4711") -> str:
    """A file of doses, numbered by their days."""
    dose = {} if amount is None else {"dosage": {"dose": {"value": int(amount), "unit": "mg"}}}
    doses = [
        {
            "resourceType": "MedicationAdministration",
            "id": f"d{day}",
            "status": "completed",
            "subject": {"reference": "Patient/p1"},
            "medicationCodeableConcept": {"text": "alemtuzumab"},
            "effectiveDateTime": (FIRST + timedelta(days=day - 1)).isoformat(),
        }
        | dose
        for day in days
    ]
    return bundle(patient(identifier=[{"system": MRN, "value": mrn}]), *doses)


@pytest.fixture
def known(run: Run) -> Run:
    """A record in which the hospital's number is the person's id."""
    run.take("identities.csv", f"person_id,assigner,identifier\n4711,{MRN},4711\n")
    return run


def courses(run: Run, person_id: str = "4711") -> list[tuple[int, int | None, str | None]]:
    """First day, last day and dose of each course."""
    return [
        (
            (row["start_date"] - FIRST).days + 1,
            None if row["end_date"] is None else (row["end_date"] - FIRST).days + 1,
            row["dose"],
        )
        for row in run.table("treatments")
        if row["person_id"] == person_id
    ]


@pytest.mark.parametrize("order", list(permutations([(1, 2), (3,), (4, 5)])))
def test_one_course_in_three_files(run: Run, order: tuple[tuple[int, ...], ...]) -> None:
    for number, days in enumerate(order):
        run.take(f"{number}.json", given_on(*days))
    assert courses(run) == [(1, 5, "12 mg x 5")]


def test_in_one_run_or_in_several_it_is_one_row(run: Run) -> None:
    run.ingest(run.file("a.json", given_on(4, 5)), run.file("b.json", given_on(1, 2, 3)))
    assert courses(run) == [(1, 5, "12 mg x 5")]
    assert [row["recorded_date"] for row in run.table("treatments")] == [date(2024, 6, 1)]


def test_the_course_cites_the_doses_of_every_file(run: Run) -> None:
    receipts = [run.take("a.json", given_on(3, 4)), run.take("b.json", given_on(1, 2))]
    (row,) = run.table("treatments")
    cited = each_source(row["source"])
    assert cited == (
        f"{receipts[1].sha256[:12]}:/entry/1/resource and /entry/2/resource",
        f"{receipts[0].sha256[:12]}:/entry/1/resource and /entry/2/resource",
    )
    for one in cited:
        found = trace(run.record, one)
        assert "MedicationAdministration" in str(found.original)


def test_the_course_is_known_since_its_first_dose_was(run: Run) -> None:
    run.ingest(run.file("a.json", given_on(4, 5)), landed_on=date(2024, 2, 2))
    run.ingest(run.file("b.json", given_on(1, 2, 3)), landed_on=date(2024, 2, 9))
    assert [row["recorded_date"] for row in run.table("treatments")] == [date(2024, 2, 2)]


def test_a_day_without_a_dose_parts_two_courses(run: Run) -> None:
    run.take("a.json", given_on(1, 2))
    run.take("b.json", given_on(4, 5))
    assert courses(run) == [(1, 2, "12 mg x 2"), (4, 5, "12 mg x 2")]
    run.take("c.json", given_on(3))
    assert courses(run) == [(1, 5, "12 mg x 5")]


def test_the_same_doses_again_change_nothing(run: Run) -> None:
    run.take("a.json", given_on(1, 2, 3))
    run.take("b.json", given_on(4, 5))
    before = {path.name: path.read_bytes() for path in run.record.glob("*.*")}
    for name, days in (("a.json", (1, 2, 3)), ("c.json", (2, 3)), ("d.json", (1, 2, 3, 4, 5))):
        receipt = run.take(name, given_on(*days))
        assert (receipt.accepted, receipt.set_aside.total()) == (0, 0)
    assert courses(run) == [(1, 5, "12 mg x 5")]
    receipts = replay(run.record, on=date(2024, 8, 1), everything=True).files
    assert sum(file.accepted for file in receipts) == 0
    after = {path.name: path.read_bytes() for path in run.record.glob("*.*")}
    assert after["treatments.parquet"] == before["treatments.parquet"]


def test_doses_told_twice_over_in_part_are_counted_once(run: Run) -> None:
    run.take("a.json", given_on(1, 2, 3))
    assert run.take("b.json", given_on(3, 4, 5)).accepted == 1
    assert courses(run) == [(1, 5, "12 mg x 5")]


@pytest.mark.parametrize("amount", ["24", None])
def test_amounts_that_differ_leave_the_dose_empty(run: Run, amount: str | None) -> None:
    run.take("a.json", given_on(1, 2, 3))
    run.take("b.json", given_on(4, amount=amount))
    assert courses(run) == [(1, 4, None)]


TABLE = "person_id,drug,start_date,end_date,course_number\n4711,alemtuzumab,2024-01-08,{},1\n"


@pytest.mark.parametrize("is_first", [True, False])
def test_a_course_that_a_table_gives_has_its_doses_already(known: Run, is_first: bool) -> None:
    table = known.file("treatments.csv", TABLE.format("2024-01-12"))
    doses = known.file("a.json", given_on(2, 3))
    for path in (table, doses) if is_first else (doses, table):
        known.ingest(path)
    assert courses(known) == [(1, 5, None)]
    assert known.ingest(doses)[0].accepted == 0
    assert courses(known) == [(1, 5, None)]


def test_doses_beside_a_course_that_a_table_gives_are_shown_to_somebody(known: Run) -> None:
    known.take("treatments.csv", TABLE.format("2024-01-10"))
    receipt = known.take("a.json", given_on(3, 4))
    assert receipt.set_aside == {"course-stands": 1}
    assert courses(known) == [(1, 3, None)]
    assert known.take("b.json", given_on(6)).accepted == 1


def test_a_course_without_a_last_day_is_not_ended_by_guess(known: Run) -> None:
    known.take("treatments.csv", TABLE.format(""))
    assert known.take("a.json", given_on(1, 2)).set_aside == {"course-stands": 1}
    assert courses(known) == [(1, None, None)]


def test_doses_by_two_identifiers_part_with_them(run: Run) -> None:
    """Two numbers were taken for one person; what is left of the course is the other's."""
    run.take("identities.csv", f"person_id,assigner,identifier\nana,{MRN},1\nana,{MRN},2\n")
    run.take("a.json", given_on(1, 2, mrn="1"))
    run.take("b.json", given_on(3, 4, mrn="2"))
    assert courses(run, "ana") == [(1, 4, "12 mg x 4")]
    split(run.record, Identifier(MRN, "2"), **DECIDED)
    assert courses(run, "ana") == [(1, 2, "12 mg x 2")]
    join(run.record, "ben", Identifier(MRN, "2"), is_new=True, **DECIDED)
    assert courses(run, "ana") == [(1, 2, "12 mg x 2")]
    assert courses(run, "ben") == [(3, 4, "12 mg x 2")]
    join(run.record, "ana", Identifier(MRN, "2"), **DECIDED)
    assert courses(run, "ana") == [(1, 4, "12 mg x 4")]
    assert courses(run, "ben") == []


def test_a_course_a_table_gave_stays_when_the_doses_in_it_part(known: Run) -> None:
    known.take("treatments.csv", TABLE.format("2024-01-12"))
    known.take("a.json", given_on(2, 3))
    split(known.record, Identifier(MRN, "4711"), **DECIDED)
    assert courses(known) == [(1, 5, None)]


def test_a_dose_that_has_not_ended_joins_nothing(run: Run) -> None:
    running = json.loads(given_on(2))
    running["entry"][1]["resource"]["status"] = "in-progress"
    run.take("a.json", given_on(1))
    run.take("b.json", json.dumps(running))
    assert courses(run) == [(1, 1, "12 mg"), (2, None, "12 mg")]


# The rule itself --------------------------------------------------------------------------------


def doses_of(*parts: tuple[int, int, str]) -> Doses:
    return Doses(
        Dose("p1", "alemtuzumab", FIRST + timedelta(days=first), FIRST + timedelta(days=last),
             amount, None)
        for first, last, amount in parts
    )  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "dose"),
    [
        ([(1, 1, "12 mg")], "12 mg"),
        ([(1, 2, "12 mg x 4"), (3, 3, "12 mg x 2")], "12 mg x 6"),
        ([(1, 2, "12 mg x 4"), (2, 3, "12 mg x 4")], None),
        ([(1, 2, "half x dose"), (3, 3, "half x dose")], "half x dose x 2"),
        ([(1, 1, ""), (2, 2, "")], None),
    ],
)
def test_how_many_doses_a_course_had(parts: list[tuple[int, int, str]], dose: str | None) -> None:
    (course,) = doses_of(*parts).courses(("p1", "alemtuzumab"))
    assert course.dose == dose


@given(st.lists(st.sets(st.integers(1, 14), min_size=1), min_size=1, max_size=4))
@settings(max_examples=15, deadline=None)
def test_any_doses_in_any_files_make_the_courses_of_one_file(files: list[set[int]]) -> None:
    with TemporaryDirectory() as folder:
        runs = []
        for name in ("apart", "together"):
            (Path(folder) / name).mkdir()
            runs.append(Run(Path(folder) / name))
        apart, together = runs
        for number, days in enumerate(files):
            apart.take(f"{number}.json", given_on(*days))
        together.take("all.json", given_on(*set().union(*files)))
        assert courses(apart) == courses(together)
        again = replay(apart.record, on=date(2024, 8, 1), everything=True)
        assert again.as_dict()["totals"]["accepted"] == 0


def test_the_book_of_doses_is_read_as_it_was_written(tmp_path: Path) -> None:
    doses = doses_of((1, 2, "12 mg x 2"), (5, 5, ""))
    doses.write(tmp_path / "doses.csv")
    assert Doses.read(tmp_path / "doses.csv").of_person("p1") == doses.of_person(None)
    assert (len(doses), len(Doses.read(tmp_path / "none.csv"))) == (2, 0)
