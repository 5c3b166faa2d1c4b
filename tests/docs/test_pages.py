"""The pages that are written by hand: their examples run, their headings are in order."""

import doctest
import re
import shlex
from itertools import pairwise
from pathlib import Path

import click
import pytest

from afterdose.cli import afterdose

ROOT = Path(__file__).parents[2]
FOLDERS = (
    ROOT,
    ROOT / "docs",
    ROOT / "docs" / "adr",
    ROOT / "docs" / "outcomes",
    ROOT / "docs" / "safety",
)
PAGES = sorted(path for folder in FOLDERS for path in folder.glob("*.md"))
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)


def _blocks(language: str) -> list[pytest.param]:
    return [
        pytest.param(match[2], id=f"{path.stem}-{number}")
        for path in PAGES
        for number, match in enumerate(_FENCE.finditer(path.read_text("utf-8")))
        if match[1] == language
    ]


@pytest.mark.parametrize("block", _blocks("python"))
def test_python_examples_run(block):
    test = doctest.DocTestParser().get_doctest(block, {}, "example", None, None)
    assert test.examples, "a Python example is written as a session, with >>>"
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("block", _blocks("console"))
def test_commands_shown_exist(block):
    for line in block.replace("\\\n", " ").splitlines():
        if line.startswith("$ afterdose "):
            command, rest = _command(shlex.split(line, comments=True)[2:])
            options = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in rest if word.startswith("-")} <= options
        elif line.startswith("$ make "):
            assert f"\n{line.split()[2]}:" in (ROOT / "Makefile").read_text("utf-8")


def _command(words: list[str]) -> tuple[click.Command, list[str]]:
    command: click.Command = afterdose
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"no command {words[0]}"
        command, words = found, words[1:]
    return command, words


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_headings_are_in_order(path):
    text = re.sub(r"^(```|~~~).*?^\1", "", path.read_text("utf-8"), flags=re.M | re.S)
    levels = [len(match[1]) for match in re.finditer(r"^(#+) ", text, re.M)]
    assert levels[:1] in ([1], []), "a page begins with its title"
    assert levels.count(1) <= 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize(
    "name",
    ["index", "for-nurses", "for-people-with-ms", "for-gps"],
)
def test_readers_are_told_what_it_is_not(name):
    text = " ".join((ROOT / "docs" / f"{name}.md").read_text("utf-8").split())
    assert re.search(r"advises (your team )?and records[;.] It does not diagnose", text, re.I)


def test_every_clarification_is_complete():
    text = (ROOT / "docs" / "clarifications.md").read_text("utf-8")
    _, *entries = text.split("\n## ")
    assert len(entries) > 15
    for entry in entries:
        parts = re.findall(r"^- \*\*(\w[\w ]*)\.\*\*", entry, re.M)
        assert parts == ["Source", "Question", "Our reading", "Reason", "Where"], entry[:40]
