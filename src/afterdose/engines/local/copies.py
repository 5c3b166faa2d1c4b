"""Results that may be one by way of two laboratories, found once and counted once a morning.

What a copy is, is said in `afterdose.monitoring.copies`. Hardly any result has one, so only those
that stand beside a like one of another laboratory are looked at.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

_WITHIN_SECONDS = 300
_KEY = ("person", "analyte", "value", "comparator")


class Like(NamedTuple):
    """One of several like results; ``place`` is its place among all usable ones."""

    place: int
    laboratory: int
    second: int
    offset: int | None
    low: float
    high: float

    @property
    def has_range(self) -> bool:
        """Whether the laboratory gave a limit."""
        return self.low == self.low or self.high == self.high


class Once(NamedTuple):
    """What counting once means on a morning: places that are copies, and ranges lent to others."""

    copies: list[int]
    lent: dict[int, Like]


@dataclass(frozen=True)
class Copies:
    """Like results in groups, each in the order in which they are preferred."""

    groups: tuple[tuple[Like, ...], ...]

    def on(self, standing: np.ndarray) -> Once:
        """The copies among the results that stand; ``standing`` is a bool a place."""
        copies: list[int] = []
        lent: dict[int, Like] = {}
        for group in self.groups:
            counted: list[Like] = []
            for one in group:
                if not standing[one.place]:
                    continue
                first = next((other for other in counted if _is_copy(other, one)), None)
                if first is None:
                    counted.append(one)
                    continue
                copies.append(one.place)
                if one.has_range and not first.has_range:
                    lent.setdefault(first.place, one)
        return Once(copies, lent)


def find_copies(usable: pl.DataFrame, *, time_bits: int) -> Copies:
    """The groups of like results.

    Parameters
    ----------
    usable : polars.DataFrame
        Usable results with ``order``, ``specimen`` (the day), ``laboratory`` (null: none, or no
        time of day), ``offset`` (seconds from UTC) and the columns of
        `afterdose.engines.local.labs.SCHEMA`.
    time_bits : int
        How many bits of a moment are the time of day.
    """
    timed = usable.filter(pl.col("laboratory").is_not_null())
    if timed.height < 2:
        return Copies(())
    day = pl.col("specimen").cast(pl.Int64)
    clock = pl.col("moment") - day * 2**time_bits
    rows = timed.select(
        *_KEY,
        "order",
        "laboratory",
        "received",
        "offset",
        "low",
        "high",
        second=day * 86_400 + clock,
    )
    by_instant = rows.filter(pl.col("offset").is_not_null())
    keys = pl.concat(
        [_near(rows, pl.col("second")), _near(by_instant, pl.col("second") - pl.col("offset"))]
    ).unique()
    if not keys.height:
        return Copies(())
    no_range = pl.col("low").is_nan() & pl.col("high").is_nan()
    found = rows.join(keys, on=_KEY, how="semi").sort(*_KEY, "received", no_range, "order")
    groups: dict[tuple[object, ...], list[Like]] = {}
    columns = (*_KEY, "order", "laboratory", "second", "offset", "low", "high")
    for person, analyte, value, comparator, *like in found.select(columns).iter_rows():
        groups.setdefault((person, analyte, value, comparator), []).append(Like(*like))
    return Copies(tuple(tuple(group) for group in groups.values()))


def _near(rows: pl.DataFrame, clock: pl.Expr) -> pl.DataFrame:
    """The keys of like results of two laboratories that stand next to each other by a clock."""
    rows = rows.select(*_KEY, "laboratory", clock=clock).sort(*_KEY, "clock")
    is_same = pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in _KEY)
    is_near = pl.col("clock") - pl.col("clock").shift() <= _WITHIN_SECONDS
    is_other = pl.col("laboratory") != pl.col("laboratory").shift()
    return rows.filter(is_same & is_near & is_other).select(_KEY)


def _is_copy(one: Like, other: Like) -> bool:
    apart = one.second - other.second
    if one.offset is not None and other.offset is not None:
        apart -= one.offset - other.offset
    return one.laboratory != other.laboratory and abs(apart) <= _WITHIN_SECONDS
