"""A run: land every file, read it, normalise its rows, add them to the record, say what became
of them."""

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

from afterdose.ingest.identity import FILE_NAME as IDENTITIES
from afterdose.ingest.identity import Identities
from afterdose.ingest.landing import Landed, land
from afterdose.ingest.normalise import SetAside, normalise
from afterdose.ingest.readers import reader_for
from afterdose.ingest.receipt import FileReceipt, Receipt
from afterdose.ingest.rows import Identifier, RawPerson, Reading
from afterdose.ingest.store import Store
from afterdose.ingest.tables import read_results, read_table
from afterdose.record.dates import PartialDate
from afterdose.record.errors import AfterdoseError
from afterdose.record.tables import SPECS, Person

_TABLES = (".csv", ".parquet")
_SET_ASIDE = ("file", "locator", "reason", "seen", "analyte", "person_id")
_FIRST = ("identities", "people")
"""Read before everything else, because they say who people are."""


def ingest_files(
    paths: Iterable[Path],
    into: Path,
    *,
    landed_on: date,
    progress: Callable[[int], None] | None = None,
) -> Receipt:
    """Read files into a record; say what became of every row.

    Parameters
    ----------
    paths : iterable of Path
        Files, or folders whose files are read. ``identities.csv`` and ``people.csv`` are read
        first.
    into : Path
        The record folder; made if there is none. It is written once, at the end.
    landed_on : date
        The day the files arrived.
    progress : callable, optional
        Called with the number of files done.

    Returns
    -------
    Receipt
        Also written to ``receipts/`` in the record. For every file, rows in = accepted +
        duplicates + set aside. A file that cannot be read is refused as a whole, with the reason,
        and the others are read.
    """
    into.mkdir(parents=True, exist_ok=True)
    run = _Run(into, landed_on)
    receipts = []
    for done, path in enumerate(_in_order(paths), start=1):
        receipts.append(run.take(path))
        if progress is not None:
            progress(done)
    run.finish()
    receipt = Receipt(landed_on.isoformat(), receipts)
    receipt.write(into / "receipts")
    return receipt


def _in_order(paths: Iterable[Path]) -> list[Path]:
    """Every file once, folders opened, tables that say who people are first."""
    files: list[Path] = []
    for path in paths:
        files.extend(_files_of(path) if path.is_dir() else [path])
    unique = list(dict.fromkeys(files))
    return sorted(
        unique, key=lambda path: _FIRST.index(path.stem) if path.stem in _FIRST else len(_FIRST)
    )


def _files_of(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and path.name != "README.md"
    )


class _Run:
    """The state of one run: the record being added to, and who is who."""

    def __init__(self, record: Path, landed_on: date) -> None:
        self._record = record
        self._landed_on = landed_on
        self._store = Store(record)
        self._identities = Identities.read(record / IDENTITIES)
        for person_id in self._store.person_ids():
            self._identities.join(person_id, [Identifier("record", person_id)])
        self._set_aside: list[tuple[str, SetAside]] = []

    def take(self, path: Path) -> FileReceipt:
        """Land and read one file."""
        receipt = FileReceipt(path.name)
        try:
            landed = land(path, self._record, on=self._landed_on)
            receipt.sha256, receipt.already_landed = landed.sha256, not landed.is_new
            self._read(path, landed, receipt)
        except AfterdoseError as error:
            receipt.refused = str(error)
        receipt.check()
        return receipt

    def finish(self) -> None:
        """Write the record, who is who, and what was set aside."""
        self._store.write()
        self._identities.write(self._record / IDENTITIES)
        _append_set_aside(self._record / "set_aside.csv", self._set_aside)

    def _read(self, path: Path, landed: Landed, receipt: FileReceipt) -> None:
        if path.suffix in _TABLES:
            self._read_table(path, landed, receipt)
            return
        form, reader = reader_for(landed.content, path.name)
        self._take_reading(reader(landed.content), landed, receipt)
        receipt.form = form

    def _read_table(self, path: Path, landed: Landed, receipt: FileReceipt) -> None:
        if path.name == IDENTITIES:
            known = Identities.read(path)
            self._identities.update(known)
            receipt.form, receipt.passed_over = "identities", {"people named": len(known)}
            return
        table, frame = read_table(path)
        receipt.form = f"table {table}"
        if table == "results":
            self._take_reading(read_results(frame), landed, receipt)
            return
        receipt.rows = frame.height
        outcome = self._store.add_table(SPECS[table], frame, source=landed.short)
        receipt.accepted, receipt.duplicates = outcome.accepted, outcome.duplicates
        for row, seen in outcome.bad:
            self._aside(landed, receipt, SetAside(f"row {row}", "breaks-specification", seen))
        for person_id in self._store.person_ids():
            self._identities.join(person_id, [Identifier("record", person_id)])

    def _take_reading(self, reading: Reading, landed: Landed, receipt: FileReceipt) -> None:
        receipt.rows = len(reading.people) + len(reading.results) + len(reading.unreadable)
        receipt.passed_over = reading.passed_over
        for row in reading.unreadable:
            self._aside(landed, receipt, SetAside(row.locator, row.reason, row.seen))
        for person in reading.people:
            self._take_person(person, landed, receipt)
        for raw in reading.results:
            person_id = self._person_id((raw.person,) if raw.person else ())
            if person_id is None:
                self._aside(landed, receipt, SetAside(raw.locator, "person-unknown"))
                continue
            row = normalise(
                raw,
                person_id,
                landed_on=self._landed_on,
                source=f"{landed.short}:{raw.locator}",
            )
            if isinstance(row, SetAside):
                self._aside(landed, receipt, row)
            else:
                self._count(receipt, is_new=self._store.add_lab(row))

    def _take_person(self, person: RawPerson, landed: Landed, receipt: FileReceipt) -> None:
        if len(self._identities.find(person.identifiers)) > 1:
            self._aside(landed, receipt, SetAside(person.locator, "identity-conflict"))
            return
        if not _has_readable_dates(person):
            self._aside(landed, receipt, SetAside(person.locator, "malformed", "a date"))
            return
        person_id = self._person_id(person.identifiers)
        assert person_id is not None  # readers yield no person without an identifier
        row = Person(
            person_id,
            sex=person.sex if person.sex in ("female", "male", "other") else None,
            birth_date=person.birth_date,
            death_date=date.fromisoformat(person.death_date) if person.death_date else None,
        )
        outcome = self._store.add_person(row)
        if outcome == "differs":
            self._aside(
                landed, receipt, SetAside(person.locator, "person-differs", person_id=person_id)
            )
        else:
            self._count(receipt, is_new=outcome == "new")

    def _person_id(self, identifiers: Sequence[Identifier]) -> str | None:
        """Whom these identifiers mean; somebody new is taken in under the first of them."""
        if not identifiers:
            return None
        known = self._identities.find(identifiers)
        if not known:
            return self._identities.register(tuple(identifiers))
        person_id = min(known)
        self._identities.join(person_id, identifiers)
        return person_id

    def _aside(self, landed: Landed, receipt: FileReceipt, row: SetAside) -> None:
        receipt.set_aside[row.reason] += 1
        self._set_aside.append((landed.short, row))

    def _count(self, receipt: FileReceipt, *, is_new: bool) -> None:
        receipt.accepted += is_new
        receipt.duplicates += not is_new


def _has_readable_dates(person: RawPerson) -> bool:
    """A birth date may be partial; a day of death may not."""
    try:
        PartialDate.parse(person.birth_date or "2000")
        return PartialDate.parse(person.death_date or "2000-01-01").is_complete
    except ValueError:
        return False


def _append_set_aside(path: Path, rows: list[tuple[str, SetAside]]) -> None:
    """Add rows that are not in the file yet: reading the same bytes again adds nothing."""
    standing: set[tuple[str, ...]] = set()
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            standing = {tuple(row) for row in csv.reader(file)}
    fresh = [
        cells
        for short, row in rows
        if (cells := (short, row.locator, row.reason, row.seen, row.analyte, row.person_id))
        not in standing
    ]
    if not standing:
        fresh.insert(0, _SET_ASIDE)
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(fresh)
