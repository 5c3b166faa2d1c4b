"""A handover is proposed, then accepted or declined; until then nobody has accepted."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from afterdose.record.errors import UsageError
from afterdose.web.accounts.models import Role
from afterdose.web.clinic import actions
from afterdose.web.clinic.models import Item
from afterdose.web.clinic.ownership import ownership_of
from afterdose.web.clinic.state import recompute_team
from afterdose.web.record.models import Owner, Person
from support.clinic import make_user
from support.simulated_team import approve, assert_shown_as_asked, simulated_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(tmp_path: Path):
    team = simulated_team(tmp_path / "in", 20)
    team.stands_on = date(2020, 6, 30)
    team.save()
    approve(team, "alemtuzumab-eu")
    return team


@pytest.fixture
def nurse(team):
    return make_user("nina", team=team, role=Role.NURSE)


@pytest.fixture
def person(team) -> Person:
    recompute_team(team)
    Owner.objects.filter(person__team=team).delete()
    return Item.objects.filter(team=team, rule="blood-count").order_by("pk").first().person


def _states(person: Person) -> dict[str, tuple[str, str]]:
    return {one.check: (one.owner, one.state) for one in ownership_of(person)}


def _item(person: Person) -> tuple[str, str]:
    return Item.objects.values_list("owner", "owner_state").get(person=person, rule="blood-count")


def test_proposed_then_accepted_within_the_hour(person, nurse, team, tmp_path) -> None:
    actions.propose_owner(person, "blood-count", "gp", by=nurse, said="by letter")
    assert _item(person) == ("gp", "proposed")
    assert _states(person)["blood-count"] == ("gp", "proposed")
    (proposal,) = (one.proposal for one in ownership_of(person) if one.proposal)
    actions.accept_owner(person, Owner.objects.get(pk=proposal), by=nurse, said="by telephone")
    assert _item(person) == ("gp", "accepted")
    assert not any(one.proposal for one in ownership_of(person))
    assert "by telephone" in Owner.objects.latest("pk").source
    team.refresh_from_db()
    recompute_team(team)
    assert_shown_as_asked(team, tmp_path / "out")


def test_declined_falls_back_and_says_so(person, nurse) -> None:
    proposal = actions.propose_owner(person, "all", "gp", by=nurse)
    actions.decline_owner(person, proposal, by=nurse, said="No phlebotomy.")
    assert _item(person) == ("ms_team", "declined")
    assert _states(person)["creatinine"] == ("ms_team", "declined")


def test_a_word_on_one_check_outweighs_that_on_all(person, nurse) -> None:
    for check, owner in (("all", "gp"), ("blood-count", "person")):
        asked = actions.propose_owner(person, check, owner, by=nurse)
        actions.accept_owner(person, asked, by=nurse)
    states = _states(person)
    assert states["blood-count"] == ("person", "accepted")
    assert states["creatinine"] == ("gp", "accepted")


def test_declining_needs_a_reason(person, nurse) -> None:
    proposal = actions.propose_owner(person, "all", "gp", by=nurse)
    with pytest.raises(UsageError, match="Say why it is declined"):
        actions.decline_owner(person, proposal, by=nurse, said="")


def test_answered_once(person, nurse) -> None:
    proposal = actions.propose_owner(person, "all", "gp", by=nurse)
    actions.accept_owner(person, proposal, by=nurse)
    with pytest.raises(UsageError, match="answered meanwhile"):
        actions.decline_owner(person, proposal, by=nurse, said="too late")
    with pytest.raises(UsageError, match="Permitted: a proposal"):
        actions.accept_owner(person, Owner.objects.latest("pk"), by=nurse)


def test_an_older_word_of_somebody_else_is_no_answer(person, nurse) -> None:
    Owner.objects.create(
        person=person,
        check_id="all",
        owner="person",
        state="accepted",
        since=person.team.today - timedelta(days=9),
    )
    proposal = actions.propose_owner(person, "all", "gp", by=nurse)
    assert _item(person) == ("gp", "proposed")
    actions.accept_owner(person, proposal, by=nurse)
    assert _item(person) == ("gp", "accepted")
