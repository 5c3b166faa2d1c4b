"""When things are counted: years after the first course, and days under observation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from afterdose.record.courses import Course, courses_of
from afterdose.record.dates import DAYS_PER_YEAR, add_months
from afterdose.record.history import History
from afterdose.record.tables import FollowUp

_ONE_DAY = timedelta(days=1)
Row = TypeVar("Row", bound=Any)


@dataclass(frozen=True, slots=True)
class Timeline:
    """One person's years after the first course, as known on ``as_of``.

    Attributes
    ----------
    as_of : date
    courses : tuple of Course
        Courses begun by ``as_of``, by first day.
    start : date or None
        First day of the first course; None where the record does not hold it.
    observed : tuple of (date, date)
        Days under observation from ``start``, as spans that neither touch nor overlap, both ends
        included.
    died_on : date or None
    missing : str
        Why there is no ``start``.
    """

    as_of: date
    courses: tuple[Course, ...]
    start: date | None
    observed: tuple[tuple[date, date], ...]
    died_on: date | None
    missing: str = ""

    @property
    def is_treated(self) -> bool:
        return bool(self.courses)

    def year_start(self, year: int) -> date:
        """First day of year 1, 2, ...: ``year_start(3)`` is two years after the first course."""
        assert self.start is not None
        return _anniversary(self.start, year)

    def year_of(self, day: date) -> int:
        """In which year after the first course ``day`` lies, from 1."""
        assert self.start is not None
        year = day.year - self.start.year + 1
        return year if day >= self.year_start(year) else year - 1

    def is_observed(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.observed)

    def observed_through(self) -> date | None:
        """The last day of unbroken observation from the first course; None if not from there."""
        if not self.observed or self.observed[0][0] != self.start:
            return None
        return self.observed[0][1]

    def days_in_year(self, year: int) -> int:
        """Days under observation in a year after the first course."""
        first, last = self.year_start(year), self.year_start(year + 1) - _ONE_DAY
        return sum(
            max(0, (min(end, last) - max(begin, first)).days + 1) for begin, end in self.observed
        )

    def patient_years(self) -> float:
        """Patient-years under observation since the first course."""
        days = sum((end - begin).days + 1 for begin, end in self.observed)
        return days / DAYS_PER_YEAR


def timeline_of(history: History, drug: str, *, as_of: date) -> Timeline:
    """Lay out one person's years after the first course of ``drug``.

    Parameters
    ----------
    history : History
    drug : str
        Lower-case international non-proprietary name.
    as_of : date
        Rows recorded after this day do not exist yet.

    Returns
    -------
    Timeline

    Examples
    --------
    >>> from afterdose.record.tables import FollowUp, Person, Treatment
    >>> history = History(
    ...     Person("P1"),
    ...     treatments=(Treatment("P1", "alemtuzumab", date(2012, 2, 29), 1),),
    ...     follow_up=(FollowUp("P1", date(2012, 2, 1), date(2013, 6, 30), "lost"),),
    ... )
    >>> line = timeline_of(history, "alemtuzumab", as_of=date(2020, 1, 1))
    >>> line.days_in_year(1), line.year_of(date(2013, 2, 28))
    (365, 2)
    """
    known = courses_of(history.treatments, (drug,), as_of=as_of)
    courses = tuple(course for course in known if course.start <= as_of)
    start = next((course.start for course in courses if course.number == 1), None)
    missing = "" if start or not courses else "the record does not hold the first course"
    death = history.person.death_date
    died_on = death if death is not None and death <= as_of else None
    return Timeline(
        as_of=as_of,
        courses=courses,
        start=start,
        observed=(
            observed_spans(history.follow_up, start, min(as_of, died_on or as_of)) if start else ()
        ),
        died_on=died_on,
        missing=missing,
    )


def known_rows(rows: Iterable[Row], *, as_of: date) -> list[Row]:
    """Rows with a ``date`` or ``onset_date`` that had happened and were recorded by ``as_of``."""
    found = []
    for row in rows:
        day = row.date if hasattr(row, "date") else row.onset_date
        if day <= as_of and (row.recorded_date or day) <= as_of:
            found.append(row)
    return found


@lru_cache(maxsize=1 << 16)
def _anniversary(start: date, year: int) -> date:
    return add_months(start, 12 * (year - 1))


def observed_spans(
    follow_up: Iterable[FollowUp], start: date, until: date
) -> tuple[tuple[date, date], ...]:
    """Spans of follow-up from ``start`` to ``until``, joined where they touch or overlap."""
    joined: list[tuple[date, date]] = []
    for span in sorted(follow_up, key=lambda span: span.start_date):
        first, last = max(span.start_date, start), min(span.end_date or until, until)
        if last < first:
            continue
        if joined and first <= joined[-1][1] + _ONE_DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)
