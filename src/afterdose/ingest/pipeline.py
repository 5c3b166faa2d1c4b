"""A run: land every file, read it, normalise its rows, add them to the record, write a receipt."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePath
from typing import Any

from afterdose.cohort import new_files
from afterdose.cohort.switch import brought
from afterdose.ingest.decisions import withheld
from afterdose.ingest.identity import FILE_NAME as IDENTITIES
from afterdose.ingest.identity import Identities
from afterdose.ingest.kept import (
    Kept,
    as_noted,
    kept_file,
    kept_files,
    mapping_of,
    note_again,
    noted_before,
    refused_files,
    remember,
    unread_files,
)
from afterdose.ingest.keys import Keys
from afterdose.ingest.landing import Landed, land
from afterdose.ingest.links import FILE_NAME as LINKS
from afterdose.ingest.links import find_links, write_links
from afterdose.ingest.lock import one_at_a_time
from afterdose.ingest.mapping import Mapping, read_mapping
from afterdose.ingest.opening import Opening, holds_members, is_mapped
from afterdose.ingest.order import in_order, in_turn
from afterdose.ingest.receipt import FileReceipt, Receipt
from afterdose.ingest.scans import FILE_NAME as SCANS
from afterdose.ingest.sendings import names_people, sending_mark, sending_of
from afterdose.ingest.set_aside import FILE_NAME as SET_ASIDE
from afterdose.ingest.set_aside import read_set_aside
from afterdose.ingest.store import Store
from afterdose.ingest.taking import Taking
from afterdose.ingest.unmatched import FILE_NAME as UNMATCHED
from afterdose.ingest.versions import mapping_version
from afterdose.record.errors import AfterdoseError, UsageError

_RECEIPTS = "receipts"


def ingest_files(
    paths: Iterable[Path],
    into: Path,
    *,
    landed_on: date,
    known_people_only: bool = False,
    mapping: Path | None = None,
    keys: Keys | None = None,
    sender: str = "",
    accept_tests: bool = False,
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
    known_people_only : bool
        Take nobody new in: rows of people whom the record does not know are kept apart, until
        somebody decides whose they are.
    mapping : Path, optional
        What the columns of tables and workbooks are; see `afterdose.ingest.mapping`. Its bytes
        land in the record too.
    keys : Keys, optional
        What signatures of cards are checked by, and links opened with.
    sender : str
        Who sent the files, under one name each time: what references such as ``Patient/1`` mean is
        known at their sender only.
    accept_tests : bool
        Read what the files mark as tests like anything else; without it, it is set aside.
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
        run = Run(into, keys)
        if mapping is not None:
            run.use(mapping, landed_on=landed_on)
        receipts = []
        for done, path in enumerate(in_order(paths), start=1):
            receipts.append(
                run.take(
                    path,
                    landed_on=landed_on,
                    known_people_only=known_people_only,
                    sender=sender,
                    accept_tests=accept_tests,
                )
            )
            if progress is not None:
                progress(done)
        run.settle()
        with new_files(into) as beside:
            run.write(beside)
            return _issued(receipts, into, landed_on, beside=beside, linked=run.linked)


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
        aside = read_set_aside(record / SET_ASIDE)
        kept = _to_be_read(record, {row.file for row in aside}, everything=everything)
        run = Run(record, keys)
        receipts = []
        for done, one in enumerate(kept, start=1):
            receipts.append(run.take_again(one))
            if progress is not None:
                progress(done)
        run.settle()
        with new_files(record) as beside:
            run.write(beside)
            read = {one.short for one in kept}
            before = sum(row.file in read for row in aside)
            now = sum(row.file in read for row in read_set_aside(beside / SET_ASIDE))
            sums = {"before": before, "now": now}
            return _issued(receipts, record, on, beside=beside, linked=run.linked, replay=sums)


def _to_be_read(record: Path, aside: set[str], *, everything: bool) -> list[Kept]:
    """The files that `replay` reads, in order; ``aside`` names those with rows set aside."""
    kept, unread = kept_files(record), unread_files(record)
    if not everything:
        wanted = refused_files(record) | unread
        found = [one for one in kept if one.sha256 in wanted or one.short in aside]
        sendings = {one.sending for one in found if one.sending}
        kept = [one for one in kept if one in found or one.sending in sendings]
    # Who is who was taken up from such a file once; since then the record's own book is the truth.
    return in_turn(one for one in kept if one.name != IDENTITIES or one.sha256 in unread)


def _issued(
    files: list[FileReceipt],
    record: Path,
    on: date,
    *,
    beside: Path,
    linked: int,
    replay: dict[str, int] | None = None,
) -> Receipt:
    """The receipt of a run, its sums checked, written among the record's new files."""
    for file in files:
        file.check()
    receipt = Receipt(on.isoformat(), files, mapping_version(), replay or {}, linked)
    receipt.write(beside / _RECEIPTS, after=record / _RECEIPTS)
    return receipt


def _below(home: Path, path: Path) -> str:
    """The path of a list of scans, or of a report it names, from the list's folder."""
    return SCANS if path.name == SCANS else path.resolve().relative_to(home).as_posix()


class Run:
    """The state of one run: the record being added to, and who is who.

    Attributes
    ----------
    store : Store
    identities : Identities
    taking : Taking
        Where rows go.
    keys : Keys or None
        What signatures of cards are checked by, and links opened with.
    linked : int
        Once it is written: pairs of results that may be one by way of two laboratories.
    read_whole : dict of str to None
        Short hashes of the files that were read, in order.
    """

    def __init__(self, record: Path, keys: Keys | None = None) -> None:
        self._record = record
        identities = Identities.read(record / IDENTITIES)
        identities.withhold(withheld(record))
        self._begin(Store(record), identities, keys)

    @classmethod
    def aside(cls, identities: Identities, keys: Keys | None = None) -> "Run":
        """A run that takes in only those whom ``identities`` name, and is never written."""
        run = cls.__new__(cls)
        run._begin(Store(None), identities, keys, is_aside=True)
        return run

    @classmethod
    def over(
        cls, landing: Path, store: Store, identities: Identities, keys: Keys | None = None
    ) -> "Run":
        """A run over a record that is kept elsewhere than in a folder, by whoever calls it.

        ``landing`` is the folder in which files land.
        """
        run = cls.__new__(cls)
        run._record = landing
        run._begin(store, identities, keys)
        return run

    def _begin(
        self, store: Store, identities: Identities, keys: Keys | None, *, is_aside: bool = False
    ) -> None:
        self.store, self.identities, self.keys = store, identities, keys
        self.taking = Taking(store, identities, is_aside=is_aside)
        self.linked = 0
        self._opening = Opening(self.taking)
        self.read_whole: dict[str, None] = {}
        self._mapping: Mapping | None = None
        self._mapping_file = ""
        self._marks: dict[str, str] = {}

    def use(self, mapping: Path, *, landed_on: date) -> None:
        """Read tables and workbooks by a mapping from now on; its bytes land too."""
        self._mapping = read_mapping(mapping)
        landed = land(mapping, self._record, on=landed_on)
        remember(landed, is_mapping=True)
        self._mapping_file = landed.sha256

    def take(
        self,
        path: Path,
        *,
        landed_on: date,
        known_people_only: bool = False,
        sender: str = "",
        accept_tests: bool = False,
    ) -> FileReceipt:
        """Land and read one file."""
        receipt = FileReceipt(path.name)
        self.taking.takes_in = not known_people_only
        try:
            landed = land(path, self._record, on=landed_on, keys=self.keys)
            receipt.sha256, receipt.already_landed = landed.sha256, not landed.is_new
            sending = sending_of(path.absolute())
            before = noted_before(landed)
            is_read_otherwise = self._note(
                path,
                landed,
                sending,
                known_people_only=known_people_only,
                sender=sender,
                accepts_tests=accept_tests,
            )
            landed = replace(as_noted(landed), mapping=self._mapping)
            try:
                self._open(path, self._opening.with_its_sending(landed, sending), receipt)
            except AfterdoseError:
                if is_read_otherwise:
                    self._read_as_before(landed, before)
                raise
        except AfterdoseError as error:
            receipt.refused = str(error)
        return receipt

    def _read_as_before(self, landed: Landed, before: dict[str, str]) -> None:
        """What a file gave stays where it cannot be read otherwise."""
        note_again(landed, before)
        self.take_again(kept_file(self._record, landed.sha256))

    def take_again(self, kept: Kept, *, known_people_only: bool = False) -> FileReceipt:
        """Read a file that landed earlier, by the mapping it was last read by."""
        receipt = FileReceipt(kept.name, sha256=kept.sha256, already_landed=True)
        self.taking.takes_in = not (known_people_only or kept.known_people_only)
        try:
            landed = replace(kept.landed(), keys=self.keys, mapping=mapping_of(kept))
            landed = self._opening.with_its_sending(landed, kept.sending or None)
            self._open(kept.original, landed, receipt)
        except AfterdoseError as error:
            receipt.refused = str(error)
        return receipt

    def settle(self) -> None:
        """Tell new results from known ones: not before this is a receipt complete."""
        self.taking.settle()

    def write(self, beside: Path) -> None:
        """Write who is who, the tables, what was set aside, and who waits, among the record's new
        files. Not before it is settled.
        """
        self.identities.write(beside / IDENTITIES)
        self.store.write(beside)
        links = find_links(self.store.labs)
        for name in (LINKS, SET_ASIDE, UNMATCHED):
            brought(self._record, beside, name)
        write_links(beside / LINKS, links)
        self.linked = len(links)
        self.taking.write_aside(beside, read=self.read_whole)

    def _open(self, path: PurePath, landed: Landed, receipt: FileReceipt) -> None:
        self._opening.open(path, landed, receipt)
        self.read_whole[landed.short] = None

    def _note(
        self,
        path: Path,
        landed: Landed,
        sending: str | None,
        *,
        known_people_only: bool,
        sender: str,
        accepts_tests: bool,
    ) -> bool:
        """Note whatever it takes to read the file again.

        Whether it was read otherwise before: what it gave then is taken back.
        """
        home = path.absolute().parent if path.name == SCANS else self._opening.scans.home_of(path)
        is_by_it = self._mapping and (holds_members(landed) or is_mapped(path, landed))
        by = self._mapping_file if is_by_it else ""
        before = noted_before(landed)
        said: dict[str, Any] = {"mapping": by, "sender": sender, "accepts_tests": accepts_tests}
        is_read_otherwise = (bool(by and before) and before.get("mapping", "") != by) or bool(
            sender and before.get("sender", sender) != sender
        )
        if is_read_otherwise:
            self._take_back(landed)
        if home is not None:
            mark = self._mark_of_list(home, path, landed)
        else:
            mark = self._mark_of(sending, path, landed) if sending else ""
        remember(
            landed,
            # A part of a table is named by its folder.
            folder=path.absolute().parent.name if path.stem.startswith("part-") else "",
            sending=mark,
            place=_below(home, path) if home else "",
            known_people_only=known_people_only,
            **said,
        )
        return is_read_otherwise

    def _mark_of_list(self, home: Path, path: Path, landed: Landed) -> str:
        """The mark of a list of scans and of the reports it names: another one for each list, so
        that a corrected one and the one before are not read as one.
        """
        name = str(home.resolve())
        if path.name == SCANS:
            self._marks[name] = sending_mark(name, landed.landed_on, first=landed.sha256)
        return self._marks[name]

    def _mark_of(self, sending: str, path: Path, landed: Landed) -> str:
        """The mark of a bulk export.

        Where its file of people came before, it goes on with that sending: its references mean the
        same people.
        """
        if sending not in self._marks:
            before = noted_before(landed).get("sending") if names_people(path) else None
            fresh = sending_mark(sending, landed.landed_on, first=landed.sha256)
            self._marks[sending] = before or fresh
        return self._marks[sending]

    def _take_back(self, landed: Landed) -> None:
        """Take out what a file gave when it was read by another mapping, or of another sender."""
        before = Run.aside(self.identities, self.keys)
        before.take_again(kept_file(self._record, landed.sha256), known_people_only=True)
        before.settle()
        self.store.take_back(before.store)
