"""How completely a repeated check was done: the audit published studies do by hand."""

from dataclasses import dataclass
from datetime import date, timedelta

from afterdose.monitoring.due import tables_of
from afterdose.monitoring.known import Known, known_on
from afterdose.monitoring.model import Check, CheckKind, Protocol
from afterdose.monitoring.spans import Span, monitoring_spans
from afterdose.record.history import History


@dataclass(frozen=True, slots=True)
class Coverage:
    """One person's completeness for one check.

    Attributes
    ----------
    check_id : str
    tests_due : int
        Due dates, with their window, that had passed by the end of what is counted.
    tests_in_window : int
        Of these, done by the end of the window.
    days : int
        Days under monitoring that are counted, first and last included.
    days_in_window : int
        Of these, days on which no test was overdue.
    longest_gap_days : int
        Longest time from one satisfactory test (or the first infusion) to the next, or to the end.
    """

    check_id: str
    tests_due: int
    tests_in_window: int
    days: int
    days_in_window: int
    longest_gap_days: int


def evaluate_coverage(history: History, protocol: Protocol, *, as_of: date) -> tuple[Coverage, ...]:
    """Completeness of every repeated check of ``protocol`` for one person up to ``as_of``.

    Only days under monitoring and under observation are counted: from the first infusion to the
    end of monitoring, of follow-up, of life, or ``as_of``, whichever comes first. Checks the record
    cannot answer for (a table or the sex is missing) are left out.
    """
    known = known_on(history, protocol.drug, as_of=as_of)
    found = []
    for check in protocol.checks:
        if check.kind is not CheckKind.REPEATED or not _concerns(check, known):
            continue
        spans = monitoring_spans(known.courses, check.until)
        parts = [_of_span(check, known, span) for span in spans if span.start <= _horizon(known)]
        if parts:
            found.append(_joined(check.id, parts))
    return tuple(found)


def satisfactory_dates(check: Check, known: Known, *, since: date) -> list[date]:
    """Every specimen date that satisfied ``check``, oldest first.

    The n-th date is what `last_satisfactory` would have answered after the n-th complete test.
    """
    days_of = {
        need: sorted({day for name in need.any_of for day in known.dates_of(name) if day >= since})
        for need in check.needs
    }
    if not all(days_of.values()):
        return []
    latest: dict[object, date] = {}
    found: list[date] = []
    for day in sorted({day for days in days_of.values() for day in days}):
        for need, days in days_of.items():
            if day in days:
                latest[need] = day
        if len(latest) == len(days_of):
            oldest = min(latest.values())
            if not found or oldest > found[-1]:
                found.append(oldest)
    return found


def _concerns(check: Check, known: Known) -> bool:
    return not tables_of(check) & known.absent and (check.sex is None or check.sex == known.sex)


def _horizon(known: Known) -> date:
    ends = [span.end_date for span in known.follow_up]
    last_seen = max((end for end in ends if end), default=None) if None not in ends else None
    return min(day for day in (known.as_of, known.died_on, last_seen) if day is not None)


def _of_span(check: Check, known: Known, span: Span) -> Coverage:
    last_day = min(span.end, _horizon(known))
    due_count = in_window = days_late = longest = 0
    reference = span.start
    done = [
        day
        for day in satisfactory_dates(check, known, since=span.start)
        if span.start < day <= last_day
    ]
    for test in (*done, None):
        due = check.every.after(reference)
        deadline = check.window.after(due)
        until = test or last_day
        longest = max(longest, (until - reference).days)
        if test is not None and test <= deadline:
            if test >= due:
                due_count += 1
                in_window += 1
        elif due <= span.end and deadline < until:
            due_count += 1
            days_late += (until - deadline).days - (test is not None)
        reference = test or reference
    return Coverage(
        check_id=check.id,
        tests_due=due_count,
        tests_in_window=in_window,
        days=(last_day - span.start + timedelta(days=1)).days,
        days_in_window=(last_day - span.start).days + 1 - days_late,
        longest_gap_days=longest,
    )


def _joined(check_id: str, parts: list[Coverage]) -> Coverage:
    return Coverage(
        check_id=check_id,
        tests_due=sum(part.tests_due for part in parts),
        tests_in_window=sum(part.tests_in_window for part in parts),
        days=sum(part.days for part in parts),
        days_in_window=sum(part.days_in_window for part in parts),
        longest_gap_days=max(part.longest_gap_days for part in parts),
    )
