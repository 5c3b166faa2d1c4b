"""A real browser, a live server, and a look that no page may fail.

The browser is this machine's Chromium, or the one that ``make test`` unpacks under ``.cache``.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as clinic
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response

from afterdose.web.accounts.models import User
from afterdose.web.clinic.board import forget_boards
from support.clinic import signed_in

# The browser's own loop runs in the thread in which a test asks the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

UNPACKED = Path(__file__).parents[2] / ".cache" / "chromium" / "chromium"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker has the browser: two at once take turns on two cores anyway."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


def find_browser() -> str:
    """The path of a Chromium."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    if UNPACKED.exists():
        return str(UNPACKED)
    pytest.fail("No Chromium here: run `make test`, which unpacks one, or install one.")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Its sandbox asks for a user other than root; what it opens here is our own."""
    return {
        **browser_type_launch_args,
        "executable_path": find_browser(),
        "args": ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": WIDE, "locale": "en-GB", "reduced_motion": "reduce"}


@pytest.fixture(autouse=True)
def _plain_http(settings: Any) -> None:
    forget_boards()
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False


def _missing(answer: Response) -> Iterator[str]:
    """What a page asked for and did not get; the page itself is judged by its test."""
    kind = answer.request.resource_type
    if answer.status >= 400 and kind != "document" and answer.status != 422:
        yield f"{answer.status} for {kind} {answer.url}"


@pytest.fixture
def complaints(page: Page, live_server: Any) -> Iterator[list[str]]:
    """What the browser complained about: errors, refusals by the policy, addresses elsewhere."""
    found: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # A form that comes back with its errors is answered 422, what is not there 404: the
        # browser remarks on both.
        is_remark = re.search(r"status of (422|404)", message.text)
        if message.type in ("error", "warning") and not is_remark:
            found.append(f"{message.type}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: found.append(f"script: {error}"))
    page.on("response", lambda answer: found.extend(_missing(answer)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((live_server.url, "data:", "blob:"))
            else found.append(f"asked elsewhere: {request.url}")
        ),
    )
    yield found
    assert not found, "\n".join(found)


@pytest.fixture
def look(page: Page, complaints: list[str]) -> Callable[..., None]:
    """Judge the page as it stands, wide and on a phone: axe, sideways scroll, complaints."""
    axe = Axe()

    def judge(name: str = "") -> None:
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            where = f"{name or page.url} at {size['width']}"
            faults = axe.run(page).response["violations"]
            assert not faults, f"{where}: " + "; ".join(
                f"{fault['id']} at {node['target']}: {node.get('failureSummary', '')}"
                for fault in faults
                for node in fault["nodes"]
            )
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, f"{where}: {wide} px wider than the screen"
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        assert not complaints, "\n".join(complaints)

    return judge


@pytest.fixture
def sign_in(context: BrowserContext, live_server: Any) -> Callable[..., None]:
    """Be somebody in the browser, without the sign-in page."""

    def become(user: User, where: BrowserContext = context) -> None:
        value = signed_in(user).cookies[clinic.SESSION_COOKIE_NAME].value
        where.add_cookies(
            [{"name": clinic.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}]
        )

    return become
