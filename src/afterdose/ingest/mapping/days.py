"""Days and times as a table writes them, by a format that the mapping states."""

import re
from datetime import date, datetime
from functools import cache, lru_cache

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TOKENS = {
    "YYYY": r"(?P<year>\d{4})",
    "MON": r"(?P<name>[A-Za-z]{3})",
    "MM": r"(?P<month>\d\d)",
    "DD": r"(?P<day>\d\d)",
    "hh": r"(?P<hour>\d\d)",
    "mm": r"(?P<minute>\d\d)",
    "ss": r"(?P<second>\d\d)",
}
_SPLIT = re.compile("|".join(_TOKENS))

PERMITTED = "YYYY, MM or MON, and DD, with hh, mm and ss if there is a time: DD.MM.YYYY hh:mm"
USUAL = (
    "YYYY-MM-DD",
    "DD.MM.YYYY",
    "DD/MM/YYYY",
    "MM/DD/YYYY",
    "DD-MM-YYYY",
    "DD-MON-YYYY",
    "YYYY/MM/DD",
    "YYYYMMDD",
    "YYYY-MM-DD hh:mm",
    "YYYY-MM-DD hh:mm:ss",
    "DD.MM.YYYY hh:mm",
    "DD/MM/YYYY hh:mm",
    "MM/DD/YYYY hh:mm",
)
"""Formats that a proposal tries."""


def is_format(text: str) -> bool:
    """Whether a text says where year, month and day stand, each once; two-digit years do not.

    Examples
    --------
    >>> is_format("DD.MM.YYYY"), is_format("DD.MM.YY")
    (True, False)
    """
    tokens = _SPLIT.findall(text)
    rest = _SPLIT.sub("", text)
    months = [token for token in tokens if token in ("MM", "MON")]
    return (
        len(set(tokens)) == len(tokens)
        and {"YYYY", "DD"} <= set(tokens)
        and len(months) == 1
        and ("mm" in tokens) == ("hh" in tokens)
        and ("ss" not in tokens or "mm" in tokens)
        and not re.search(r"[A-Za-z0-9]", rest.replace("T", "", 1))
    )


@lru_cache(maxsize=4096)
def to_iso(text: str, written: str) -> str | None:
    """A day, with its time if it has one, as ISO 8601; None where the text is not of the format.

    Examples
    --------
    >>> to_iso("4.3.2024", "DD.MM.YYYY"), to_iso("04-Mar-2024 08:30", "DD-MON-YYYY hh:mm")
    ('2024-03-04', '2024-03-04T08:30:00')
    >>> to_iso("31.02.2024", "DD.MM.YYYY") is None
    True
    """
    match = _pattern(written).match(text.strip())
    if match is None:
        return None
    found = match.groupdict()
    name = (found.get("name") or "").lower()
    if name and name not in _MONTHS:
        return None
    month = _MONTHS.index(name) + 1 if name else int(found["month"])
    try:
        day = date(int(found["year"]), month, int(found["day"]))
        if found.get("hour") is None:
            return day.isoformat()
        clock = (int(found.get(part) or 0) for part in ("hour", "minute", "second"))
        return datetime(day.year, day.month, day.day, *clock).isoformat()  # noqa: DTZ001
    except ValueError:
        return None


@cache
def _pattern(written: str) -> re.Pattern[str]:
    """Beside a separator a leading zero may be left out."""
    parts, place = [], 0
    is_separated = re.search(r"[^A-Za-z0-9]", written) is not None
    for token in _SPLIT.finditer(written):
        parts += [re.escape(written[place : token.start()]), _TOKENS[token[0]]]
        place = token.end()
    text = "".join([*parts, re.escape(written[place:])])
    return re.compile(
        (text.replace(r"\d\d", r"\d{1,2}") if is_separated else text) + r"\Z", re.ASCII
    )
