"""Courses of a drug: treatment rows in order, each with its number."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from afterdose.record.tables import Treatment


class Course(NamedTuple):
    """One course and the row it rests on.

    A course without a recorded number takes the one after the course before.
    """

    number: int
    row: Treatment

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


def courses_of(treatments: Iterable[Treatment], drug: str, *, as_of: date) -> tuple[Course, ...]:
    """Courses of ``drug`` known on ``as_of``, planned ones included, by first infusion.

    Examples
    --------
    >>> rows = [Treatment("p1", "alemtuzumab", date(2022, 3, 14)),
    ...         Treatment("p1", "alemtuzumab", date(2021, 3, 8), end_date=date(2021, 3, 12))]
    >>> [(c.number, str(c.last_infusion)) for c in courses_of(
    ...     rows, "alemtuzumab", as_of=date(2023, 1, 1))]
    [(1, '2021-03-12'), (2, '2022-03-14')]
    """
    known = [
        row
        for row in treatments
        if row.drug == drug and (row.recorded_date or row.start_date) <= as_of
    ]
    courses: list[Course] = []
    for row in sorted(known, key=lambda row: row.start_date):
        following = courses[-1].number + 1 if courses else 1
        courses.append(Course(row.course_number or following, row))
    return tuple(courses)
