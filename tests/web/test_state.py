"""What the database shows of everybody is what the plain code says of the exported record."""

from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest

from afterdose.web.accounts.models import Team
from afterdose.web.clinic import state
from afterdose.web.clinic.models import Item, Site, Standing
from afterdose.web.record.models import Examination, Lab, Person
from support.simulated_team import approve, assert_shown_as_asked, simulated_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return simulated_team(tmp_path / "given", 40)


def test_a_whole_team(team: Team, tmp_path: Path) -> None:
    approve(team, "alemtuzumab-eu")
    assert state.recompute_team(team) == 40
    asked = assert_shown_as_asked(team, tmp_path / "exported")
    assert asked.entries


def test_one_person_at_a_time(team: Team, tmp_path: Path) -> None:
    approve(team, "alemtuzumab-us")
    for person in team.people.all():
        state.recompute(person)
    assert_shown_as_asked(team, tmp_path / "exported")


def test_the_compiled_engine_looks_first_where_there_are_many(team: Team, tmp_path: Path) -> None:
    approve(team, "alemtuzumab-eu")
    with mock.patch.object(state, "_MANY", 2), mock.patch.object(state, "_AT_A_TIME", 15):
        done: list[int] = []
        state.recompute_team(team, progress=done.append)
    assert done == [15, 30, 40]
    assert_shown_as_asked(team, tmp_path / "exported")


def test_nobody_is_monitored_before_a_protocol_is_approved(team: Team) -> None:
    state.recompute_team(team)
    assert not Item.objects.exists()
    places = set(Standing.objects.values_list("standing", flat=True))
    assert "on a drug that no approved protocol covers" in places
    assert "monitored, nothing due" not in places


def test_what_the_site_sets_counts(team: Team, tmp_path: Path) -> None:
    approve(team, "alemtuzumab-eu")
    Site.objects.create(
        team=team,
        toml="""
        [[overrides]]
        protocol = "alemtuzumab-eu"
        rule = "blood-count"
        set = { owner = "gp" }
        approved_by = "Dr Example"
        approved_on = "2022-11-02"
        why = "Practices draw the blood here."
        """,
    )
    state.recompute_team(team)
    assert_shown_as_asked(team, tmp_path / "exported")
    assert Item.objects.exclude(overrides=[]).exists()


def test_the_newest_approval_of_a_drug_counts(team: Team) -> None:
    approve(team, "alemtuzumab-eu")
    approve(team, "alemtuzumab-us")
    state.recompute_team(team)
    assert set(Item.objects.exclude(protocol="").values_list("protocol", flat=True)) == {
        "alemtuzumab-us"
    }


def test_a_first_row_of_a_table_changes_what_is_said_of_everybody(
    team: Team, tmp_path: Path
) -> None:
    approve(team, "alemtuzumab-eu")
    Examination.objects.all().delete()
    team.held.filter(table="examinations").delete()
    state.recompute_team(team)
    assert_shown_as_asked(team, tmp_path / "before")
    person = team.people.all()[0]
    Examination.objects.create(person=person, date=team.today, examination="ecg")
    state.recompute(person)
    assert_shown_as_asked(team, tmp_path / "after")


def test_yesterdays_state_says_so(team: Team) -> None:
    state.recompute_team(team)
    assert team.stands_on is not None
    team.stands_on += timedelta(days=1)
    team.save()
    standing = Standing.objects.select_related("team").filter(team=team)[0]
    assert standing.is_stale


def test_the_newest_result_behind_an_item_is_known_by_its_row(team: Team) -> None:
    approve(team, "alemtuzumab-eu")
    state.recompute_team(team)
    item = Item.objects.filter(rule="blood-count")[0]
    newest = Lab.objects.filter(person=item.person, analyte="platelets").latest("pk")
    newest.pk = None
    newest.specimen_date -= timedelta(days=400)
    newest.save()
    state.recompute(item.person)
    again = Item.objects.get(person=item.person, key=item.key)
    assert again.newest_row == f"labs:{newest.pk}" != item.newest_row


def test_the_line_beside_a_name_holds_two_years_of_what_is_behind_it(team: Team) -> None:
    approve(team, "alemtuzumab-eu")
    state.recompute_team(team)
    drawn = [one for one in Standing.objects.exclude(urgency=None) if one.spark]
    assert drawn
    for one in drawn:
        spark = one.spark
        days = [point[0] for point in spark["points"]]
        assert days == sorted(days)
        assert spark["since"] <= days[0]
        assert days[-1] <= spark["until"] == team.today.isoformat()
        results = Lab.objects.filter(person=one.person, analyte=spark["analyte"])
        assert results.filter(specimen_date=days[-1], value=spark["points"][-1][1]).exists()


def test_a_person_without_any_row_stands_somewhere(team: Team, tmp_path: Path) -> None:
    approve(team, "alemtuzumab-eu")
    person = Person.objects.create(team=team, person_id="new")
    assert state.recompute(person).standing == "no treatment recorded"
    state.recompute_team(team)
    assert_shown_as_asked(team, tmp_path / "exported")
