"""A record folder into the database and out again is the same record."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.core.management import CommandError, call_command
from polars.testing import assert_frame_equal
from tests.ingest.conftest import obx, oru

from afterdose.cohort import Cohort, read_record, write_record
from afterdose.ingest import ingest_files
from afterdose.ingest.kept import kept_files
from afterdose.ingest.set_aside import read_set_aside
from afterdose.ingest.settled import settle, standing
from afterdose.record.errors import RecordError, UsageError
from afterdose.record.tables import SPECS
from afterdose.simulate import simulate_cohort
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.arrivals import take_files
from afterdose.web.record.export import record_of
from afterdose.web.record.folder import load_record, write_team
from afterdose.web.record.history import history_of
from afterdose.web.record.models import Event, Person, Unmatched
from afterdose.web.record.rows import tables_held
from support.simulated_team import simulated_team

EXAMPLE = Path(__file__).parents[2] / "examples" / "three-laboratories"

pytestmark = pytest.mark.django_db


def test_loaded_and_exported_is_the_same_record(tmp_path: Path) -> None:
    team = simulated_team(tmp_path / "given")
    write_team(team, tmp_path / "exported")
    given, exported = read_record(tmp_path / "given"), read_record(tmp_path / "exported")
    assert set(exported.frames) == set(given.frames) == set(SPECS)
    for table, frame in given.frames.items():
        ordered = frame.sort(*SPECS[table].order, maintain_order=True, nulls_last=True)
        assert_frame_equal(exported.frames[table], ordered)
    assert exported.about.simulated


def test_histories_are_those_of_the_folder(tmp_path: Path) -> None:
    team = simulated_team(tmp_path / "given", people=12)
    cohort = Cohort.of(read_record(tmp_path / "given"))
    people = {person.person_id: person for person in team.people.all()}
    for history in cohort.histories():
        assert history_of(people[history.person.person_id]) == history


def test_some_people_only(tmp_path: Path) -> None:
    team = simulated_team(tmp_path / "given", people=12)
    some = list(team.people.order_by("person_id")[3:5])
    found = record_of(team, [person.pk for person in some])
    assert set(found.frames["labs"]["person_id"]) == {person.person_id for person in some}


def test_a_table_the_folder_lacks_stays_absent(tmp_path: Path) -> None:
    record = simulate_cohort(6, 5, only=["people", "treatments", "labs"])
    write_record(record, tmp_path / "given")
    team = Team.objects.create(slug="north", name="North", is_simulated=True)
    load_record(tmp_path / "given", team)
    assert tables_held(team) == {"people", "treatments", "labs"}
    assert set(record_of(team).frames) == {"people", "treatments", "labs"}
    person = team.people.all()[0]
    assert "relapses" in history_of(person).absent
    Event.objects.create(person=person, onset_date="2020", category="other")
    assert "events" not in history_of(person).absent


def test_without_a_table_of_people_everybody_named_is_there(tmp_path: Path) -> None:
    record = simulate_cohort(6, 5, only=["treatments"])
    write_record(record, tmp_path / "given")
    team = Team.objects.create(slug="north", name="North", is_simulated=True)
    load_record(tmp_path / "given", team)
    assert team.people.count() == record.frames["treatments"]["person_id"].n_unique()
    assert set(record_of(team).frames) == {"treatments"}


def test_text_stays_text(tmp_path: Path) -> None:
    """Quotes, commas, line ends and what databases take for nothing come back as they were."""
    odd = ['12 mg "x" 5', "a,b", "first\nsecond", "\\N", "NULL", None, "Σ µ 2"]
    treatments = pl.DataFrame(
        {
            "person_id": ["p1"] * len(odd),
            "drug": ["alemtuzumab"] * len(odd),
            "start_date": [f"2020-01-0{day}" for day in range(1, len(odd) + 1)],
            "dose": odd,
        }
    )
    treatments.write_parquet(tmp_path / "treatments.parquet")
    team = Team.objects.create(slug="north", name="North")
    load_record(tmp_path, team)
    assert record_of(team).frames["treatments"]["dose"].to_list() == odd


def test_a_team_with_people_is_refused(tmp_path: Path) -> None:
    team = simulated_team(tmp_path / "given", people=2)
    with pytest.raises(UsageError, match="has 2 people already"):
        load_record(tmp_path / "given", team)


def test_simulated_and_real_people_are_not_mixed(tmp_path: Path) -> None:
    write_record(simulate_cohort(2, 5), tmp_path / "given")
    team = Team.objects.create(slug="north", name="North")
    with pytest.raises(UsageError, match="holds simulated people"):
        load_record(tmp_path / "given", team)
    assert not Person.objects.exists()


def test_a_text_no_column_takes_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {"person_id": ["p1"], "drug": ["alemtuzumab"], "start_date": ["2020-01-01"]}
    ).with_columns(dose=pl.lit("x" * 201))
    rows.write_parquet(tmp_path / "treatments.parquet")
    team = Team.objects.create(slug="north", name="North")
    with pytest.raises(RecordError, match="treatments.dose has a text of 201 characters"):
        load_record(tmp_path, team)
    assert not Person.objects.exists()


def test_commands(tmp_path: Path) -> None:
    write_record(simulate_cohort(3, 5), tmp_path / "given")
    Team.objects.create(slug="north", name="North", is_simulated=True)
    call_command("load_record", tmp_path / "given", team="north")
    call_command("export_record", "north", tmp_path / "exported")
    assert read_record(tmp_path / "exported").frames["people"].height == 3
    with pytest.raises(CommandError, match="There is no team 'south'. Permitted: north"):
        call_command("export_record", "south", tmp_path / "other")


def test_who_is_who_and_what_was_set_aside_come_along(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path / "home"
    given = tmp_path / "given"
    ingest_files([EXAMPLE], given, landed_on=date(2023, 11, 8))
    (tmp_path / "more.hl7").write_text(oru(obx()), newline="")
    ingest_files([tmp_path / "more.hl7"], given, landed_on=date(2024, 3, 6), known_people_only=True)
    row = read_set_aside(given / "set_aside.csv")[0]
    settle(given, f"{row.file}:{row.locator}", by="Dr Example", on=date(2024, 3, 7), why="seen")
    team = Team.objects.create(slug="north", name="North", stands_on=date(2024, 3, 8))
    load_record(given, team)
    write_team(team, tmp_path / "out")
    for name in ("identities.csv", "unmatched.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (given / name).read_bytes()
    assert read_set_aside(tmp_path / "out" / "set_aside.csv") == read_set_aside(
        given / "set_aside.csv"
    )
    assert standing(tmp_path / "out") == standing(given)
    arrivals = {one.sha256: one for one in team.arrivals.all()}
    assert set(arrivals) == {one.sha256 for one in kept_files(given)}
    assert sum(one.receipt["accepted"] for one in arrivals.values()) > 0
    # The same bytes again are known.
    (again,) = take_files(team, [tmp_path / "more.hl7"], by=None, known_people_only=True)
    assert again.receipt["already_landed"]
    assert Unmatched.objects.count() == 1
