"""What somebody looked at and settled of the rows set aside: ``settled.csv``, with who and when.

The row stays in ``set_aside.csv``, since it still cannot be read; it no longer asks for anything.
"""

import csv
from datetime import date
from pathlib import Path
from typing import NamedTuple

from afterdose.cohort import new_files
from afterdose.cohort.switch import brought
from afterdose.ingest.kept import kept_file
from afterdose.ingest.lock import one_at_a_time
from afterdose.ingest.set_aside import FILE_NAME as SET_ASIDE
from afterdose.ingest.set_aside import read_set_aside
from afterdose.record.errors import UsageError

FILE_NAME = "settled.csv"


class Settled(NamedTuple):
    """One word on a row set aside.

    Attributes
    ----------
    on, by : str
        When, and who.
    decision : str
        ``settle``: nothing more is asked. ``reopen``: it is again.
    file, locator : str
        Which row.
    why : str
        What was found: ``platelets 210 by telephone, entered by hand``.
    """

    on: str
    by: str
    decision: str
    file: str
    locator: str
    why: str


def settle(
    record: Path, cited: str, *, by: str, on: date, why: str, reopen: bool = False
) -> Settled:
    """Write down that somebody looked at a row set aside, or that it is open again.

    Raises
    ------
    UsageError
        No row set aside is cited so, or nothing would change.
    RecordError
        The record cannot be written; nothing of it was changed.
    """
    with one_at_a_time(record):
        said = _said(record, cited, by=by, on=on, why=why, reopen=reopen)
        with new_files(record) as beside:
            path = brought(record, beside, FILE_NAME)
            is_new = not path.exists()
            with path.open("a", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([*([Settled._fields] if is_new else []), said])
    return said


def _said(record: Path, cited: str, *, by: str, on: date, why: str, reopen: bool) -> Settled:
    """The word on a row, if it changes anything."""
    short, _, locator = cited.strip().removeprefix("[").removesuffix("]").partition(":")
    rows = {(row.file, row.locator) for row in read_set_aside(record / SET_ASIDE)}
    row = (kept_file(record, short).short, locator)
    if row not in rows:
        raise UsageError(
            "No row set aside is cited so. Permitted: the file and position of a row of "
            f"{SET_ASIDE}, with a colon between. Copy them from there, or from explain."
        )
    if (row in standing(record)) is not reopen:
        raise UsageError(
            "This row is open already. Permitted: one that was settled. Nothing was changed."
            if reopen
            else "This row is settled already. Permitted: one that is open, or --reopen. Nothing "
            "was changed."
        )
    return Settled(on.isoformat(), by, "reopen" if reopen else "settle", *row, why)


def standing(record: Path) -> dict[tuple[str, str], Settled]:
    """What is settled, by file and locator: the last word on each row."""
    path = record / FILE_NAME
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        last = {(line[3], line[4]): Settled(*line) for line in list(csv.reader(file))[1:]}
    return {row: said for row, said in last.items() if said.decision == "settle"}
