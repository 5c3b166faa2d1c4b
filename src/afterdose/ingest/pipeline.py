"""A run: land every file, read it, normalise its rows, add them to the record, write a receipt."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from afterdose.ingest.batch import Batch
from afterdose.ingest.columns import normalise_batch
from afterdose.ingest.identity import FILE_NAME as IDENTITIES
from afterdose.ingest.identity import Identities
from afterdose.ingest.landing import Landed, land
from afterdose.ingest.lock import one_at_a_time
from afterdose.ingest.normalise import SetAside, normalise_person
from afterdose.ingest.readers import reader_for
from afterdose.ingest.receipt import FileReceipt, Receipt
from afterdose.ingest.rows import Identifier, RawEntry, RawPerson, Reading
from afterdose.ingest.set_aside import FILE_NAME as SET_ASIDE
from afterdose.ingest.set_aside import SetAsideRow, append_set_aside
from afterdose.ingest.store import Outcome, Store
from afterdose.ingest.tables import SUFFIXES, read_results, read_table
from afterdose.record.errors import AfterdoseError
from afterdose.record.tables import SPECS

_BESIDE = frozenset({"about.json", "approvals.csv", "site.toml", SET_ASIDE, "README.md"})
_BESIDE_FOLDERS = frozenset({"approvals", "landed", "receipts", "truth"})
"""What a folder may hold beside files to read: a record's own books."""


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
        Files, or folders whose files are read. Whatever their order, ``identities.csv`` and
        ``people.csv`` are read first and the other tables of a record last, so that each finds
        the people it speaks of.
    into : Path
        The record folder; made if there is none. Its tables are written once, at the end. Another
        process that adds to it at the same time is waited for.
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

    Raises
    ------
    RecordError
        The record that is there already breaks its specification.
    UsageError
        It holds a simulated cohort.
    """
    with one_at_a_time(into):
        run = _Run(into, landed_on)
        receipts = []
        for done, path in enumerate(_in_order(paths), start=1):
            receipts.append(run.take(path))
            if progress is not None:
                progress(done)
        run.finish()
        for file in receipts:
            file.check()
        receipt = Receipt(landed_on.isoformat(), receipts)
        receipt.write(into / "receipts")
        return receipt


def _in_order(paths: Iterable[Path]) -> list[Path]:
    """Every file once, folders opened; see `ingest_files` for the order."""
    files: dict[Path, None] = {}
    for path in paths:
        files.update(dict.fromkeys(_files_of(path) if path.is_dir() else [path]))
    return sorted(files, key=_turn)


def _turn(path: Path) -> int:
    if path.name == IDENTITIES:
        return 0
    if path.stem == "people":
        return 1
    return 3 if path.suffix.lower() in SUFFIXES else 2


def _files_of(folder: Path) -> list[Path]:
    """The files of a folder and of the folders in it, without hidden ones and a record's books."""
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _BESIDE:
            continue
        if not path.is_dir():
            found.append(path)
        elif path.name not in _BESIDE_FOLDERS and not path.is_symlink():
            found.extend(_files_of(path))
    return found


def _columns_of(table: str) -> tuple[str, ...]:
    return SPECS[table].row._fields


class _Run:
    """The state of one run: the record being added to, and who is who."""

    def __init__(self, record: Path, landed_on: date) -> None:
        self._record = record
        self._landed_on = landed_on
        self._store = Store(record)
        self._identities = Identities.read(record / IDENTITIES)
        self._identities.reserve(self._store.person_ids())
        self._set_aside: list[SetAsideRow] = []
        self._unsettled: dict[int, FileReceipt] = {}

    def take(self, path: Path) -> FileReceipt:
        """Land and read one file."""
        receipt = FileReceipt(path.name)
        try:
            landed = land(path, self._record, on=self._landed_on)
            receipt.sha256, receipt.already_landed = landed.sha256, not landed.is_new
            self._read(path, landed, receipt)
        except AfterdoseError as error:
            receipt.refused = str(error)
        return receipt

    def finish(self) -> None:
        """Tell new results from known ones; write the record, who is who, and what was set aside.

        Not before this is a receipt complete.
        """
        for number, counts in enumerate(self._store.settle()):
            self._unsettled[number].accepted += counts.accepted
            self._unsettled[number].duplicates += counts.duplicates
        # Who is who first: a run that is cut off after it finds everybody again, under one id.
        self._identities.write(self._record / IDENTITIES)
        self._store.write()
        append_set_aside(self._record / SET_ASIDE, self._set_aside)

    def _read(self, path: Path, landed: Landed, receipt: FileReceipt) -> None:
        if path.name == IDENTITIES:
            known = Identities.parse(landed.content)
            self._identities.update(known)
            receipt.form, receipt.passed_over = "identities", {"people named": len(known)}
        elif path.suffix.lower() in SUFFIXES:
            self._read_table(path, landed, receipt)
        else:
            reader = reader_for(landed)
            receipt.form = reader.form
            self._take_reading(reader.read(landed), landed, receipt)

    def _read_table(self, path: Path, landed: Landed, receipt: FileReceipt) -> None:
        table, frame = read_table(path, landed.content)
        if table == "results":
            receipt.form = "table of results"
            self._take_reading(read_results(frame), landed, receipt)
            return
        outcome = self._store.add_table(SPECS[table], frame, source=landed.short)
        receipt.form, receipt.rows = f"table {table}", frame.height
        receipt.accepted, receipt.duplicates = outcome.accepted, outcome.duplicates
        if outcome.labs is not None:
            self._unsettled[outcome.labs] = receipt
        for row in outcome.bad:
            self._aside(landed, receipt, SetAside(f"row {row.number}", row.reason, row.seen))
        self._identities.reserve(self._store.person_ids())

    def _take_reading(self, reading: Reading, landed: Landed, receipt: FileReceipt) -> None:
        batches = [Batch.of(reading.results), *([reading.batch] if reading.batch else [])]
        receipt.rows = len(reading.people) + len(reading.unreadable)
        receipt.passed_over = reading.passed_over
        receipt.notes += reading.notes
        for row in reading.unreadable:
            self._aside(landed, receipt, SetAside(row.locator, row.reason, row.seen))
        self._take_people(reading.people, landed, receipt)
        for batch in batches:
            receipt.rows += len(batch.rows)
            self._take_batch(batch, landed, receipt)
        for table in sorted({entry.table for entry in reading.entries}):
            entries = [entry for entry in reading.entries if entry.table == table]
            receipt.rows += len(entries)
            self._take_entries(table, entries, landed, receipt)

    def _take_people(self, people: list[RawPerson], landed: Landed, receipt: FileReceipt) -> None:
        """Take people in; whom a file states again in the same words is found once.

        What was taken is then a duplicate, what was set aside is set aside again.
        """
        said: dict[tuple[object, ...], Outcome | SetAside] = {}
        for person in people:
            facts = (person.identifiers, person.sex, person.birth_date, person.death_date)
            known = said.get(facts)
            if known is None:
                known = self._take_person(person)
                said[facts] = known if isinstance(known, SetAside) else "duplicate"
            elif isinstance(known, SetAside):
                known = replace(known, locator=person.locator)
            self._count(landed, receipt, known)

    def _take_person(self, raw: RawPerson) -> Outcome | SetAside:
        if len(self._identities.find(raw.identifiers)) > 1:
            return SetAside(raw.locator, "identity-conflict")
        row = normalise_person(raw, self._person_id(raw.identifiers))
        if isinstance(row, SetAside):
            return row
        outcome = self._store.add_person(row)
        if outcome == "differs":
            return SetAside(raw.locator, "person-differs", person_id=row.person_id)
        return outcome

    def _take_batch(self, batch: Batch, landed: Landed, receipt: FileReceipt) -> None:
        person_ids = [self._person_id((identifier,)) for identifier in batch.people]
        labs, set_aside = normalise_batch(
            batch, person_ids, landed_on=self._landed_on, file=landed.short
        )
        for row in set_aside:
            self._aside(landed, receipt, row)
        self._unsettled[self._store.add_labs(labs)] = receipt

    def _take_entries(
        self, table: str, entries: list[RawEntry], landed: Landed, receipt: FileReceipt
    ) -> None:
        """Rows of another table, each checked against its specification like a file's."""
        known, rows = [], []
        for entry in entries:
            if entry.person is None:
                self._aside(landed, receipt, SetAside(entry.locator, "person-unknown"))
            else:
                known.append(entry)
                rows.append({"person_id": self._person_id((entry.person,)), **entry.cells})
        frame = pl.DataFrame(rows, schema=dict.fromkeys(_columns_of(table), pl.String))
        if "recorded_date" in frame.columns:
            arrived = pl.col("recorded_date").fill_null(self._landed_on.isoformat())
            frame = frame.with_columns(arrived)
        outcome = self._store.add_table(SPECS[table], frame, source=landed.short)
        receipt.accepted += outcome.accepted
        receipt.duplicates += outcome.duplicates
        for row in outcome.bad:
            entry, person_id = known[row.number - 1], str(rows[row.number - 1]["person_id"])
            aside = SetAside(entry.locator, row.reason, row.seen, person_id=person_id)
            self._aside(landed, receipt, aside)

    def _person_id(self, identifiers: tuple[Identifier, ...]) -> str:
        """Whom these identifiers mean; somebody new is taken in under the first of them."""
        known = self._identities.find(identifiers)
        if not known:
            return self._identities.register(identifiers)
        person_id = min(known)
        self._identities.join(person_id, identifiers)
        return person_id

    def _count(self, landed: Landed, receipt: FileReceipt, outcome: Outcome | SetAside) -> None:
        if isinstance(outcome, SetAside):
            self._aside(landed, receipt, outcome)
        elif outcome == "accepted":
            receipt.accepted += 1
        else:
            receipt.duplicates += 1

    def _aside(self, landed: Landed, receipt: FileReceipt, row: SetAside) -> None:
        receipt.set_aside[row.reason] += 1
        self._set_aside.append(SetAsideRow(landed.short, row))
