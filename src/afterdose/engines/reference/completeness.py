"""How completely a clinic was monitored: one row a check."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from statistics import median

from afterdose.monitoring import Coverage, Protocol
from afterdose.monitoring.coverage import coverage_of
from afterdose.monitoring.known import known_on
from afterdose.monitoring.words import override_in_words
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
    left_out : int
        People who had the drug and of whom nothing is counted: their record contradicts itself.
    """

    check_id: str
    title: str
    people: int
    tests_due: int
    tests_in_window: int
    days: int
    days_in_window: int
    median_longest_gap_days: float
    left_out: int = 0


def build_completeness(
    histories: Iterable[History], protocol: Protocol, *, as_of: date
) -> list[CheckCompleteness]:
    """Completeness of every repeated check over everybody, in the protocol's order.

    Checks the record cannot answer for are left out.
    """
    found: dict[str, list[list[Coverage]]] = {}
    left_out = 0
    for history in histories:
        known = known_on(history, protocol, as_of=as_of)
        left_out += bool(known.contradictions and known.courses)
        spans = coverage_of(known, protocol)
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
            left_out=left_out,
        )
        for check in protocol.checks
        if (people := found.get(check.id))
    ]


def audit_notes(protocol: Protocol, rows: Sequence[CheckCompleteness]) -> list[str]:
    """What a reader of the counts has to know: who is left out, and what the site changed."""
    left_out = max((row.left_out for row in rows), default=0)
    notes = [
        f"Changed by this site, {override.rule}: {override_in_words(override)}"
        for override in protocol.overrides
    ]
    if left_out:
        people = "1 person is" if left_out == 1 else f"{left_out:,} people are"
        notes.append(
            f"{people} left out: the record contradicts itself. They stand on the worklist as "
            "data problems."
        )
    return notes
