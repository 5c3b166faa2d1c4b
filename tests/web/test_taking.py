"""Files and messages into the database: the same rows as into a folder, and at once on the list."""

import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import connection
from polars.testing import assert_frame_equal
from tests.ingest.conftest import bundle, observation, obx, oru, patient
from tests.ingest.test_doses import given_on

from afterdose.cohort import read_record
from afterdose.ingest import ingest_files
from afterdose.ingest.identity import Identities
from afterdose.ingest.order import in_order
from afterdose.ingest.set_aside import read_set_aside
from afterdose.ingest.unmatched import read_unmatched
from afterdose.record.errors import UsageError
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.arrivals import take_files, take_message
from afterdose.web.clinic.models import Item, Standing
from afterdose.web.record.export import record_of
from afterdose.web.record.folder import load_record
from afterdose.web.record.models import Arrival, Identity, Lab, Person, SetAside, Unmatched
from afterdose.web.record.store import identities_of
from support.simulated_team import approve, assert_shown_as_asked

EXAMPLE = Path(__file__).parents[2] / "examples" / "three-laboratories"
DAY = date(2023, 11, 8)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path / "home"
    return tmp_path / "home"


@pytest.fixture
def team(db: None) -> Team:
    """On the morning after the example ends."""
    return Team.objects.create(slug="north", name="North", stands_on=DAY)


@pytest.fixture
def in_march(team: Team) -> Team:
    """On the morning after the message of the other tests was sent."""
    team.stands_on = date(2024, 3, 6)
    team.save()
    approve(team, "alemtuzumab-eu")
    return team


def assert_same_rows(team: Team, folder: Path) -> None:
    """The database holds the rows of the folder."""
    inside, beside = record_of(team).frames, read_record(folder).frames
    for table, frame in beside.items():
        columns = frame.columns
        rows = inside.get(table, frame.clear())
        assert_frame_equal(rows.sort(columns), frame.sort(columns))
    assert identities_of(team).pairs() == Identities.read(folder / "identities.csv").pairs()


def test_the_example_is_read_as_into_a_folder(team: Team, tmp_path: Path) -> None:
    receipt = ingest_files([EXAMPLE], tmp_path / "record", landed_on=DAY)
    arrivals = take_files(team, [EXAMPLE], by=None)
    assert_same_rows(team, tmp_path / "record")
    for arrival, file in zip(arrivals, receipt.files, strict=True):
        said = {key: arrival.receipt[key] for key in ("name", "rows", "accepted", "duplicates")}
        assert said == {key: getattr(file, key) for key in said}
        assert arrival.receipt["set_aside"] == dict(file.set_aside)
    aside = read_set_aside(tmp_path / "record" / "set_aside.csv")
    assert {(row.arrival.short, row.locator, row.reason) for row in SetAside.objects.all()} == {
        (row.file, row.locator, row.reason) for row in aside
    }


def test_file_by_file_is_the_same_and_again_adds_nothing(team: Team, tmp_path: Path) -> None:
    ingest_files([EXAMPLE], tmp_path / "record", landed_on=DAY)
    for path in in_order([EXAMPLE]):
        take_files(team, [path], by=None)
    assert_same_rows(team, tmp_path / "record")
    again = take_files(team, [EXAMPLE], by=None)
    assert sum(arrival.receipt["accepted"] for arrival in again) == 0
    assert all(arrival.receipt["already_landed"] for arrival in again)
    assert_same_rows(team, tmp_path / "record")
    aside = read_set_aside(tmp_path / "record" / "set_aside.csv")
    assert SetAside.objects.count() == len(aside)


def test_the_state_shown_is_that_of_the_record(team: Team, tmp_path: Path) -> None:
    approve(team, "alemtuzumab-eu")
    take_files(team, [EXAMPLE], by=None)
    asked = assert_shown_as_asked(team, tmp_path / "exported")
    assert asked.entries[0].urgency == "act today"


def test_bytes_are_kept_under_their_hash(in_march: Team, home: Path) -> None:
    body = oru(obx()).encode()
    arrival = take_message(in_march, body, feed="North Lab", known_people_only=False)
    assert (home / "landed/north/landed" / arrival.sha256).read_bytes() == body
    assert arrival.feed == "North Lab"
    assert Lab.objects.get().source.startswith(f"{arrival.short}:")


def test_a_result_posted_stands_on_the_worklist_at_once(in_march: Team, tmp_path: Path) -> None:
    team = in_march
    take_message(team, oru(obx()).encode(), feed="North Lab", known_people_only=False)
    person = Person.objects.get()
    person.treatments.create(drug="alemtuzumab", start_date="2023-01-09", end_date="2023-01-13")
    low = oru(obx(f5="41")).replace("M1", "M2").replace("G240304", "G240305")
    low = low.replace("20240304083000", "20240304093000")
    began = time.perf_counter()
    take_message(team, low.encode(), feed="North Lab")
    took = time.perf_counter() - began
    first = Item.objects.get(person=person, position=0)
    assert first.rule == "platelets-below-50"
    assert Standing.objects.get(person=person).spark["points"][-1][1] == 41
    assert took < 1
    assert_shown_as_asked(team, tmp_path / "exported")


def test_what_was_set_aside_stands_on_the_worklist_until_it_is_settled(in_march: Team) -> None:
    team = in_march
    take_message(team, oru(obx()).encode(), feed="North Lab", known_people_only=False)
    person = Person.objects.get()
    person.treatments.create(drug="alemtuzumab", start_date="2023-01-09", end_date="2023-01-13")
    body = oru(obx(f6="furlong")).replace("M1", "M2").encode()
    arrival = take_message(team, body, feed="North Lab")
    row = SetAside.objects.get()
    assert (row.person, row.reason, row.seen) == (person, "unit-not-permitted", "furlong")
    assert arrival.receipt["set_aside"] == {"unit-not-permitted": 1}
    item = Item.objects.get(person=person, rule="set-aside")
    assert item.newest_row == f"set_aside:{row.pk}"
    row.settled_on, row.settled_name, row.settled_why = team.today, "Dr Example", "telephoned"
    row.save()
    take_message(team, body, feed="North Lab")
    assert SetAside.objects.get().settled_why == "telephoned"
    assert not Item.objects.filter(rule="set-aside").exists()


def test_somebody_unknown_waits(team: Team, tmp_path: Path) -> None:
    body = oru(obx())
    arrival = take_message(team, body.encode(), feed="North Lab")
    assert not Person.objects.exists()
    waiting = Unmatched.objects.get()
    (tmp_path / "message.hl7").write_text(body, newline="")
    ingest_files(
        [tmp_path / "message.hl7"], tmp_path / "record", landed_on=DAY, known_people_only=True
    )
    (beside,) = read_unmatched(tmp_path / "record" / "unmatched.csv")
    assert (waiting.assigner, waiting.value, waiting.rows) == (
        beside.assigner,
        beside.identifier,
        beside.rows,
    )
    assert waiting.arrival == arrival


def test_whom_only_an_identifier_names_stands_somewhere(team: Team, tmp_path: Path) -> None:
    (tmp_path / "identities.csv").write_text("person_id,assigner,identifier\np1,North Lab,4711\n")
    take_files(team, [tmp_path / "identities.csv"], by=None)
    assert Standing.objects.get(person__person_id="p1").standing.startswith("treatments not")


def test_what_cannot_be_read_is_refused_and_nothing_changes(team: Team) -> None:
    arrival = take_message(team, b"hello", feed="North Lab")
    assert "hello" not in arrival.receipt["refused"]
    assert arrival.receipt["refused"]
    assert not Person.objects.exists()


def test_people_who_exist_do_not_enter_a_simulated_team(team: Team) -> None:
    team.is_simulated = True
    team.save()
    with pytest.raises(UsageError, match="is for simulated people"):
        take_message(team, oru(obx()).encode(), feed="North Lab")
    assert not Arrival.objects.exists()


def test_two_teams_know_nothing_of_each_other(in_march: Team) -> None:
    other = Team.objects.create(slug="south", name="South", stands_on=in_march.today)
    for one in (in_march, other):
        take_message(one, oru(obx()).encode(), feed="Lab", known_people_only=False)
    assert Person.objects.count() == Lab.objects.count() == 2
    assert Identity.objects.values("team").distinct().count() == 2


def test_a_fact_of_a_person_is_filled_in(team: Team) -> None:
    message = bundle(patient(birthDate=None), observation())
    take_message(team, message.encode(), feed="Hospital", known_people_only=False)
    assert Person.objects.get().birth_date is None
    take_message(team, bundle(patient()).encode(), feed="Hospital")
    assert Person.objects.get().birth_date == "1988-06-14"
    differs = take_message(team, bundle(patient(birthDate="1970-01-01")).encode(), feed="Hospital")
    assert differs.receipt["set_aside"] == {"person-differs": 1}
    assert Person.objects.get().birth_date == "1988-06-14"


def test_many_people_in_one_file_are_looked_up_together(team: Team, tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {
            "person_id": [f"p{number}" for number in range(300)],
            "specimen_date": ["2023-10-02"] * 300,
            "received_date": ["2023-10-03"] * 300,
            "analyte": ["platelets"] * 300,
            "value": ["200"] * 300,
            "unit": ["10*9/L"] * 300,
        }
    )
    rows.write_csv(tmp_path / "labs.csv")
    take_files(team, [tmp_path / "labs.csv"], by=None)
    more = rows.with_columns(value=pl.lit("210"))
    pl.concat([rows, more]).write_csv(tmp_path / "labs.csv")
    (arrival,) = take_files(team, [tmp_path / "labs.csv"], by=None)
    assert (arrival.receipt["accepted"], arrival.receipt["duplicates"]) == (300, 300)
    assert Lab.objects.count() == 600
    assert Standing.objects.count() == 300


WRITERS = 50


@pytest.fixture
def committed(transactional_db: None) -> Team:
    team = Team.objects.create(slug="north", name="North", stands_on=date(2024, 3, 6))
    approve(team, "alemtuzumab-eu")
    return team


def test_fifty_at_once_lose_nothing(committed: Team, tmp_path: Path) -> None:
    """Half of them about one person, the others about somebody new each; every one twice."""
    errors: list[BaseException] = []
    start = threading.Barrier(WRITERS)

    def write(number: int) -> None:
        try:
            start.wait(30)
            whose = "88-2301" if number % 2 else f"99-{number}"
            body = oru(obx(f5=str(100 + number))).replace("88-2301", whose)
            body = body.replace("M1", f"M{number}").replace("G240304", f"G{number}")
            for _ in range(2):
                take_message(committed, body.encode(), feed="Lab", known_people_only=False)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert Arrival.objects.count() == 2 * WRITERS
    assert sorted(Lab.objects.values_list("value", flat=True)) == [
        100 + number for number in range(WRITERS)
    ]
    assert Person.objects.count() == 1 + WRITERS // 2
    assert_shown_as_asked(committed, tmp_path / "exported")


def test_a_run_that_fails_leaves_the_record_as_it_was(
    committed: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("afterdose.web.clinic.arrivals.recompute_people", fail)
    with pytest.raises(RuntimeError):
        take_message(committed, oru(obx()).encode(), feed="Lab", known_people_only=False)
    assert not Arrival.objects.exists()
    assert not Person.objects.exists()
    monkeypatch.undo()
    again = take_message(committed, oru(obx()).encode(), feed="Lab", known_people_only=False)
    assert again.receipt["already_landed"]
    assert again.receipt["accepted"] == 2
    assert Lab.objects.count() == 1


def test_days_are_the_teams_own(team: Team) -> None:
    team.stands_on = DAY - timedelta(days=9)
    team.save()
    arrival = take_message(team, oru(obx()).encode(), feed="Lab", known_people_only=False)
    assert arrival.landed_on == team.today


def test_doses_of_one_course_that_come_one_by_one_are_one_row(
    in_march: Team, tmp_path: Path
) -> None:
    """As into a folder, and out of it again: doses stay beside the record."""
    team, record = in_march, tmp_path / "record"
    for number, days in enumerate([(1, 2), (4, 5), (3,), (3,)]):
        path = tmp_path / f"{number}.json"
        path.write_text(given_on(*days))
        ingest_files([path], record, landed_on=team.today)
        take_files(team, [path], by=None)
        assert_same_rows(team, record)
    (course,) = Person.objects.get().treatments.all()
    assert (course.end_date - course.start_date).days == 4
    assert_shown_as_asked(team, tmp_path / "exported")
    assert (tmp_path / "exported" / "doses.csv").read_bytes() == (record / "doses.csv").read_bytes()
    again = Team.objects.create(slug="again", name="Again", stands_on=team.today)
    load_record(tmp_path / "exported", again)
    path.write_text(given_on(6))
    take_files(again, [path], by=None)
    (course,) = again.people.get().treatments.all()
    assert course.dose == "12 mg x 6"
