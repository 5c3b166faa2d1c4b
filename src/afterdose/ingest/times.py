"""Times as laboratories write them: FHIR's and HL7's notations to a local day and time of day.

A time with an offset keeps its local day: a specimen taken at half past eleven in the evening was
taken that day, wherever the reader sits. A time known only to the month or year has no day, and
none is made up.
"""

import re
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

from afterdose.record.dates import PartialDate

_EARLIEST_YEAR = 1900
"""No result here is older; an earlier year is a slip."""

_FHIR = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?\Z",
    re.ASCII,
)
_HL7 = re.compile(
    r"(\d{4})(\d{2})(\d{2})"
    r"(?:(?:[01]\d|2[0-3])(?![\d.])|(\d{2})(\d{2})(?:(\d{2})(?:\.\d{1,4})?)?)?([+-]\d{4})?\Z",
    re.ASCII,
)
_HL7_PARTIAL = re.compile(
    r"(\d{4})(?:(\d{2})(?:(\d{2})(?:\d{4}(?:\d{2}(?:\.\d{1,4})?)?)?)?)?(?:[+-]\d{4})?\Z", re.ASCII
)


class Moment(NamedTuple):
    """A local day, the time of day if it was given, and the instant if the offset was too."""

    day: date
    time: str | None = None
    instant: datetime | None = None

    @property
    def offset(self) -> str | None:
        """The offset from UTC, if it was given.

        Examples
        --------
        >>> parse_time("20240304083000-0500").offset
        '-05:00'
        """
        return None if self.instant is None else self.instant.isoformat()[-6:]


def parse_time(text: str) -> Moment | None:
    """A FHIR or HL7 time; None where it has no whole day of the calendar.

    An hour without minutes is no time of day.

    Examples
    --------
    >>> parse_time("20141006083000")
    Moment(day=datetime.date(2014, 10, 6), time='08:30:00', instant=None)
    >>> parse_time("2014-10-06T23:30:00+07:00").day
    datetime.date(2014, 10, 6)
    >>> parse_time("2014-10") is None and parse_time("220241021055726") is None
    True
    """
    match = _FHIR.match(text.strip()) or _HL7.match(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, offset = match.groups()
    try:
        found = date(int(year), int(month), int(day))
        if found.year < _EARLIEST_YEAR:
            return None
        if hour is None:
            return Moment(found)
        # A leap second is written 60; the clock of a computer has none.
        local = datetime(  # noqa: DTZ001 - the offset is added below, if there is one
            found.year, found.month, found.day, int(hour), int(minute), min(int(second or 0), 59)
        )
    except ValueError:
        return None
    return Moment(found, local.strftime("%H:%M:%S"), _instant(local, offset))


LONGEST_COLLECTION = timedelta(hours=48)
"""A period up to this long is one collection, such as the urine of a day (policy)."""


def time_of_period(start: str | None, end: str | None) -> str | None:
    """The time that stands for a period: its end, when the collection was whole.

    A period without an end is known by its start; one longer than `LONGEST_COLLECTION` is no day,
    nor is one whose ends cannot be read.

    Examples
    --------
    >>> time_of_period("2024-03-01T07:00:00Z", "2024-03-02T07:00:00Z")
    '2024-03-02T07:00:00Z'
    >>> time_of_period("2024-03-01", "2024-03-31") is None
    True
    """
    if not end:
        return start or None
    begun, ended = parse_time(start or ""), parse_time(end)
    if begun is None or ended is None:
        return None
    if begun.instant and ended.instant:
        lasted = ended.instant - begun.instant
    else:
        lasted = _local(ended) - _local(begun)
    return end if timedelta(0) <= lasted <= LONGEST_COLLECTION else None


def parse_partial_date(text: str) -> str | None:
    """A FHIR or HL7 date as a partial date; None where it is none.

    Examples
    --------
    >>> parse_partial_date("19630306"), parse_partial_date("1963"), parse_partial_date("196203520")
    ('1963-03-06', '1963', None)
    """
    text = text.strip().partition("T")[0]
    match = _HL7_PARTIAL.match(text)
    written = "-".join(part for part in match.groups() if part) if match else text
    try:
        found = PartialDate.parse(written)
    except ValueError:
        return None
    return str(found) if found.year >= _EARLIEST_YEAR else None


def _local(moment: Moment) -> datetime:
    return datetime.fromisoformat(f"{moment.day}T{moment.time or '00:00:00'}")


def _instant(local: datetime, offset: str | None) -> datetime | None:
    if offset is None:
        return None
    digits = "0000" if offset == "Z" else offset[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if shift >= timedelta(days=1):
        return None
    return local.replace(tzinfo=timezone(-shift if offset[0] == "-" else shift))
