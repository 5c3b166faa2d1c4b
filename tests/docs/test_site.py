"""The site builds without a warning, can be read aloud and loads nothing from elsewhere."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

_LOADS = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}


class _Page(HTMLParser):
    """What a page loads, and whether its tables and pictures can be read aloud."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tables = self.header_cells = self.mute_pictures = 0
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in _LOADS and given.get(_LOADS[tag]):
            self.loaded.append(given[_LOADS[tag]])
        self.tables += tag == "table"
        self.header_cells += tag == "th"
        self.mute_pictures += tag == "img" and not given.get("alt")


def build(root: Path, target: Path) -> Path:
    """The documentation as `make docs` builds it; a warning is an error."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    built = subprocess.run(
        [*command, "-d", str(target / "trees"), str(root / "docs"), str(target / "html")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return target / "html"


def test_site(root, tmp_path):
    """One test, since the build is the long part."""
    site = build(root, tmp_path)

    for name in ("index", "for-nurses", "generated/record/labs", "generated/analytes", "errors"):
        assert (site / f"{name}.html").exists()

    for path in site.rglob("*.html"):
        page = _Page(path)
        where = path.relative_to(site)
        assert not [address for address in page.loaded if "//" in address], where
        assert page.header_cells >= page.tables, where
        assert page.mute_pictures == 0, where

    for path in site.rglob("*.css"):
        text = path.read_text("utf-8")
        assert "url(http" not in text
        assert "url(//" not in text
        assert "@import" not in text
