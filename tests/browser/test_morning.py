"""A nurse's morning; from an alert to its resolution; a handover that is refused."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from afterdose.web.accounts.models import Role, Team, User
from afterdose.web.clinic.models import Duty
from afterdose.web.clinic.state import recompute
from support.clinic import make_user
from support.clinic_examples import TODAY, add_result, make_followed_team

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def team() -> Team:
    return make_followed_team()


@pytest.fixture
def nurse(team: Team) -> User:
    return make_user("nina", team=team, role=Role.NURSE)


@pytest.fixture
def worklist(page: Page, live_server: Any, sign_in: Callable[..., None], nurse: User) -> Page:
    sign_in(nurse)
    page.goto(f"{live_server.url}/worklist")
    return page


def _person(page: Page, number: int) -> Locator:
    return page.get_by_role("rowgroup", name=f"PERSON {number:04}, Demo")


def test_morning(worklist: Page, look: Callable[..., None]) -> None:
    """Who, why, whose move, since when; why it is here; taken in hand; what is left."""
    page = worklist
    expect(page.get_by_role("heading", level=1)).to_have_text("Worklist")
    tiles = page.get_by_role("navigation", name="Show")
    expect(tiles.get_by_role("link", name=re.compile("Act today"))).to_contain_text("1")
    first = page.locator("[data-row]").first
    expect(first).to_contain_text("PERSON 0001, Demo")
    expect(first).to_contain_text("Platelets below 50")
    expect(first).to_contain_text("Platelets 40 × 10⁹/L, down 77 % in 32 days")
    expect(first).to_contain_text("16")  # months since the course
    expect(first).to_contain_text("nobody accepted")
    expect(first.get_by_role("img")).to_have_attribute("aria-label", re.compile("lowest 40"))
    expect(page.get_by_role("region", name="Last result from")).to_contain_text("City Laboratory")
    look("worklist")

    first.get_by_text("Why is this here?").click()
    expect(first).to_contain_text("of alemtuzumab-eu, version")
    expect(first).to_contain_text("approved by Dr Example")
    expect(first).to_contain_text("specimen 2026-03-01")
    look("why")

    first.get_by_role("button", name=re.compile("Acknowledge")).click()
    expect(_person(page, 1)).to_contain_text("nina has it in hand")
    expect(_person(page, 1)).to_be_focused()
    look("acknowledged")

    overdue = tiles.get_by_role("link", name=re.compile("Overdue"))
    expect(overdue).to_contain_text("3")
    overdue.click()
    expect(overdue).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-row]")).to_have_count(3)
    page.get_by_label("Save this view as").fill("Late")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Late", exact=True)).to_be_visible()
    look("saved view")


def test_by_keyboard_alone(worklist: Page, look: Callable[..., None]) -> None:
    page = worklist
    page.keyboard.press("j")
    expect(_person(page, 1)).to_be_focused()
    page.keyboard.press("j")
    expect(_person(page, 2)).to_be_focused()
    page.keyboard.press("k")
    expect(_person(page, 1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(_person(page, 1)).to_contain_text("approved by Dr Example")
    page.keyboard.press("x")
    expect(_person(page, 1)).to_contain_text("nina has it in hand")
    page.keyboard.press("/")
    expect(page.get_by_label("Name or number")).to_be_focused()
    page.keyboard.type("j0002")  # keys are text where somebody writes
    expect(page.get_by_label("Name or number")).to_have_value("j0002")
    page.keyboard.press("Escape")
    page.get_by_label("Name or number").blur()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    look("keys")
    page.get_by_label("Switch single keys off").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    expect(page.locator("[data-row]:focus")).to_have_count(0)


def test_without_scripts(browser: Any, live_server: Any, sign_in: Any, nurse: User) -> None:
    """Everything works without scripts, a page at a time."""
    context = browser.new_context(java_script_enabled=False)
    try:
        sign_in(nurse, context)
        page = context.new_page()
        page.goto(f"{live_server.url}/worklist")
        _person(page, 1).get_by_role("button", name=re.compile("Acknowledge")).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Platelets below 50")
        expect(page.get_by_role("main")).to_contain_text("nina has it in hand")
    finally:
        context.close()


def test_alert_to_resolution(
    worklist: Page, team: Team, nurse: User, look: Callable[..., None]
) -> None:
    """Passed to a deputy, snoozed, woken by a newer result, settled with an outcome."""
    page = worklist
    deputy = make_user("dora", team=team, role=Role.NEUROLOGIST)
    Duty.objects.create(team=team, user=deputy, days=list(range(7)), starts=TODAY)
    _person(page, 1).get_by_role("link", name="Platelets below 50").click()
    look("item")

    page.get_by_text("Pass to a deputy", exact=True).click()
    page.get_by_role("button", name="Pass it on").click()
    expect(page.get_by_role("main")).to_contain_text("passed to dora")

    page.get_by_text("Snooze", exact=True).first.click()
    page.get_by_role("button", name="Snooze", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    look("errors")
    page.get_by_role("link", name="Why it can wait: write a few words").click()
    expect(page.get_by_label("Why it can wait")).to_be_focused()
    page.get_by_label("Why it can wait").fill("Repeat is under way.")
    page.get_by_label("Until and including").fill("2026-03-04")
    page.get_by_role("button", name="Snooze", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("snoozed until 4 Mar 2026 by nina")
    look("snoozed")

    page.get_by_role("link", name="Worklist").first.click()
    expect(page.locator("[data-row]").first).not_to_contain_text("Act today")
    person = team.people.get(person_id="P0001")
    add_result(person, TODAY, "platelets", 31.0)
    recompute(person)
    page.reload()
    expect(page.locator("[data-row]").first).to_contain_text("Platelets 31")

    page.keyboard.press("j")
    page.keyboard.press("i")
    page.get_by_text("Resolve", exact=True).first.click()
    page.get_by_label("Outcome").select_option("Referred to a specialist")
    page.get_by_role("textbox", name="What was done").fill("Haematology has taken over.")
    page.get_by_role("button", name="Resolve", exact=True).click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("Resolved: Referred to a specialist")
    expect(main).to_contain_text("Haematology has taken over.")
    look("resolved")
    page.get_by_role("button", name="Put it back on the list").click()
    expect(main).to_contain_text("Reopened")


def test_handover_refused(worklist: Page, team: Team, look: Callable[..., None]) -> None:
    """Proposed to the GP, declined, back with the team and on the list without an owner."""
    page = worklist
    third = _person(page, 3)
    expect(third).to_contain_text("nobody accepted")
    third.get_by_role("link", name=re.compile("nobody accepted")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who owns which check")
    look("owners")
    page.get_by_label("Who is asked").select_option("GP")
    page.get_by_label("How they were asked").fill("By letter.")
    page.get_by_role("button", name="Ask").click()
    asked = page.get_by_role("region", name=re.compile("GP was asked"))
    expect(asked).to_be_visible()
    look("asked")
    asked.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("alert")).to_contain_text("Why not: write a few words")
    look("refused without a reason")
    page.get_by_label(re.compile("How, or why not")).fill("No phlebotomy here.")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("main")).to_contain_text("Declined: nobody owns it now.")
    expect(page.get_by_role("table")).to_contain_text("declined by another")
    page.goto(page.url.split("/people")[0] + "/worklist?show=unowned")
    expect(_person(page, 3)).to_contain_text("declined by another")
    look("unowned")


def test_who_steps_in(worklist: Page, look: Callable[..., None]) -> None:
    page = worklist
    page.get_by_role("link", name="Change").click()
    page.get_by_label("Who").select_option("nina")
    page.get_by_label("Saturday").check()
    page.get_by_role("button", name="Put on duty").click()
    expect(page.get_by_role("table").first).to_contain_text("nina")
    look("duties")


def test_print_holds_what_matters(worklist: Page, complaints: list[str]) -> None:
    page = worklist
    page.emulate_media(media="print")
    expect(page.get_by_role("contentinfo")).to_contain_text("it does not diagnose")
    expect(_person(page, 1)).to_contain_text("Platelets below 50")
    expect(page.get_by_text("SIMULATED DATA")).to_be_visible()
    expect(page.get_by_role("button", name="Print", include_hidden=True)).to_be_hidden()
    expect(page.get_by_role("navigation", name="Main", include_hidden=True)).to_be_hidden()
