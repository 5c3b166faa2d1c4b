"""How completely a clinic was monitored: one row a check."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
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
    found: dict[str, list[Coverage]] = {}
    for history in histories:
        for coverage in evaluate_coverage(history, protocol, as_of=as_of):
            found.setdefault(coverage.check_id, []).append(coverage)
    return [
        CheckCompleteness(
            check_id=check.id,
            title=check.title,
            people=len(rows),
            tests_due=sum(row.tests_due for row in rows),
            tests_in_window=sum(row.tests_in_window for row in rows),
            days=sum(row.days for row in rows),
            days_in_window=sum(row.days_in_window for row in rows),
            median_longest_gap_days=median(row.longest_gap_days for row in rows),
        )
        for check in protocol.checks
        if (rows := found.get(check.id))
    ]
