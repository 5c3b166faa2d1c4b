"""How completely a clinic was monitored: one row a check."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from statistics import median

from afterdose.monitoring import Coverage, Protocol, evaluate_coverage
from afterdose.record.history import History


@dataclass(frozen=True)
class CheckCompleteness:
    """One check over everybody it concerned.

    Attributes
    ----------
    check_id, title : str
    people : int
    tests_due, tests_in_window : int
    days, days_in_window : int
        Days under monitoring and observation, and those on which no test was overdue.
    median_longest_gap_days : float
        Median over people of each person's longest time between satisfactory tests.
    """

    check_id: str
    title: str
    people: int
    tests_due: int
    tests_in_window: int
    days: int
    days_in_window: int
    median_longest_gap_days: float


def build_completeness(
    histories: Iterable[History], protocol: Protocol, *, as_of: date
) -> list[CheckCompleteness]:
    """Completeness of every repeated check over everybody, in the protocol's order.

    Checks the record cannot answer for are left out.
    """
    found: dict[str, list[list[Coverage]]] = {}
    for history in histories:
        spans = evaluate_coverage(history, protocol, as_of=as_of)
        for check_id, parts in groupby(spans, key=lambda coverage: coverage.check_id):
            found.setdefault(check_id, []).append(list(parts))
    return [
        CheckCompleteness(
            check_id=check.id,
            title=check.title_with_grade,
            people=len(people),
            tests_due=sum(span.tests_due for spans in people for span in spans),
            tests_in_window=sum(span.tests_in_window for spans in people for span in spans),
            days=sum(span.days for spans in people for span in spans),
            days_in_window=sum(span.days_in_window for spans in people for span in spans),
            median_longest_gap_days=median(
                max(span.longest_gap_days for span in spans) for spans in people
            ),
        )
        for check in protocol.checks
        if (people := found.get(check.id))
    ]
