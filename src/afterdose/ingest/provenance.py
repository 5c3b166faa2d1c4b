"""From a row of the record, or one set aside, back to the bytes it came from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from afterdose.cohort.folder import read_table
from afterdose.ingest.excerpts import excerpt_of
from afterdose.ingest.kept import Kept, kept_file, kept_files, receipts_of
from afterdose.ingest.links import FILE_NAME as LINKS
from afterdose.ingest.set_aside import FILE_NAME as SET_ASIDE
from afterdose.ingest.set_aside import SetAsideRow, read_set_aside
from afterdose.record.cited import each_source
from afterdose.record.errors import UsageError
from afterdose.record.tables import SPECS


@dataclass(frozen=True)
class Read:
    """One time a file was read: the receipt, its day, and the codes and units it went by."""

    receipt: str
    on: str
    mapping: str
    is_replay: bool


class CitedRow(NamedTuple):
    """A row of the record that cites a position: its table, and its columns that are filled in."""

    table: str
    cells: dict[str, object]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row came from, in short.

    Attributes
    ----------
    source : str
        As the row cites it.
    locator : str
    file, sha256 : str
        Name and hash of the file that landed.
    landed_on : date
    mapping : str
        The version of codes and units by which the file was read, of each time it was another. That
        of a mapping file stands in the locator.
    """

    source: str
    locator: str
    file: str
    sha256: str
    landed_on: date
    mapping: str


class Origins:
    """The files of a record, to look up many sources in.

    Parameters
    ----------
    record : Path
        Without landed files nothing is found.
    """

    def __init__(self, record: Path) -> None:
        self._kept = {kept.short: kept for kept in kept_files(record)}
        self._versions: dict[str, dict[str, None]] = {}
        for _, receipt in receipts_of(record):
            for one in receipt["files"]:
                self._versions.setdefault(one["sha256"], {})[receipt["mapping"]] = None

    def of(self, source: str | None) -> list[Origin]:
        """Every place that a row cites, in order; but for those of files that did not land here."""
        found = []
        for one in each_source(source):
            short, _, locator = one.partition(":")
            if (kept := self._kept.get(short)) is not None:
                versions = ", ".join(self._versions.get(kept.sha256, ()))
                found.append(Origin(one, locator, kept.name, kept.sha256, kept.landed_on, versions))
        return found


@dataclass(frozen=True)
class Trace:
    """Where a row came from.

    Attributes
    ----------
    file : Kept
    locator : str
    reads : tuple of Read
        Every time the file was read, oldest first.
    rows : tuple of CitedRow
        The rows of the record that cite it, of any table.
    set_aside : tuple of SetAsideRow
        The rows set aside that cite it.
    linked : tuple of str
        Sources of results that may be the same one by way of another laboratory.
    original : str or None
        What stands there; None where that cannot be shown as text.
    """

    file: Kept
    locator: str
    reads: tuple[Read, ...]
    rows: tuple[CitedRow, ...]
    set_aside: tuple[SetAsideRow, ...]
    linked: tuple[str, ...]
    original: str | None


def trace(record: Path, cited: str) -> Trace:
    """Follow a source as rows cite it: ``2f2ebf3bfb17:/entry/138/resource``.

    Parameters
    ----------
    record : Path
    cited : str
        Hash of the file, a colon, and the position in it; also in square brackets, as reasons
        print it.

    Raises
    ------
    UsageError
        It is no source.
    RecordError
        No file, or several, have a hash that begins so.
    UnreadableInputError
        The bytes are gone, or no longer those that landed.
    """
    short, colon, locator = cited.strip().removeprefix("[").removesuffix("]").partition(":")
    if not (short and colon and locator):
        raise UsageError(
            "This is not a source. Permitted: the hash of a file, a colon and a position, as rows "
            "cite it: 2f2ebf3bfb17:/entry/138/resource. Copy it from explain, or from a table."
        )
    file = kept_file(record, short)
    source = f"{file.short}:{locator}"
    return Trace(
        file=file,
        locator=locator,
        reads=_reads(record, file),
        rows=tuple(_rows(record, source)),
        set_aside=tuple(
            row
            for row in read_set_aside(record / SET_ASIDE)
            if (row.file, row.locator) == (file.short, locator)
        ),
        linked=_linked(record, source),
        original=excerpt_of(file.landed().path, file.name, locator),
    )


def _reads(record: Path, file: Kept) -> tuple[Read, ...]:
    return tuple(
        Read(path.stem, receipt["landed_on"], receipt["mapping"], bool(receipt["replay"]))
        for path, receipt in receipts_of(record)
        if any(one["sha256"] == file.sha256 for one in receipt["files"])
    )


def _rows(record: Path, source: str) -> Iterator[CitedRow]:
    for table in SPECS:
        frame = read_table(record, table)
        if frame is None or "source" not in frame.columns:
            continue
        mentions = pl.col("source").str.contains(source, literal=True)
        for row in frame.filter(mentions).iter_rows(named=True):
            if source in each_source(row.pop("source")):
                cells = {name: cell for name, cell in row.items() if cell is not None}
                yield CitedRow(table, cells)


def _linked(record: Path, source: str) -> tuple[str, ...]:
    path = record / LINKS
    if not path.exists():
        return ()
    links = pl.read_csv(path, infer_schema=False).select("source", "copy_source").rows()
    return tuple(other for pair in links if source in pair for other in pair if other != source)
