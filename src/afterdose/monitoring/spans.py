"""The spans of monitoring that a drug sets going."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from afterdose.record.courses import Course
from afterdose.record.dates import Period


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of monitoring.

    Attributes
    ----------
    start : date
        The first infusion, or first dose.
    end : date or None
        A stated time after the last infusion or dose; None while the drug is being taken.
    began : date
        The newest start of the drug inside the span.
    last_course : Course or None
        The course that ``end`` is counted from.
    """

    start: date
    end: date | None
    began: date
    last_course: Course | None = None

    def is_over(self, day: date) -> bool:
        """Whether ``day`` lies behind the span's end."""
        return self.end is not None and day > self.end

    def holds(self, due: date | None) -> bool:
        """Whether a test due on ``due`` still falls into the span."""
        return due is not None and (self.end is None or due <= self.end)


def monitoring_spans(courses: Iterable[Course], until: Period, *, as_of: date) -> list[Span]:
    """Spans of monitoring, merged where a course falls inside the span of the one before.

    Retreatment restarts the clock: the end moves to ``until`` after the new course's last
    infusion. A course given after monitoring had ended begins a new span. A planned course does
    not yet count as the newest start.
    """
    spans: list[Span] = []
    for course in courses:
        end = None if course.is_ongoing(as_of) else until.after(course.last_infusion)
        has_begun = course.start <= as_of
        if spans and (spans[-1].end is None or course.start <= spans[-1].end):
            before = spans[-1]
            later = None if end is None or before.end is None else max(end, before.end)
            began = course.start if has_begun else before.began
            spans[-1] = Span(before.start, later, began, course)
        else:
            spans.append(Span(course.start, end, course.start, course))
    return spans


def span_on(courses: Iterable[Course], span: Span, day: date) -> Span:
    """``span`` as it was on ``day``: with the newest start of the drug up to then."""
    starts = (course.start for course in courses if span.start <= course.start <= day)
    return replace(span, began=max(starts, default=span.start))
