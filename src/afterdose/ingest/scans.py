"""Whose scan a report is of, and when it was: ``scans.csv``, beside the reports.

Reports of brain volumetry name no person and no date, and folders name them in as many ways as
there are centres. So somebody writes them down: a line a report, with its path from the folder of
``scans.csv``.
"""

import csv
import io
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from afterdose.ingest.identity import RECORD
from afterdose.ingest.rows import Identifier, RawEntry, Reading, Unreadable
from afterdose.record.errors import UnreadableInputError

FILE_NAME = "scans.csv"
COLUMNS = (
    "file",
    "person_id",
    "assigner",
    "identifier",
    "date",
    "scanner",
    "since_date",
    "since_scanner",
)
"""``person_id``, or ``assigner`` and ``identifier``, say whose scan it is. ``since_date`` and
``since_scanner`` are of the earlier of two scans, where a report compares two."""


@dataclass(frozen=True)
class Scan:
    """A line of ``scans.csv``; ``since_date`` is empty where nothing is compared."""

    person: Identifier
    date: str
    scanner: str
    since_date: str
    since_scanner: str


class Scans:
    """Every scan that was listed, by the path of its report."""

    def __init__(self) -> None:
        self._scan_of: dict[Path, Scan] = {}
        self._home_of: dict[Path, Path] = {}

    def home_of(self, path: Path) -> Path | None:
        """The folder of the list that names a report."""
        return self._home_of.get(path.resolve())

    def add(self, path: Path, content: bytes) -> Reading:
        """Note the lines of a ``scans.csv``; those that cannot be used are set aside.

        Raises
        ------
        UnreadableInputError
            It is no such file.
        """
        reading = Reading()
        for number, cells in enumerate(_rows(content), start=1):
            reason = self._note(path.parent, cells)
            if reason:
                reading.unreadable.append(Unreadable(f"row {number}", *reason))
            else:
                reading.pass_over("scans listed")
        return reading

    def complete(self, path: Path, reading: Reading) -> Reading:
        """The reading with whose scans they are and when they were.

        Only scans that lack a person or a date are touched.
        """
        entries = []
        for entry in reading.entries:
            if entry.table != "mri" or entry.person is not None or "date" in entry.cells:
                entries.append(entry)
                continue
            found = self._completed(path, entry)
            if isinstance(found, Unreadable):
                reading.unreadable.append(found)
            else:
                entries.extend(found)
        reading.entries = entries
        return reading

    def _note(self, folder: Path, cells: dict[str, str]) -> tuple[str, str] | None:
        """Note a line; what is wrong with it, or None."""
        file = _inside(folder, cells["file"])
        if file is None:
            return "scan-outside", "file"
        if file in self._scan_of:
            return "scan-listed-twice", "file"
        person = _person(cells)
        if person is None:
            return "person-unknown", "person_id, or assigner and identifier"
        for column in ("date", "since_date"):
            if not _is_day(cells[column]) and (column == "date" or cells[column]):
                return "breaks-specification", column
        if cells["since_date"] and cells["since_date"] >= cells["date"]:
            return "breaks-specification", "since_date is not before date"
        self._home_of[file] = folder.resolve()
        self._scan_of[file] = Scan(
            person, cells["date"], cells["scanner"], cells["since_date"], cells["since_scanner"]
        )
        return None

    def _completed(self, path: Path, entry: RawEntry) -> list[RawEntry] | Unreadable:
        scan = self._scan_of.get(path.resolve())
        if scan is None:
            return Unreadable(entry.locator, "scan-not-listed", entry.cells.get("method", ""))
        cells = entry.cells | _known(date=scan.date, scanner=scan.scanner)
        row = replace(entry, person=scan.person, cells=cells)
        if "pbvc_pct" not in cells:
            return [row]
        if not scan.since_date:
            return Unreadable(entry.locator, "scan-without-since", "since_date")
        others = {
            other.date
            for other in self._scan_of.values()
            if other.person == scan.person and other.since_date
        }
        if any(scan.since_date < day < scan.date for day in others):
            return Unreadable(entry.locator, "scans-between", "since_date")
        if scan.since_date in others:
            return [row]
        # A change is counted from a scan by the same method: the first of them has no change.
        first = _known(
            date=scan.since_date, scanner=scan.since_scanner, method=cells.get("method", "")
        )
        return [replace(row, locator=f"{entry.locator}, first scan", cells=first), row]


def files_listed(path: Path) -> list[Path]:
    """The reports that a ``scans.csv`` lists; none where it cannot be read."""
    try:
        rows = _rows(path.read_bytes())
    except (OSError, UnreadableInputError):
        return []
    return [file for cells in rows if (file := _inside(path.parent, cells["file"])) is not None]


def _rows(content: bytes) -> list[dict[str, str]]:
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise _unreadable("is not CSV in UTF-8") from None
    header = [name.strip() for name in rows[0]] if rows else []
    unknown = sorted(set(header) - set(COLUMNS))
    if unknown or "file" not in header or "date" not in header or len(set(header)) < len(header):
        raise _unreadable(f"has the columns {', '.join(header)[:200]}")
    return [
        dict.fromkeys(COLUMNS, "") | dict(zip(header, (cell.strip() for cell in row), strict=False))
        for row in rows[1:]
        if any(cell.strip() for cell in row)
    ]


def _unreadable(seen: str) -> UnreadableInputError:
    return UnreadableInputError(
        f"{FILE_NAME} {seen}. Permitted: a header line with file and date, and of "
        f"{', '.join(COLUMNS)} what is known; a line a report. Correct the header."
    )


def _inside(folder: Path, written: str) -> Path | None:
    """The file, if it lies below the folder: a list points at nothing outside its own folder."""
    try:
        home, file = folder.resolve(), (folder / written).resolve()
    except (OSError, ValueError):
        return None
    return file if written and file != home and file.is_relative_to(home) else None


def _person(cells: dict[str, str]) -> Identifier | None:
    if cells["person_id"]:
        return Identifier(RECORD, cells["person_id"])
    if cells["assigner"] and cells["identifier"]:
        return Identifier(cells["assigner"], cells["identifier"])
    return None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _known(**cells: str) -> dict[str, str]:
    return {name: text for name, text in cells.items() if text}
