"""Who a row belongs to: by assigner and identifier, and by nothing else.

Names and birth dates never match anybody. The pairs stand in ``identities.csv`` inside the record;
somebody who knows that two laboratories' numbers mean one person writes that down there. Two
people taken for one is the graver mistake, so an identifier without an assigner matches nobody.
"""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from afterdose.ingest.rows import Identifier
from afterdose.record.errors import RecordError

FILE_NAME = "identities.csv"
RECORD = "record"
"""The assigner of ``person_id`` itself."""

_HEADER = ["person_id", "assigner", "identifier"]


class Identities:
    """The identifiers of everybody in a record."""

    def __init__(self) -> None:
        self._person_of: dict[Identifier, str] = {}
        self._people: set[str] = set()

    @classmethod
    def read(cls, path: Path) -> "Identities":
        """From a record's ``identities.csv``; empty where there is none."""
        return cls.parse(path.read_bytes()) if path.exists() else cls()

    @classmethod
    def parse(cls, content: bytes) -> "Identities":
        """From the bytes of an ``identities.csv``.

        Raises
        ------
        RecordError
            It is not such a file, a cell is empty, or one identifier stands for two people.
        """
        found = cls()
        try:
            rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True))
        except (UnicodeDecodeError, csv.Error):
            raise RecordError(
                f"{FILE_NAME} is not CSV in UTF-8. Permitted: a header line "
                f"{','.join(_HEADER)} and one line an identifier. Write the file anew."
            ) from None
        if not rows or rows[0] != _HEADER:
            raise RecordError(
                f"{FILE_NAME} has other columns. Permitted: {', '.join(_HEADER)}. "
                "Correct the header."
            )
        for number, row in enumerate(rows[1:], start=1):
            cells = [cell.strip() for cell in row]
            if cells and (len(cells) != len(_HEADER) or not all(cells)):
                raise RecordError(
                    f"{FILE_NAME}, row {number}: a cell is empty or too many. Permitted: "
                    f"{', '.join(_HEADER)}, all filled in. Correct the row."
                )
            if cells:
                found.add(cells[0], Identifier(cells[1], cells[2]))
        return found

    def write(self, path: Path) -> None:
        """To ``identities.csv``, sorted, so that the same people make the same file."""
        rows = sorted((p, i.assigner, i.value) for i, p in self._person_of.items())
        temporary = path.with_name(f".{path.name}.new")
        with temporary.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([_HEADER, *rows])
        temporary.replace(path)

    def reserve(self, person_ids: Iterable[str]) -> None:
        """These ids name people of the record; nobody new is given one of them."""
        self._people.update(person_ids)

    def add(self, person_id: str, identifier: Identifier) -> None:
        """Say that an identifier means this person; it cannot mean two."""
        if self._person_of.get(identifier, person_id) != person_id:
            raise RecordError(
                f"{FILE_NAME}: one identifier of one assigner stands for two people. Permitted: "
                "one. Correct it; if the record already knows the person under another id, start "
                f"a new record with {FILE_NAME} beside the files."
            )
        self._person_of[identifier] = person_id
        self._people.add(person_id)

    def update(self, others: "Identities") -> None:
        """Add everything that ``others`` knows, or, where they conflict, nothing."""
        joined = Identities()
        for pairs in (self._person_of, others._person_of):
            for identifier, person_id in pairs.items():
                joined.add(person_id, identifier)
        self._person_of = joined._person_of
        self._people |= joined._people

    def find(self, identifiers: Iterable[Identifier]) -> set[str]:
        """Everybody these identifiers mean: nobody, one person, or, in conflict, several."""
        return {
            item.value if item.assigner == RECORD else self._person_of[item]
            for item in identifiers
            if item.assigner == RECORD or item in self._person_of
        }

    def register(self, identifiers: tuple[Identifier, ...]) -> str:
        """Take somebody new in: the first identifier's value becomes the person's id.

        Where that value already names somebody, the assigner stands before it.
        """
        first = identifiers[0]
        person_id = first.value
        if person_id in self._people:
            person_id = f"{first.assigner}:{first.value}"
        self.join(person_id, identifiers)
        return person_id

    def join(self, person_id: str, identifiers: Iterable[Identifier]) -> None:
        """A sender lists these identifiers for one person: note those that are new."""
        self._people.add(person_id)
        for identifier in identifiers:
            if identifier.assigner != RECORD:
                self._person_of.setdefault(identifier, person_id)

    def __len__(self) -> int:
        return len(set(self._person_of.values()))
