"""What can go wrong: the error tree with its exit codes, and the reasons a row is set aside."""

import re
from pathlib import Path

from afterdose.ingest.reasons import REASONS
from afterdose.record import errors
from afterdose.record.errors import AfterdoseError
from generators.markdown import code, escape, page, table

_LINE = re.compile(r"^[ |`-]*(\w+Error) +exit (\d+) +(.+)$", re.MULTILINE)


def pages(root: Path) -> dict[str, str]:
    """Two tables for the page on errors."""
    return {
        "fragments/errors.md": render_errors(),
        "fragments/reasons.md": render_reasons(),
    }


def families() -> list[type[AfterdoseError]]:
    """Every class of the tree, parents before their children.

    Those of the clinic's forms end no command and are not of the tree.
    """

    def below(family: type[AfterdoseError]) -> list[type[AfterdoseError]]:
        own = [sub for sub in family.__subclasses__() if sub.__module__ == errors.__name__]
        return [family, *(child for sub in own for child in below(sub))]

    return below(AfterdoseError)


def sentences() -> dict[str, str]:
    """What each class means, as drawn at the top of ``record/errors.py``."""
    return {name: text for name, _, text in _LINE.findall(errors.__doc__ or "")}


def render_errors() -> str:
    """The families, their exit codes and their meaning."""
    meaning = sentences()
    rows = [
        (code(family.__name__), str(family.exit_code), escape(meaning[family.__name__]) + ".")
        for family in families()
    ]
    return page(table(("Error", "Exit code", "When"), [("no error", "0", "Done."), *rows]))


def render_reasons() -> str:
    """Reason and next step for rows that were set aside."""
    return page(
        table(
            ("Reason", "What to do"),
            [(code(reason), escape(step)) for reason, step in REASONS.items()],
        )
    )
