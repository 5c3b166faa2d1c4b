"""A person's chart in a browser: a result corrected, a course entered, what was known on a day."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from afterdose.web.accounts.models import Role, Team
from afterdose.web.sharing.models import Sharing
from support.clinic import make_user
from support.clinic_examples import TODAY, add_result, make_followed_team

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def team() -> Team:
    return make_followed_team()


@pytest.fixture
def chart(page: Page, live_server: Any, sign_in: Callable[..., None], team: Team) -> Page:
    """Of the first person, whose platelets have fallen."""
    person = team.people.order_by("person_id")[0]
    add_result(person, TODAY - timedelta(days=550), "platelets", 250.0)
    sign_in(make_user("nina", team=team, role=Role.NURSE))
    page.goto(f"{live_server.url}/people/{person.pk}")
    return page


def test_one_axis_of_time(chart: Page, look: Callable[..., None]) -> None:
    """Plots are drawn, each with its words and its table; scales can be switched."""
    plot = chart.get_by_role("img", name=re.compile("^Platelets: 4 results"))
    expect(plot.locator("svg path").first).to_be_attached()
    drawn = plot.locator("svg").inner_html()
    chart.get_by_label("× baseline").check()
    expect(plot.locator("svg")).not_to_have_text("250")
    assert plot.locator("svg").inner_html() != drawn
    expect(chart.get_by_text("On this scale nothing can be drawn").first).to_be_hidden()
    chart.get_by_label("× upper limit").check()
    chart.get_by_text("Platelets: 4 rows").click()
    expect(chart.get_by_role("region", name="Platelets")).to_contain_text("City Laboratory")
    look("chart")
    if folder := os.environ.get("LOOKED_AT"):
        chart.screenshot(path=f"{folder}/chart.png", full_page=True)
        chart.set_viewport_size({"width": 390, "height": 844})
        chart.reload()
        chart.screenshot(path=f"{folder}/chart-phone.png", full_page=True)


def test_a_result_corrected(chart: Page, look: Callable[..., None]) -> None:
    """A slip of the pen raises an alert; its correction ends it."""
    chart.get_by_text("Enter…").click()
    chart.get_by_role("link", name="Laboratory result").click()
    look("the form")
    chart.get_by_role("button", name="Save").click()
    expect(chart.get_by_role("alert")).to_contain_text("Test: choose one")
    look("the form, wrong")
    chart.get_by_label("Test").select_option("creatinine")
    chart.get_by_label("Day the specimen was taken").fill("2026-03-01")
    chart.get_by_label("Value").fill("9.0")
    chart.get_by_label("Unit").fill("mg/dL")
    chart.get_by_label("The laboratory's range").fill("0.5-1.1")
    chart.get_by_label("Laboratory", exact=True).fill("Village")
    chart.get_by_role("button", name="Save").click()
    expect(chart.get_by_role("status").first).to_contain_text("New on the worklist: Creatinine")
    chart.get_by_text("Creatinine: 1 row").click()
    expect(chart.get_by_role("region", name="Creatinine")).to_contain_text("9.0 mg/dL")
    chart.get_by_role("region", name="Creatinine").get_by_role("link").click()
    look("a result")
    chart.get_by_role("link", name="Correct or withdraw").click()
    look("its correction")
    chart.get_by_label("Value").fill("0.9")
    chart.get_by_label("The laboratory's range").fill("0.5-1.1")
    chart.get_by_role("button", name="Save").click()
    said = chart.get_by_role("status").first
    expect(said).to_contain_text("No longer on the worklist: Creatinine")
    expect(chart.get_by_text("Creatinine: 2 rows")).to_be_visible()


def test_a_course_changes_the_schedule(chart: Page) -> None:
    chart.get_by_text("Enter…").click()
    chart.get_by_role("link", name="Course of treatment").click()
    chart.get_by_label("Drug").select_option("alemtuzumab")
    chart.get_by_label("First day").fill("2026-02-23")
    chart.get_by_label("Last day").fill("2026-02-25")
    chart.get_by_role("button", name="Save").click()
    expect(chart.get_by_role("status").first).to_contain_text("Monitored until 2030-02-25")
    expect(chart.get_by_role("region", name="Where they stand")).to_contain_text("25 Feb 2030")


def test_the_slider_shows_what_was_known(chart: Page, look: Callable[..., None]) -> None:
    open_findings = chart.get_by_role("region", name="Findings").first
    expect(open_findings).to_contain_text("open")
    chart.get_by_role("slider").focus()
    with chart.expect_navigation():
        chart.get_by_role("slider").press("Home")
    expect(chart.get_by_role("main")).to_contain_text("What came later is not shown")
    expect(chart.get_by_text("Platelets: 1 row")).to_be_visible()
    expect(chart.get_by_text("None among the results received.")).to_be_visible()
    look("as known on the first day")
    expect(chart.get_by_role("region", name="Where they stand")).to_contain_text("none recorded")
    chart.get_by_role("link", name="Later news: 18 Oct 2024").click()
    expect(chart.get_by_role("region", name="Where they stand")).to_contain_text("course 1")
    chart.get_by_role("link", name="Later news: 22 Dec 2025").click()
    expect(chart.get_by_text("Platelets: 2 rows")).to_be_visible()


@pytest.mark.parametrize("tab", ["Whole story", "Before another course"])
def test_pages_beside(chart: Page, look: Callable[..., None], tab: str) -> None:
    chart.get_by_role("link", name=tab).click()
    expect(chart.get_by_role("link", name=tab)).to_have_attribute("aria-current", "page")
    look(tab)
    if folder := os.environ.get("LOOKED_AT"):
        chart.screenshot(path=f"{folder}/{tab}.png", full_page=True)


def test_ones_own_page(
    page: Page,
    live_server: Any,
    look: Callable[..., None],
    sign_in: Callable[..., None],
    team: Team,
) -> None:
    user = make_user("pia", team=team, role=Role.PERSON)
    person = team.people.order_by("person_id")[0]
    Sharing.objects.create(person=person, user=user, kind=Sharing.Kind.SELF)
    sign_in(user)
    page.goto(live_server.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("My page")
    look()
    if folder := os.environ.get("LOOKED_AT"):
        page.screenshot(path=f"{folder}/own.png", full_page=True)
    page.get_by_role("link", name="See everything over time").click()
    expect(page.get_by_text("Platelets: 3 rows")).to_be_visible()
    look("one's own chart")


def test_without_scripts(
    browser: Browser, chart: Page, sign_in: Callable[..., None], team: Team
) -> None:
    """The tables hold everything, and the switches that need a script are not there."""
    context = browser.new_context(java_script_enabled=False)
    sign_in(make_user("nora", team=team, role=Role.NURSE), context)
    page = context.new_page()
    page.goto(chart.url)
    page.get_by_text("Platelets: 4 rows").click()
    expect(page.get_by_role("region", name="Platelets")).to_contain_text("150 to 400")
    expect(page.get_by_label("× baseline")).to_be_hidden()
    context.close()
