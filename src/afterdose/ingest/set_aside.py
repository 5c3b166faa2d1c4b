"""Rows set aside, as a file somebody can work through: ``set_aside.csv`` in the record.

It holds what still stands: reading a file again replaces all its rows.
"""

import csv
from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from afterdose.ingest.normalise import SetAside
from afterdose.ingest.reasons import REASONS

FILE_NAME = "set_aside.csv"


class SetAsideRow(NamedTuple):
    """A line of the file.

    Attributes
    ----------
    file : str
        The first twelve characters of the file's hash.
    locator, reason, seen, analyte, person_id : str
        As in `SetAside`; what is not known is empty.
    specimen_date : str
        The day the specimen was taken, where it could be read.
    received_date : str
        The day the row reached us: as the sender says, else the day the file landed.
    mapping : str
        Which codes and units it was judged by.
    do : str
        What somebody can do about it.
    """

    file: str
    locator: str
    reason: str
    seen: str = ""
    analyte: str = ""
    person_id: str = ""
    specimen_date: str = ""
    received_date: str = ""
    mapping: str = ""
    do: str = ""

    @classmethod
    def of(cls, row: SetAside, *, file: str, landed_on: date, mapping: str) -> "SetAsideRow":
        """A row of a file that landed on that day."""
        return cls(
            file,
            row.locator,
            row.reason,
            row.seen,
            row.analyte,
            row.person_id,
            row.specimen_date.isoformat() if row.specimen_date else "",
            (row.received_date or landed_on).isoformat(),
            mapping,
            REASONS[row.reason],
        )


def read_set_aside(path: Path) -> list[SetAsideRow]:
    """What stands in the file; nothing where there is none."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [
            SetAsideRow(*(_as_meant(line.get(name) or "") for name in SetAsideRow._fields))
            for line in csv.DictReader(file)
        ]


def replace_set_aside(path: Path, rows: Iterable[SetAsideRow], *, read: Collection[str]) -> None:
    """Put the rows of the files that were ``read`` in place of what stood there of them."""
    standing: dict[str, dict[SetAsideRow, None]] = {}
    for row in read_set_aside(path):
        standing.setdefault(row.file, {})[row] = None
    for name in read:
        if name in standing:
            standing[name] = {}
    for row in rows:
        standing.setdefault(row.file, {})[row] = None
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(SetAsideRow._fields)
        writer.writerows(map(_as_text, row) for found in standing.values() for row in found)
    temporary.replace(path)


_FORMULA = ("=", "+", "-", "@")


def _as_text(cell: str) -> str:
    """A sender's words as a spreadsheet shall see them: never a formula, never a second line."""
    cell = " ".join(cell.split())
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _as_meant(cell: str) -> str:
    return cell[1:] if cell.startswith(tuple(f"'{sign}" for sign in _FORMULA)) else cell
