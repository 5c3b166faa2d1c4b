"""Many results at once, as columns: whatever repeats is held once and pointed at.

A laboratory writes the same codes, units, ranges and values over and over, a draw has one time for
all its results, a file few people. What each distinct writing means, when each distinct pair of
times was and who each identifier is are found once, by the same plain functions that serve a single
result; the rows only point.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

import polars as pl

from afterdose.ingest.rows import Identifier, RawResult, Writing

Item = TypeVar("Item", bound=Hashable)

ROWS = {
    "locator": pl.String,
    "line": pl.UInt32,
    "writing": pl.UInt32,
    "times": pl.UInt32,
    "person": pl.UInt32,
    "provider": pl.String,
    "accession": pl.String,
    "result_id": pl.String,
}
"""Columns of a batch's rows. A row is where its ``locator`` says or, if that is null, at its
``line``; the other numbers are places in the batch's lists, null: nobody.
"""


class Times(NamedTuple):
    """When a specimen was taken and its result issued, as written."""

    specimen: str | None
    issued: str | None


@dataclass(frozen=True)
class Batch:
    """Results of one file.

    Attributes
    ----------
    rows : polars.DataFrame
        One a result; see `ROWS`.
    writings : list of Writing
    times : polars.DataFrame
        Columns as in `Times`.
    people : list of Identifier
        In the order in which they first appear.
    before, below : str
        What stands before and after the number of a row's line: ``line 5 OBX``.
    """

    rows: pl.DataFrame
    writings: list[Writing]
    times: pl.DataFrame
    people: list[Identifier]
    before: str = "line "
    below: str = ""

    def locators(self, rows: pl.DataFrame, *, after: str = "") -> pl.Series:
        """Where each of some rows is, with something before it."""
        of_line = pl.concat_str(pl.lit(f"{after}{self.before}"), "line", pl.lit(self.below))
        if rows["locator"].null_count() == len(rows):
            return rows.select(of_line).to_series()
        of_its_own = pl.concat_str(pl.lit(after), "locator")
        return rows.select(pl.coalesce(of_its_own, of_line)).to_series()

    @classmethod
    def of(cls, results: Iterable[RawResult]) -> "Batch":
        """Results of any reader."""
        writings, times, people = Places[Writing](), Places[Times](), Places[Identifier]()
        rows = [
            (
                result.locator,
                None,
                writings.place(result.writing),
                times.place(Times(result.specimen_time, result.issued_time)),
                None if result.person is None else people.place(result.person),
                result.provider,
                result.accession,
                result.result_id,
            )
            for result in results
        ]
        frame = pl.DataFrame(rows, schema=ROWS, orient="row")
        return cls(frame, writings.found, times_frame(times.found), people.found)


def times_frame(times: list[Times]) -> pl.DataFrame:
    """Pairs of times as the columns a batch holds."""
    return pl.DataFrame(times, schema=dict.fromkeys(Times._fields, pl.String), orient="row")


@dataclass
class Places(Generic[Item]):
    """Items held once each, and where."""

    found: list[Item] = field(default_factory=list)
    _place_of: dict[Item, int] = field(default_factory=dict)

    def place(self, item: Item) -> int:
        """Where an item stands; it is added if it is new."""
        place = self._place_of.setdefault(item, len(self.found))
        if place == len(self.found):
            self.found.append(item)
        return place
