"""The demo clinic: simulated people, something to do, somebody in every role."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from afterdose.cohort import validate_folder, write_record
from afterdose.web.accounts.models import Membership, Role
from afterdose.web.clinic.models import Item, Step, StepKind
from afterdose.web.demo.clinic import make_demo
from afterdose.web.demo.cohort import demo_record
from afterdose.web.record.models import Arrival, SetAside, Unmatched
from support.simulated_team import assert_shown_as_asked


def test_the_record_is_one_and_ends_on_its_last_day(tmp_path: Path) -> None:
    day = date(2019, 9, 30)
    record = demo_record(60, 3, until=day)
    write_record(record, tmp_path)
    assert not validate_folder(tmp_path).problems
    assert record.about.simulated
    drugs = set(record.frames["treatments"]["drug"])
    assert {"alemtuzumab", "natalizumab", "rituximab"} <= drugs
    for table, column in (("labs", "received_date"), ("follow_up", "end_date"), ("mri", "date")):
        assert record.frames[table][column].drop_nulls().max() <= day


def test_the_same_seed_makes_the_same_record() -> None:
    one, other = demo_record(40, 3), demo_record(40, 3)
    assert all(one.frames[table].equals(other.frames[table]) for table in one.frames)


@pytest.mark.django_db
def test_the_clinic_has_something_for_everybody(tmp_path: Path, settings: Any) -> None:
    settings.DEMO, settings.HOME = True, tmp_path / "home"
    team = make_demo(200)
    assert make_demo(200) == team
    assert team.people.count() == 200
    assert team.is_simulated
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role)
    assert set(Step.objects.values_list("kind", flat=True)) >= {
        StepKind.ACKNOWLEDGED,
        StepKind.SNOOZED,
        StepKind.ESCALATED,
        StepKind.NOTED,
    }
    known = set(Item.objects.values_list("person", "key"))
    assert set(Step.objects.values_list("person", "key")) <= known
    urgencies = set(Item.objects.values_list("urgency", flat=True))
    assert {0, 1, 2, 4, 5} <= urgencies
    assert {"proposed", "accepted", "declined"} <= set(
        Item.objects.values_list("owner_state", flat=True)
    )
    reasons = set(SetAside.objects.values_list("reason", flat=True))
    assert reasons == {
        "unit-not-permitted",
        "code-not-loinc",
        "value-not-a-number",
        "person-unmatched",
    }
    assert Unmatched.objects.count() == 2
    assert Item.objects.filter(rule="set-aside").exists()
    newest = Arrival.objects.latest("landed_at")
    assert (newest.landed_on, newest.receipt["accepted"]) == (team.today, 0)
    assert_shown_as_asked(team, tmp_path / "exported")


def test_it_is_made_where_nobody_exists_only() -> None:
    with pytest.raises(CommandError, match="AFTERDOSE_DEMO is not 1"):
        call_command("demo")
