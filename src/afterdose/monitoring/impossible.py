"""Data that cannot be true: whose record contradicts itself is a data problem, not a patient.

While it stands, no schedule can be trusted, so checks are *not assessable*. Results that need
action are shown all the same: to hide a low platelet count because a date is wrong would be worse
than to show it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from afterdose.record.dates import PartialDate
from afterdose.record.history import History
from afterdose.record.tables import Lab, Treatment


def contradictions_of(
    history: History, results: Mapping[str, Sequence[Lab]], *, as_of: date
) -> tuple[str, ...]:
    """What contradicts itself in one person's record as known on ``as_of``; empty: nothing.

    Parameters
    ----------
    history : History
    results : mapping of str to sequence of Lab
        The usable results known on ``as_of``, by analyte, oldest first: a withdrawn result
        contradicts nothing.
    as_of : date

    Examples
    --------
    >>> from afterdose.record.tables import Person
    >>> rows = (Treatment("p1", "alemtuzumab", date(2022, 3, 14), 1),
    ...         Treatment("p1", "alemtuzumab", date(2021, 3, 8), 2))
    >>> contradictions_of(History(Person("p1"), treatments=rows), {}, as_of=date(2023, 1, 1))
    ('course 2 of alemtuzumab began before course 1',)
    """
    person = history.person
    born = PartialDate.parse(person.birth_date).earliest() if person.birth_date else None
    died = person.death_date if person.death_date and person.death_date <= as_of else None
    specimens = [row.specimen_date for rows in results.values() for row in (rows[0], rows[-1])]
    known = [row for row in history.treatments if (row.recorded_date or row.start_date) <= as_of]
    starts = [row.start_date for row in known]
    return tuple(
        sorted(
            {
                *_outside("a laboratory result", specimens, born, died),
                *_outside("a treatment", starts, born, died),
                *_courses_out_of_order(known),
            }
        )
    )


def _outside(
    what: str, days: Iterable[date], born: date | None, died: date | None
) -> Iterator[str]:
    for day in days:
        if born is not None and day < born:
            yield f"{what} from before birth"
        if died is not None and day > died:
            yield f"{what} from after death"


def _courses_out_of_order(rows: list[Treatment]) -> Iterator[str]:
    """A course that did not begin after the one with the lower number, or a number given twice."""
    numbered = [row for row in rows if row.course_number is not None]
    numbered.sort(key=lambda row: (row.drug, row.course_number or 0, row.start_date))
    for before, after in pairwise(numbered):
        if before.drug != after.drug:
            continue
        if before.course_number == after.course_number:
            if before.start_date != after.start_date:
                yield f"course {after.course_number} of {after.drug} recorded on two dates"
        elif after.start_date <= before.start_date:
            yield (
                f"course {after.course_number} of {after.drug} began before course "
                f"{before.course_number}"
            )
