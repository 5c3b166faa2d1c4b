"""Who a row belongs to: by assigner and identifier, and by nothing else.

Names and birth dates never match anybody. The pairs stand in ``identities.csv`` inside the record;
somebody who knows that two laboratories' numbers mean one person writes that down there. Two
people taken for one is the graver mistake, so an identifier without an assigner matches nobody.
"""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from afterdose.ingest.rows import Identifier
from afterdose.ingest.senders import is_reference, with_sender
from afterdose.record.errors import RecordError

if TYPE_CHECKING:
    from afterdose.ingest.landing import Landed

FILE_NAME = "identities.csv"
CONFLICT = "identity-conflict"
"""The assigner of identifiers that contradict each other, and why their rows wait."""
RECORD = "record"
"""The assigner of ``person_id`` itself."""

_ADDRESSES = "urn:ietf:rfc:3986"
"""The assigner, in FHIR, of whatever is an address by itself."""
_HEADER = ["person_id", "assigner", "identifier"]
_OWN = "person-"
"""Before the number of somebody whom the record names itself."""


class Identities:
    """The identifiers of everybody in a record.

    Attributes
    ----------
    knows_conflicts : bool
        Whether somebody has ever said whose identifiers in conflict are.
    """

    def __init__(self) -> None:
        self._person_of: dict[Identifier, str] = {}
        self._identifiers_of: dict[str, set[Identifier]] = {}
        self._people: set[str] = set()
        self._withheld: set[Identifier] = set()
        self._number = 1
        self.knows_conflicts = False

    @classmethod
    def read(cls, path: Path) -> "Identities":
        """From a record's ``identities.csv``; empty where there is none."""
        return cls.parse(path.read_bytes()) if path.exists() else cls()

    @classmethod
    def of(cls, person_id: str, identifier: Identifier) -> "Identities":
        """One identifier of one person."""
        found = cls()
        found.add(person_id, identifier)
        return found

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

    def withhold(self, identifiers: Iterable[Identifier]) -> None:
        """Somebody decided that these mean nobody for now: no file gives them to anybody.

        What ``identities.csv`` says of one of them stands above that.
        """
        self._withheld.update(identifiers)

    def remove(self, identifier: Identifier) -> None:
        """The identifier means nobody any more, and no file gives it to anybody."""
        person_id = self._person_of.pop(identifier, None)
        if person_id is not None:
            self._identifiers_of[person_id].discard(identifier)
        self._withheld.add(identifier)

    def add(self, person_id: str, identifier: Identifier) -> None:
        """Say that an identifier means this person; it cannot mean two."""
        if self._person_of.get(identifier, person_id) != person_id:
            raise RecordError(
                f"{FILE_NAME}: one identifier of one assigner stands for two people. Permitted: "
                "one. Correct it; if the record already knows the person under another id, start "
                f"a new record with {FILE_NAME} beside the files."
            )
        self._note(person_id, identifier)
        self._people.add(person_id)
        self._withheld.discard(identifier)

    def update(self, others: "Identities") -> None:
        """Add everything that ``others`` knows, or, where they conflict, nothing."""
        joined = Identities()
        for pairs in (self._person_of, others._person_of):
            for identifier, person_id in pairs.items():
                joined.add(person_id, identifier)
        self._person_of, self._identifiers_of = joined._person_of, joined._identifiers_of
        self.knows_conflicts = joined.knows_conflicts
        self._people |= joined._people
        self._withheld -= set(self._person_of)

    def knows(self, person_id: str) -> bool:
        """Whether the record or its identities name that person."""
        return person_id in self._people

    def forget(self, person_id: str) -> None:
        """That person is no longer in the record."""
        self._people.discard(person_id)

    def pairs(self) -> dict[Identifier, str]:
        """Every identifier with the person it means."""
        return dict(self._person_of)

    def of_person(self, person_id: str) -> set[Identifier]:
        """Every identifier that means that person."""
        return set(self._identifiers_of.get(person_id, ()))

    def new_among(self, identifiers: Iterable[Identifier]) -> list[Identifier]:
        """Those that mean nobody yet and would be noted for whoever they are listed with."""
        return [
            one
            for one in identifiers
            if one.assigner != RECORD and one not in self._person_of and one not in self._withheld
        ]

    def has_another(self, person_id: str, identifier: Identifier) -> bool:
        """Whether the person has another value of an assigner who gives one person one number."""
        return _numbers_people(identifier) and any(
            one.assigner == identifier.assigner and one.value != identifier.value
            for one in self._identifiers_of.get(person_id, ())
        )

    def find(self, identifiers: Iterable[Identifier]) -> set[str]:
        """Everybody these identifiers mean: nobody, one person, or, in conflict, several."""
        return {
            item.value if item.assigner == RECORD else self._person_of[item]
            for item in identifiers
            if item.assigner == RECORD or item in self._person_of
        }

    def register(self, identifiers: tuple[Identifier, ...]) -> str | None:
        """Take somebody new in: the first identifier's value becomes the person's id.

        Where that value already names somebody, the assigner stands before it. Of numbers of a
        state none becomes it: somebody who has no other is numbered. None where every identifier
        is withheld.
        """
        usable = [one for one in identifiers if one not in self._withheld]
        if not usable:
            return None
        first = next((one for one in usable if not one.is_national), None)
        if first is None:
            person_id = self._numbered()
        else:
            short, long = names_of(first)
            person_id = long if short in self._people else short
        self.join(person_id, identifiers)
        return person_id

    def _numbered(self) -> str:
        """The next id of the record's own that nobody has."""
        while (person_id := f"{_OWN}{self._number}") in self._people:
            self._number += 1
        return person_id

    def join(self, person_id: str, identifiers: Iterable[Identifier]) -> None:
        """A sender lists these identifiers for one person: note those that are new."""
        self._people.add(person_id)
        for identifier in identifiers:
            if identifier.assigner != RECORD and identifier not in self._withheld:
                self._note(self._person_of.get(identifier, person_id), identifier)

    def _note(self, person_id: str, identifier: Identifier) -> None:
        self._person_of[identifier] = person_id
        self._identifiers_of.setdefault(person_id, set()).add(identifier)
        self.knows_conflicts = self.knows_conflicts or identifier.assigner == CONFLICT

    def __len__(self) -> int:
        return len(set(self._person_of.values()))


def conflict_between(identifiers: Iterable[Identifier], landed: "Landed") -> Identifier:
    """What rows wait for whose identifiers contradict each other: all of them together.

    Somebody may say whose they are, as of any identifier; each by itself means what it meant.
    """
    every = [with_sender([one], landed)[0] for one in identifiers]
    return Identifier(CONFLICT, " + ".join(sorted(f"{one.assigner} {one.value}" for one in every)))


def _numbers_people(identifier: Identifier) -> bool:
    """Whether its assigner gives one person one value: not so an address, or a visit's number."""
    return not (
        identifier.is_of_visit
        or is_reference(identifier)
        or identifier.assigner in (RECORD, CONFLICT, _ADDRESSES)
    )


def names_of(identifier: Identifier) -> tuple[str, str]:
    """The ids that somebody new is taken in under: the value, or with the assigner before it."""
    return identifier.value, f"{identifier.assigner}:{identifier.value}"


def was_named_by(identifier: Identifier, person_id: str) -> bool:
    """Whether somebody with that id may have been taken in under an identifier."""
    is_numbered = person_id.startswith(_OWN) and person_id.removeprefix(_OWN).isdecimal()
    return is_numbered or person_id in names_of(identifier)
