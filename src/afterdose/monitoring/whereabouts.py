"""Where everybody stands on one morning: whether listed or not, nobody vanishes.

A drug that no protocol in force covers is watched by nobody here, and how long after its last dose
it can still do harm is not known to us. Whoever takes one stands under its name, also beside the
monitoring of another drug.
"""

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from afterdose.record.history import History
from afterdose.record.tables import Treatment


class Standing(StrEnum):
    """Where a person stands on one morning. Everybody stands somewhere."""

    LISTED = "on the worklist"
    UNCOVERED = "on a drug that no approved protocol covers"
    NOTHING_DUE = "monitored, nothing due"
    ENDED = "monitoring ended"
    NOT_TREATED = "no treatment recorded"
    NOT_RECORDED = "treatments not recorded for anybody"
    DIED = "died"

    @property
    def slug(self) -> str:
        """How a command line names it: ``nothing-due``."""
        return self.name.lower().replace("_", "-")


class Whereabouts(NamedTuple):
    """Where one person stands.

    Attributes
    ----------
    person_id : str
    standing : Standing
    uncovered : tuple of str
        The drugs that no protocol in force covers and that they are on, whatever their standing;
        see `uncovered_drugs`. Empty for those who died.
    """

    person_id: str
    standing: Standing
    uncovered: tuple[str, ...] = ()


def uncovered_drugs(history: History, covered: Collection[str], *, as_of: date) -> tuple[str, ...]:
    """The drugs a person is on that are not among those ``covered``, by name.

    A person is on a drug while a last dose is not recorded or lies ahead; and afterwards, since
    nobody has told us how long its risk lasts, until a covered drug is begun after it. A planned
    one counts.

    Examples
    --------
    >>> from afterdose.record.tables import Person
    >>> rows = (Treatment("p1", "alemtuzumab", date(2021, 3, 8), 1, date(2021, 3, 12)),
    ...         Treatment("p1", "rituximab", date(2023, 6, 1)))
    >>> uncovered_drugs(
    ...     History(Person("p1"), treatments=rows), {"alemtuzumab"}, as_of=date(2024, 1, 5))
    ('rituximab',)
    """
    known = recorded_treatments(history, as_of=as_of)
    begun = [row.start_date for row in known if row.drug in covered and row.start_date <= as_of]
    since = max(begun, default=None)
    return tuple(
        sorted(
            {
                row.drug
                for row in known
                if row.drug not in covered and _is_on(row, since, as_of=as_of)
            }
        )
    )


def recorded_treatments(history: History, *, as_of: date) -> list[Treatment]:
    """Every treatment known on ``as_of``, of whatever drug, by first day."""
    known = [row for row in history.treatments if (row.recorded_date or row.start_date) <= as_of]
    return sorted(known, key=lambda row: row.start_date)


def _is_on(row: Treatment, since: date | None, *, as_of: date) -> bool:
    if row.end_date is None or row.end_date >= as_of:
        return True
    return since is None or row.end_date > since
