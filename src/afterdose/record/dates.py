"""Calendar arithmetic and dates that are only partly known.

Labels speak of calendar months, so Afterdose counts calendar months: 31 January plus one month is
the last day of February. A partial date stays partial; whoever needs a day must say which end of
the span it takes.
"""

import calendar
import re
from datetime import date, timedelta
from typing import NamedTuple

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z")
_PERIOD = re.compile(r"P(\d+)([DWMY])\Z")

DAYS_PER_YEAR = 365.25
"""A patient-year is 365.25 days."""


class PartialDate(NamedTuple):
    """A date known to the year, the month or the day.

    Examples
    --------
    >>> PartialDate.parse("2024-02").latest()
    datetime.date(2024, 2, 29)
    >>> str(PartialDate.parse("2024"))
    '2024'
    """

    year: int
    month: int | None = None
    day: int | None = None

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read ``2024``, ``2024-03`` or ``2024-03-09``; anything else raises `ValueError`."""
        match = _PARTIAL.match(text)
        if match is None:
            raise ValueError("a date is written YYYY, YYYY-MM or YYYY-MM-DD")
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        date(year, month or 1, day or 1)  # refuses month 13 and 30 February
        return cls(year, month, day)

    @property
    def is_complete(self) -> bool:
        return self.day is not None

    def earliest(self) -> date:
        """The first day the date can mean."""
        return date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> date:
        """The last day the date can mean."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def __str__(self) -> str:
        text = f"{self.year:04d}"
        if self.month is not None:
            text += f"-{self.month:02d}"
        if self.day is not None:
            text += f"-{self.day:02d}"
        return text


class Period(NamedTuple):
    """A length of calendar time: whole days or whole months, never both.

    Examples
    --------
    >>> Period.parse("P1M").after(date(2024, 1, 31))
    datetime.date(2024, 2, 29)
    >>> Period.parse("P2W").after(date(2024, 1, 31))
    datetime.date(2024, 2, 14)
    """

    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read an ISO 8601 period of one unit: ``P10D``, ``P2W``, ``P1M`` or ``P4Y``."""
        match = _PERIOD.match(text)
        if match is None:
            raise ValueError("a period is written P<n>D, P<n>W, P<n>M or P<n>Y, for example P1M")
        count = int(match[1])
        return {
            "D": cls(days=count),
            "W": cls(days=7 * count),
            "M": cls(months=count),
            "Y": cls(months=12 * count),
        }[match[2]]

    def after(self, day: date) -> date:
        """The day this long after ``day``; a missing day of the month becomes its last day."""
        return add_months(day, self.months) + timedelta(days=self.days)

    def before(self, day: date) -> date:
        """The day this long before ``day``, with the same clamping."""
        return add_months(day, -self.months) - timedelta(days=self.days)

    def in_words(self) -> str:
        """``1 month``, ``48 months``, ``14 days``."""
        count, unit = (self.months, "month") if self.months else (self.days, "day")
        return f"{count} {unit}" if count == 1 else f"{count} {unit}s"

    def as_interval(self) -> str:
        """``every month``, ``every 3 months``, ``every 14 days``."""
        words = self.in_words()
        return f"every {words.removeprefix('1 ')}"

    def __str__(self) -> str:
        return f"P{self.months}M" if self.months else f"P{self.days}D"


def add_months(day: date, months: int) -> date:
    """Move by calendar months, clamping to the month's last day.

    Examples
    --------
    >>> add_months(date(2023, 10, 31), 4)
    datetime.date(2024, 2, 29)
    """
    if not months:
        return day
    years, month_index = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(years, month_index + 1)[1]
    return date(years, month_index + 1, min(day.day, last))
