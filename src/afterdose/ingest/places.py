"""Where a row stands once its file is a member of a container, or a part of a large file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

import polars as pl

from afterdose.ingest.batch import Batch
from afterdose.ingest.rows import RawEntry, RawPerson, RawResult, Reading, Unreadable

_LINE = re.compile(r"line (\d+)")

Row = TypeVar("Row", RawEntry, RawPerson, RawResult, Unreadable)


@dataclass(frozen=True, slots=True)
class Where:
    """What stands before a part.

    Attributes
    ----------
    prefix : str
        ``Observation.ndjson!`` for a member of a container.
    lines : int or None
        How many lines of the file stand before a part of it; None: the file is read as a whole.

    Examples
    --------
    >>> Where("a.ndjson!", 100).of("line 3/component/0")
    'a.ndjson!line 103/component/0'
    """

    prefix: str = ""
    lines: int | None = None

    def after(self, lines: int) -> "Where":
        """The place of a part that so many lines stand before."""
        return replace(self, lines=lines)

    def of(self, locator: str) -> str:
        """A row's position in the file that landed."""
        if self.lines is not None:
            # A part of one line is read as one document, whose pointers begin with a stroke.
            match = _LINE.match(locator)
            number, below = (int(match[1]), match.end()) if match else (1, 0)
            locator = f"line {number + self.lines}{locator[below:].removesuffix('/')}"
        return f"{self.prefix}{locator}"

    def moved(self, reading: Reading) -> Reading:
        """The same rows, each with its position in the file that landed."""
        if self == Where():
            return reading
        return Reading(
            results=self._rows(reading.results),
            batch=None if reading.batch is None else self._batch(reading.batch),
            people=self._rows(reading.people),
            entries=self._rows(reading.entries),
            unreadable=self._rows(reading.unreadable),
            passed_over=reading.passed_over,
            notes=[self._note(note) for note in reading.notes],
        )

    def _rows(self, rows: Iterable[Row]) -> list[Row]:
        return [replace(row, locator=self.of(row.locator)) for row in rows]

    def _note(self, note: str) -> str:
        return f"{self.prefix.removesuffix('!')}: {note}" if self.prefix else note

    def _batch(self, batch: Batch) -> Batch:
        placed = locator = pl.col("locator")
        line = pl.col("line") + (self.lines or 0)
        if self.lines is not None:
            number = locator.str.extract(r"^line (\d+)", 1).cast(pl.Int64) + self.lines
            moved = pl.format("line {}{}", number, locator.str.replace(r"^line \d+", ""))
            placed = pl.coalesce(moved, locator)
        placed = pl.concat_str(pl.lit(self.prefix), placed)
        if batch.rows["locator"].null_count() == len(batch.rows):
            placed = locator
        return replace(
            batch,
            rows=batch.rows.with_columns(locator=placed, line=line),
            before=f"{self.prefix}{batch.before}",
        )
