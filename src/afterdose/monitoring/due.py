"""Which checks are due, overdue, paused or ended for one person on one morning.

A repeated check is due one interval after the last satisfactory specimen. It starts with the
first infusion, ends a stated time after the last infusion of the last course, and is satisfied
only when everything it needs has a usable result.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from afterdose.monitoring.answers import (
    Reason,
    cite_courses,
    cite_death,
    cite_done,
    cite_follow_up,
    cite_lab,
    cite_owner,
    reason,
)
from afterdose.monitoring.known import Known, known_on
from afterdose.monitoring.model import Check, CheckKind, Need, Protocol
from afterdose.monitoring.ownership import Ownership, latest_word, owner_of
from afterdose.monitoring.schedule import next_due
from afterdose.monitoring.spans import Span, monitoring_spans
from afterdose.monitoring.standing import repeated_words
from afterdose.monitoring.words import need_title
from afterdose.record.courses import Course
from afterdose.record.history import History
from afterdose.record.tables import FollowUp, Lab


class CheckState(StrEnum):
    NOT_STARTED = "not started"
    NOT_YET_DUE = "not yet due"
    DUE = "due"
    OVERDUE = "overdue"
    PAUSED = "paused"
    ENDED = "ended"
    NOT_ASSESSABLE = "not assessable"


@dataclass(frozen=True, slots=True)
class CheckStatus:
    """Where one check stands for one person.

    Attributes
    ----------
    check_id : str
    state : CheckState
    due_date : date or None
        When the next test is expected; None when none is, or when that cannot be said.
    last_done : date or None
        Specimen date of the last satisfactory test.
    ends : date or None
        When monitoring by this check ends, as things stand.
    missing : tuple of str
        What the check still needs, or what makes it not assessable.
    awaiting : date or None
        A specimen was taken on this day and its result has not been received.
    owner : Ownership
    because : tuple of Reason
    """

    check_id: str
    state: CheckState
    owner: Ownership
    because: tuple[Reason, ...]
    due_date: date | None = None
    last_done: date | None = None
    ends: date | None = None
    missing: tuple[str, ...] = ()
    awaiting: date | None = None

    def days_late(self, as_of: date) -> int:
        """Days since the due date; 0 while it has not passed."""
        return 0 if self.due_date is None else max(0, (as_of - self.due_date).days)


def evaluate_checks(
    history: History, protocol: Protocol, *, as_of: date
) -> tuple[CheckStatus, ...]:
    """Where every check of ``protocol`` stands for one person on the morning of ``as_of``.

    Parameters
    ----------
    history : History
    protocol : Protocol
    as_of : date
        Only what had been received by this day counts.

    Returns
    -------
    tuple of CheckStatus
        One per check of the protocol that can concern this person, in the protocol's order.

    Examples
    --------
    >>> from datetime import date
    >>> from afterdose.monitoring import load_protocol
    >>> from afterdose.record.history import History
    >>> from afterdose.record.tables import Person, Treatment
    >>> course = Treatment("p1", "alemtuzumab", date(2021, 3, 8), 1, date(2021, 3, 12))
    >>> history = History(Person("p1"), treatments=(course,))
    >>> statuses = evaluate_checks(
    ...     history, load_protocol("alemtuzumab-eu"), as_of=date(2021, 4, 9)
    ... )
    >>> [(s.state.value, str(s.due_date)) for s in statuses if s.check_id == "blood-count"]
    [('due', '2021-04-08')]
    """
    known = known_on(history, protocol, as_of=as_of)
    return checks_of(known, protocol)


def checks_of(known: Known, protocol: Protocol) -> tuple[CheckStatus, ...]:
    """As `evaluate_checks`, from what is already `Known`."""
    return tuple(
        _status(check, known, protocol)
        for check in protocol.checks
        if check.sex is None or known.sex is None or check.sex == known.sex
    )


def _status(check: Check, known: Known, protocol: Protocol) -> CheckStatus:
    return (
        _not_followed(check, known)
        or _not_assessable(check, known)
        or {
            CheckKind.REPEATED: _repeated,
            CheckKind.BEFORE_COURSE: _before_course,
            CheckKind.DURING_COURSE: _during_course,
        }[check.kind](check, known, protocol)
    )


# What stands before any schedule ----------------------------------------------------------------


def _not_followed(check: Check, known: Known) -> CheckStatus | None:
    """Ended by death, not started without a course, paused while not under observation."""
    if known.died_on is not None:
        died = f"The person died on {known.died_on}."
        return _say(check, known, CheckState.ENDED, died, rows=(cite_death(known.person),))
    if "treatments" in known.absent:
        return None
    if not known.courses:
        return _say(check, known, CheckState.NOT_STARTED, "No course is recorded.")
    last = _last_span(known)
    if last is None:
        return None
    return _say(check, known, CheckState.PAUSED, _gone_words(last), rows=(cite_follow_up(last),))


def left_observation(known: Known) -> str | None:
    """Why the person is not under observation, or None."""
    last = _last_span(known)
    return None if last is None else _gone_words(last)


def _gone_words(last: FollowUp) -> str:
    return (
        f"Not under observation since {last.end_date} "
        f"({last.end_reason or 'no reason recorded'}): the risk goes on, the schedule is paused."
    )


def _last_span(known: Known) -> FollowUp | None:
    """The last span under observation, if it is over.

    A data cut says nothing about the person, so it ends nothing.
    """
    if not known.follow_up or any(
        span.end_date is None or span.end_date >= known.as_of or span.end_reason == "data_cut"
        for span in known.follow_up
    ):
        return None
    return max(known.follow_up, key=lambda span: span.end_date or date.max)


def _not_assessable(check: Check, known: Known) -> CheckStatus | None:
    if known.contradictions:
        return _say(
            check,
            known,
            CheckState.NOT_ASSESSABLE,
            f"The record contradicts itself: {'; '.join(known.contradictions)}. Correct it first.",
            missing=known.contradictions,
        )
    missing = tuple(
        f"table {table}"
        for table in sorted(tables_of(check) | {"treatments"})
        if table in known.absent
    )
    if check.sex is not None and known.sex is None:
        missing += ("sex",)
    if not missing:
        return None
    return _say(
        check,
        known,
        CheckState.NOT_ASSESSABLE,
        f"Not recorded: {', '.join(missing)}.",
        missing=missing,
    )


def tables_of(check: Check) -> set[str]:
    """The record tables a check reads."""
    names = [name for need in check.needs for name in need.any_of]
    return {
        "mri" if name == "mri" else "examinations" if name.startswith("examination:") else "labs"
        for name in names
    }


# Repeated checks --------------------------------------------------------------------------------


def _repeated(check: Check, known: Known, protocol: Protocol) -> CheckStatus:
    spans = monitoring_spans(known.courses, check.until, as_of=known.as_of)
    begun = [span for span in spans if span.start <= known.as_of]
    if not begun:
        return _say(
            check,
            known,
            CheckState.NOT_STARTED,
            f"Starts with the first {protocol.dose_word}, planned for {spans[0].start}.",
            rows=cite_courses(known.courses[:1]),
        )
    span = begun[-1]
    last_done = last_satisfactory(check, known, since=span.start)
    due = next_due(check, span, last_done)
    missing = _behind(check, known, last_done)
    return _say(
        check,
        known,
        _repeated_state(check, known, span, due, protocol),
        repeated_words(check, known, span, last_done, due, missing),
        due_date=due if span.holds(due) else None,
        last_done=last_done,
        ends=span.end,
        missing=missing,
        awaiting=_awaiting(check, known, last_done or span.start),
        rows=_rows(check, known, last_done) + cite_courses(_courses_behind(span, known)),
    )


def _courses_behind(span: Span, known: Known) -> list[Course]:
    """The courses whose days a schedule counts from: first, newest start, and last to end."""
    starts = (span.start, span.began)
    return [one for one in known.courses if one.start in starts or one == span.last_course]


def _repeated_state(
    check: Check, known: Known, span: Span, due: date | None, protocol: Protocol
) -> CheckState:
    if due is None or not span.holds(due):
        return CheckState.ENDED if span.is_over(known.as_of) else CheckState.NOT_YET_DUE
    if span.end is not None and known.as_of > protocol.closing.after(span.end):
        return CheckState.ENDED
    if known.as_of < due:
        return CheckState.NOT_YET_DUE
    return CheckState.DUE if known.as_of <= check.window.after(due) else CheckState.OVERDUE


def last_satisfactory(check: Check, known: Known, *, since: date) -> date | None:
    """Specimen date of the last test that satisfied ``check`` on or after ``since``.

    Everything the check needs has a usable result at least that recent, so a blood count without
    platelets does not move it, and parts drawn on different days count from the oldest.
    """
    return min(
        (_latest(need, known, since) for need in check.needs),
        key=lambda day: day or date.min,
    )


def _latest(need: Need, known: Known, since: date) -> date | None:
    days = (known.dates_of(name) for name in need.any_of)
    return max((day[-1] for day in days if day and day[-1] >= since), default=None)


def _behind(check: Check, known: Known, last_done: date | None) -> tuple[str, ...]:
    """Which needs lag behind the newest result of the same check."""
    latest = {need: _latest(need, known, date.min) for need in check.needs}
    newest = max((day for day in latest.values() if day), default=None)
    if newest is None or newest == last_done:
        return ()
    return tuple(
        " or ".join(need_title(name) for name in need.any_of)
        for need, day in latest.items()
        if day is None or day < newest
    )


def _awaiting(check: Check, known: Known, since: date) -> date | None:
    """The newest specimen of this check that was announced but has no final result."""
    return max(
        (
            lab.specimen_date
            for need in check.needs
            for name in need.any_of
            for lab in known.pending.get(name, ())
            if lab.specimen_date > since
        ),
        default=None,
    )


# Checks tied to a course ------------------------------------------------------------------------


def _concerned(check: Check, courses: tuple[Course, ...]) -> list[Course]:
    return [course for course in courses if not check.courses or course.number in check.courses]


def _before_course(check: Check, known: Known, protocol: Protocol) -> CheckStatus:
    """Before a planned course: open from ``within`` before it. After it began: a statement."""
    courses = _concerned(check, known.courses)
    planned = [course for course in courses if course.start > known.as_of]
    if planned:
        return _before_planned(check, known, planned[0])
    if not courses:
        return _say(check, known, CheckState.NOT_STARTED, "No course this concerns is recorded.")
    course = courses[-1]
    opens = check.within.before(course.start)
    done = done_between(check, known, opens, course.start)
    words = (
        f"Done {done}, before course {course.number} began on {course.start}."
        if done
        else f"Not found in the {check.within.in_words()} before course {course.number} began on "
        f"{course.start}; it can no longer be done before that course."
    )
    rows = cite_courses([course])
    return _say(check, known, CheckState.ENDED, words, last_done=done, rows=rows)


def _before_planned(check: Check, known: Known, course: Course) -> CheckStatus:
    opens = check.within.before(course.start)
    done = done_between(check, known, opens, course.start)
    if done:
        state = CheckState.NOT_YET_DUE
        words = f"Done {done}, in time for course {course.number} planned for {course.start}."
    else:
        state = CheckState.NOT_YET_DUE if known.as_of < opens else CheckState.DUE
        words = (
            f"Needed within {check.within.in_words()} before course {course.number}, planned for "
            f"{course.start}."
        )
    return _say(
        check,
        known,
        state,
        words,
        due_date=None if done else opens,
        last_done=done,
        rows=_rows(check, known, done) + cite_courses([course]),
    )


def _during_course(check: Check, known: Known, protocol: Protocol) -> CheckStatus:
    """On given days of a course; a day not tested is due until the course is over."""
    courses = [c for c in _concerned(check, known.courses) if c.start <= known.as_of]
    if not courses:
        return _say(check, known, CheckState.NOT_STARTED, "No course this concerns has begun.")
    course = courses[-1]
    days = [course.start + timedelta(days=number - 1) for number in check.days]
    open_days = [day for day in days if not done_between(check, known, day, day)]
    rows = cite_courses([course])
    over = known.as_of > max(course.last_infusion, days[-1])
    if not open_days:
        words = f"Done on every stated day of course {course.number}."
        return _say(check, known, CheckState.ENDED, words, last_done=days[-1], rows=rows)
    words = f"Course {course.number}: no result for {', '.join(str(day) for day in open_days)}."
    if over:
        return _say(check, known, CheckState.ENDED, words + " The course is over.", rows=rows)
    due = open_days[0]
    state = CheckState.DUE if known.as_of >= due else CheckState.NOT_YET_DUE
    return _say(check, known, state, words, due_date=due, rows=rows)


def done_between(check: Check, known: Known, first: date, last: date) -> date | None:
    """The oldest of the newest results of every need between two days, or None."""
    found = [
        max(
            (day for name in need.any_of for day in known.dates_of(name) if first <= day <= last),
            default=None,
        )
        for need in check.needs
    ]
    return None if None in found else min(day for day in found if day is not None)


# Words ------------------------------------------------------------------------------------------


def _rows(check: Check, known: Known, last_done: date | None) -> tuple[str, ...]:
    """The rows behind the last satisfactory test, as citable lines."""
    if last_done is None:
        return ()
    return tuple(
        cite_lab(row) if isinstance(row, Lab) else cite_done(row)
        for need in check.needs
        for name in need.any_of
        for row in known.rows_of(name)[-1:]
    )


def _say(
    check: Check,
    known: Known,
    state: CheckState,
    text: str,
    *,
    due_date: date | None = None,
    last_done: date | None = None,
    ends: date | None = None,
    missing: tuple[str, ...] = (),
    awaiting: date | None = None,
    rows: tuple[str, ...] = (),
) -> CheckStatus:
    if awaiting is not None:
        text += f" A specimen of {awaiting} is announced; its result has not been received."
    word = latest_word(check.id, known.owners)
    if word is not None:
        rows = (*rows, cite_owner(word))
    return CheckStatus(
        check_id=check.id,
        state=state,
        owner=owner_of(check, known),
        because=(reason(text, rule=check.id, grounds=check.grounds, rows=rows),),
        due_date=due_date,
        last_done=last_done,
        ends=ends,
        missing=missing,
        awaiting=awaiting,
    )
