"""One person as the search reads them: visits in order, one a day, and what lies around them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any

from afterdose.outcomes.disability.choices import (
    RelapseDay,
)
from afterdose.outcomes.disability.parts import (
    Distance,
    RelapseWindows,
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit with a score.

    Attributes
    ----------
    day : date
    value : float, unit of the measure
    since_relapse, until_relapse : float, unit day
        To the nearest relapse on or before the day and on or after it; infinity if there is none.
    row : object
        The row of the record it rests on.
    """

    day: date
    value: float
    since_relapse: float = inf
    until_relapse: float = inf
    row: Any = None

    def keeps(self, distance: Distance) -> bool:
        """Whether the nearest relapses are at least this far away."""
        return (
            self.since_relapse >= distance.since_last and self.until_relapse >= distance.until_next
        )


@dataclass(frozen=True, slots=True)
class Bout:
    """One relapse: its first day, and its last where it is recorded."""

    onset: date
    end: date | None = None

    def span(self, measured_from: RelapseDay) -> tuple[date, date]:
        """Its first and last day; the same day where ends are not looked at or not recorded."""
        return self.onset, (self.end if measured_from is RelapseDay.END else None) or self.onset


@dataclass(frozen=True, slots=True)
class Scan:
    """One MRI scan that says whether there was activity."""

    day: date
    active: bool


@dataclass(frozen=True, slots=True)
class Person:
    """What the search reads of one person.

    Attributes
    ----------
    visits : tuple of Visit
        In order, one a day.
    relapses : tuple of Bout
        Those that are looked at, in order.
    scans : tuple of Scan
    composites : tuple of date
        Intercurrent events that count as confirmation, in order.
    key : str
        What a draw about this person is made from.
    """

    visits: tuple[Visit, ...]
    relapses: tuple[Bout, ...] = ()
    scans: tuple[Scan, ...] = ()
    composites: tuple[date, ...] = ()
    key: str = ""


def lay_out(
    scores: Sequence[tuple[date, float, Any]], relapses: Iterable[Bout], rules: RelapseWindows
) -> tuple[tuple[Visit, ...], tuple[Bout, ...]]:
    """Visits with the distances to their nearest relapses, and the relapses that are looked at.

    Parameters
    ----------
    scores : sequence of (date, float, object)
        Day, value and row; in order, one a day.
    relapses : iterable of Bout
        In any order.
    rules : RelapseWindows

    Examples
    --------
    >>> visits, _ = lay_out(
    ...     [(date(2020, 1, 1), 2.0, None), (date(2020, 4, 1), 3.0, None)],
    ...     [Bout(date(2020, 3, 22))], RelapseWindows())
    >>> [(visit.since_relapse, visit.until_relapse) for visit in visits]
    [(inf, 81), (10, inf)]
    """
    if not scores:
        return (), ()
    first = scores[0][0]
    seen = [bout for bout in relapses if (first - bout.onset).days <= rules.seen_before_days]
    seen.sort(key=lambda bout: bout.onset)
    visits = tuple(
        Visit(day, value, _since(day, seen, rules), _until(day, seen), row)
        for day, value, row in scores
    )
    return visits, tuple(seen)


def _since(day: date, relapses: list[Bout], rules: RelapseWindows) -> float:
    days = []
    for bout in relapses:
        if bout.onset <= day:
            _, last = bout.span(rules.measured_from)
            days.append(max(0, (day - last).days))  # during a relapse no day has passed since
    return min(days, default=inf)


def _until(day: date, relapses: list[Bout]) -> float:
    return min(((bout.onset - day).days for bout in relapses if bout.onset >= day), default=inf)
