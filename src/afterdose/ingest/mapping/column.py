"""What a column's values are, by kind; no value is told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

from afterdose.ingest.mapping.days import USUAL, to_iso
from afterdose.ingest.mapping.sheets import Cell, Sheet
from afterdose.ingest.values import parse_number, parse_range
from afterdose.record.analytes import catalogue
from afterdose.record.units import clean_unit

_LOOKED_AT = 5000
"""Rows whose values are looked at."""
_MANY = 0.9
"""Share of a column's cells that makes the column what they are."""


def columns_of(sheet: Sheet) -> Iterable[tuple[str, list[Cell]]]:
    """The named columns with their cells, of the first rows."""
    rows = [row.cells for row in islice(sheet.rows, _LOOKED_AT) if row.cells]
    for place, header in enumerate(sheet.header):
        if header:
            yield header, [row[place] for row in rows]


@dataclass(frozen=True)
class Column:
    """A column's name and what its filled cells are.

    Attributes
    ----------
    header : str
    rows : int
        Rows looked at.
    texts : tuple of str
        The cells that are filled.
    formats : tuple of str
        Formats of days that every cell typed by hand keeps to.
    are_days : bool
        Every filled cell is a day: of such a format, or the workbook's own.
    shares : dict of str to float
        By kind: the share of the filled cells, 0 to 1.
    """

    header: str
    rows: int
    texts: tuple[str, ...]
    formats: tuple[str, ...] = ()
    are_days: bool = False
    shares: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, header: str, cells: list[Cell]) -> "Column":
        """Look at a column's cells."""
        filled = [cell for cell in cells if cell.text]
        texts = tuple(cell.text for cell in filled)
        written = [cell.text for cell in filled if not cell.is_typed]
        formats = [one for one in USUAL if written and all(to_iso(text, one) for text in written)]
        typed_days = [cell for cell in filled if cell.is_typed and to_iso(cell.text[:10], USUAL[0])]
        shares = {
            kind: sum(map(is_kind, texts)) / len(texts) if texts else 0.0
            for kind, is_kind in _KINDS.items()
        }
        are_days = bool(filled) and len(typed_days) + len(written) == len(filled)
        return cls(
            header,
            len(cells),
            texts,
            tuple(formats),
            are_days=are_days and bool(formats or (typed_days and not written)),
            shares=shares,
        )

    def mostly(self, *kinds: str) -> bool:
        """Whether nearly all its cells are of one of these kinds."""
        return sum(self.shares[kind] for kind in kinds) >= _MANY

    @property
    def saw(self) -> str:
        """In words, without a value."""
        if not self.texts:
            return "nothing"
        words = [kind for kind in _KINDS if self.shares[kind] >= _MANY]
        if self.are_days:
            words = [f"days {' or '.join(self.formats) or 'of the workbook'}"]
        if not words and self.mostly("numbers", "numbers with a comma"):
            words = ["numbers, some with a comma"]
        words = words or ["numbers and words" if self._has_numbers() else "words"]
        found = f"{', '.join(words)}; {len(set(self.texts))} different"
        empty = self.rows - len(self.texts)
        return f"{found}; {empty} of {self.rows} empty" if empty else found

    def _has_numbers(self) -> bool:
        return self.shares["numbers"] + self.shares["numbers with a comma"] > 0


def _is_loinc(text: str) -> bool:
    number, hyphen, check = text.removeprefix("LOINC:").rpartition("-")
    return bool(hyphen) and number.isdecimal() and check.isdecimal() and len(check) == 1


@cache
def _units() -> frozenset[str]:
    return frozenset(unit for analyte in catalogue().values() for unit in analyte.units)


_KINDS: dict[str, Callable[[str], bool]] = {
    "LOINC codes": _is_loinc,
    "known units": lambda text: clean_unit(text) in _units() and parse_number(text) is None,
    "numbers": lambda text: parse_number(text) is not None,
    "numbers with a comma": lambda text: (
        "," in text and parse_number(text, decimal=",") is not None
    ),
    "ranges": lambda text: any(parse_range(text.replace(",", "."))) and not _is_loinc(text),
}
