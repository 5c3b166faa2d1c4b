"""A run: land every file, read it, normalise its rows, add them to the record, write a receipt."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile
from typing import Any

import polars as pl

from afterdose.cohort import new_files
from afterdose.cohort.switch import brought
from afterdose.ingest.batch import Batch
from afterdose.ingest.columns import normalise_batch
from afterdose.ingest.containers import Member, is_container, is_document, is_gzip, unpacked
from afterdose.ingest.hooks import Reader, Start
from afterdose.ingest.identity import FILE_NAME as IDENTITIES
from afterdose.ingest.identity import Identities
from afterdose.ingest.keys import Keys
from afterdose.ingest.landing import Landed, content_of, land
from afterdose.ingest.lock import one_at_a_time
from afterdose.ingest.mapping import Mapping, read_mapped, read_mapping
from afterdose.ingest.mapping.sheets import ONLY_MAPPED
from afterdose.ingest.mapping.sheets import SUFFIXES as MAPPED
from afterdose.ingest.normalise import SetAside, normalise_person
from afterdose.ingest.places import Where
from afterdose.ingest.readers import reader_for, recognised
from afterdose.ingest.receipt import FileReceipt, Receipt
from afterdose.ingest.rows import Identifier, RawEntry, RawPerson, Reading, Unreadable
from afterdose.ingest.scans import FILE_NAME as SCANS
from afterdose.ingest.scans import Scans, files_listed
from afterdose.ingest.sendings import is_clinical_record, is_phone_export, sending_of, turn_of
from afterdose.ingest.set_aside import FILE_NAME as SET_ASIDE
from afterdose.ingest.set_aside import SetAsideRow, append_set_aside
from afterdose.ingest.slices import SLICE_BYTES, slices_of
from afterdose.ingest.store import Outcome, Store
from afterdose.ingest.tables import SUFFIXES, read_results, read_table
from afterdose.record.errors import AfterdoseError, UnreadableInputError
from afterdose.record.tables import SPECS

_BESIDE = frozenset({"about.json", "approvals.csv", "site.toml", SET_ASIDE, "README.md"})
_RECEIPTS = "receipts"
_BESIDE_FOLDERS = frozenset({"approvals", "landed", _RECEIPTS, "truth"})
"""What a folder may hold beside files to read: a record's own books."""


def ingest_files(
    paths: Iterable[Path],
    into: Path,
    *,
    landed_on: date,
    mapping: Path | None = None,
    keys: Keys | None = None,
    progress: Callable[[int], None] | None = None,
) -> Receipt:
    """Read files into a record; say what became of every row.

    Parameters
    ----------
    paths : iterable of Path
        Files, or folders whose files are read. Whatever their order, ``identities.csv``,
        ``scans.csv`` and ``people.csv`` are read first and the other tables of a record last, so
        that each finds the people it speaks of. With ``scans.csv`` come the files it lists.
    into : Path
        The record folder; made if there is none. Its files are written once, at the end, and all
        at once: a run that is stopped leaves the record as it was. Another process that adds to it
        at the same time is waited for.
    landed_on : date
        The day the files arrived.
    mapping : Path, optional
        What the columns of tables and workbooks are; see `afterdose.ingest.mapping`. Its bytes
        land in the record too.
    keys : Keys, optional
        What signatures of cards are checked by, and links opened with.
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
    RecordError
        The record cannot be written.
    UnreadableInputError
        The mapping cannot be used.
    """
    with one_at_a_time(into):
        columns = None if mapping is None else read_mapping(mapping)
        run = _Run(into, landed_on, columns, keys)
        if mapping is not None:
            land(mapping, into, on=landed_on)
        receipts = []
        for done, path in enumerate(_in_order(paths), start=1):
            receipts.append(run.take(path))
            if progress is not None:
                progress(done)
        run.settle()
        for file in receipts:
            file.check()
        receipt = Receipt(landed_on.isoformat(), receipts)
        with new_files(into) as beside:
            run.write(beside)
            receipt.write(beside / _RECEIPTS, after=into / _RECEIPTS)
        return receipt


def _in_order(paths: Iterable[Path]) -> list[Path]:
    """Every file once, folders opened; see `ingest_files` for the order."""
    files: dict[Path, Path] = {}
    for path in paths:
        for file in _files_of(path) if path.is_dir() else [path]:
            files.setdefault(file.resolve(), file)
            if file.name == SCANS:
                for report in files_listed(file):
                    files.setdefault(report, report)
    return sorted(files.values(), key=lambda path: (_turn(path), turn_of(path)))


def _turn(path: PurePath) -> int:
    path = path.with_name(path.name.removesuffix(".gz") or path.name)
    if path.name in (IDENTITIES, SCANS):
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


def _too_long() -> Reading:
    seen = f"more than {SLICE_BYTES} bytes"
    return Reading(unreadable=[Unreadable("line 1", "line-too-long", seen)])


def _is_mapped(path: PurePath, landed: Landed) -> bool:
    """Whether a mapping is for this file; a text in a format of its own needs none."""
    suffix = path.suffix.lower()
    return suffix in MAPPED and (suffix != ".txt" or recognised(landed) is None)


def _columns_of(table: str) -> tuple[str, ...]:
    return SPECS[table].row._fields


class _Run:
    """The state of one run: the record being added to, and who is who."""

    def __init__(
        self, record: Path, landed_on: date, mapping: Mapping | None, keys: Keys | None
    ) -> None:
        self._record = record
        self._mapping = mapping
        self._landed_on = landed_on
        self._keys = keys
        self._store = Store(record)
        self._identities = Identities.read(record / IDENTITIES)
        self._identities.reserve(self._store.person_ids())
        self._scans = Scans()
        self._set_aside: list[SetAsideRow] = []
        self._unsettled: dict[int, FileReceipt] = {}
        self._sendings: dict[str, dict[str, Any]] = {}

    def take(self, path: Path) -> FileReceipt:
        """Land and read one file."""
        receipt = FileReceipt(path.name)
        try:
            landed = land(path, self._record, on=self._landed_on, keys=self._keys)
            receipt.sha256, receipt.already_landed = landed.sha256, not landed.is_new
            landed = self._with_its_sending(landed, sending_of(path))
            if is_container(landed.content) and not is_document(landed.path, landed.name):
                self._read_container(landed, receipt)
            else:
                self._read(path, landed, receipt, Where())
        except AfterdoseError as error:
            receipt.refused = str(error)
        return receipt

    def settle(self) -> None:
        """Tell new results from known ones: not before this is a receipt complete."""
        for number, counts in enumerate(self._store.settle()):
            self._unsettled[number].accepted += counts.accepted
            self._unsettled[number].duplicates += counts.duplicates

    def write(self, beside: Path) -> None:
        """Write the record, who is who, and what was set aside, among the record's new files."""
        self._store.write(beside)
        self._identities.write(beside / IDENTITIES)
        append_set_aside(brought(self._record, beside, SET_ASIDE), self._set_aside)

    def _with_its_sending(self, landed: Landed, name: str | None) -> Landed:
        """The file with what those that belong with it have noted."""
        if name is None:
            return landed
        return replace(landed, shared=self._sendings.setdefault(name, {}))

    def _read_container(self, landed: Landed, receipt: FileReceipt) -> None:
        """Every member like a file of its own; the receipt has their sums."""
        forms = set()
        with unpacked(landed.path, landed.name, landed.path.parent) as members:
            for member in sorted(members, key=lambda one: (_turn(one.name), turn_of(one.name))):
                if is_phone_export(member.name) and not is_clinical_record(member.name):
                    receipt.pass_over("other file of a phone's export")
                    continue
                receipt.form = ""
                where = Where(f"{member.shown}!")
                try:
                    self._read_member(member, landed, receipt, where)
                    forms.add(receipt.form)
                except AfterdoseError as error:
                    if len(members) == 1:
                        raise
                    seen = str(error).partition(". ")[0][:80]
                    receipt.rows += 1
                    self._aside(landed, receipt, SetAside(where.prefix, "member-unreadable", seen))
        receipt.form = f"container of {', '.join(sorted(forms)) or 'nothing that can be read'}"

    def _read_member(
        self, member: Member, landed: Landed, receipt: FileReceipt, where: Where
    ) -> None:
        if member.name.name in (IDENTITIES, SCANS):
            # Who is who is for the record's keeper to say, not for whoever packs a container.
            raise UnreadableInputError(
                f"{member.name.name} is inside a container. Permitted: as a file. Unpack it."
            )
        content = content_of(member.path, member.size)
        if not content or content.isspace():
            raise UnreadableInputError("A member is empty. Ask for the file again.")
        part = replace(
            landed, name=member.name.name, size=member.size, content=content, path=member.path
        )
        if not is_gzip(landed.content):
            sending = sending_of(member.name)
            inside = None if sending is None else f"{landed.sha256}!{sending}"
            part = self._with_its_sending(replace(part, shared={}), inside)
        self._read(member.name, part, receipt, where)

    def _read(self, path: PurePath, landed: Landed, receipt: FileReceipt, where: Where) -> None:
        is_mapped = self._mapping is not None and _is_mapped(path, landed)
        reads_whole = (
            is_mapped or path.name == IDENTITIES or path.suffix.lower() in (*SUFFIXES, *ONLY_MAPPED)
        )
        if reads_whole:
            landed.demand_whole()
        if path.name == IDENTITIES:
            known = Identities.parse(landed.content)
            self._identities.update(known)
            receipt.form, receipt.passed_over = "identities", {"people named": len(known)}
        elif path.name == SCANS:
            receipt.form = "scans"
            self._take_reading(self._scans.add(Path(path), landed.content), landed, receipt, where)
        elif self._mapping is not None and _is_mapped(path, landed):
            receipt.form = f"{self._mapping.table} by mapping {self._mapping.version}"
            reading = read_mapped(path.name, landed.content, self._mapping)
            self._take_reading(reading, landed, receipt, where)
        elif path.suffix.lower() in ONLY_MAPPED:
            raise UnreadableInputError(
                f"{path.name} says nowhere what its columns are. Permitted: with a mapping. "
                f"`afterdose map FILE -o mapping.toml` proposes one; then ingest with --mapping."
            )
        elif path.suffix.lower() in SUFFIXES and recognised(landed) is None:
            self._read_table(path, landed, receipt, where)
        else:
            reader = reader_for(landed)
            receipt.form = reader.form
            if landed.is_whole:
                # A member of a container has no path that a list of scans could name.
                listed = landed.path if where.prefix else Path(path)
                reading = self._scans.complete(listed, reader.read(landed))
                self._take_reading(reading, landed, receipt, where)
            else:
                self._read_slices(reader, landed, receipt, where)

    def _read_slices(
        self, reader: Reader, landed: Landed, receipt: FileReceipt, where: Where
    ) -> None:
        """A large file part by part, each like a file of its own."""
        ends = reader.ends(Start.of(landed)) if reader.ends else None
        if ends is None:
            landed.demand_whole()
            return
        if reader.look_ahead is not None:
            for part in slices_of(landed.path, ends):
                reader.look_ahead(replace(landed, content=part.content, size=len(part.content)))
        with NamedTemporaryFile(dir=landed.path.parent, prefix=".part-") as file:
            for part in slices_of(landed.path, ends):
                here = where.after(part.lines_before)
                size = len(part.content)
                if not size and not part.lines_before:
                    # One document without line ends: no line of it is a row too long.
                    landed.demand_whole()
                Path(file.name).write_bytes(part.content)
                piece = replace(landed, content=part.content, size=size, path=Path(file.name))
                try:
                    reading = reader.read(piece) if size else _too_long()
                except UnreadableInputError:
                    reading = Reading(unreadable=[Unreadable("line 1", "part-unreadable", "")])
                self._take_reading(reading, landed, receipt, here)

    def _read_table(
        self, path: PurePath, landed: Landed, receipt: FileReceipt, where: Where
    ) -> None:
        table, frame = read_table(path, landed.content)
        if table == "results":
            receipt.form = "table of results"
            self._take_reading(read_results(frame), landed, receipt, where)
            return
        source = f"{landed.short}:{where.prefix}"
        outcome = self._store.add_table(SPECS[table], frame, source=source)
        receipt.form = f"table {table}"
        receipt.rows += frame.height
        receipt.accepted += outcome.accepted
        receipt.duplicates += outcome.duplicates
        if outcome.labs is not None:
            self._unsettled[outcome.labs] = receipt
        for row in outcome.bad:
            locator = where.of(f"row {row.number}")
            self._aside(landed, receipt, SetAside(locator, row.reason, row.seen))
        self._identities.reserve(self._store.person_ids())

    def _take_reading(
        self, reading: Reading, landed: Landed, receipt: FileReceipt, where: Where
    ) -> None:
        reading = where.moved(reading)
        batches = [Batch.of(reading.results), *([reading.batch] if reading.batch else [])]
        receipt.rows += len(reading.people) + len(reading.unreadable)
        for kind, count in reading.passed_over.items():
            receipt.pass_over(kind, count)
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
        outcome = self._store.add_table(SPECS[table], frame, source=f"{landed.short}:")
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
