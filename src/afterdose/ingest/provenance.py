"""From a row of the record, or one set aside, back to the bytes it came from."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from afterdose.cohort.folder import read_table
from afterdose.ingest.excerpts import excerpt_of
from afterdose.ingest.kept import Kept, kept_file, receipts_of
from afterdose.ingest.links import FILE_NAME as LINKS
from afterdose.ingest.set_aside import FILE_NAME as SET_ASIDE
from afterdose.ingest.set_aside import SetAsideRow, read_set_aside
from afterdose.record.errors import UsageError


@dataclass(frozen=True)
class Read:
    """One time a file was read: the receipt, its day, and the codes and units it went by."""

    receipt: str
    on: str
    mapping: str
    is_replay: bool


@dataclass(frozen=True)
class Trace:
    """Where a row came from.

    Attributes
    ----------
    file : Kept
    locator : str
    reads : tuple of Read
        Every time the file was read, oldest first.
    results : tuple of dict
        The rows of the table of results that cite it; their columns that are filled in.
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
    results: tuple[dict[str, object], ...]
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
        results=_results(record, source),
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


def _results(record: Path, source: str) -> tuple[dict[str, object], ...]:
    labs = read_table(record, "labs")
    if labs is None or "source" not in labs.columns:
        return ()
    rows = labs.filter(pl.col("source") == source).iter_rows(named=True)
    return tuple(
        {name: cell for name, cell in row.items() if cell is not None and name != "source"}
        for row in rows
    )


def _linked(record: Path, source: str) -> tuple[str, ...]:
    path = record / LINKS
    if not path.exists():
        return ()
    links = pl.read_csv(path, infer_schema=False).select("source", "copy_source").rows()
    return tuple(other for pair in links if source in pair for other in pair if other != source)
