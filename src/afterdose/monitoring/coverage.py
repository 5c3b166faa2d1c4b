"""How completely a repeated check was done: the audit published studies do by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from afterdose.monitoring.due import tables_of
from afterdose.monitoring.known import Known, known_on
from afterdose.monitoring.model import Check, CheckKind, Protocol
from afterdose.monitoring.schedule import counts_from_newest_start, next_due
from afterdose.monitoring.spans import Span, monitoring_spans, span_on
from afterdose.record.history import History


@dataclass(frozen=True, slots=True)
class Coverage:
    """One person's completeness for one check in one span of monitoring.

    Attributes
    ----------
    check_id : str
    first, last : date
        The first and the last day counted.
    tests_due : int
        Due dates, with their window, that had passed by the end of what is counted. While a test
        stays undone, another is due with every interval.
    tests_in_window : int
        Of these, done by the end of the window.
    days : int
        Days under monitoring that are counted, first and last included.
    days_in_window : int
        Of these, days on which no test was overdue.
    longest_gap_days : int
        The oldest the last satisfactory test (or the first infusion) ever grew before the next one
        was complete, or the counting ended.
    """

    check_id: str
    first: date
    last: date
    tests_due: int
    tests_in_window: int
    days: int
    days_in_window: int
    longest_gap_days: int

    @property
    def share_in_window(self) -> float:
        """The share of monitored days on which no test was overdue, from 0 to 1."""
        return self.days_in_window / self.days


def evaluate_coverage(history: History, protocol: Protocol, *, as_of: date) -> tuple[Coverage, ...]:
    """Completeness of every repeated check of ``protocol`` for one person up to ``as_of``.

    One entry a check and span, in the protocol's order and in time.

    Only days under monitoring and under observation are counted: from the first infusion to the
    end of monitoring, of follow-up, the day before death, or ``as_of``, whichever comes first.
    Checks the record cannot answer for (a table or the sex is missing) are left out, and so is
    a person whose record contradicts itself.
    """
    return coverage_of(known_on(history, protocol, as_of=as_of), protocol)


def coverage_of(known: Known, protocol: Protocol) -> tuple[Coverage, ...]:
    """As `evaluate_coverage`, from what is already `Known`."""
    return tuple(_walk(check, known, span)[0] for check, span in _counted(known, protocol))


def missed_tests(known: Known, protocol: Protocol) -> dict[str, tuple[date, ...]]:
    """The due dates that passed, with their window, without a test; by repeated check.

    The same days and the same rules as `coverage_of`: those it counts as due and not in the window.
    A check without any is left out.

    Examples
    --------
    >>> from afterdose.monitoring import load_protocol
    >>> from afterdose.record.tables import Person, Treatment
    >>> course = Treatment("p1", "alemtuzumab", date(2021, 3, 8), 1, date(2021, 3, 12))
    >>> protocol = load_protocol("alemtuzumab-eu")
    >>> history = History(Person("p1"), treatments=(course,))
    >>> known = known_on(history, protocol, as_of=date(2021, 5, 20))
    >>> [str(day) for day in missed_tests(known, protocol)["creatinine"]]
    ['2021-04-08', '2021-05-08']
    """
    found: dict[str, tuple[date, ...]] = {}
    for check, span in _counted(known, protocol):
        _, missed = _walk(check, known, span)
        if missed:
            found[check.id] = (*found.get(check.id, ()), *missed)
    return found


def _counted(known: Known, protocol: Protocol) -> Iterator[tuple[Check, Span]]:
    """The repeated checks and spans that completeness is counted for."""
    if known.contradictions:
        return
    for check in protocol.checks:
        if check.kind is not CheckKind.REPEATED or not _concerns(check, known):
            continue
        for span in monitoring_spans(known.courses, check.until, as_of=known.as_of):
            if span.start <= _horizon(known):
                yield check, span


@dataclass(frozen=True, slots=True)
class Test:
    """A test that satisfied a check.

    Parts drawn on different days make one test: it is there from the day the last part was drawn,
    and the next one is due by its oldest part.

    Attributes
    ----------
    completed : date
        The day from which the check was satisfied.
    counts_from : date
        What `last_satisfactory` answers from then on.
    """

    completed: date
    counts_from: date


def satisfactory_tests(check: Check, known: Known, *, since: date) -> list[Test]:
    """Every test that satisfied ``check``, of specimens from ``since`` on, oldest first."""
    days_of = {
        need: sorted({day for name in need.any_of for day in known.dates_of(name) if day >= since})
        for need in check.needs
    }
    if not all(days_of.values()):
        return []
    latest: dict[object, date] = {}
    found: list[Test] = []
    for day in sorted({day for days in days_of.values() for day in days}):
        for need, days in days_of.items():
            if day in days:
                latest[need] = day
        if len(latest) == len(days_of):
            oldest = min(latest.values())
            if not found or oldest > found[-1].counts_from:
                found.append(Test(day, oldest))
    return found


def _concerns(check: Check, known: Known) -> bool:
    return not tables_of(check) & known.absent and (check.sex is None or check.sex == known.sex)


def _horizon(known: Known) -> date:
    ends = [span.end_date for span in known.follow_up]
    last_seen = max((end for end in ends if end), default=None) if None not in ends else None
    # On the day of death every check has ended.
    last_lived = known.died_on and known.died_on - timedelta(days=1)
    return min(day for day in (known.as_of, last_lived, last_seen) if day is not None)


def _walk(check: Check, known: Known, span: Span) -> tuple[Coverage, list[date]]:
    """From one test, or new start of the drug, to the next: what was due, by when, and done when;
    and the due dates whose window passed without a test.

    A test that is done late was due once, and once more for every interval it was late by.
    """
    last_day = _horizon(known) if span.end is None else min(span.end, _horizon(known))
    tests = [
        test
        for test in satisfactory_tests(check, known, since=span.start)
        if span.start < test.completed <= last_day
    ]
    tests_due = in_window = days_late = longest = 0
    last_done: date | None = None
    missed: list[date] = []
    since = span.start
    for until, test in _steps(check, known, span, tests, last_day):
        here = span_on(known.courses, span, since)
        due = next_due(check, here, last_done)
        if due is not None and span.holds(due):
            first_late = max(check.window.after(due) + timedelta(days=1), since)
            days_late += max(0, (until - first_late).days)
        # Without a test the day itself may still be one in the window.
        last_missed = until - timedelta(days=1 if test else 2)
        while due is not None and span.holds(due) and check.window.after(due) <= last_missed:
            if not missed or due > missed[-1]:
                tests_due += 1
                missed.append(due)
            due = next_due(check, here, due)
        if test and due is not None and until >= check.early.before(due):
            tests_due += 1
            in_window += 1
        if test:
            longest = max(longest, (until - (last_done or span.start)).days)
            last_done = test.counts_from
        since = until
    days = (last_day - span.start).days + 1
    counted = Coverage(
        check_id=check.id,
        first=span.start,
        last=last_day,
        tests_due=tests_due,
        tests_in_window=in_window,
        days=days,
        days_in_window=days - days_late,
        longest_gap_days=max(longest, (last_day - (last_done or span.start)).days),
    )
    return counted, missed


def _steps(
    check: Check, known: Known, span: Span, tests: list[Test], last_day: date
) -> list[tuple[date, Test | None]]:
    """The days on which the due date moves, each with the test that moved it, if one did; then the
    day after the last one counted."""
    starts = {course.start for course in known.courses if span.start < course.start <= last_day}
    if not counts_from_newest_start(check):
        starts = set()
    done = {test.completed: test for test in tests}
    steps = [(day, done.get(day)) for day in sorted(starts | set(done))]
    return [*steps, (last_day + timedelta(days=1), None)]
