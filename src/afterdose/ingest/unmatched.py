"""Who waits: identifiers that match nobody, in ``unmatched.csv``, until somebody decides."""

import csv
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from afterdose.ingest.rows import Identifier

FILE_NAME = "unmatched.csv"


class Waiting(NamedTuple):
    """How many rows of one file wait for one identifier to be matched."""

    assigner: str
    identifier: str
    file: str
    landed_on: str
    rows: int


def read_unmatched(path: Path) -> list[Waiting]:
    """Who waits; nobody where there is no such file."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))[1:]
    return [Waiting(line[0], line[1], line[2], line[3], int(line[4])) for line in lines]


def replace_unmatched(
    path: Path, counts: Mapping[tuple[Identifier, str, date], int], *, read: Collection[str]
) -> None:
    """Put what waits of the files that were ``read`` in place of what stood there of them.

    Parameters
    ----------
    path : Path
    counts : mapping of (Identifier, str, date) to int
        Rows by identifier, file and the day the file landed.
    read : collection of str
        Short hashes of the files.
    """
    waiting = [one for one in read_unmatched(path) if one.file not in read]
    waiting += [
        Waiting(identifier.assigner, identifier.value, file, landed_on.isoformat(), rows)
        for (identifier, file, landed_on), rows in counts.items()
    ]
    if not waiting and not path.exists():
        return
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([Waiting._fields, *sorted(waiting)])
    temporary.replace(path)
