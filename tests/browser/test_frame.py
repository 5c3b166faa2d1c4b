"""The frame every page stands in."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from afterdose.web.accounts.models import Role
from support.clinic import make_user
from support.clinic_examples import make_team


@pytest.mark.django_db(transaction=True)
def test_a_page_for_nobody_in_particular(page: Page, live_server: Any, look: Any) -> None:
    page.goto(f"{live_server.url}/help/accessibility")
    expect(page.get_by_role("heading", level=1)).to_have_text("Accessibility")
    expect(page.get_by_role("contentinfo")).to_contain_text(
        "Afterdose advises and records; it does not diagnose."
    )
    look()


@pytest.mark.django_db(transaction=True)
def test_a_simulated_team_says_so(
    page: Page, live_server: Any, look: Any, sign_in: Callable[..., None]
) -> None:
    team = make_team()
    sign_in(make_user("nina", team=team, role=Role.NURSE))
    page.goto(f"{live_server.url}/help/accessibility")
    expect(page.locator(".app-simulated")).to_contain_text(re.compile("SIMULATED DATA.*2 Mar 2026"))
    expect(page.get_by_role("banner")).to_contain_text("MS team North, MS nurse")
    look()


@pytest.mark.django_db(transaction=True)
def test_skip_link_is_the_first_stop(page: Page, live_server: Any, complaints: list[str]) -> None:
    page.goto(f"{live_server.url}/help/accessibility")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


@pytest.mark.django_db(transaction=True)
def test_signing_in(page: Page, live_server: Any, look: Callable[..., None]) -> None:
    team = make_team()
    make_user("nina", team=team, role=Role.NURSE)
    page.goto(f"{live_server.url}/worklist")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    look("sign in")
    page.get_by_label("Email").fill("nina@clinic.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    look("sign in, wrong")
    page.get_by_label("Password").fill("correct-horse-battery")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Worklist")
    expect(page.get_by_role("main")).to_contain_text("Nobody is followed yet")
    look("an empty worklist")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "address",
    ["sign/2fa/", "sign/2fa/totp/activate/", "sign/email/", "sign/sessions/", "no-such-page"],
)
def test_pages_of_ones_own(
    page: Page, live_server: Any, look: Any, sign_in: Callable[..., None], address: str
) -> None:
    sign_in(make_user("nina", team=make_team(), role=Role.NURSE))
    page.goto(f"{live_server.url}/{address}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    look()
