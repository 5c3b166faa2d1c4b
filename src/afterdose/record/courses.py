"""Courses of a drug: treatment rows in order, each with its number."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from afterdose.record.cited import joined_sources
from afterdose.record.tables import Treatment


class Course(NamedTuple):
    """One course and the row it rests on.

    A course without a recorded number takes the one after the course before. Of a continuous drug
    a course is one unbroken stretch of taking it.
    """

    number: int
    row: Treatment
    is_continuous: bool = False

    @property
    def start(self) -> date:
        """The first infusion."""
        return self.row.start_date

    @property
    def last_infusion(self) -> date:
        """The recorded last day; where none is recorded the first day stands in for it.

        Monitoring may then end a few days early, so whoever uses it says so: `end_is_assumed`.
        """
        return self.row.end_date or self.row.start_date

    @property
    def end_is_assumed(self) -> bool:
        return self.row.end_date is None

    def is_ongoing(self, as_of: date) -> bool:
        """Whether a continuous drug is still being taken: its last dose is not known to have been
        given by ``as_of``."""
        return self.is_continuous and (self.row.end_date is None or self.row.end_date > as_of)


def courses_of(
    treatments: Iterable[Treatment],
    drugs: tuple[str, ...],
    *,
    as_of: date,
    continuous: bool = False,
) -> tuple[Course, ...]:
    """Courses of ``drugs`` known on ``as_of``, planned ones included, by first infusion.

    For a ``continuous`` drug, rows that follow each other without a day between are one course: a
    change of dose is no new start.

    Examples
    --------
    >>> rows = [Treatment("p1", "alemtuzumab", date(2022, 3, 14)),
    ...         Treatment("p1", "alemtuzumab", date(2021, 3, 8), end_date=date(2021, 3, 12))]
    >>> [(c.number, str(c.last_infusion)) for c in courses_of(
    ...     rows, ("alemtuzumab",), as_of=date(2023, 1, 1))]
    [(1, '2021-03-12'), (2, '2022-03-14')]
    """
    known = [
        row
        for row in treatments
        if row.drug in drugs and (row.recorded_date or row.start_date) <= as_of
    ]
    known.sort(key=lambda row: row.start_date)
    if continuous:
        stretches = enumerate(_joined(known), start=1)
        return tuple(Course(number, row, is_continuous=True) for number, row in stretches)
    courses: list[Course] = []
    for row in known:
        following = courses[-1].number + 1 if courses else 1
        courses.append(Course(row.course_number or following, row))
    return tuple(courses)


def _joined(rows: list[Treatment]) -> list[Treatment]:
    """Rows in order, those that follow each other without a day between as one.

    It cites the row that its first day comes from, and the one that its last day does.
    """
    joined: list[Treatment] = []
    first: str | None = None
    for row in rows:
        if joined and _follows(row, joined[-1]):
            before = joined[-1]
            end = row.end_date
            if end is not None and before.end_date is not None:
                end = max(end, before.end_date)
            cited = before.source if end == before.end_date else joined_sources(first, row.source)
            joined[-1] = before._replace(end_date=end, source=cited)
        else:
            joined.append(row)
            first = row.source
    return joined


def _follows(row: Treatment, before: Treatment) -> bool:
    return before.end_date is None or row.start_date <= before.end_date + timedelta(days=1)
