"""Signing in, a second factor, the team's users, and the log, in a real browser."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from afterdose.web.accounts.models import Role
from afterdose.web.accounts.tokens import make_token
from afterdose.web.record.models import Lab
from afterdose.web.sharing.invitations import invite
from support.clinic import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct-horse-battery"


@pytest.fixture
def world() -> World:
    return make_world()


def _sign_in(page: Page, at: str, email: str) -> None:
    page.goto(f"{at}/sign/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_signing_in_and_setting_up_a_second_factor(
    page: Page, live_server: Any, look: Any, world: World, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    page.goto(f"{live_server.url}/sign/login/")
    look("sign-in")
    _sign_in(page, live_server.url, world.own.users[Role.NURSE].email)
    look("confirm password")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up an authenticator")
    look("authenticator")
    page.goto(f"{live_server.url}/sign/2fa/webauthn/add/")
    look("passkey")


@pytest.mark.parametrize(
    "address",
    [
        "/sign/password/reset/",
        "/sign/2fa/",
        "/sign/email/",
        "/sign/password/change/",
        "/sign/sessions/",
        "/sign/logout/",
    ],
)
def test_pages_of_ones_account(
    page: Page,
    live_server: Any,
    look: Any,
    world: World,
    sign_in: Callable[..., None],
    address: str,
) -> None:
    sign_in(world.own.users[Role.NURSE])
    page.goto(live_server.url + address)
    look()


def test_inviting_and_accepting(
    page: Page, live_server: Any, look: Any, world: World, sign_in: Callable[..., None]
) -> None:
    invite(world.own.team, "waiting@clinic.example", Role.GP, by=None)
    sign_in(world.own.users[Role.ADMINISTRATOR])
    page.goto(f"{live_server.url}/team/users")
    look("users")
    page.get_by_label("E-mail address").fill("nia@clinic.example")
    page.get_by_label("Role").select_option("MS nurse")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_text("nia@clinic.example is invited")).to_be_visible()
    address = re.search(r"http://\S+/invited/\S+", mail.outbox[-1].body)[0]
    page.get_by_role("link", name="Change the roles of nurse-north").click()
    look("roles")
    page.context.clear_cookies()
    page.goto(address)
    look("invitation")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("alert")).to_contain_text("This field is required")
    look("invitation with errors")


def test_a_feed_and_the_log(
    page: Page, live_server: Any, look: Any, world: World, sign_in: Callable[..., None]
) -> None:
    make_token(world.own.team, "Lab Y", by=world.own.users[Role.ADMINISTRATOR])
    day = date(2026, 3, 4)
    lab = Lab.objects.create(
        person=world.own.person, specimen_date=day, received_date=day, analyte="tsh", value=4.25
    )
    lab.value = 7.75
    lab.save()
    sign_in(world.own.users[Role.DATA_MANAGER])
    page.goto(f"{live_server.url}/team/feeds")
    page.get_by_label("Laboratory or system that sends").fill("Lab X")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("heading", name="The new token")).to_be_visible()
    look("feeds")
    page.get_by_role("link", name="Log of changes").click()
    page.get_by_label("What").select_option("lab")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("Values").first.click()
    expect(page.get_by_text("4.25 → 7.75")).to_be_visible()
    look("log of changes")
    page.get_by_role("link", name="Who looked").click()
    look("who looked")


def test_who_may_see_a_person(
    page: Page, live_server: Any, look: Any, world: World, sign_in: Callable[..., None]
) -> None:
    sign_in(world.own.users[Role.NURSE])
    page.goto(f"{live_server.url}/people/{world.own.person.pk}/access")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Who may see this record, and who looked"
    )
    look()
    page.get_by_role("button", name="End sharing with gp-north").click()
    expect(page.get_by_text("no longer open to gp-north")).to_be_visible()


def test_a_passkey_is_added_and_signs_in(
    page: Page, live_server: Any, complaints: list[str], world: World, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    # A browser has passkeys on this machine without HTTPS; the server has to be told.
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    _sign_in(page, live_server.url, world.own.users[Role.NURSE].email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("link", name="use a passkey or a security key").click()
    page.get_by_label("Name").fill("This machine")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("recovery codes", exact=False).first).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/sign/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile("/worklist$"))
