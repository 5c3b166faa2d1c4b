"""Rows set aside, as a file somebody can work through: ``set_aside.csv`` in the record."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from afterdose.ingest.normalise import SetAside
from afterdose.ingest.reasons import REASONS

FILE_NAME = "set_aside.csv"
COLUMNS = ("file", "locator", "reason", "seen", "analyte", "person_id", "do")


class SetAsideRow(NamedTuple):
    """A row and the first twelve characters of its file's hash."""

    file: str
    row: SetAside

    def cells(self) -> tuple[str, ...]:
        """As written to the file."""
        row = self.row
        cells = (self.file, row.locator, row.reason, row.seen, row.analyte, row.person_id)
        return *map(_as_text, cells), REASONS[row.reason]


def append_set_aside(path: Path, rows: Iterable[SetAsideRow]) -> None:
    """Add the rows that are not in the file yet: reading the same bytes again adds nothing."""
    standing: set[tuple[str, ...]] = set()
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            standing = {tuple(row[:-1]) for row in csv.reader(file)}
    fresh = {cells: None for row in rows if (cells := row.cells())[:-1] not in standing}
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if not standing:
            writer.writerow(COLUMNS)
        writer.writerows(fresh)


def _as_text(cell: str) -> str:
    """A sender's words as a spreadsheet shall see them: never a formula, never a second line."""
    cell = " ".join(cell.split())
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
