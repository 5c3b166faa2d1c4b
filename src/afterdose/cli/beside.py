"""What stands beside a record's tables and belongs on the worklist: set aside, and unmatched."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterdose.monitoring import SetAsideResult, Whereabouts

_NAMED = 3
"""So many people are named one by one."""


def set_aside_of(record: Path) -> "dict[str, list[SetAsideResult]]":
    """Rows that were set aside, by the person they belong to.

    A row of a record made before the days were noted counts from the beginning.
    """
    from afterdose.ingest.set_aside import FILE_NAME, read_set_aside
    from afterdose.ingest.settled import standing
    from afterdose.monitoring import SetAsideResult

    found: dict[str, list[SetAsideResult]] = {}
    settled = standing(record)
    for row in read_set_aside(record / FILE_NAME):
        if row.person_id:
            said = settled.get((row.file, row.locator))
            result = SetAsideResult(
                person_id=row.person_id,
                analyte=row.analyte,
                reason=row.reason,
                received_date=_day(row.received_date) or date.min,
                source=f"{row.file}:{row.locator}",
                specimen_date=_day(row.specimen_date),
                seen=row.seen,
                do=row.do,
                settled_on=_day(said.on) if said else None,
                settled=f"{said.by}: {said.why}" if said else "",
            )
            found.setdefault(row.person_id, []).append(result)
    return found


@dataclass(frozen=True)
class Unmatched:
    """How many identifiers match nobody, and how many rows wait for them; and how many of these
    because their identifiers contradict each other.
    """

    identifiers: int = 0
    rows: int = 0
    in_conflict: int = 0

    @property
    def note(self) -> str:
        """For the foot of the worklist; empty where nobody waits."""
        if not self.rows:
            return ""
        who = (
            "1 identifier matches"
            if self.identifiers == 1
            else f"{self.identifiers} identifiers match"
        )
        rows = "1 row waits" if self.rows == 1 else f"{self.rows} rows wait"
        conflict = (
            f" ({self.in_conflict} of them since identifiers contradict each other)"
            if self.in_conflict
            else ""
        )
        return (
            f"{who} nobody for certain, and {rows} to be matched{conflict}: whoever they belong to "
            "may be on no list. Who? afterdose people unmatched RECORD."
        )


def unmatched_of(record: Path, *, as_of: date) -> Unmatched:
    """Who waited to be matched on that morning."""
    from afterdose.ingest.identity import CONFLICT
    from afterdose.ingest.unmatched import FILE_NAME, read_unmatched

    waiting = [one for one in read_unmatched(record / FILE_NAME) if one.landed_on <= str(as_of)]
    return Unmatched(
        identifiers=len({(one.assigner, one.identifier) for one in waiting}),
        rows=sum(one.rows for one in waiting),
        in_conflict=sum(one.rows for one in waiting if one.assigner == CONFLICT),
    )


@dataclass(frozen=True)
class NotUnderstood:
    """Rows set aside that no line of the worklist can name as a test.

    Attributes
    ----------
    people : tuple of str
        Followed people who have such rows.
    rows : int
        Their rows whose test is not known.
    outside_catalogue : int
        Their rows with a LOINC code that is not in the analyte catalogue: most are of tests that
        nobody monitors.
    rows_of_nobody : int
        Rows that cannot be told whose they are.
    """

    people: tuple[str, ...] = ()
    rows: int = 0
    outside_catalogue: int = 0
    rows_of_nobody: int = 0

    @property
    def note(self) -> str:
        """For the foot of the worklist; empty where there are none."""
        return " ".join(filter(None, (self._of_followed, self._of_nobody)))

    @property
    def _of_followed(self) -> str:
        if not self.people:
            return ""
        whose = ", ".join(self.people[:_NAMED])
        more = f" and {len(self.people) - _NAMED} more" if len(self.people) > _NAMED else ""
        counts = (
            (self.rows, "whose test is not known"),
            (self.outside_catalogue, "with a LOINC code outside the catalogue"),
        )
        said = ", ".join(
            f"{count} {'row' if count == 1 else 'rows'} {what}" for count, what in counts if count
        )
        return (
            f"Set aside of people who are followed ({whose}{more}): {said}. Which? afterdose "
            "explain RECORD PERSON."
        )

    @property
    def _of_nobody(self) -> str:
        if not self.rows_of_nobody:
            return ""
        many = self.rows_of_nobody
        rows = "1 row names" if many == 1 else f"{many} rows name"
        return (
            f"{rows} nobody or cannot be read at all: whoever they belong to may be on no list. "
            "Which? set_aside.csv in the record, and afterdose source RECORD FILE:LOCATOR."
        )


def not_understood(
    record: Path,
    set_aside: "Mapping[str, Sequence[SetAsideResult]]",
    whereabouts: "Iterable[Whereabouts]",
    *,
    as_of: date,
) -> NotUnderstood:
    """What stood aside on that morning and is of no known test, or of nobody."""
    from afterdose.ingest.reasons import NOBODYS
    from afterdose.ingest.set_aside import FILE_NAME, read_set_aside
    from afterdose.ingest.settled import standing
    from afterdose.monitoring import Standing

    followed = (
        one.person_id
        for one in whereabouts
        if one.standing in (Standing.LISTED, Standing.NOTHING_DUE)
    )
    theirs = [
        row
        for person_id in followed
        for row in set_aside.get(person_id, ())
        if not row.analyte and row.received_date <= as_of and not row.is_settled(as_of)
    ]
    settled = {row for row, said in standing(record).items() if said.on <= str(as_of)}
    nobodys = sum(
        row.reason in NOBODYS
        and not row.person_id
        and row.received_date <= str(as_of)
        and (row.file, row.locator) not in settled
        for row in read_set_aside(record / FILE_NAME)
    )
    outside = sum(row.reason == "code-not-in-catalogue" for row in theirs)
    return NotUnderstood(
        people=tuple(sorted({row.person_id for row in theirs})),
        rows=len(theirs) - outside,
        outside_catalogue=outside,
        rows_of_nobody=nobodys,
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
