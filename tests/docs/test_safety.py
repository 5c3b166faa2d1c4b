"""The hazard log and the threat model name tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAFETY = ROOT / "docs" / "safety"
_CITED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
CITED = sorted(
    {
        (path.stem, *match.groups())
        for path in sorted(SAFETY.glob("*.md"))
        for match in _CITED.finditer(path.read_text("utf-8"))
    },
    key=str,
)
HAZARDS = re.split(r"^## ", (SAFETY / "hazards.md").read_text("utf-8"), flags=re.M)[1:]
ASKED_FOR = ("silent", "unit", "person", "protocol", "alerts", "read", "handover")


@cache
def _tests_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("page", "path", "name"), CITED)
def test_a_cited_test_exists(page: str, path: str, name: str | None) -> None:
    assert (ROOT / path).exists(), f"{page} names {path}, which is gone"
    assert name is None or name in _tests_in(ROOT / path), f"{page} names {path}::{name}"


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda text: text.split(".")[0])
def test_a_hazard_says_what_how_bad_by_what_and_which_test(hazard: str) -> None:
    for part in (
        "**What could happen.**",
        "**How bad.**",
        "**What prevents it.**",
        "**Shown by.**",
    ):
        assert part in hazard
    assert _CITED.search(hazard.split("**Shown by.**")[1])


@pytest.mark.parametrize("word", ASKED_FOR)
def test_the_hazards_nobody_may_forget(word: str) -> None:
    titles = [hazard.splitlines()[0].lower() for hazard in HAZARDS]
    assert any(word in title for title in titles)
