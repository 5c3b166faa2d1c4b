"""Where every check stood on every day, with what is known now.

The worklist of a past morning knows only what had arrived by then. A timeline looks back instead:
each result counts from the day its specimen was taken, each examination from the day it was done.
It says when somebody was overdue in truth, which is what an audit asks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from afterdose.monitoring.copies import counted_once
from afterdose.monitoring.due import CheckState, checks_of
from afterdose.monitoring.known import Known, known_on
from afterdose.monitoring.model import Protocol
from afterdose.monitoring.versions import current_results
from afterdose.record.courses import Course
from afterdose.record.history import History
from afterdose.record.tables import USABLE_STATUSES, Lab


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on which a check stood in one state, first and last included."""

    state: CheckState
    first: date
    last: date


def check_timelines(
    history: History, protocol: Protocol, *, as_of: date
) -> dict[str, tuple[Stretch, ...]]:
    """Every check's states, from the day a course was first known up to ``as_of``.

    Parameters
    ----------
    history : History
    protocol : Protocol
    as_of : date
        Only what had been received by this day counts, from the day it was true.

    Returns
    -------
    dict of str to tuple of Stretch
        By check, for those that can concern the person; empty where no course is known.

    Examples
    --------
    >>> from afterdose.monitoring import load_protocol
    >>> from afterdose.record.tables import Person, Treatment
    >>> course = Treatment("p1", "alemtuzumab", date(2021, 3, 8), 1, date(2021, 3, 12))
    >>> found = check_timelines(
    ...     History(Person("p1"), treatments=(course,)),
    ...     load_protocol("alemtuzumab-eu"),
    ...     as_of=date(2021, 4, 20),
    ... )
    >>> [(stretch.state.value, str(stretch.first)) for stretch in found["creatinine"]]
    [('not yet due', '2021-03-08'), ('due', '2021-04-08'), ('overdue', '2021-04-16')]
    """
    known = known_on(history, protocol, as_of=as_of)
    if not known.courses:
        return {}
    looked_back = _known_when_true(history, known)
    days: dict[str, list[tuple[date, CheckState]]] = {}
    for day in _days(min(_known_from(known)), as_of):
        seen = known_on(looked_back, protocol, as_of=day)
        seen = replace(seen, courses=_numbered(seen, known), contradictions=known.contradictions)
        for status in checks_of(seen, protocol):
            days.setdefault(status.check_id, []).append((day, status.state))
    return {name: tuple(_stretches(found)) for name, found in days.items()}


def _known_from(known: Known) -> list[date]:
    return [min(course.row.recorded_date or course.start, course.start) for course in known.courses]


def _numbered(seen: Known, known: Known) -> tuple[Course, ...]:
    """Courses seen on a day, each with the number it is known to have had.

    On the day itself one that was planned early could have passed for the first.
    """
    numbers = {course.start: course.number for course in known.courses if course.is_continuous}
    return tuple(
        course._replace(number=numbers.get(course.start, course.number)) for course in seen.courses
    )


def _known_when_true(history: History, known: Known) -> History:
    """The history as if everything now known had been known the day it was true."""
    as_of = known.as_of
    numbers = {id(course.row): course.number for course in known.courses}
    current = current_results(lab for lab in history.labs if lab.received_date <= as_of)
    usable = [lab for lab in current if lab.status in USABLE_STATUSES]
    return replace(
        history,
        labs=tuple(map(_at_once, counted_once(usable))),
        treatments=tuple(
            row._replace(
                recorded_date=min(row.recorded_date or row.start_date, row.start_date),
                course_number=numbers.get(id(row), row.course_number),
            )
            for row in history.treatments
            if (row.recorded_date or row.start_date) <= as_of
        ),
        examinations=tuple(
            row._replace(recorded_date=None)
            for row in history.examinations
            if (row.recorded_date or row.date) <= as_of
        ),
        mri=tuple(
            row._replace(recorded_date=None)
            for row in history.mri
            if (row.recorded_date or row.date) <= as_of
        ),
        follow_up=known.follow_up,
    )


def _at_once(lab: Lab) -> Lab:
    """A current result, received when it was taken; it replaces and is replaced by nothing."""
    return lab._replace(
        received_date=lab.specimen_date,
        received_time=None,
        status="final",
        accession=None,
        result_id=None,
    )


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _stretches(days: list[tuple[date, CheckState]]) -> Iterator[Stretch]:
    for state, group in groupby(days, key=lambda entry: entry[1]):
        held = [day for day, _ in group]
        yield Stretch(state, held[0], held[-1])
