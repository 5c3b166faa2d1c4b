"""The spans of monitoring that courses set going."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from afterdose.record.courses import Course
from afterdose.record.dates import Period


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of monitoring: from a course's first infusion to a time after the last one."""

    start: date
    end: date
    last_course: Course


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
