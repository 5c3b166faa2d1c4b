"""Who a row belongs to: by assigner and identifier, and by nothing else.

Names and birth dates never match anybody. The pairs stand in ``identities.csv`` inside the record;
somebody who knows that two laboratories' numbers mean one person writes that down there.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

from afterdose.ingest.rows import Identifier
from afterdose.record.errors import RecordError

FILE_NAME = "identities.csv"
_HEADER = ("person_id", "assigner", "identifier")


class Identities:
    """The identifiers of everybody in a record."""

    def __init__(self, pairs: Iterable[tuple[str, Identifier]] = ()) -> None:
        self._person_of: dict[Identifier, str] = {}
        for person_id, identifier in pairs:
            self.add(person_id, identifier)

    @classmethod
    def read(cls, path: Path) -> "Identities":
        """From ``identities.csv``; empty where there is none."""
        if not path.exists():
            return cls()
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != _HEADER:
                raise RecordError(
                    f"{path.name} has columns {', '.join(reader.fieldnames or ('none',))}. "
                    f"Permitted: {', '.join(_HEADER)}. Correct the header."
                )
            return cls(
                (row["person_id"], Identifier(row["assigner"], row["identifier"])) for row in reader
            )

    def write(self, path: Path) -> None:
        """To ``identities.csv``, sorted, so that the same people make the same file."""
        rows = sorted((p, i.assigner, i.value) for i, p in self._person_of.items())
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([_HEADER, *rows])

    def add(self, person_id: str, identifier: Identifier) -> None:
        """Say that an identifier means this person; it cannot mean two."""
        standing = self._person_of.setdefault(identifier, person_id)
        if standing != person_id:
            raise RecordError(
                "One identifier of one assigner stands for two people. Permitted: one. "
                f"Correct {FILE_NAME}."
            )

    def update(self, others: "Identities") -> None:
        """Add everything that ``others`` knows."""
        for identifier, person_id in others._person_of.items():
            self.add(person_id, identifier)

    def find(self, identifiers: Iterable[Identifier]) -> set[str]:
        """Everybody these identifiers mean: nobody, one person, or, in conflict, several."""
        return {self._person_of[item] for item in identifiers if item in self._person_of}

    def register(self, identifiers: tuple[Identifier, ...]) -> str:
        """Take somebody new in: the first identifier's value becomes the person's id.

        Where another assigner already uses that value, the assigner stands before it.
        """
        first = identifiers[0]
        taken = set(self._person_of.values())
        person_id = first.value
        if person_id in taken:
            person_id = f"{first.assigner}:{first.value}"
        self.join(person_id, identifiers)
        return person_id

    def join(self, person_id: str, identifiers: Iterable[Identifier]) -> None:
        """A sender lists these identifiers for one person: note those that are new."""
        for identifier in identifiers:
            self._person_of.setdefault(identifier, person_id)

    def __len__(self) -> int:
        return len(set(self._person_of.values()))
