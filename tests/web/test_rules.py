"""Who may do what, by the one table."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.test import RequestFactory
from django.utils import timezone

from afterdose.web.accounts import access, rules
from afterdose.web.accounts.models import Membership, Role, User
from afterdose.web.audit.models import Read
from afterdose.web.sharing.models import Sharing
from support.clinic import World, signed_in


def _request(user: User):
    request = RequestFactory().get("/")
    request.user, request.session, request.resolver_match = user, {}, None
    return request


@pytest.mark.parametrize("role", Role)
def test_a_role_has_its_abilities_in_its_own_team_only(world: World, role: Role) -> None:
    user = world.own.users[role]
    for name, ability in rules.ABILITIES.items():
        assert rules.may(user, name, world.own.team) is (role in ability.roles), name
        assert not rules.may(user, name, world.other.team), name
        assert not rules.may(user, name, world.other.person), name


@pytest.mark.parametrize("role", Role)
def test_reach(world: World, role: Role) -> None:
    user, own = world.own.users[role], world.own
    seen = rules.people_within_reach(user, "chart.view", own.team)
    numbers = {"team": 3, "shared": 1, "self": 1, "none": 0}
    assert seen.count() == numbers[rules.REACH[role]]
    if seen.count() == 1:
        assert seen.get() == own.person
        assert not rules.may(user, "chart.view", own.people[1])


def test_an_ended_sharing_no_longer_opens(world: World) -> None:
    gp, person = world.own.users[Role.GP], world.own.person
    assert rules.may(gp, "chart.view", person)
    Sharing.objects.filter(user=gp).update(until=timezone.now() - timedelta(seconds=1))
    assert not rules.may(gp, "chart.view", person)


def test_a_sharing_of_another_team_does_not_open(world: World) -> None:
    gp = world.own.users[Role.GP]
    Sharing.objects.create(person=world.other.person, user=gp, kind=Sharing.Kind.GP)
    assert not rules.may(gp, "chart.view", world.other.person)


def test_being_a_gp_does_not_open_ones_own_kind_of_sharing(world: World) -> None:
    gp = world.own.users[Role.GP]
    Sharing.objects.create(person=world.own.people[1], user=gp, kind=Sharing.Kind.SELF)
    assert not rules.may(gp, "chart.view", world.own.people[1])


def test_a_researcher_opens_people_only_with_permission(world: World) -> None:
    researcher, person = world.own.users[Role.RESEARCHER], world.own.people[1]
    assert not rules.may(researcher, "study.people", person)
    Membership.objects.filter(user=researcher).update(may_open_people=True)
    assert rules.may(researcher, "study.people", person)
    assert rules.may(researcher, "chart.view", person)
    assert not rules.may(researcher, "study.people", world.other.person)
    assert not rules.may(researcher, "chart.edit", person)


def test_the_permission_changes_no_other_role(world: World) -> None:
    administrator = world.own.users[Role.ADMINISTRATOR]
    Membership.objects.filter(user=administrator).update(may_open_people=True)
    assert not rules.may(administrator, "chart.view", world.own.person)


def test_a_deactivated_user_and_a_superuser_gain_nothing(world: World) -> None:
    nurse, stranger = world.own.users[Role.NURSE], world.stranger
    nurse.is_active = False
    assert not rules.may(nurse, "chart.view", world.own.person)
    stranger.is_superuser = stranger.is_staff = True
    assert not rules.may(stranger, "chart.view", world.own.person)
    assert not rules.may(stranger, "team.manage", world.own.team)


def test_an_ability_nobody_knows_is_an_error(world: World) -> None:
    with pytest.raises(KeyError):
        rules.may(world.own.users[Role.NURSE], "chart.veiw", world.own.team)


def test_reading_a_person_is_logged_and_refusal_looks_like_absence(world: World) -> None:
    nurse = world.own.users[Role.NURSE]
    person = access.person_or_404(_request(nurse), world.own.person.pk, may="chart.view")
    assert person == world.own.person
    read = Read.objects.get()
    assert (read.user_id, read.person_id, read.is_change) == (nurse.pk, person.pk, False)
    for pk in (world.other.person.pk, 0):
        with pytest.raises(Http404):
            access.person_or_404(_request(nurse), pk, may="chart.view")
    assert Read.objects.count() == 1


def test_two_teams_and_one_user_see_one_at_a_time(world: World) -> None:
    nurse = world.own.users[Role.NURSE]
    Membership.objects.create(user=nurse, team=world.other.team, role=Role.GP)
    request = _request(nurse)
    assert access.current_team(request) == world.own.team
    with pytest.raises(Http404):
        access.person_or_404(request, world.other.person.pk, may="chart.view")
    access.choose_team(request, world.other.team.pk)
    with pytest.raises(Http404):
        access.team_of(request, may="inbox.view")
    assert access.team_of(request, may="worklist.view") == world.other.team


def test_switching_to_a_team_one_is_not_in(world: World) -> None:
    client = signed_in(world.own.users[Role.NURSE])
    assert client.post("/team/switch", {"team": world.other.team.pk}).status_code == 404
    assert client.post("/team/switch", {"team": "'"}).status_code == 404
    assert client.post("/team/switch", {"team": world.own.team.pk}).status_code == 302


def test_somebody_in_no_team_is_told_so(world: World) -> None:
    page = signed_in(world.stranger).get("/")
    assert "in no team yet" in page.text
