"""Outcomes' columns on disk: part after part, each some people's, so that any number can stream.

A packed folder holds ``part-00000/`` and so on, each with Parquet files of plain columns:
``people`` (one row a person, with how many rows of each other table are theirs), a file a measure
(``edss``: day and value), ``relapses``, ``scans`` and ``doses``, all by person, then day. It says
what was known on one day.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl

from afterdose.engines.local.frozen import all_frozen, frozen
from afterdose.engines.local.outcomes.columns import (
    Doses,
    PackedOutcomes,
    Relapses,
    Scans,
    Visits,
)
from afterdose.engines.local.shares import streamed
from afterdose.record.errors import UnreadableInputError

_Result = TypeVar("_Result")

_TABLES: dict[str, type[Any]] = {"relapses": Relapses, "scans": Scans, "doses": Doses}


def write_outcome_parts(packed: PackedOutcomes, folder: Path, *, people: int = 16_384) -> int:
    """Write packed columns into a folder, ``people`` to a part; returns how many parts.

    Parameters
    ----------
    packed : PackedOutcomes
    folder : Path
        Made where it is not there; parts are added behind those it holds.
    people : int
    """
    held = len(list(folder.glob("part-*")))
    starts = range(0, len(packed), people)
    for number, start in enumerate(starts, start=held):
        part = folder / f"part-{number:05d}"
        part.mkdir(parents=True)
        _write_part(packed, start, min(start + people, len(packed)), part)
    return len(starts)


def work_on_outcome_parts(
    folder: Path,
    work: Callable[[PackedOutcomes], _Result],
    *,
    measures: Sequence[str] | None = None,
    threads: int = 2,
) -> Iterator[_Result]:
    """``work`` done on every part, in order; each thread reads a part and works on it.

    Parameters
    ----------
    folder : Path
    work : callable
    measures : sequence of str or None
        Those to read; None for all.
    threads : int
        How many parts are in hand at a time, and so in memory.

    Raises
    ------
    UnreadableInputError
        A part is not one.
    """
    parts = sorted(folder.glob("part-*"))
    yield from streamed(
        lambda part: work(read_outcome_part(part, measures)), parts, threads=threads
    )


def read_outcome_part(part: Path, measures: Sequence[str] | None = None) -> PackedOutcomes:
    """One part, without a copy where Parquet's columns can be used as they are."""
    path = part / "people.parquet"
    about = pl.read_parquet_metadata(path) if path.is_file() else {}
    if "as_of" not in about:
        raise UnreadableInputError(
            f"{part.name} is not a packed part of outcomes. Pack the record again with "
            "`write_outcome_parts`."
        )
    people = pl.read_parquet(path).rechunk()
    held = json.loads(about["measures"])
    chosen = held if measures is None else [one for one in held if one in measures]
    tables = {name: _read(part, name, kind, people) for name, kind in _TABLES.items()}
    visits = {}
    for measure in chosen:
        rows = pl.read_parquet(part / f"{measure}.parquet").rechunk()
        visits[measure] = all_frozen(
            Visits(
                _offsets(people[measure]),
                rows["day"].to_numpy(),
                rows["value"].to_numpy(),
                people[f"{measure} given"].to_numpy(),
                people[f"{measure} known"].to_numpy(),
            )
        )
    return PackedOutcomes(
        as_of=date.fromisoformat(about["as_of"]),
        person_ids=people["person_id"],
        died=frozen(people["died"].to_numpy()),
        visits=visits,
        drugs=tuple(json.loads(about["drugs"])),
        **tables,
    )


def _write_part(packed: PackedOutcomes, start: int, stop: int, part: Path) -> None:
    people = {
        "person_id": pl.Series(packed.person_ids[start:stop], dtype=pl.String),
        "died": packed.died[start:stop],
    }
    for name in _TABLES:
        table = getattr(packed, name)
        people[name] = _write(table, table._fields[1:], start, stop, part / f"{name}.parquet")
    for measure, visits in packed.visits.items():
        path = part / f"{measure}.parquet"
        people[measure] = _write(visits, ("day", "value"), start, stop, path)
        people[f"{measure} given"] = visits.given[start:stop]
        people[f"{measure} known"] = visits.known[start:stop]
    pl.DataFrame(people).write_parquet(
        part / "people.parquet",
        metadata={
            "as_of": packed.as_of.isoformat(),
            "drugs": json.dumps(packed.drugs),
            "measures": json.dumps(list(packed.visits)),
        },
    )


def _write(table: Any, columns: Sequence[str], start: int, stop: int, path: Path) -> np.ndarray:
    """Write some people's rows; returns how many are whose."""
    rows = slice(table.offsets[start], table.offsets[stop])
    frame = pl.DataFrame({name: getattr(table, name)[rows] for name in columns})
    frame.write_parquet(path)
    return np.diff(table.offsets[start : stop + 1]).astype(np.int32)


def _read(part: Path, name: str, kind: type[Any], people: pl.DataFrame) -> Any:
    rows = pl.read_parquet(part / f"{name}.parquet").rechunk()
    columns = [rows[column].to_numpy() for column in kind._fields[1:]]
    return all_frozen(kind(_offsets(people[name]), *columns))


def _offsets(counts: pl.Series) -> np.ndarray:
    return np.append(0, np.cumsum(counts.to_numpy(), dtype=np.int64))
