"""A run: land every file, read it, normalise its rows, add them to the record, write a receipt."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile
from typing import Any

import polars as pl

from afterdose.ingest.batch import Batch
from afterdose.ingest.columns import normalise_batch
from afterdose.ingest.containers import Member, is_container, is_document, is_gzip, unpacked
from afterdose.ingest.decisions import FILE_NAME as DECISIONS
from afterdose.ingest.decisions import withheld
from afterdose.ingest.hooks import Reader, Start
from afterdose.ingest.identity import FILE_NAME as IDENTITIES
from afterdose.ingest.identity import RECORD, Identities
from afterdose.ingest.kept import (
    Kept,
    as_first_landed,
    kept_file,
    kept_files,
    mapping_before,
    refused_files,
    remember,
    unread_files,
)
from afterdose.ingest.keys import Keys
from afterdose.ingest.landing import Landed, content_of, land
from afterdose.ingest.links import FILE_NAME as LINKS
from afterdose.ingest.links import find_links, write_links
from afterdose.ingest.lock import one_at_a_time
from afterdose.ingest.mapping import Mapping, read_mapped, read_mapping
from afterdose.ingest.mapping.model import parse_mapping
from afterdose.ingest.mapping.sheets import ONLY_MAPPED
from afterdose.ingest.mapping.sheets import SUFFIXES as MAPPED
from afterdose.ingest.normalise import SetAside, normalise_person
from afterdose.ingest.places import Where
from afterdose.ingest.readers import reader_for, recognised
from afterdose.ingest.receipt import FileReceipt, Receipt
from afterdose.ingest.rows import Identifier, RawEntry, RawPerson, Reading, Unreadable
from afterdose.ingest.scans import FILE_NAME as SCANS
from afterdose.ingest.scans import Scans, files_listed
from afterdose.ingest.sendings import (
    is_clinical_record,
    is_phone_export,
    sending_mark,
    sending_of,
    turn_of,
)
from afterdose.ingest.set_aside import FILE_NAME as SET_ASIDE
from afterdose.ingest.set_aside import SetAsideRow, read_set_aside, replace_set_aside
from afterdose.ingest.settled import FILE_NAME as SETTLED
from afterdose.ingest.slices import SLICE_BYTES, slices_of
from afterdose.ingest.store import Outcome, Store
from afterdose.ingest.tables import SUFFIXES, read_results, read_table
from afterdose.ingest.unmatched import FILE_NAME as UNMATCHED
from afterdose.ingest.unmatched import replace_unmatched
from afterdose.ingest.versions import mapping_version
from afterdose.record.errors import AfterdoseError, UnreadableInputError, UsageError
from afterdose.record.tables import SPECS

_BESIDE = frozenset(
    {
        "about.json",
        "approvals.csv",
        "site.toml",
        DECISIONS,
        LINKS,
        SET_ASIDE,
        SETTLED,
        UNMATCHED,
        "README.md",
    }
)
_BESIDE_FOLDERS = frozenset({"approvals", "landed", "receipts", "truth"})
"""What a folder may hold beside files to read: a record's own books."""


def ingest_files(
    paths: Iterable[Path],
    into: Path,
    *,
    landed_on: date,
    known_people_only: bool = False,
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
        The record folder; made if there is none. Its tables are written once, at the end. Another
        process that adds to it at the same time is waited for.
    landed_on : date
        The day the files arrived.
    known_people_only : bool
        Take nobody new in: rows of people whom the record does not know are kept apart, until
        somebody decides whose they are.
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
    UnreadableInputError
        The mapping cannot be used.
    """
    with one_at_a_time(into):
        run = Run(into, keys)
        if mapping is not None:
            run.use(mapping, landed_on=landed_on)
        receipts = []
        for done, path in enumerate(_in_order(paths), start=1):
            receipts.append(
                run.take(path, landed_on=landed_on, known_people_only=known_people_only)
            )
            if progress is not None:
                progress(done)
        run.finish()
        return _issued(receipts, into, landed_on, linked=run.linked)


def replay(
    record: Path,
    *,
    on: date,
    everything: bool = False,
    keys: Keys | None = None,
    progress: Callable[[int], None] | None = None,
) -> Receipt:
    """Read landed files again, after a code, unit or identity was added.

    Each is read from the bytes that landed, under its own name and as of the day it landed. Rows
    that were set aside and can now be read enter the record; what still cannot stays aside. Rows
    that are in the record already are duplicates: a second replay changes nothing.

    Parameters
    ----------
    record : Path
    on : date
        The day of the replay, for the receipt.
    everything : bool
        Read every landed file; else those with rows set aside, those that were refused, and those
        that no receipt names since the run was cut short; and what was sent together with them.
    keys : Keys, optional
        What signatures of cards are checked by, and links opened with.
    progress : callable, optional
        Called with the number of files done.

    Raises
    ------
    UsageError
        Nothing ever landed there.
    """
    if not kept_files(record):
        raise UsageError(
            "No file has landed in this folder. Permitted: a record that files were ingested into. "
            "Name one, or ingest files first."
        )
    with one_at_a_time(record):
        kept = kept_files(record)
        aside = read_set_aside(record / SET_ASIDE)
        unread = unread_files(record)
        if not everything:
            wanted = refused_files(record) | unread
            short = {row.file for row in aside}
            found = [one for one in kept if one.sha256 in wanted or one.short in short]
            sendings = {one.sending for one in found if one.sending}
            kept = [one for one in kept if one in found or one.sending in sendings]
        # Who is who was taken up from such a file once; since then the record's own is the truth.
        kept = [one for one in kept if one.name != IDENTITIES or one.sha256 in unread]
        kept = [one for one in kept if not one.is_mapping]
        run = Run(record, keys)
        receipts = []
        for done, one in enumerate(in_turn(kept), start=1):
            receipts.append(run.take_again(one))
            if progress is not None:
                progress(done)
        run.finish()
        read = {one.short for one in kept}
        before = sum(row.file in read for row in aside)
        now = sum(row.file in read for row in read_set_aside(record / SET_ASIDE))
        sums = {"before": before, "now": now}
        return _issued(receipts, record, on, linked=run.linked, replay=sums)


def _issued(
    files: list[FileReceipt],
    record: Path,
    on: date,
    *,
    linked: int,
    replay: dict[str, int] | None = None,
) -> Receipt:
    """The receipt of a run, its sums checked, written to the record."""
    for file in files:
        file.check()
    receipt = Receipt(on.isoformat(), files, mapping_version(), replay or {}, linked)
    receipt.write(record / "receipts")
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


def in_turn(kept: Iterable[Kept]) -> list[Kept]:
    """Landed files in the order in which `ingest_files` would read them."""
    return sorted(kept, key=lambda one: (_turn(one.original), turn_of(one.original)))


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


def _below(home: Path, path: Path) -> str:
    """The path of a list of scans, or of a report it names, from the list's folder."""
    return SCANS if path.name == SCANS else path.resolve().relative_to(home).as_posix()


def _columns_of(table: str) -> tuple[str, ...]:
    return SPECS[table].row._fields


class Run:
    """The state of one run: the record being added to, and who is who.

    Attributes
    ----------
    store : Store
    identities : Identities
    keys : Keys or None
        What signatures of cards are checked by, and links opened with.
    linked : int
        Once it is finished: pairs of results that may be one by way of two laboratories.
    """

    def __init__(self, record: Path, keys: Keys | None = None) -> None:
        self._record = record
        self.keys = keys
        self.store = Store(record)
        self.identities = Identities.read(record / IDENTITIES)
        self.identities.withhold(withheld(record))
        self._begin()

    @classmethod
    def aside(cls, identities: Identities, keys: Keys | None = None) -> "Run":
        """A run that takes in only those whom ``identities`` name, and is never written."""
        run = cls.__new__(cls)
        run.store, run.identities, run.keys = Store(None), identities, keys
        run._begin()
        return run

    def _begin(self) -> None:
        self.identities.reserve(self.store.person_ids())
        self.linked = 0
        self._takes_in = True
        self._mapping: Mapping | None = None
        self._mapping_file = ""
        self._scans = Scans()
        self._read_whole: dict[str, None] = {}
        self._set_aside: list[SetAsideRow] = []
        self._unmatched: Counter[tuple[Identifier, str, date]] = Counter()
        self._unsettled: dict[int, FileReceipt] = {}
        self._sendings: dict[str, dict[str, Any]] = {}

    def take(self, path: Path, *, landed_on: date, known_people_only: bool = False) -> FileReceipt:
        """Land and read one file."""
        receipt = FileReceipt(path.name)
        self._takes_in = not known_people_only
        try:
            landed = land(path, self._record, on=landed_on, keys=self.keys)
            receipt.sha256, receipt.already_landed = landed.sha256, not landed.is_new
            sending = sending_of(path.absolute())
            self._note(path, landed, sending, known_people_only=known_people_only)
            self._open(path, self._with_its_sending(as_first_landed(landed), sending), receipt)
        except AfterdoseError as error:
            receipt.refused = str(error)
        return receipt

    def use(self, mapping: Path, *, landed_on: date) -> None:
        """Read tables and workbooks by a mapping from now on; its bytes land too."""
        columns = read_mapping(mapping)
        landed = land(mapping, self._record, on=landed_on)
        remember(landed, is_mapping=True)
        self._mapping, self._mapping_file = columns, landed.sha256

    def _note(
        self, path: Path, landed: Landed, sending: str | None, *, known_people_only: bool
    ) -> None:
        """Note whatever it takes to read the file again."""
        home = path.absolute().parent if path.name == SCANS else self._scans.home_of(path)
        together = sending if home is None else str(home.resolve())
        by = self._mapping_file if self._mapping and _is_mapped(path, landed) else ""
        before = mapping_before(landed)
        if by and before and before != by:
            self._take_back(landed)
        remember(
            landed,
            # A part of a table is named by its folder.
            folder=path.absolute().parent.name if path.stem.startswith("part-") else "",
            sending=sending_mark(together, landed.landed_on) if together else "",
            place=_below(home, path) if home else "",
            mapping=by,
            known_people_only=known_people_only,
        )

    def _take_back(self, landed: Landed) -> None:
        """Take out what a file gave by the mapping it was read by before."""
        before = Run.aside(self.identities, self.keys)
        before.take_again(kept_file(self._record, landed.sha256), known_people_only=True)
        before.settle()
        self.store.take_back(before.store)

    def take_again(self, kept: Kept, *, known_people_only: bool = False) -> FileReceipt:
        """Read a file that landed earlier."""
        receipt = FileReceipt(kept.name, sha256=kept.sha256, already_landed=True)
        self._takes_in = not (known_people_only or kept.known_people_only)
        try:
            landed = replace(kept.landed(), keys=self.keys)
            self._mapping = None
            if kept.mapping:
                content = (kept.path.parent / kept.mapping).read_bytes()
                self._mapping = parse_mapping(content)
            self._open(kept.original, self._with_its_sending(landed, kept.sending or None), receipt)
        except AfterdoseError as error:
            receipt.refused = str(error)
        return receipt

    def settle(self) -> None:
        """Tell new results from known ones: not before this is a receipt complete."""
        for number, counts in enumerate(self.store.settle()):
            self._unsettled[number].accepted += counts.accepted
            self._unsettled[number].duplicates += counts.duplicates
        self._unsettled = {}

    def finish(self) -> None:
        """Write who is who, the record, what was set aside, and who waits.

        Cut short in between, people are known who have no rows yet: reading the files again gives
        them their rows. The other way round somebody would be taken in twice.
        """
        self.settle()
        self._record.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.identities.write(self._record / IDENTITIES)
        self.store.write()
        links = find_links(self.store.labs)
        write_links(self._record / LINKS, links)
        self.linked = len(links)
        replace_set_aside(self._record / SET_ASIDE, self._set_aside, read=self._read_whole)
        replace_unmatched(self._record / UNMATCHED, self._unmatched, read=self._read_whole)

    def _open(self, path: PurePath, landed: Landed, receipt: FileReceipt) -> None:
        if is_container(landed.content) and not is_document(landed.path, landed.name):
            self._read_container(landed, receipt)
        else:
            self._read(path, landed, receipt, Where())
        self._read_whole[landed.short] = None

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
            self.identities.update(known)
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
        notes: list[str] = []
        with NamedTemporaryFile(dir=landed.path.parent, prefix=".part-") as file:
            for part in slices_of(landed.path, ends):
                here = where.after(part.lines_before)
                size = len(part.content)
                if not size and not part.lines_before:
                    # One document without line ends: no line of it is a row too long.
                    landed.demand_whole()
                Path(file.name).write_bytes(part.content)
                piece = replace(
                    landed,
                    content=part.content,
                    size=size,
                    path=Path(file.name),
                    lines_before=part.lines_before,
                )
                try:
                    reading = reader.read(piece) if size else _too_long()
                except UnreadableInputError:
                    reading = Reading(unreadable=[Unreadable("line 1", "part-unreadable", "")])
                if size:
                    # What is said of a part is said of the file up to its end: the last one counts.
                    notes, reading.notes = reading.notes, []
                self._take_reading(reading, landed, receipt, here)
            receipt.notes += where.moved(Reading(notes=notes)).notes

    def _read_table(
        self, path: PurePath, landed: Landed, receipt: FileReceipt, where: Where
    ) -> None:
        table, frame = read_table(path, landed.content)
        if table == "results":
            receipt.form = "table of results"
            self._take_reading(read_results(frame), landed, receipt, where)
            return
        source = f"{landed.short}:{where.prefix}"
        is_known = None if self._takes_in else self.identities.knows
        outcome = self.store.add_table(SPECS[table], frame, source=source, is_known=is_known)
        receipt.form = f"table {table}"
        receipt.rows += frame.height
        receipt.accepted += outcome.accepted
        receipt.duplicates += outcome.duplicates
        if outcome.labs is not None:
            self._unsettled[outcome.labs] = receipt
        for row in outcome.bad:
            locator = where.of(f"row {row.number}")
            if row.reason == "person-unmatched":
                self._waits(Identifier(RECORD, row.seen), locator, landed, receipt)
            else:
                self._aside(landed, receipt, SetAside(locator, row.reason, row.seen))
        self.identities.reserve(self.store.person_ids())

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
            if isinstance(known, SetAside) and known.reason == "person-unmatched":
                self._waits(person.identifiers[0], person.locator, landed, receipt)
            else:
                self._count(landed, receipt, known)

    def _take_person(self, raw: RawPerson) -> Outcome | SetAside:
        if len(self.identities.find(raw.identifiers)) > 1:
            return SetAside(raw.locator, "identity-conflict")
        person_id = self._person_id(raw.identifiers)
        if person_id is None:
            return SetAside(raw.locator, "person-unmatched")
        row = normalise_person(raw, person_id)
        if isinstance(row, SetAside):
            return row
        outcome = self.store.add_person(row)
        if outcome == "differs":
            return SetAside(raw.locator, "person-differs", person_id=row.person_id)
        return outcome

    def _take_batch(self, batch: Batch, landed: Landed, receipt: FileReceipt) -> None:
        person_ids = [self._person_id((identifier,)) for identifier in batch.people]
        waiting = [place for place, one in enumerate(person_ids) if one is None]
        if waiting:
            is_waiting = batch.rows["person"].is_in(waiting).fill_null(value=False)
            places = batch.rows.filter(is_waiting).select("locator", "person")
            for locator, place in places.iter_rows():
                self._waits(batch.people[place], locator, landed, receipt)
            batch = replace(batch, rows=batch.rows.filter(~is_waiting))
        labs, set_aside = normalise_batch(
            batch,
            [one or "" for one in person_ids],
            landed_on=landed.landed_on,
            file=landed.short,
        )
        for row in set_aside:
            self._aside(landed, receipt, row)
        self._unsettled[self.store.add_labs(labs)] = receipt

    def _take_entries(
        self, table: str, entries: list[RawEntry], landed: Landed, receipt: FileReceipt
    ) -> None:
        """Rows of another table, each checked against its specification like a file's."""
        known, rows = [], []
        for entry in entries:
            if entry.person is None:
                self._aside(landed, receipt, SetAside(entry.locator, "person-unknown"))
            elif (whose := self._person_id((entry.person,))) is None:
                self._waits(entry.person, entry.locator, landed, receipt)
            else:
                known.append(entry)
                rows.append({"person_id": whose, **entry.cells})
        frame = pl.DataFrame(rows, schema=dict.fromkeys(_columns_of(table), pl.String))
        if "recorded_date" in frame.columns:
            arrived = pl.col("recorded_date").fill_null(landed.landed_on.isoformat())
            frame = frame.with_columns(arrived)
        outcome = self.store.add_table(SPECS[table], frame, source=f"{landed.short}:")
        receipt.accepted += outcome.accepted
        receipt.duplicates += outcome.duplicates
        for row in outcome.bad:
            entry, person_id = known[row.number - 1], str(rows[row.number - 1]["person_id"])
            aside = SetAside(entry.locator, row.reason, row.seen, person_id=person_id)
            self._aside(landed, receipt, aside)

    def _person_id(self, identifiers: tuple[Identifier, ...]) -> str | None:
        """Whom these identifiers mean; somebody new is taken in under the first of them.

        None where nobody new is taken in, or where somebody decided that they mean nobody.
        """
        known = self.identities.find(identifiers)
        if not self._takes_in:
            known = set(filter(self.identities.knows, known))
        if not known:
            return self.identities.register(identifiers) if self._takes_in else None
        person_id = min(known)
        self.identities.join(person_id, identifiers)
        return person_id

    def _waits(
        self, person: Identifier, locator: str, landed: Landed, receipt: FileReceipt
    ) -> None:
        """A row of somebody nobody knows is kept apart."""
        self._aside(landed, receipt, SetAside(locator, "person-unmatched"))
        self._unmatched[person, landed.short, landed.landed_on] += 1

    def _judged_by(self) -> str:
        """The codes and units in force, and the mapping the file is read by."""
        if self._mapping is None:
            return mapping_version()
        return f"{mapping_version()} and mapping {self._mapping.version}"

    def _count(self, landed: Landed, receipt: FileReceipt, outcome: Outcome | SetAside) -> None:
        if isinstance(outcome, SetAside):
            self._aside(landed, receipt, outcome)
        elif outcome == "accepted":
            receipt.accepted += 1
        else:
            receipt.duplicates += 1

    def _aside(self, landed: Landed, receipt: FileReceipt, row: SetAside) -> None:
        receipt.set_aside[row.reason] += 1
        self._set_aside.append(
            SetAsideRow.of(
                row, file=landed.short, landed_on=landed.landed_on, mapping=self._judged_by()
            )
        )
