"""The keys of the report for machines, from the sentences the code holds."""

from pathlib import Path

from afterdose.study.questions import OUTCOMES
from afterdose.study.report_json import KEYS, NUMBER_KEYS
from generators.markdown import code, page, table


def pages(root: Path) -> dict[str, str]:
    """The keys of the file, those of a number, and what a number can have asked."""
    return {"fragments/report-keys.md": render_keys()}


def render_keys() -> str:
    """Three tables."""
    return page(
        table(("Key", "What it holds"), _rows(KEYS)),
        "An estimate, and a cell that shows a number, hold these as well:",
        table(("Key", "What it holds"), _rows(NUMBER_KEYS)),
        "`behind.outcome` is one of " + ", ".join(code(name) for name in OUTCOMES) + ".",
    )


def _rows(keys: dict[str, str]) -> list[tuple[str, str]]:
    return [(code(key), words) for key, words in keys.items()]
