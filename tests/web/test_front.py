"""Styles and scripts: built, small, hashed, packed, and nothing of them from elsewhere."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from afterdose.web import settings as shipped

BUILT = Path(shipped.__file__).parent / "static" / "afterdose"
LARGEST_PAGE = 500_000


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    if not (BUILT / "afterdose.css").exists():
        pytest.fail("Styles and scripts are not built: run `make front`.")


def _packed(name: str) -> int:
    return len(gzip.compress((BUILT / name).read_bytes()))


def test_no_page_is_large() -> None:
    """What any page loads, the largest list beside it."""
    loads = sum(map(_packed, ("afterdose.css", "afterdose.js", "charts.js")))
    assert loads < LARGEST_PAGE - 100_000


def test_nothing_comes_from_elsewhere() -> None:
    css = (BUILT / "afterdose.css").read_text()
    assert set(re.findall(r"url\(\"?([a-z]+)", css)) <= {"images", "data"}
    assert "@import" not in css
    assert "@font-face" not in css
    for name in re.findall(r'url\("images/([^"]+)"', css):
        assert (BUILT / "images" / name).exists()


def test_no_brand_that_is_not_ours() -> None:
    css = (BUILT / "afterdose.css").read_text().lower()
    assert "frutiger" not in css
    assert "nhsuk-logo" not in css


def test_templates_hold_no_script_or_style() -> None:
    """The content security policy would refuse them."""
    templates = Path(shipped.__file__).parent / "templates"
    for path in templates.rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"\sstyle=\"|<style|\son[a-z]+=\"|javascript:", text), path
        for tag in re.findall(r"<script\b[^>]*>", text):
            assert "src=" in tag or "application/json" in tag, path


def test_collected_with_a_digest_and_packed(tmp_path: Path, settings) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = shipped.STORAGES
    call_command("collectstatic", verbosity=0, interactive=False)
    names = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    hashed = names["afterdose/afterdose.css"]
    assert re.fullmatch(r"afterdose/afterdose\.[0-9a-f]{12}\.css", hashed)
    assert (tmp_path / f"{hashed}.gz").exists()


def test_tests_read_the_same_files() -> None:
    assert list(settings.STATICFILES_DIRS) == [BUILT.parent]
