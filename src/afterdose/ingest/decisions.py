"""What people decided about identifiers, with who and when: ``identity_decisions.csv``.

``identities.csv`` stays the truth about who is meant. This file says who wrote it there, and which
identifiers somebody took from a person: until somebody decides anew, no file gives these to
anybody.
"""

import csv
from datetime import date
from pathlib import Path
from typing import NamedTuple

from afterdose.ingest.rows import Identifier

FILE_NAME = "identity_decisions.csv"


class Decision(NamedTuple):
    """One decision.

    Attributes
    ----------
    decided_on : str
    decided_by : str
        Who decided.
    decision : str
        ``join``: from now on the identifier means the person. ``split``: it no longer does.
    person_id, assigner, identifier : str
    why : str
    """

    decided_on: str
    decided_by: str
    decision: str
    person_id: str
    assigner: str
    identifier: str
    why: str = ""

    @classmethod
    def of(
        cls,
        decision: str,
        person_id: str,
        identifier: Identifier,
        *,
        by: str,
        on: date,
        why: str = "",
    ) -> "Decision":
        """A decision of that day."""
        return cls(
            on.isoformat(), by, decision, person_id, identifier.assigner, identifier.value, why
        )


def read_decisions(record: Path) -> list[Decision]:
    """Every decision, oldest first."""
    path = record / FILE_NAME
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [Decision(*line) for line in list(csv.reader(file))[1:]]


def write_decision(record: Path, decision: Decision) -> None:
    """Add a decision; none is ever changed or removed."""
    path = record / FILE_NAME
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([*([Decision._fields] if is_new else []), decision])


def withheld(record: Path) -> set[Identifier]:
    """The identifiers about which the last decision was to take them from a person."""
    last = {Identifier(one.assigner, one.identifier): one for one in read_decisions(record)}
    return {identifier for identifier, one in last.items() if one.decision == "split"}
