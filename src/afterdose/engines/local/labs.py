"""Laboratory results packed for one pass: sorted by person, analyte and moment, in plain arrays.

A check looks at the days on which its analytes were measured, an alert at the values of one or a
few analytes: so each person's results of one analyte stand together, and who and what they belong
to is said once a run instead of once a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from afterdose.cohort import Cohort
from afterdose.engines.local.copies import Copies, Like, find_copies
from afterdose.engines.local.days import NEVER, number_of, refuse_other_centuries
from afterdose.engines.local.frozen import frozen
from afterdose.monitoring.versions import after, levels, result_of
from afterdose.record.analytes import catalogue
from afterdose.record.tables import RESULT_STATUSES, USABLE_STATUSES, Lab

ANALYTES = tuple(sorted(catalogue()))
"""Analytes by code: alphabetical, the order in which results of one moment are looked at."""
COMPARATORS = ("", "<", "<=", ">", ">=")
"""Comparators by code; no comparator is 0."""
SECONDS = 17
"""Bits for the time of day in a moment: 0 without one, else seconds since midnight plus one."""

_PENDING = ("registered", "preliminary")


class Labs(NamedTuple):
    """Results of many people.

    Attributes
    ----------
    moment : numpy.ndarray
        int64 a row: ``specimen day << SECONDS | time of day``.
    received : numpy.ndarray
        int32 a row: the day the result reached us.
    value, low, high : numpy.ndarray
        float64 a row, in the analyte's canonical unit; NaN: the laboratory gave no such limit.
    comparator : numpy.ndarray
        int8 a row; see `COMPARATORS`.
    row : numpy.ndarray
        int64 a row: its place in the cohort's table of results. Empty where nobody will ask.
    run_analyte : numpy.ndarray
        int16 a run: whose results follow; see `ANALYTES`.
    run_start : numpy.ndarray
        int64, one more than runs: rows ``run_start[i]`` up to ``run_start[i + 1]`` are run ``i``'s.
    person_run : numpy.ndarray
        int64, one more than people: their runs.
    """

    moment: np.ndarray
    received: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    comparator: np.ndarray
    row: np.ndarray
    run_analyte: np.ndarray
    run_start: np.ndarray
    person_run: np.ndarray

    @property
    def rows(self) -> int:
        """How many results there are."""
        return len(self.moment)

    @property
    def nbytes(self) -> int:
        """Bytes of the columns in use."""
        return sum(column.nbytes for column in self)


@dataclass(frozen=True)
class PackedLabs:
    """Every usable result ever received.

    Attributes
    ----------
    current : Labs
        Results whose current version this is.
    replaced : Labs
        Earlier versions, usable until another came.
    replaced_on : numpy.ndarray
        int32 a row of ``replaced``: from this day on another version stands.
    order : tuple of numpy.ndarray
        int64 a row of ``current``, and of ``replaced``: their places when sorted together.
    announced : Labs
        Results announced and not final.
    announced_until : numpy.ndarray
        int32 a row of ``announced``: from this day on another version stands.
    copies : Copies
        Results that may be one by way of two laboratories.
    """

    current: Labs
    replaced: Labs
    replaced_on: np.ndarray
    order: tuple[np.ndarray, np.ndarray]
    announced: Labs
    announced_until: np.ndarray
    copies: Copies

    def known_on(self, as_of: int) -> tuple[Labs, Labs]:
        """The results, and the announced ones, that stood on one morning.

        The very arrays of ``current`` where all of them had come by then and nothing else stood.
        """
        announced = _keep(
            self.announced,
            (self.announced.received <= as_of) & (as_of < self.announced_until),
        )
        come = self.current.received <= as_of
        stood = (self.replaced.received <= as_of) & (as_of < self.replaced_on)
        every, earlier = self.current, self.replaced
        if self.copies.groups:
            every, earlier = self._counted_once(come, stood)
        current = _keep(every, come)
        if stood.any():
            places = np.concatenate([self.order[0][come], self.order[1][stood]])
            current = _merged(current, _keep(earlier, stood), np.argsort(places))
        return current, announced

    def _counted_once(self, come: np.ndarray, stood: np.ndarray) -> tuple[Labs, Labs]:
        """Strike the copies from what stands; both sets of results, with the ranges lent."""
        standing = np.zeros(len(come) + len(stood), bool)
        standing[self.order[0]], standing[self.order[1]] = come, stood
        once = self.copies.on(standing)
        standing[once.copies] = False
        come[:], stood[:] = standing[self.order[0]], standing[self.order[1]]
        return tuple(
            _with_ranges(labs, order, once.lent)
            for labs, order in zip((self.current, self.replaced), self.order, strict=True)
        )  # type: ignore[return-value]


def pack_labs(cohort: Cohort) -> PackedLabs:
    """Pack a cohort's results.

    Raises
    ------
    UsageError
        A specimen was taken before 1900 or after 2199.
    """
    people = len(cohort)
    if "labs" not in cohort.frames:
        nothing = packed(pl.DataFrame(schema=SCHEMA), people)
        empty = np.zeros(0, np.int32)
        return PackedLabs(nothing, nothing, empty, (empty, empty), nothing, empty, Copies(()))
    rows = _coded(cohort)
    usable = rows.filter(pl.col("status").is_in(USABLE_STATUSES) & pl.col("value").is_not_null())
    announced = rows.filter(pl.col("status").is_in(_PENDING))
    refuse_other_centuries(rows["specimen"].to_numpy(), "labs.specimen_date")
    is_current = pl.col("superseded") == int(NEVER)
    usable = usable.with_row_index("order")
    current, replaced = usable.filter(is_current), usable.filter(~is_current)
    return PackedLabs(
        current=packed(current, people),
        replaced=packed(replaced, people),
        replaced_on=replaced["superseded"].to_numpy(),
        order=(current["order"].to_numpy(), replaced["order"].to_numpy()),
        announced=packed(announced, people),
        announced_until=announced["superseded"].to_numpy(),
        copies=find_copies(usable, time_bits=SECONDS),
    )


SCHEMA = {
    "person": pl.Int32,
    "analyte": pl.Int16,
    "moment": pl.Int64,
    "received": pl.Int32,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "comparator": pl.Int8,
    "row": pl.Int64,
}
"""Columns of packed results, one row a result."""


def _coded(cohort: Cohort) -> pl.DataFrame:
    """Results with codes for names, sorted, and the day each was replaced."""
    frame = cohort.frames["labs"]
    offsets = cohort.offsets["labs"]
    person = np.repeat(np.arange(len(cohort), dtype=np.int32), np.diff(offsets))
    clock = pl.col("specimen_time").str.split(":").list
    seconds = sum(
        clock.get(place, null_on_oob=True).cast(pl.Int64, strict=False) * unit
        for place, unit in enumerate((3600, 60, 1))
    )
    rows = frame.with_columns(
        person=pl.Series(person),
        specimen=pl.col("specimen_date").to_physical(),
        received=pl.col("received_date").to_physical(),
        analyte=pl.col("analyte").replace_strict(
            list(ANALYTES), list(range(len(ANALYTES))), return_dtype=pl.Int16
        ),
        comparator=pl.col("comparator")
        .fill_null("")
        .replace_strict(list(COMPARATORS), list(range(len(COMPARATORS))), return_dtype=pl.Int8),
        low=pl.col("ref_low").fill_null(float("nan")),
        high=pl.col("ref_high").fill_null(float("nan")),
        rank=pl.col("status").replace_strict(
            list(RESULT_STATUSES), list(range(len(RESULT_STATUSES))), return_dtype=pl.Int8
        ),
        seconds=(seconds + 1).fill_null(0),
        offset=_offset(pl.col("specimen_offset")),
        laboratory=pl.when(pl.col("specimen_time").is_not_null()).then(
            pl.col("provider").cast(pl.Categorical).to_physical()
        ),
    ).with_row_index("row")
    rows = rows.with_columns(
        moment=(pl.col("specimen").cast(pl.Int64) * 2**SECONDS) + pl.col("seconds"),
        superseded=_superseded(frame),
    )
    order = ("person", "analyte", "moment", "received", "rank", "value", "row")
    return rows.sort(order).select(
        *SCHEMA, "status", "specimen", "superseded", "laboratory", "offset"
    )


def _offset(text: pl.Expr) -> pl.Expr:
    """Seconds from UTC; null where that is not said."""
    parts = text.str.extract_groups(r"^([+-])([01][0-9]|2[0-3]):([0-5][0-9])$").struct
    hours, minutes = (parts.field(name).cast(pl.Int64, strict=False) for name in ("2", "3"))
    seconds = 3600 * hours + 60 * minutes
    return pl.when(parts.field("1") == "-").then(-seconds).otherwise(seconds)


def _superseded(frame: pl.DataFrame) -> pl.Series:
    """The day each row stopped being a version that stands; the day it came, if it never did.

    What a version is, is said in `afterdose.monitoring.versions`. Most results have one version
    only, so only rows that share a key with another are looked at.
    """
    is_named = pl.col("result_id").is_not_null()
    key = pl.struct(
        "person_id",
        "analyte",
        "original_code",
        "specimen_date",
        "provider",
        "result_id",
        *(
            pl.when(is_named).then(None).otherwise(pl.col(name)).alias(name)
            for name in ("accession", "specimen_time")
        ),
    )
    several = frame.select(key.hash().is_duplicated()).to_series()
    ends = np.full(len(frame), NEVER, np.int32)
    results: dict[tuple[object, ...], list[Lab]] = {}
    row_of: dict[int, int] = {}
    versions = frame.filter(several).select(Lab._fields)
    for row, cells in zip(several.arg_true(), versions.iter_rows(), strict=True):
        lab = Lab._make(cells)
        row_of[id(lab)] = row
        results.setdefault((lab.person_id, *result_of(lab)), []).append(lab)
    for labs in results.values():
        before: list[Lab] = []
        for level in levels(labs):
            now = after(before, level)
            stay = {id(lab) for lab in now}
            for lab in (*before, *level):
                if id(lab) not in stay:
                    ends[row_of[id(lab)]] = number_of(level[0].received_date)
            before = now
    return pl.Series(ends)


def packed(rows: pl.DataFrame, people: int) -> Labs:
    """Rows sorted by person, analyte and moment, as arrays and runs."""
    person, analyte = rows["person"].to_numpy(), rows["analyte"].to_numpy()
    starts = run_starts(person, analyte)
    run_person = person[starts]
    return Labs(
        **{name: frozen(rows[name].to_numpy()) for name in list(SCHEMA)[2:]},
        run_analyte=frozen(analyte[starts]),
        run_start=frozen(np.append(starts, len(rows)).astype(np.int64)),
        person_run=frozen(np.searchsorted(run_person, np.arange(people + 1)).astype(np.int64)),
    )


def run_starts(person: np.ndarray, analyte: np.ndarray) -> np.ndarray:
    """Where the results of another person, or of another analyte, begin."""
    if not len(person):
        return np.zeros(0, np.int64)
    new = (person[1:] != person[:-1]) | (analyte[1:] != analyte[:-1])
    return np.append(0, np.flatnonzero(new) + 1)


def _with_ranges(labs: Labs, order: np.ndarray, lent: Mapping[int, Like]) -> Labs:
    """Results with the ranges of their copies, where they came without."""
    at = {place: np.searchsorted(order, place) for place in lent}
    at = {place: row for place, row in at.items() if row < len(order) and order[row] == place}
    if not at:
        return labs
    low, high = labs.low.copy(), labs.high.copy()
    for place, row in at.items():
        low[row], high[row] = lent[place].low, lent[place].high
    return labs._replace(low=frozen(low), high=frozen(high))


def _merged(one: Labs, other: Labs, order: np.ndarray) -> Labs:
    """Two sets of results as one, in the order given."""
    people = len(one.person_run) - 1
    rows = pl.concat([_unpacked(one), _unpacked(other)])
    return packed(rows[order], people)


def _unpacked(labs: Labs) -> pl.DataFrame:
    """Person and analyte said once a row again."""
    runs = np.diff(labs.run_start)
    person = np.repeat(np.arange(len(labs.person_run) - 1), np.diff(labs.person_run))
    columns = {name: getattr(labs, name) for name in list(SCHEMA)[2:]}
    return pl.DataFrame(
        {
            "person": np.repeat(person, runs).astype(np.int32),
            "analyte": np.repeat(labs.run_analyte, runs),
            **columns,
        },
        schema=SCHEMA,
    )


def _keep(labs: Labs, mask: np.ndarray) -> Labs:
    """Only some of the rows; the same arrays where all of them."""
    if mask.all():
        return labs
    kept = np.zeros(len(mask) + 1, np.int64)
    np.cumsum(mask, out=kept[1:])
    rows = {
        name: frozen(getattr(labs, name)[mask])
        for name in ("moment", "received", "value", "low", "high", "comparator")
    }
    return labs._replace(
        **rows,
        row=frozen(labs.row[mask]) if len(labs.row) else labs.row,
        run_start=frozen(kept[labs.run_start]),
    )
