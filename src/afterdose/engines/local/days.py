"""Days as whole numbers, and calendar arithmetic as a look-up.

A day is the number of days since 1970-01-01, as Parquet and Arrow store it. Moving by a period is
one look-up in a table that holds, for every day of three centuries, the day so much later: the
months of the label cost no more than days, and month-ends clamp as `afterdose.record.dates` says.
"""

from datetime import date, timedelta
from functools import cache

import numpy as np

from afterdose.record.dates import Period
from afterdose.record.errors import UsageError

EPOCH = date(1970, 1, 1)
FIRST = (date(1900, 1, 1) - EPOCH).days
"""The first day the tables know."""
LAST = (date(2200, 1, 1) - EPOCH).days - 1
"""The last day the tables know."""
LAST_RECORDED = (date(2150, 1, 1) - EPOCH).days - 1
"""The last day a record may hold, so that every day counted from it is in the tables."""

NEVER = np.int32(2**31 - 1)
"""A day that does not come: the end of what goes on."""
NONE = np.int32(-(2**31))
"""No day: nothing was done, or nothing is known."""


def number_of(day: date) -> int:
    """A day as a number.

    Examples
    --------
    >>> number_of(date(1970, 1, 31))
    30
    """
    return (day - EPOCH).days


def day_of(number: int) -> date | None:
    """A number as a day; None for `NONE` and `NEVER`."""
    if number in (NONE, NEVER):
        return None
    return EPOCH + timedelta(days=int(number))


@cache
def period_tables(periods: tuple[Period, ...]) -> np.ndarray:
    """For each period and each day known, the day that much later.

    Returns
    -------
    numpy.ndarray
        int32, one row a period; column ``day - FIRST``.

    Examples
    --------
    >>> (table,) = period_tables((Period(months=1),))
    >>> day_of(table[number_of(date(2024, 1, 31)) - FIRST])
    datetime.date(2024, 2, 29)
    """
    days = np.arange(FIRST, LAST + 1, dtype=np.int64)
    return np.array([_after(period, days) for period in periods], dtype=np.int32).reshape(
        -1, len(days)
    )


def _after(period: Period, days: np.ndarray) -> np.ndarray:
    if not period.months:
        return days + period.days
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    day_of_month = (day - month.astype("datetime64[D]")).astype(np.int64)
    moved = month + period.months
    length = ((moved + 1).astype("datetime64[D]") - moved.astype("datetime64[D]")).astype(np.int64)
    moved_day = moved.astype("datetime64[D]").astype(np.int64)
    return moved_day + np.minimum(day_of_month, length - 1) + period.days


def refuse_other_centuries(days: np.ndarray, what: str) -> None:
    """Raise `UsageError` for a day the tables do not know."""
    if len(days) and (days.min() < FIRST or days.max() > LAST_RECORDED):
        raise UsageError(
            f"{what} holds a day before 1900 or after 2149. Permitted: 1900 to 2149. "
            "Run `afterdose validate` and correct the rows."
        )
