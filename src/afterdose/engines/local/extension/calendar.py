"""Anniversaries as a look-up: where in its year a day stands, and where each year begins."""

from functools import cache
from typing import NamedTuple

import numpy as np

from afterdose.engines.local.days import FIRST, LAST
from afterdose.engines.local.frozen import all_frozen

FIRST_YEAR = 1900
_YEARS = 301
_29_FEBRUARY = 31 + 28


class Calendar(NamedTuple):
    """The days the engine knows.

    Attributes
    ----------
    year : numpy.ndarray
        int16 a day from `FIRST` on: its year, counted from 1900 as 0.
    place : numpy.ndarray
        int16 a day: days since 1 January in a year of 365 days, where 29 February is 28 February.
    late : numpy.ndarray
        int8 a day: 1 from 29 February on, in a leap year or not.
    begins : numpy.ndarray
        int32 a year: its 1 January.
    """

    year: np.ndarray
    place: np.ndarray
    late: np.ndarray
    begins: np.ndarray


@cache
def calendar() -> Calendar:
    """The calendar from 1900 to 2199.

    Examples
    --------
    >>> from afterdose.engines.local.days import number_of
    >>> from datetime import date
    >>> known = calendar()
    >>> day = number_of(date(2012, 2, 29)) - FIRST
    >>> int(known.year[day]), int(known.place[day]), int(known.late[day])
    (112, 58, 1)
    """
    days = np.arange(FIRST, LAST + 1).astype("datetime64[D]")
    year = days.astype("datetime64[Y]").astype(np.int64) + 1970 - FIRST_YEAR
    begins = (
        (np.arange(_YEARS) + FIRST_YEAR - 1970)
        .astype("datetime64[Y]")
        .astype("datetime64[D]")
        .astype(np.int32)
    )
    since = np.arange(FIRST, LAST + 1) - begins[year]
    is_leap = begins[year + 1] - begins[year] == 366
    late = since >= _29_FEBRUARY
    return all_frozen(
        Calendar(
            year=year.astype(np.int16),
            place=(since - (is_leap & late)).astype(np.int16),
            late=late.astype(np.int8),
            begins=begins,
        )
    )
