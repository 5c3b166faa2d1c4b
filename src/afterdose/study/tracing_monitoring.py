"""From a number on the completeness of monitoring back to the results that satisfied the tests."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from afterdose.cohort import Cohort
from afterdose.monitoring import Coverage, Protocol
from afterdose.monitoring.coverage import coverage_of, satisfactory_tests
from afterdose.monitoring.known import Known, known_on
from afterdose.monitoring.model import Check
from afterdose.outcomes.answers import Because
from afterdose.record.history import History
from afterdose.study.identifiers import Place
from afterdose.study.questions import Told
from afterdose.study.sections.monitoring import IN_WINDOW
from afterdose.study.tracing import PersonTrace, Trace


def check_of(place: Place, protocol: Protocol) -> Check | None:
    """The check that a number of the section on monitoring is about; None where it is of several.

    Parameters
    ----------
    place : Place
    protocol : Protocol
        By which completeness was measured.
    """
    if place.table is not None and place.row is not None:
        title = place.table.rows[place.row][0]
    else:
        title = place.number.label.removesuffix(IN_WINDOW)
    return next((check for check in protocol.checks if check.title_with_grade == title), None)


def trace_check(
    cohort: Cohort,
    protocol: Protocol,
    place: Place,
    check: Check,
    *,
    as_of: date,
    not_counted: bool = False,
    limit: int | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Trace:
    """The people a check concerned, and the results that satisfied it.

    Counted is who had a test done in its window, or a day on which none was overdue; in a number
    without a numerator everybody is.

    Parameters
    ----------
    cohort : Cohort
        With laboratory results.
    protocol : Protocol
    place : Place
    check : Check
        From `check_of`.
    as_of : date
    not_counted : bool, default False
        Also those who were asked and did not count.
    limit : int, optional
        Only so many people, in the record's order.
    advance : callable, optional
        Called after each person of the cohort.
    """
    people = []
    for history in cohort.histories():
        found = _person(history, protocol, check, place, as_of)
        if found is not None:
            people.append(found)
        advance()
    counted = [one for one in people if one.is_counted]
    shown = people if not_counted else counted
    return Trace(place, len(people), len(counted), iter(shown[:limit]))


def _person(
    history: History, protocol: Protocol, check: Check, place: Place, as_of: date
) -> PersonTrace | None:
    known = known_on(history, protocol, as_of=as_of)
    spans = [span for span in coverage_of(known, protocol) if span.check_id == check.id]
    if not spans:
        return None
    number = place.number
    is_of_tests = number.numerator is not None and number.method != ""
    counted = (
        number.numerator is None
        or any(span.tests_in_window if is_of_tests else span.days_in_window for span in spans)
    )  # fmt: skip
    return PersonTrace(
        history.person.person_id,
        counted,
        tuple(_told(span, check, known) for span in spans),
    )


def _told(span: Coverage, check: Check, known: Known) -> Told:
    words = (
        f"{span.first} to {span.last}: {span.tests_in_window} of {span.tests_due} tests due done "
        f"in their window, none overdue on {span.days_in_window} of {span.days} days, longest gap "
        f"{span.longest_gap_days} days"
    )
    rows = tuple(dict.fromkeys(_rows(span, check, known)))
    return Told(words, Because(check.id, rows=rows), span.tests_in_window)


def _rows(span: Coverage, check: Check, known: Known) -> Iterator[Any]:
    """Of every test that satisfied the check in the span, the newest row each need had by then."""
    for test in satisfactory_tests(check, known, since=span.first):
        if not span.first < test.completed <= span.last:
            continue
        for need in check.needs:
            held = [
                row
                for name in need.any_of
                for row in known.rows_of(name)
                if span.first <= _day(row) <= test.completed
            ]
            newest = max(map(_day, held), default=None)
            yield from (row for row in held if _day(row) == newest)


def _day(row: Any) -> date:
    day: date = row.specimen_date if hasattr(row, "specimen_date") else row.date
    return day
