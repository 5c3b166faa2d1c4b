"""The README's own commands run, and its picture is of today."""

import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (.+)$", README, re.MULTILINE)


def test_the_first_screen_shows_a_picture() -> None:
    assert "docs/_static/worklist.svg" in "\n".join(README.splitlines()[:15])


def test_it_names_the_front_door() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in COMMANDS:
        if command.startswith("make "):
            assert f"\n{command.removeprefix('make ')}: " in makefile
        else:
            assert command.startswith(".venv/bin/afterdose ")


def test_its_commands_run(tmp_path: Path) -> None:
    """In order, in a folder that holds what the README's reader would have."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    executable = Path(sys.executable).with_name("afterdose")
    ran = 0
    for command in COMMANDS:
        if not command.startswith(".venv/bin/afterdose"):
            continue
        arguments = shlex.split(command)[1:]
        done = subprocess.run(
            [executable, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        ran += 1
    assert ran == 7
    assert (tmp_path / "my-report.html").stat().st_size > 10_000


def test_its_picture_is_of_today() -> None:
    """`scripts/pictures.py` draws the very picture that is shown."""
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "scripts" / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    pictures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pictures)
    assert pictures.PICTURE.read_text(encoding="utf-8") == pictures.draw_worklist()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_help() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("demo", "test", "lint", "docs", "bench"):
        assert target in done.stdout
