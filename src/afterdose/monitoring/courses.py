"""Courses, and the spans of monitoring they set going."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from afterdose.record.dates import Period
from afterdose.record.tables import Treatment


@dataclass(frozen=True, slots=True)
class Course:
    """One course of the monitored drug.

    ``last_infusion`` is the recorded end date. Where none is recorded the first day stands in for
    it and ``end_is_assumed`` is true: monitoring may then end a few days early, and says so.
    """

    number: int
    start: date
    last_infusion: date
    end_is_assumed: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of monitoring: from a course's first infusion to a time after the last one."""

    start: date
    end: date
    last_course: Course


def courses_of(treatments: Iterable[Treatment], drug: str, *, as_of: date) -> tuple[Course, ...]:
    """Courses of ``drug`` known on ``as_of``, planned ones included, by first infusion.

    A course without a recorded number takes the next one.
    """
    known = sorted(
        (
            row
            for row in treatments
            if row.drug == drug and (row.recorded_date or row.start_date) <= as_of
        ),
        key=lambda row: row.start_date,
    )
    courses: list[Course] = []
    for row in known:
        previous = courses[-1].number if courses else 0
        courses.append(
            Course(
                number=row.course_number or previous + 1,
                start=row.start_date,
                last_infusion=row.end_date or row.start_date,
                end_is_assumed=row.end_date is None,
            )
        )
    return tuple(courses)


def monitoring_spans(courses: Iterable[Course], until: Period) -> list[Span]:
    """Spans of monitoring, merged where a course falls inside the span of the one before.

    Retreatment restarts the clock: the end moves to ``until`` after the new course's last
    infusion. A course given after monitoring had ended begins a new span.
    """
    spans: list[Span] = []
    for course in courses:
        end = until.after(course.last_infusion)
        if spans and course.start <= spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(end, spans[-1].end), course)
        else:
            spans.append(Span(course.start, end, course))
    return spans
