"""Whose rows these are, and what was done about those that could not be read."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import obx, oru

from afterdose.record.errors import UsageError
from afterdose.web.accounts.models import Team, User
from afterdose.web.clinic import deciding
from afterdose.web.clinic.arrivals import take_message
from afterdose.web.clinic.models import Item
from afterdose.web.record.models import Lab, Person, SetAside, Unmatched
from support.simulated_team import approve, assert_shown_as_asked

ASSIGNER, NUMBER = "North Lab/PATNO", "88-2301"


@pytest.fixture
def team(db: None, tmp_path: Path, settings: Any) -> Team:
    settings.HOME = tmp_path / "home"
    team = Team.objects.create(slug="north", name="North", stands_on=date(2024, 3, 6))
    approve(team, "alemtuzumab-eu")
    return team


@pytest.fixture
def nurse(db: None) -> User:
    return User.objects.create_user("nora", "nora@clinic.example", "correct-horse-battery")


def person_of(team: Team, name: str = "alex") -> Person:
    person = Person.objects.create(team=team, person_id=name)
    person.treatments.create(drug="alemtuzumab", start_date="2023-01-09", end_date="2023-01-13")
    return person


def test_rows_that_waited_become_theirs(team: Team, nurse: User, tmp_path: Path) -> None:
    body = oru(obx(f5="41")).encode()
    for _ in range(2):
        take_message(team, body, feed="North Lab")
    other = body.replace(b"88-2301", b"99-1").replace(b"M1", b"M2")
    take_message(team, other, feed="North Lab")
    person = person_of(team)
    (arrival,) = deciding.join(team, ASSIGNER, NUMBER, person, by=nurse)
    assert arrival.receipt["read_again"][0]["accepted"] > 0
    assert Lab.objects.get().person == person
    assert Item.objects.get(person=person, position=0).rule == "platelets-below-50"
    assert [one.value for one in Unmatched.objects.filter(decided_at=None)] == ["99-1"]
    assert (
        not SetAside.objects.exclude(arrival__receipt__sha256=None).filter(arrival=arrival).exists()
    )
    assert_shown_as_asked(team, tmp_path / "exported")
    more = take_message(team, body.replace(b"M1", b"M3"), feed="North Lab")
    assert not more.receipt["set_aside"]


def test_an_identifier_means_one_person(team: Team, nurse: User) -> None:
    deciding.join(team, ASSIGNER, NUMBER, person_of(team), by=nurse)
    with pytest.raises(UsageError, match="means somebody already"):
        deciding.join(team, ASSIGNER, NUMBER, person_of(team, "sam"), by=nurse)
    south = Team.objects.create(slug="south", name="South")
    with pytest.raises(UsageError, match="not in this team"):
        deciding.join(team, ASSIGNER, "other", person_of(south), by=nurse)


def test_somebody_new_is_taken_in(team: Team, nurse: User) -> None:
    take_message(team, oru(obx()).encode(), feed="North Lab")
    person = deciding.take_in(team, ASSIGNER, NUMBER, "alex", by=nurse)
    assert Lab.objects.get().person == person
    assert person.standing.standing
    for name in ("alex", " "):
        with pytest.raises(UsageError, match="nobody in this team"):
            deciding.take_in(team, ASSIGNER, "other", name, by=nurse)


def test_rows_may_be_nobodys_here(team: Team, nurse: User) -> None:
    take_message(team, oru(obx()).encode(), feed="North Lab")
    with pytest.raises(UsageError, match="reason is empty"):
        deciding.dismiss(team, ASSIGNER, NUMBER, by=nurse, why=" ")
    assert deciding.dismiss(team, ASSIGNER, NUMBER, by=nurse, why="another clinic's") == 1
    assert Unmatched.objects.get().decision == "nobody's here: another clinic's"
    take_message(team, oru(obx(f5="99")).encode(), feed="North Lab")
    assert Unmatched.objects.filter(decided_at=None).count() == 1


def test_a_row_set_aside_is_settled_and_reopened(team: Team, nurse: User, tmp_path: Path) -> None:
    person = person_of(team)
    deciding.join(team, ASSIGNER, NUMBER, person, by=nurse)
    take_message(team, oru(obx(f6="furlong")).encode(), feed="North Lab")
    row = SetAside.objects.get()
    with pytest.raises(UsageError, match="reason is empty"):
        deciding.settle(row, by=nurse, why="")
    deciding.settle(row, by=nurse, why="210 by telephone")
    assert not Item.objects.filter(rule="set-aside").exists()
    assert_shown_as_asked(team, tmp_path / "settled")
    deciding.reopen(row)
    assert Item.objects.filter(rule="set-aside").exists()
    assert_shown_as_asked(team, tmp_path / "reopened")
