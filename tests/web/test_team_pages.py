"""Inviting, giving roles, letting feeds in, opening a record; and who sees what of the log."""

import re
from datetime import date, timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from afterdose.record.errors import UsageError
from afterdose.web.accounts import rules
from afterdose.web.accounts.actions import set_roles
from afterdose.web.accounts.models import Membership, Role, Token, User
from afterdose.web.accounts.tokens import token_of
from afterdose.web.audit.models import Change, Read
from afterdose.web.record.models import Lab
from afterdose.web.sharing.invitations import invite, open_invitation
from afterdose.web.sharing.models import Invitation, Sharing
from support.clinic import World, make_user, signed_in

PASSWORD = "another-horse-battery"
CHOSEN = {"given_name": "Nia", "family_name": "New", "password": PASSWORD, "again": PASSWORD}


def _as(world: World, role: Role) -> Client:
    return signed_in(world.own.users[role])


def _address_sent() -> str:
    return re.search(r"http://testserver(/invited/\S+)", mail.outbox[-1].body)[1]


@pytest.fixture
def sends(django_capture_on_commit_callbacks):
    """Runs what is sent once a change is kept."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_an_invitation_from_beginning_to_end(world: World, sends) -> None:
    with sends():
        answer = _as(world, Role.ADMINISTRATOR).post(
            "/team/users", {"email": "New@Clinic.example", "role": "nurse"}
        )
    assert answer.status_code == 302
    assert mail.outbox[-1].to == ["new@clinic.example"]
    address, browser = _address_sent(), Client()
    assert "You are invited to North" in browser.get(address).text
    assert "The two passwords differ" in browser.post(address, {**CHOSEN, "again": "x"}).text
    easy = {**CHOSEN, "password": "password1234", "again": "password1234"}
    assert "too common" in browser.post(address, easy).text
    assert browser.post(address, CHOSEN).url == "/sign/login/"
    user = User.objects.get(email="new@clinic.example")
    assert (str(user), user.memberships.get().role) == ("Nia New", Role.NURSE)
    answer = browser.post("/sign/login/", {"login": user.email, "password": PASSWORD})
    assert answer.url == "/"
    assert browser.get(address).status_code == 404, "it opens once"


def test_an_invitation_does_not_stay_open(world: World) -> None:
    invitation, secret = invite(world.own.team, "new@x.example", Role.NURSE, by=None)
    assert open_invitation(secret) == invitation
    assert open_invitation(invitation.digest) is None, "what is kept does not open"
    Invitation.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert Client().get(f"/invited/{secret}").status_code == 404
    Invitation.objects.update(until=timezone.now() + timedelta(days=1))
    answer = _as(world, Role.ADMINISTRATOR).post(f"/team/invitations/{invitation.pk}/withdraw")
    assert answer.status_code == 302
    assert Client().get(f"/invited/{secret}").status_code == 404


def test_somebody_known_accepts_by_signing_in_and_keeps_their_password(world: World) -> None:
    stranger = world.stranger
    _, secret = invite(world.own.team, stranger.email, Role.NURSE, by=None)
    answer = Client().get(f"/invited/{secret}")
    assert answer.url.startswith("/sign/login/?next=/invited/")
    assert Client().post(f"/invited/{secret}", CHOSEN).status_code == 302
    stranger.refresh_from_db()
    assert stranger.check_password("correct-horse-battery")
    wrong = _as(world, Role.GP).post(f"/invited/{secret}")
    assert "for another address" in wrong.text
    assert not Membership.objects.filter(user=world.own.users[Role.GP], role=Role.NURSE).exists()
    assert signed_in(stranger).post(f"/invited/{secret}").url == "/"
    assert rules.may(stranger, "worklist.view", world.own.team)


def test_a_person_is_invited_with_their_record_and_nobody_else_is(world: World) -> None:
    team, person = world.own.team, world.own.people[1]
    for role, record in ((Role.PERSON, None), (Role.NURSE, person), (Role.RESEARCHER, person)):
        with pytest.raises(UsageError, match="Invite from the chart"):
            invite(team, "new@x.example", role, by=None, person=record)
    with pytest.raises(UsageError, match="another team's"):
        invite(team, "new@x.example", Role.GP, by=None, person=world.other.person)
    assert "Select a valid choice" in (
        _as(world, Role.ADMINISTRATOR)
        .post("/team/users", {"email": "new@x.example", "role": "person"})
        .text
    )


def test_opening_a_record_to_a_gp_and_closing_it(world: World, sends) -> None:
    gp, person = world.own.users[Role.GP], world.own.people[1]
    nurse = _as(world, Role.NURSE)
    with sends():
        nurse.post(f"/people/{person.pk}/access", {"email": gp.email, "role": "gp"})
    assert rules.may(gp, "chart.view", person)
    assert mail.outbox == [], "a GP the team has already needs no invitation"
    sharing = person.sharings.get(user=gp)
    assert str(gp) in nurse.get(f"/people/{person.pk}/access").text
    nurse.post(f"/people/{person.pk}/access/{sharing.pk}/end")
    assert not rules.may(gp, "chart.view", person)


def test_inviting_a_gp_tells_nothing_of_the_person(world: World, sends) -> None:
    person = world.own.people[1]
    with sends():
        _as(world, Role.NURSE).post(
            f"/people/{person.pk}/access", {"email": "gp@practice.example", "role": "gp"}
        )
    told = mail.outbox[-1].subject + mail.outbox[-1].body
    for part in (person.person_id, str(person.contact), person.contact.given_name, "1985"):
        assert part not in told
    Client().post(_address_sent(), CHOSEN)
    gp = User.objects.get(email="gp@practice.example")
    assert rules.may(gp, "chart.view", person)
    assert not rules.may(gp, "chart.view", world.own.person)


def test_a_person_shares_their_own_record_with_a_gp_only(world: World, sends) -> None:
    person, me = world.own.person, _as(world, Role.PERSON)
    page = f"/people/{person.pk}/access"
    assert "Select a valid choice" in me.post(page, {"email": "a@x.example", "role": "person"}).text
    with sends():
        assert me.post(page, {"email": "gp@x.example", "role": "gp"}).status_code == 302
    assert Invitation.objects.get().person == person
    own = Sharing.objects.get(user=world.own.users[Role.PERSON])
    assert me.post(f"{page}/{own.pk}/end").status_code == 404, "one's own is not ended by oneself"


def test_who_looked_is_shown_to_the_person(world: World) -> None:
    person, nurse = world.own.person, world.own.users[Role.NURSE]
    signed_in(nurse).get(f"/people/{person.pk}/access")
    page = _as(world, Role.PERSON).get(f"/people/{person.pk}/access").text
    assert str(nurse) in page
    assert "Who may see, who looked" in page


def test_roles_are_given_and_taken(world: World) -> None:
    administrator = _as(world, Role.ADMINISTRATOR)
    researcher = world.own.users[Role.RESEARCHER]
    answer = administrator.post(
        f"/team/users/{researcher.pk}", {"roles": ["researcher", "nurse"], "may_open_people": "on"}
    )
    assert answer.status_code == 302
    held = {m.role: m.may_open_people for m in researcher.memberships.all()}
    assert held == {"researcher": True, "nurse": False}


def test_a_person_role_is_never_given_without_a_record(world: World) -> None:
    nurse = world.own.users[Role.NURSE]
    answer = _as(world, Role.ADMINISTRATOR).post(f"/team/users/{nurse.pk}", {"roles": ["person"]})
    assert answer.status_code == 422
    assert nurse.memberships.get().role == Role.NURSE


def test_ended_access_ends_at_once(world: World) -> None:
    gp = world.own.users[Role.GP]
    browser = signed_in(gp)
    assert browser.get("/").status_code in (200, 302)
    _as(world, Role.ADMINISTRATOR).post(f"/team/users/{gp.pk}", {})
    gp.refresh_from_db()
    assert (gp.is_active, gp.memberships.count()) == (False, 0)
    assert Sharing.objects.get(user=gp).until is not None
    assert browser.get("/").url.startswith("/sign/login/")


def test_ended_in_one_team_stays_in_another(world: World) -> None:
    gp = world.own.users[Role.GP]
    Membership.objects.create(user=gp, team=world.other.team, role=Role.GP)
    set_roles(gp, world.own.team, [], by=world.own.users[Role.ADMINISTRATOR])
    gp.refresh_from_db()
    assert gp.is_active


def test_somebody_whose_access_ended_comes_back_by_invitation(world: World) -> None:
    gp = world.own.users[Role.GP]
    set_roles(gp, world.own.team, [], by=world.own.users[Role.ADMINISTRATOR])
    _, secret = invite(world.own.team, gp.email, Role.GP, by=None)
    assert Client().post(f"/invited/{secret}", CHOSEN).status_code == 302
    gp.refresh_from_db()
    assert gp.is_active
    assert not rules.may(gp, "chart.view", world.own.person), "the record was closed and stays so"


def test_a_lost_second_factor_is_taken_away_and_the_log_says_so(world: World) -> None:
    nurse = world.own.users[Role.NURSE]
    Authenticator.objects.create(user=nurse, type="totp", data={"secret": "sealed-secret"})
    administrator = _as(world, Role.ADMINISTRATOR)
    assert "Take the second factor away" in administrator.get(f"/team/users/{nurse.pk}").text
    administrator.post(f"/team/users/{nurse.pk}/second-factor")
    assert not Authenticator.objects.filter(user=nurse).exists()
    change = Change.objects.filter(table="mfa_authenticator", operation="delete").get()
    assert change.actor == f"user:{world.own.users[Role.ADMINISTRATOR].pk}"
    assert "sealed-secret" not in change.old


def test_the_last_administrator_stays(world: World) -> None:
    administrator = world.own.users[Role.ADMINISTRATOR]
    answer = signed_in(administrator).post(f"/team/users/{administrator.pk}", {"roles": ["nurse"]})
    assert answer.status_code == 422
    assert "without an administrator" in answer.text
    make_user("second", team=world.own.team, role=Role.ADMINISTRATOR)
    answer = signed_in(administrator).post(f"/team/users/{administrator.pk}", {"roles": ["nurse"]})
    assert answer.status_code == 302


def test_a_token_is_shown_once_and_kept_as_a_digest(world: World) -> None:
    manager = _as(world, Role.DATA_MANAGER)
    made = manager.post("/team/feeds", {"feed": "Lab X"})
    assert made["Cache-Control"] == "no-store"
    secret = re.search(r"ad_[\w-]{40,}", made.text)[0]
    assert token_of(secret).team == world.own.team
    assert secret not in manager.get("/team/feeds").text
    kept = Token.objects.get()
    assert secret not in str(vars(kept))
    manager.post(f"/team/feeds/{kept.pk}/revoke")
    assert token_of(secret) is None
    assert "revoked" in manager.get("/team/feeds").text


@pytest.fixture
def corrected(world: World) -> Lab:
    """A result that was changed."""
    day = date(2026, 3, 4)
    lab = Lab.objects.create(
        person=world.own.person, specimen_date=day, received_date=day, analyte="tsh", value=4.25
    )
    lab.value = 7.75
    lab.save()
    return lab


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.NEUROLOGIST, True), (Role.DATA_MANAGER, True), (Role.ADMINISTRATOR, False)],
)
def test_the_log_shows_values_only_to_those_who_see_charts(
    world: World, corrected: Lab, role: Role, sees: bool
) -> None:
    page = _as(world, role).get("/log/", {"person": world.own.person.person_id}).text
    assert f"Lab, row {corrected.pk}: changed" in page
    assert ("7.75" in page) is sees
    assert (str(world.own.person.contact) in page) is sees


def test_the_log_is_the_teams_own(world: World, corrected: Lab) -> None:
    page = _as(world, Role.NEUROLOGIST).get("/log/").text
    assert "north-1" in page
    assert "south" not in page.lower()


def test_the_log_by_person_by_user_by_day(world: World, corrected: Lab) -> None:
    client, nurse = _as(world, Role.NEUROLOGIST), world.own.users[Role.NURSE]
    signed_in(nurse).get(f"/people/{world.own.person.pk}/access")
    assert "Nothing was changed as asked" in client.get("/log/", {"user": nurse.pk}).text
    assert "Nothing was changed as asked" in client.get("/log/", {"until": "2020-01-01"}).text
    assert f"row {corrected.pk}" in client.get("/log/", {"table": "record_lab"}).text
    wrong = client.get("/log/", {"person": "south-1"})
    assert wrong.status_code == 422
    assert "Nobody in this team has that identifier" in wrong.text
    seen = client.get("/log/reads", {"user": nurse.pk}).text
    assert "Who may see, who looked" in seen
    assert "Nobody looked as asked" in client.get("/log/reads", {"until": "2020-01-01"}).text


def test_looking_at_the_log_is_in_the_log(world: World, corrected: Lab) -> None:
    _as(world, Role.NEUROLOGIST).get("/log/")
    assert Read.objects.filter(page="audit:changes", count__gt=0).exists()


def test_a_new_team_begins_with_its_administrator(db: None) -> None:
    out = StringIO()
    call_command("make_team", "west", "West", "ada@clinic.example", stdout=out)
    address = re.search(r"https://\S+?(/invited/\S+)", out.getvalue())[1]
    assert Client().post(address, CHOSEN).status_code == 302
    ada = User.objects.get(email="ada@clinic.example")
    team = ada.memberships.get(role=Role.ADMINISTRATOR).team
    assert (team.slug, team.name, team.is_simulated) == ("west", "West", False)
    with pytest.raises(CommandError, match="has an administrator"):
        call_command("make_team", "west", "West", "eve@clinic.example")


@pytest.mark.parametrize(("slug", "email"), [("we st", "a@x.example"), ("west", "nobody")])
def test_a_team_or_an_address_that_cannot_be(db: None, slug: str, email: str) -> None:
    with pytest.raises(CommandError, match="Enter a valid"):
        call_command("make_team", slug, "West", email)
