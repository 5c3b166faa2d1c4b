"""Readers of other packages, and rows of tables other than results."""

from datetime import date

import pytest
from tests.ingest.conftest import LANDED_ON, Run

from afterdose.ingest import hooks
from afterdose.ingest.hooks import Reader, readers
from afterdose.ingest.rows import Identifier, RawEntry, Reading

ADA = Identifier("urn:clinic", "4711")
COURSE = {"drug": "alemtuzumab", "start_date": "2020-03-02", "course_number": "1"}


@pytest.fixture
def reader(monkeypatch):
    """A reader that yields the entries a test gives it."""
    reading = Reading()
    ours = readers()
    one = Reader("courses", "COURSES", lambda start: start.content[:7] == b"COURSES",
                 lambda landed: reading)  # fmt: skip
    monkeypatch.setattr("afterdose.ingest.readers.readers", lambda: (one, *ours))
    return reading


def test_our_own_readers_come_by_the_same_hook():
    assert {reader.form for reader in readers()} >= {"fhir", "hl7v2"}
    assert hooks.PROJECT == "afterdose"


def test_rows_of_another_table_enter_the_record(run: Run, reader) -> None:
    reader.entries = [RawEntry("line 1", "treatments", ADA, COURSE)]
    receipt = run.take("a.txt", "COURSES 1")
    assert (receipt.form, receipt.rows, receipt.accepted) == ("courses", 1, 1)
    (row,) = run.table("treatments")
    assert (row["person_id"], row["start_date"]) == ("4711", date(2020, 3, 2))
    assert row["recorded_date"] == LANDED_ON  # the sender does not say when it was written down


def test_the_same_fact_told_again_is_one_fact(run: Run, reader) -> None:
    reader.entries = [RawEntry("line 1", "treatments", ADA, COURSE)]
    run.take("a.txt", "COURSES 1")
    (again,) = run.ingest(run.file("b.txt", "COURSES 2"), landed_on=date(2024, 7, 1))
    assert (again.accepted, again.duplicates) == (0, 1)
    assert [row["recorded_date"] for row in run.table("treatments")] == [LANDED_ON]


def test_what_breaks_the_specification_is_set_aside_at_its_place(run: Run, reader) -> None:
    reader.entries = [
        RawEntry("line 1", "treatments", ADA, COURSE | {"start_date": "2020-13-40"}),
        RawEntry("line 2", "treatments", None, COURSE),
        RawEntry("line 3", "treatments", ADA, COURSE),
    ]
    receipt = run.take("a.txt", "COURSES 3")
    assert (receipt.rows, receipt.accepted) == (3, 1)
    assert [(row["locator"], row["reason"]) for row in run.set_aside] == [
        ("line 2", "person-unknown"),
        ("line 1", "breaks-specification"),
    ]
