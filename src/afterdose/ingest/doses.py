"""Doses of one course that come in several files: one row of treatments.

The record keeps the doses as files gave them in ``doses.csv``; the courses they make are worked out
from all of them, so that the order in which they came changes nothing.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from afterdose.record.cited import joined_sources
from afterdose.record.tables import Treatment

FILE_NAME = "doses.csv"
_DAY = timedelta(days=1)

Key = tuple[str, str]
"""A person and a drug."""


class Dose(NamedTuple):
    """A dose, or a run of doses on neighbouring days, of one file.

    Attributes
    ----------
    person_id, drug : str
    start_date, end_date : date
    dose : str
        ``12 mg``, or ``12 mg x 3``; empty where it is not told.
    recorded_date : date or None
        When it was known.
    source : str or None
        Where it came from.
    """

    person_id: str
    drug: str
    start_date: date
    end_date: date
    dose: str
    recorded_date: date | None
    source: str | None = None

    @classmethod
    def of(cls, row: Treatment) -> "Dose":
        """A row of treatments whose days are both known."""
        assert row.end_date is not None  # a dose that has not ended is no dose yet
        return cls(
            row.person_id,
            row.drug,
            row.start_date,
            row.end_date,
            row.dose or "",
            row.recorded_date,
            row.source,
        )

    @property
    def key(self) -> Key:
        return self.person_id, self.drug

    @property
    def days(self) -> int:
        return (self.end_date - self.start_date).days + 1

    @property
    def told(self) -> tuple[object, ...]:
        """Without how we know of it: told again it is the same dose."""
        return self[:-2]

    def lies_within(self, row: Treatment) -> bool:
        """Whether a course has all of its days."""
        return (
            row.end_date is not None
            and row.start_date <= self.start_date
            and self.end_date <= row.end_date
        )

    def lies_beside(self, row: Treatment) -> bool:
        """Whether a course shares a day with it, or no day lies between them."""
        if row.end_date is None:
            return self.start_date <= row.start_date <= self.end_date
        return row.start_date - _DAY <= self.end_date and self.start_date <= row.end_date + _DAY


class Doses:
    """Every dose of a record."""

    def __init__(self, doses: Iterable[Dose] = ()) -> None:
        self._doses: dict[Key, dict[tuple[object, ...], Dose]] = defaultdict(dict)
        for dose in doses:
            self.add(dose)

    @classmethod
    def read(cls, path: Path) -> "Doses":
        """From a record's ``doses.csv``; none where there is no such file."""
        if not path.exists():
            return cls()
        with path.open(newline="", encoding="utf-8") as file:
            lines = list(csv.reader(file))[1:]
        return cls(
            Dose(
                *line[:2],
                date.fromisoformat(line[2]),
                date.fromisoformat(line[3]),
                line[4],
                date.fromisoformat(line[5]) if line[5] else None,
                line[6] or None,
            )
            for line in lines
        )

    def write(self, path: Path) -> None:
        """To ``doses.csv``, sorted."""
        every = (dose for doses in self._doses.values() for dose in doses.values())
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([Dose._fields, *sorted(every, key=_in_order)])

    def __len__(self) -> int:
        return sum(map(len, self._doses.values()))

    def __contains__(self, dose: Dose) -> bool:
        return dose.told in self._doses.get(dose.key, ())

    def add(self, dose: Dose) -> None:
        self._doses[dose.key].setdefault(dose.told, dose)

    def remove(self, dose: Dose) -> None:
        self._doses[dose.key].pop(dose.told, None)

    def of_person(self, person_id: str | None) -> list[Dose]:
        """Somebody's doses; without a person, everybody's."""
        return [
            dose
            for (person, _), doses in self._doses.items()
            if person_id in (None, person)
            for dose in doses.values()
        ]

    def courses(self, key: Key) -> list[Treatment]:
        """The courses that somebody's doses of a drug make.

        Doses between whose days no day lies are one course, from the first day to the last. How
        many there were is told where all state one amount.
        """
        doses = sorted(self._doses.get(key, {}).values(), key=_in_order)
        return [_course(run) for run in _runs(doses)]


def span_of(row: Treatment) -> tuple[object, ...]:
    """What two rows are alike in that are one course made of the same doses."""
    return row.drug, row.start_date, row.course_number, row.end_date, row.dose


def _in_order(dose: Dose) -> tuple[object, ...]:
    return (*dose.told, dose.recorded_date or date.min, dose.source or "")


def _runs(doses: list[Dose]) -> Iterator[list[Dose]]:
    run: list[Dose] = []
    for dose in doses:
        if run and dose.start_date > max(one.end_date for one in run) + _DAY:
            yield run
            run = []
        run.append(dose)
    if run:
        yield run


def _course(run: list[Dose]) -> Treatment:
    recorded = [dose.recorded_date for dose in run if dose.recorded_date is not None]
    return Treatment(
        run[0].person_id,
        run[0].drug,
        run[0].start_date,
        end_date=max(dose.end_date for dose in run),
        dose=_amount(run),
        recorded_date=min(recorded, default=None),
        source=joined_sources(*(dose.source for dose in run)),
    )


def _amount(run: list[Dose]) -> str | None:
    """``12 mg x 5``; None where amounts differ, are not told, or cannot be counted."""
    counted = [_counted(dose.dose) for dose in run]
    amounts = {amount for amount, _ in counted}
    amount = amounts.pop()
    if amounts or not amount:
        return None
    counts = [count for _, count in counted]
    days = (max(dose.end_date for dose in run) - run[0].start_date).days + 1
    if sum(dose.days for dose in run) == days:
        count = sum(counts)
    elif all(dose.days == count for dose, count in zip(run, counts, strict=True)):
        # Told twice over, in part; each of them one dose a day.
        count = days
    else:
        return None
    return f"{amount} x {count}" if count > 1 else amount


def _counted(dose: str) -> tuple[str, int]:
    """``12 mg`` and 3 of ``12 mg x 3``."""
    amount, times, count = dose.rpartition(" x ")
    return (amount, int(count)) if times and count.isdecimal() else (dose, 1)
