"""Which visit or scan stands for a baseline, and which for a year's end."""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from afterdose.outcomes.definitions import BASELINE_MONTHS, YEAR_END_DAYS
from afterdose.record.dates import add_months

Dated = TypeVar("Dated", bound=Any)


def last_per_day(rows: Iterable[Dated]) -> list[Dated]:
    """Rows by date; of several on one day the last given stands."""
    return [row for _, row in sorted({row.date: row for row in rows}.items())]


def baseline_row(rows: Iterable[Dated], start: date) -> Dated | None:
    """The last row on or before the first course, if it is recent enough."""
    before = [row for row in rows if row.date <= start]
    earliest = add_months(start, -BASELINE_MONTHS) if before else start
    near = [row for row in before if earliest <= row.date]
    return max(near, key=lambda row: row.date, default=None)


def year_end_row(rows: Iterable[Dated], anniversary: date) -> Dated | None:
    """The row nearest to an anniversary, if it is near enough; of two equally near, the later."""
    near = [row for row in rows if abs((row.date - anniversary).days) <= YEAR_END_DAYS]
    return min(
        near,
        key=lambda row: (abs((row.date - anniversary).days), -row.date.toordinal()),
        default=None,
    )
