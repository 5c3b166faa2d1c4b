"""What stands beside a record's tables and belongs on the worklist: set aside, and unmatched."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterdose.monitoring import SetAsideResult


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
    """How many identifiers match nobody, and how many rows wait for them."""

    identifiers: int = 0
    rows: int = 0

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
        return (
            f"{who} nobody, and {rows} to be matched: whoever they belong to may be on no list. "
            "Who? afterdose people unmatched RECORD."
        )


def unmatched_of(record: Path, *, as_of: date) -> Unmatched:
    """Who waited to be matched on that morning."""
    from afterdose.ingest.unmatched import FILE_NAME, read_unmatched

    waiting = [one for one in read_unmatched(record / FILE_NAME) if one.landed_on <= str(as_of)]
    return Unmatched(
        identifiers=len({(one.assigner, one.identifier) for one in waiting}),
        rows=sum(one.rows for one in waiting),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
