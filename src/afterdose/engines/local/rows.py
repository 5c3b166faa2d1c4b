"""Rows of a cohort's tables as plain arrays: days as numbers, whose a row is, which were known."""

from datetime import date

import numpy as np
import polars as pl

from afterdose.cohort import Cohort
from afterdose.engines.local.days import NEVER


def days_of(column: pl.Series) -> np.ndarray:
    """int32 a row: days since 1970-01-01."""
    return column.to_physical().cast(pl.Int32).to_numpy()


def known_by(frame: pl.DataFrame, column: str, morning: int) -> np.ndarray:
    """bool a row: had happened, and was recorded, by the day asked about."""
    recorded = days_of(frame["recorded_date"].fill_null(frame[column]))
    return (days_of(frame[column]) <= morning) & (recorded <= morning)


def persons_of(cohort: Cohort, table: str) -> np.ndarray:
    """int32 a row: whose it is."""
    return np.repeat(np.arange(len(cohort), dtype=np.int32), np.diff(cohort.offsets[table]))


def offsets_of(persons: np.ndarray, people: int) -> np.ndarray:
    """int64, one more than people: where each one's rows begin, from whose each row is."""
    return np.searchsorted(persons, np.arange(people + 1)).astype(np.int64)


def is_last_of_day(persons: np.ndarray, days: np.ndarray) -> np.ndarray:
    """bool a row: the last of its person and day; rows of one day lie side by side."""
    last = np.ones(len(persons), bool)
    last[:-1] = (persons[1:] != persons[:-1]) | (days[1:] != days[:-1])
    return last


def described(cohort: Cohort) -> tuple[np.ndarray, np.ndarray]:
    """Who has a row in the table of people, and which row; of several the first."""
    offsets = cohort.offsets.get("people", np.zeros(len(cohort) + 1, np.int64))
    who = np.flatnonzero(np.diff(offsets))
    return who, offsets[who]


def deaths_of(cohort: Cohort, morning: int) -> np.ndarray:
    """int32 a person: the day of death; `NEVER` where not known to have died by the day asked."""
    died = np.full(len(cohort), NEVER, np.int32)
    who, rows = described(cohort)
    if len(who):
        days = days_of(cohort.frames["people"]["death_date"].fill_null(date.max))[rows]
        died[who] = np.where(days <= morning, days, NEVER)
    return died
