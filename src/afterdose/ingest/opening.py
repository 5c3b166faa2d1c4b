"""Opening what landed: members of containers, parts of large files, and each by its format."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from afterdose.ingest.ahead import ahead
from afterdose.ingest.containers import Member, is_container, is_document, is_gzip, unpacked
from afterdose.ingest.datasets import is_dataset
from afterdose.ingest.hooks import Reader, Start
from afterdose.ingest.identity import FILE_NAME as IDENTITIES
from afterdose.ingest.landing import Landed, content_of
from afterdose.ingest.mapping import read_mapped
from afterdose.ingest.mapping.sheets import ONLY_MAPPED
from afterdose.ingest.mapping.sheets import SUFFIXES as MAPPED
from afterdose.ingest.normalise import SetAside
from afterdose.ingest.order import turn
from afterdose.ingest.places import Where
from afterdose.ingest.readers import reader_for, recognised
from afterdose.ingest.receipt import FileReceipt
from afterdose.ingest.rows import Reading, Unreadable
from afterdose.ingest.scans import FILE_NAME as SCANS
from afterdose.ingest.scans import Scans
from afterdose.ingest.sendings import is_clinical_record, is_phone_export, sending_of
from afterdose.ingest.slices import SLICE_BYTES, Slice, slices_of
from afterdose.ingest.tables import SUFFIXES, read_results, read_table
from afterdose.ingest.taking import Taking
from afterdose.record.errors import AfterdoseError, UnreadableInputError


class Opening:
    """Opens files and hands what they hold to a `Taking`.

    Parameters
    ----------
    taking : Taking

    Attributes
    ----------
    scans : Scans
        What the lists of scans read so far say.
    """

    def __init__(self, taking: Taking) -> None:
        self._taking = taking
        self.scans = Scans()
        self._sendings: dict[str, dict[str, Any]] = {}

    def open(self, path: PurePath, landed: Landed, receipt: FileReceipt) -> None:
        """Read a file: ``path`` is its own name, ``landed`` its bytes.

        Raises
        ------
        AfterdoseError
            It cannot be read as a whole.
        """
        if holds_members(landed):
            self._container(landed, receipt)
        else:
            self._file(path, landed, receipt, Where())

    def with_its_sending(self, landed: Landed, name: str | None) -> Landed:
        """The file with what those that belong with it have noted."""
        if name is None:
            return landed
        return replace(landed, shared=self._sendings.setdefault(name, {}))

    # Containers ---------------------------------------------------------------------------------

    def _container(self, landed: Landed, receipt: FileReceipt) -> None:
        """Every member like a file of its own; the receipt has their sums."""
        forms = set()
        with unpacked(landed.path, landed.name, landed.path.parent) as members:
            for member in sorted(members, key=lambda one: turn(one.name)):
                if is_phone_export(member.name) and not is_clinical_record(member.name):
                    receipt.pass_over("other file of a phone's export")
                    continue
                receipt.form = ""
                where = Where(f"{member.shown}!")
                try:
                    self._member(member, landed, receipt, where)
                    forms.add(receipt.form)
                except AfterdoseError as error:
                    if len(members) == 1:
                        raise
                    seen = str(error).partition(". ")[0][:80]
                    receipt.rows += 1
                    aside = SetAside(where.prefix, "member-unreadable", seen)
                    self._taking.aside(aside, landed, receipt)
        receipt.form = f"container of {', '.join(sorted(forms)) or 'nothing that can be read'}"

    def _member(self, member: Member, landed: Landed, receipt: FileReceipt, where: Where) -> None:
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
            place = f"{landed.short}!{member.shown if sending is None else sending}"
            part = self.with_its_sending(replace(part, sending=place, shared={}), inside)
        self._file(member.name, part, receipt, where)

    # Files and their formats --------------------------------------------------------------------

    def _file(self, path: PurePath, landed: Landed, receipt: FileReceipt, where: Where) -> None:
        suffix = path.suffix.lower()
        if path.name == IDENTITIES:
            landed.demand_whole()
            self._taking.identities(landed, receipt)
        elif path.name == SCANS:
            landed.demand_whole()
            receipt.form = "scans"
            self._take(self.scans.add(Path(path), landed.content), landed, receipt, where)
        elif landed.mapping is not None and is_mapped(path, landed):
            landed.demand_whole()
            receipt.form = f"{landed.mapping.table} by mapping {landed.mapping.version}"
            reading = read_mapped(path.name, landed.content, landed.mapping)
            self._take(reading, landed, receipt, where)
        elif suffix in ONLY_MAPPED:
            raise UnreadableInputError(
                f"{path.name} says nowhere what its columns are. Permitted: with a mapping. "
                f"`afterdose map FILE -o mapping.toml` proposes one; then ingest with --mapping."
            )
        elif suffix in SUFFIXES and recognised(landed) is None:
            landed.demand_whole()
            self._table(path, landed, receipt, where)
        else:
            self._format(path, landed, receipt, where)

    def _table(self, path: PurePath, landed: Landed, receipt: FileReceipt, where: Where) -> None:
        table, frame = read_table(path, landed.content)
        if table == "results":
            receipt.form = "table of results"
            self._take(read_results(frame), landed, receipt, where)
        else:
            self._taking.table(table, frame, landed, receipt, where.prefix)

    def _format(self, path: PurePath, landed: Landed, receipt: FileReceipt, where: Where) -> None:
        reader = reader_for(landed)
        receipt.form = reader.form
        if not landed.is_whole:
            self._parts(reader, landed, receipt, where)
            return
        # A member of a container has no path that a list of scans could name.
        listed = landed.path if where.prefix else Path(path)
        self._take(self.scans.complete(listed, reader.read(landed)), landed, receipt, where)

    def _parts(self, reader: Reader, landed: Landed, receipt: FileReceipt, where: Where) -> None:
        """A large file part by part, each like a file of its own."""
        ends = reader.ends(Start.of(landed)) if reader.ends else None
        if ends is None:
            landed.demand_whole()
            return
        if reader.look_ahead is not None:
            reader.look_ahead(landed)
        parts = slices_of(landed.path, ends)
        notes: list[str] = []
        for piece, reading in ahead(_readings(reader, landed, parts)):
            if piece.size:
                # What is said of a part is said of the file up to its end: the last one counts.
                notes, reading.notes = reading.notes, []
            self._take(reading, landed, receipt, where.after(piece.lines_before))
        self._take(Reading(notes=notes), landed, receipt, where)

    def _take(self, reading: Reading, landed: Landed, receipt: FileReceipt, where: Where) -> None:
        self._taking.reading(where.moved(reading), landed, receipt)


def holds_members(landed: Landed) -> bool:
    """Whether a file is a container; a workbook is a zip too, and is a file."""
    return is_container(landed.content) and not is_document(landed.path, landed.name)


def is_mapped(path: PurePath, landed: Landed) -> bool:
    """Whether a mapping is for this file; a text in a format of its own needs none."""
    if is_dataset(landed.content):
        return True
    suffix = path.suffix.lower()
    return suffix in MAPPED and (suffix != ".txt" or recognised(landed) is None)


def _piece(landed: Landed, part: Slice) -> Landed:
    return replace(
        landed, content=part.content, size=len(part.content), lines_before=part.lines_before
    )


def _readings(
    reader: Reader, landed: Landed, parts: Iterable[Slice]
) -> Iterator[tuple[Landed, Reading]]:
    """Each part of a large file, and what a reader finds there."""
    for part in parts:
        if not part.content and not part.lines_before:
            # One document without line ends: no line of it is a row too long.
            landed.demand_whole()
        piece = _piece(landed, part)
        yield piece, _of_part(reader, piece)


def _of_part(reader: Reader, piece: Landed) -> Reading:
    if not piece.size:
        seen = f"more than {SLICE_BYTES} bytes"
        return Reading(unreadable=[Unreadable("line 1", "line-too-long", seen)])
    try:
        return reader.read(piece)
    except UnreadableInputError:
        return Reading(unreadable=[Unreadable("line 1", "part-unreadable", "")])
