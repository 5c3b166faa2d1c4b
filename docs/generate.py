"""Writes the pages that are made from the code, so that they cannot drift from it."""

from collections.abc import Mapping
from pathlib import Path

from generators import (
    calibration,
    commands,
    definitions,
    disability,
    failures,
    formats,
    ingest_performance,
    layers,
    manual,
    outcomes_performance,
    performance,
    protocols,
    record,
    report_keys,
    roles,
    worklist,
)

ROOT = Path(__file__).parent.parent
WRITERS = (
    record,
    manual,
    protocols,
    definitions,
    disability,
    report_keys,
    failures,
    formats,
    commands,
    layers,
    roles,
    worklist,
    calibration,
    performance,
    outcomes_performance,
    ingest_performance,
)


def everything(target: Path) -> None:
    """Write every generated page below ``target``, and remove those no longer generated."""
    write(generated_pages(), target)


def generated_pages() -> dict[str, str]:
    """Every generated file by its path below ``docs/generated``.

    Each writer has ``pages(root)``: path to text. What stands under ``fragments/`` is included by a
    page; the others are pages themselves.
    """
    found: dict[str, str] = {}
    for writer in WRITERS:
        for path, text in writer.pages(ROOT).items():
            if path in found:
                raise ValueError(f"two writers make {path}")
            found[path] = text
    return found


def write(pages: Mapping[str, str], target: Path) -> None:
    """Write what changed; rewriting an unchanged page would make every build a full one."""
    wanted = {target / path: text for path, text in pages.items()}
    for old in target.rglob("*.*"):
        if old not in wanted:
            old.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
