"""What a record says, as one hash a table: the same from CSV and from Parquet."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from hashlib import sha256

import numpy as np
import polars as pl

from afterdose.cohort.about import About
from afterdose.cohort.columns import Cohort

_ROWS = 1 << 18
"""Rows hashed at a time, so that no table has to be in memory twice."""


def hashes_of(cohort: Cohort) -> dict[str, str]:
    """The SHA-256 of every table a cohort holds, and of ``about``.

    It depends on the values, and on the order of a person's rows of one moment, for of those the
    last may stand. It depends neither on the file's format nor on the order of anything else, nor
    on which files the rows came from.

    Returns
    -------
    dict of str to str
        By table, then ``about``; hexadecimal.

    Examples
    --------
    >>> from afterdose.simulate import simulate_cohort
    >>> one, other = (Cohort.of(simulate_cohort(people=2, seed=seed)) for seed in (1, 2))
    >>> hashes_of(one)["mri"] == hashes_of(other)["mri"]
    False
    """
    with ThreadPoolExecutor() as threads:  # hashing lets other threads run
        found = {
            table: _hash_of_table(frame, threads) for table, frame in sorted(cohort.frames.items())
        }
    return {**found, "about": hash_of_about(cohort.about)}


def hash_of_about(about: About) -> str:
    """The SHA-256 of what a record says of itself."""
    return sha256(json.dumps(asdict(about), sort_keys=True).encode()).hexdigest()


def _hash_of_table(frame: pl.DataFrame, threads: ThreadPoolExecutor) -> str:
    """The SHA-256 of a table of canonical types: names, kinds, which values are null, values."""
    found = sha256(f"{frame.height}\n".encode())
    columns = frame.drop("source", strict=False).get_columns()
    for column, digest in zip(columns, threads.map(_hash_of_column, columns), strict=True):
        found.update(f"{column.name} {column.dtype}\n".encode())
        found.update(digest)
    return found.hexdigest()


def _hash_of_column(column: pl.Series) -> bytes:
    nulls, values, lengths = sha256(), sha256(), sha256()
    for first in range(0, len(column), _ROWS):
        part = column.slice(first, _ROWS)
        nulls.update(part.is_null().to_numpy().tobytes())
        if part.dtype == pl.String:
            # Without the lengths "ab", "c" would be "a", "bc".
            part = part.fill_null("")
            lengths.update(part.str.len_bytes().to_numpy().astype("<u4").tobytes())
            values.update(part.str.join("").item().encode())
        else:
            values.update(_plain(part).tobytes())
    return nulls.digest() + lengths.digest() + values.digest()


def _plain(part: pl.Series) -> np.ndarray:
    """Values as little-endian numbers; 0 in the place of a null, and one kind of zero."""
    numbers = part.to_physical() if part.dtype == pl.Date else part
    if numbers.dtype == pl.Boolean:
        numbers = numbers.cast(pl.UInt8)
    kind = "<f8" if numbers.dtype.is_float() else "<i8"
    return numbers.fill_null(0).to_numpy().astype(kind) + 0
