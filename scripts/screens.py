"""Photographs the clinic's pages, at a desk and on a phone: ``screens.py [NAME …]``.

Makes the demo clinic in a folder of its own, serves it, signs in as each role in a real browser,
and keeps what the documentation shows under ``docs/_static/screens``. The others go to
``.cache/screens``, to be looked at.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".cache" / "screens-clinic"
KEPT, OTHERS = ROOT / "docs" / "_static" / "screens", ROOT / ".cache" / "screens"
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
PASSWORD = "demo-afterdose-2020"  # noqa: S105 - of the demo, printed by it


def _first_item(page: Page) -> None:
    page.locator("a.app-person__finding").first.click()


def _why(page: Page) -> None:
    page.locator(".app-people summary").first.click()
    page.locator(".app-reason").first.wait_for()


def _owners(page: Page) -> None:
    page.locator(".app-others__owners a").first.click()


def _chart(page: Page) -> None:
    page.locator(".app-person__name").first.click()
    page.locator("[data-plot] svg").first.wait_for()


def _retreatment(page: Page) -> None:
    _chart(page)
    page.get_by_role("link", name="Before another course").click()


class Screen(NamedTuple):
    """One photograph.

    Attributes
    ----------
    name : str
        Of the file.
    role : str
        Who looks, as the demo names its users; empty: nobody signed in.
    address : str
    then : callable, optional
        What is done on the page first.
    is_kept : bool
        Whether the documentation shows it.
    """

    name: str
    role: str
    address: str
    then: Callable[[Page], None] | None = None
    is_kept: bool = False


SCREENS = (
    Screen("sign-in", "", "/sign/login/"),
    Screen("worklist", "nurse", "/worklist", is_kept=True),
    Screen("why", "nurse", "/worklist", _why, is_kept=True),
    Screen("item", "nurse", "/worklist?show=act-today", _first_item),
    Screen("owners", "nurse", "/worklist?show=unowned", _owners),
    Screen("duties", "nurse", "/duties"),
    Screen("quiet", "nurse", "/worklist?show=quiet"),
    Screen("nobody", "nurse", "/worklist?search=nobody"),
    Screen("chart", "nurse", "/worklist?show=act-today", _chart),
    Screen("before-another-course", "nurse", "/worklist?show=act-today", _retreatment),
    Screen("gp", "gp", "/worklist"),
    Screen("team", "admin", "/"),
    Screen("accessibility", "nurse", "/help/accessibility"),
    Screen("not-found", "nurse", "/no-such-page"),
)
"""Every page, once."""


def main(names: list[str]) -> None:
    """Photograph those named, or all."""
    asked = [one for one in SCREENS if not names or one.name in names]
    with _clinic() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        for kind, size in (("desk", DESK), ("phone", PHONE)):
            for role in dict.fromkeys(one.role for one in asked):
                page = _signed_in(browser, address, role, size)
                for one in (one for one in asked if one.role == role):
                    _photograph(page, address, one, kind)
        browser.close()


def _photograph(page: Page, address: str, one: Screen, kind: str) -> None:
    page.goto(f"{address}{one.address}")
    if one.then is not None:
        one.then(page)
        page.wait_for_load_state("networkidle")
    folder = KEPT if one.is_kept else OTHERS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{one.name}-{kind}.png"
    # Few colours make a small file; what it shows is the same to the eye.
    image = Image.open(BytesIO(page.screenshot(animations="disabled")))
    image.convert("RGB").quantize(128).save(path, optimize=True)
    print(path.relative_to(ROOT))


def _signed_in(browser: Browser, address: str, role: str, size: dict[str, int]) -> Page:
    page = browser.new_context(viewport=size, locale="en-GB", reduced_motion="reduce").new_page()
    if role:
        page.goto(f"{address}/sign/login/")
        page.locator("[name=login]").fill(f"{role}@demo.example")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main button[type=submit]").first.click()
        page.wait_for_load_state("networkidle")
    return page


@contextmanager
def _clinic() -> Iterator[str]:
    """The demo, served on a free port; its address."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shutil.rmtree(HOME, ignore_errors=True)
    environment = {**os.environ, "AFTERDOSE_DEMO": "1", "AFTERDOSE_HOME": str(HOME)}
    command = [sys.executable, "-m", "afterdose.web.manage", "demo", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        _wait_for(f"http://127.0.0.1:{port}/help/accessibility")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def _wait_for(address: str) -> None:
    until = time.monotonic() + 600
    while time.monotonic() < until:
        try:
            with urlopen(address):  # noqa: S310 - our own server
                return
        except (URLError, ConnectionError):
            time.sleep(0.5)
    raise SystemExit("The demo clinic did not answer within ten minutes.")


def _chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return str(ROOT / ".cache" / "chromium" / "chromium")


if __name__ == "__main__":
    main(sys.argv[1:])
