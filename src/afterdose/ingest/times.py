"""Times as laboratories write them: FHIR's and HL7's notations to a local day and time of day.

A time with an offset keeps its local day: a specimen taken at half past eleven in the evening was
taken that day, wherever the reader sits. A time known only to the month or year has no day, and
none is made up.
"""

import re
from datetime import date

_FHIR = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?\Z"
)
_HL7 = re.compile(
    r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(?:(\d{2})(?:\.\d{1,4})?)?)?(?:[+-]\d{4})?\Z"
)


def parse_time(text: str) -> tuple[date, str | None] | None:
    """The local day and time of day of a FHIR or HL7 time; None where it has no whole day.

    Examples
    --------
    >>> parse_time("2014-10-06T23:30:00+07:00")
    (datetime.date(2014, 10, 6), '23:30:00')
    >>> parse_time("20141006083000+0700")
    (datetime.date(2014, 10, 6), '08:30:00')
    >>> parse_time("2014-10") is None and parse_time("220241021055726") is None
    True
    """
    match = _FHIR.match(text.strip()) or _HL7.match(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    if hour is None:
        return found, None
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 60:
        return None
    return found, f"{hour}:{minute}:{second or '00'}"


def hl7_date(text: str) -> str | None:
    """An HL7 date as a partial date: ``19630306`` to ``1963-03-06``, ``1963`` as it is."""
    digits = re.match(
        r"(\d{4})(\d{2})?(\d{2})?(?:\d{2,6}(?:\.\d+)?)?(?:[+-]\d{4})?\Z", text.strip()
    )
    if digits is None:
        return None
    return "-".join(part for part in digits.groups() if part)
