"""Results on disk, packed: part after part, each some people's, so that any number can stream.

A packed folder holds ``part-00000.parquet`` and so on. A part holds whole people; within it rows
are sorted by person, analyte and moment. Only current versions of usable results are packed: a
question about a past morning goes to the record.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from afterdose.engines.local.frozen import frozen
from afterdose.engines.local.labs import SCHEMA, Labs, run_starts
from afterdose.engines.local.shares import streamed
from afterdose.record.errors import UnreadableInputError

_Result = TypeVar("_Result")

COLUMNS = {name: kind for name, kind in SCHEMA.items() if name != "row"}
"""Columns of a part: as in `labs.Labs`, person and analyte said in every row."""


@dataclass(frozen=True)
class Part:
    """Results of people ``first`` up to, but not including, ``stop``."""

    first: int
    stop: int
    labs: Labs


def write_parts(labs: Labs, folder: Path, *, people: int = 4096, first: int = 0) -> int:
    """Write results into a packed folder, ``people`` to a part; returns how many parts.

    Parameters
    ----------
    labs : Labs
    folder : Path
        Made where it is not there; parts are added behind those it holds.
    people : int
    first : int
        The number of the first person.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held = len(list(folder.glob("part-*.parquet")))
    count = len(labs.person_run) - 1
    starts = range(0, count, people)
    for number, start in enumerate(starts, start=held):
        stop = min(start + people, count)
        _rows(labs, start, stop, first).write_parquet(
            folder / f"part-{number:05d}.parquet",
            compression="lz4",  # read in three quarters of the time zstd takes
            metadata={"first": str(first + start), "stop": str(first + stop)},
        )
    return len(starts)


def work_on_parts(
    folder: Path, work: Callable[["Part"], _Result], *, threads: int = 2
) -> Iterator[_Result]:
    """``work`` done on every part, in order; each thread reads a part and works on it.

    Parameters
    ----------
    folder : Path
    work : callable
    threads : int
        How many parts are in hand at a time, and so in memory.

    Raises
    ------
    UnreadableInputError
        A file is not a part.
    """
    paths = sorted(folder.glob("part-*.parquet"))
    yield from streamed(lambda path: work(read_part(path)), paths, threads=threads)


def read_part(path: Path) -> Part:
    """One part, without a copy where Parquet's columns can be used as they are."""
    metadata = pl.read_parquet_metadata(path)
    if "first" not in metadata:
        raise UnreadableInputError(
            f"{path.name} is not a packed part. Pack the results again with `write_parts`."
        )
    rows = pl.read_parquet(path).rechunk()
    first, stop = int(metadata["first"]), int(metadata["stop"])
    person, analyte = rows["person"].to_numpy(), rows["analyte"].to_numpy()
    starts = run_starts(person, analyte)
    whose = person[starts] - first
    columns = {name: frozen(rows[name].to_numpy()) for name in list(COLUMNS)[2:]}
    labs = Labs(
        **columns,
        row=frozen(np.zeros(0, np.int64)),
        run_analyte=frozen(analyte[starts]),
        run_start=frozen(np.append(starts, len(rows)).astype(np.int64)),
        person_run=frozen(np.searchsorted(whose, np.arange(stop - first + 1)).astype(np.int64)),
    )
    return Part(first, stop, labs)


def _rows(labs: Labs, start: int, stop: int, first: int) -> pl.DataFrame:
    """Some people's rows as a part holds them."""
    runs = slice(labs.person_run[start], labs.person_run[stop])
    begin, end = labs.run_start[runs.start], labs.run_start[runs.stop]
    sizes = np.diff(labs.run_start[runs.start : runs.stop + 1])
    person = np.repeat(
        np.arange(start, stop, dtype=np.int32) + np.int32(first),
        np.diff(labs.person_run[start : stop + 1]),
    )
    columns = {name: getattr(labs, name)[begin:end] for name in list(COLUMNS)[2:]}
    return pl.DataFrame(
        {
            "person": np.repeat(person, sizes),
            "analyte": np.repeat(labs.run_analyte[runs], sizes),
            **columns,
        },
        schema=COLUMNS,
    )
