"""A mapping proposed from a table's header and values, for somebody to read and correct.

What is not certain stands in the file behind a ``#`` with the reason, so that a proposal nobody has
read is refused by ingest. Of the values only their kind is told: no value is printed.
"""

import json
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from itertools import islice
from pathlib import PurePath

from afterdose.ingest.mapping.days import USUAL, to_iso
from afterdose.ingest.mapping.model import RESULTS, TABLES, WHO, fields_of, needed_of
from afterdose.ingest.mapping.sheets import (
    DELIMITERS,
    ENCODINGS,
    Cell,
    Layout,
    Sheet,
    lines_of,
    read_sheet,
    sheet_names,
)
from afterdose.ingest.values import parse_number, parse_range
from afterdose.record.analytes import Analyte, catalogue
from afterdose.record.drugs import known_drugs
from afterdose.record.errors import UnreadableInputError
from afterdose.record.tables import SPECS
from afterdose.record.units import clean_unit

_LOOKED_AT = 5000
"""Rows whose values are looked at."""
_MANY = 0.9
"""Share of a column's cells that makes the column what they are."""
_CODES_SHOWN = 300


@dataclass(frozen=True)
class Guess:
    """What a column is taken for: a field, why that is unsure if it is, and what was seen."""

    column: str
    saw: str
    field: str = ""
    unsure: str = ""


@dataclass(frozen=True)
class Proposal:
    """A proposed mapping.

    Attributes
    ----------
    toml : str
        The file. What is unsure stands behind a ``#``.
    table : str
    guesses : tuple of Guess
        One a column.
    open : tuple of str
        What somebody has to decide.
    """

    toml: str
    table: str
    guesses: tuple[Guess, ...]
    open: tuple[str, ...]


def propose(name: str, content: bytes, *, table: str | None = None) -> Proposal:
    """A mapping for a table.

    Parameters
    ----------
    name : str
        The file's name; its ending says CSV, TSV or workbook.
    content : bytes
    table : str, optional
        ``results`` or a table of the record. Without it: the one whose columns fit best.

    Raises
    ------
    UnreadableInputError
        The file is no table.
    """
    layout, unsure_layout = _layout(name, content)
    sheet = read_sheet(name, content, layout)
    columns = [_Column.of(header, cells) for header, cells in _columns(sheet)]
    chosen = table or _table_for(columns)
    draft = _Draft(chosen, columns, layout, unsure_layout, is_chosen=table is not None)
    return draft.proposal()


# The layout -------------------------------------------------------------------------------------


def _layout(name: str, content: bytes) -> tuple[Layout, list[str]]:
    """How the file is laid out, and what of that is unsure."""
    unsure = []
    if PurePath(name).suffix.lower() == ".xlsx":
        names = sheet_names(name, content)
        layout = Layout(sheet=names[0] if len(names) > 1 else None)
        if len(names) > 1:
            unsure.append(f"which of its {len(names)} sheets: the first was taken")
    else:
        encoding = _encoding(content)
        if encoding == "cp1252":
            unsure.append("the encoding: it is not UTF-8, cp1252 was taken")
        layout = _best_delimiter(name, content, encoding)
    return replace(layout, header_row=_header_row(name, content, layout)), unsure


def _encoding(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return ENCODINGS[0]


def _best_delimiter(name: str, content: bytes, encoding: str) -> Layout:
    """The delimiter that makes the most cells a line, alike in most lines."""
    best, score = Layout(encoding=encoding), 0
    for delimiter in DELIMITERS:
        layout = Layout(delimiter, encoding)
        try:
            widths = Counter(len(cells) for _, cells in islice(lines_of(name, content, layout), 50))
        except UnreadableInputError:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        if width > 1 and width * count > score:
            best, score = layout, width * count
    return best


def _header_row(name: str, content: bytes, layout: Layout) -> int:
    """The first of the first lines that is nearly as full as the fullest."""
    lines = list(islice(lines_of(name, content, layout), 30))
    filled = [(number, sum(bool(cell.text) for cell in cells)) for number, cells in lines]
    most = max((count for _, count in filled), default=0)
    return next((number for number, count in filled if count >= 0.6 * most and count), 1)


def _columns(sheet: Sheet) -> Iterable[tuple[str, list[Cell]]]:
    rows = [row.cells for row in islice(sheet.rows, _LOOKED_AT) if row.cells]
    for place, header in enumerate(sheet.header):
        if header:
            yield header, [row[place] for row in rows]


# A column's values ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Column:
    """A column's name and what its filled cells are."""

    header: str
    rows: int
    texts: tuple[str, ...]
    formats: tuple[str, ...] = ()
    are_days: bool = False
    shares: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, header: str, cells: list[Cell]) -> "_Column":
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


# Names ------------------------------------------------------------------------------------------


@cache
def _names() -> dict[str, dict[str, list[str]]]:
    text = resources.files("afterdose.ingest.mapping").joinpath("names.toml").read_text("utf-8")
    return tomllib.loads(text)


def _plain(text: str) -> str:
    """Lower case, without accents and signs."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss")).lower()
    kept = (char if char.isalnum() else " " for char in folded if not unicodedata.combining(char))
    return " ".join("".join(kept).split())


def _fields_named(header: str, table: str) -> list[str]:
    """The fields of a table that a column's name may mean."""
    name = _plain(header)
    known = _names()["fields"]
    return [one for one in fields_of(table) if name == _plain(one) or name in known.get(one, ())]


@cache
def _analytes_by_name() -> dict[str, Analyte]:
    found: dict[str, Analyte] = {}
    for analyte in catalogue().values():
        others = _names()["analytes"].get(analyte.name, [])
        for name in (analyte.name, analyte.title, *others):
            found.setdefault(_plain(name), analyte)
    return found


def _analyte_of(text: str) -> tuple[Analyte | None, str]:
    """The analyte a name may mean, and the unit that stands beside it: ``Thrombozyten (G/l)``."""
    for opening, closing in (("(", ")"), ("[", "]"), (" in ", ""), ("_", "")):
        name, found, unit = text.partition(opening)
        analyte = _analytes_by_name().get(_plain(name))
        if found and analyte is not None:
            unit = unit.strip().removesuffix(closing).strip() if closing else unit.strip()
            return analyte, unit if clean_unit(unit) in analyte.units else ""
    return _analytes_by_name().get(_plain(text)), ""


def _measure_of(text: str) -> str:
    name = _plain(text)
    return next((key for key, names in _names()["measures"].items() if name in names), "")


def _loinc(analyte: Analyte) -> str:
    """The code whose name was seen in a public list, before others."""
    seen = sorted(analyte.loinc, key=lambda code: code.evidence != "V2")
    return seen[0].code if seen else ""


def _table_for(columns: list[_Column]) -> str:
    """The table whose fields most columns are named after; results where it is even."""
    if any(_measure_of(column.header) for column in columns):
        return "assessments"
    scores = {
        table: sum(
            any(one not in WHO for one in _fields_named(column.header, table)) for column in columns
        )
        for table in TABLES
    }
    if any(_analyte_of(column.header)[0] for column in columns):
        return RESULTS
    return max(scores, key=lambda table: (scores[table], table == RESULTS))


# The draft --------------------------------------------------------------------------------------


class _Draft:
    """A proposal while it is put together."""

    def __init__(
        self,
        table: str,
        columns: list[_Column],
        layout: Layout,
        unsure: list[str],
        *,
        is_chosen: bool,
    ) -> None:
        self._table = table
        self._columns = columns
        self._layout = layout
        self._open = list(unsure)
        self._is_chosen = is_chosen
        self._wide = self._wide_columns()
        self._guesses = self._guess()

    def proposal(self) -> Proposal:
        """The file and what is open."""
        sections = [
            self._top(),
            self._fields(),
            self._constants(),
            self._codes(),
            *map(self._translations, self._guesses),
            *map(self._wide_section, self._wide),
        ]
        missing = self._missing()
        if missing:
            self._open.insert(0, f"still needed: {', '.join(missing)}")
        head = [
            "# Proposed from the header and the values; read it before it is used.",
            "# What is unsure stands behind a #: take the # away where it is right.",
            *(f"# Open: {one}." for one in self._open),
        ]
        text = "\n\n".join(["\n".join(head), *filter(None, sections)]) + "\n"
        return Proposal(text, self._table, tuple(self._guesses), tuple(self._open))

    def _wide_columns(self) -> list[_Column]:
        """Columns that are named after a thing measured, where no column holds the values."""
        if any("value" in _fields_named(column.header, self._table) for column in self._columns):
            return []
        if self._table == RESULTS:
            return [one for one in self._columns if _analyte_of(one.header)[0] is not None]
        if self._table == "assessments":
            return [one for one in self._columns if _measure_of(one.header)]
        return []

    def _guess(self) -> list[Guess]:
        wide = {column.header for column in self._wide}
        named = {
            column.header: _fields_named(column.header, self._table)
            for column in self._columns
            if column.header not in wide
        }
        claims = Counter(names[0] for names in named.values() if names)
        found = []
        for column in self._columns:
            if column.header in wide:
                found.append(Guess(column.header, column.saw, "value", "by its name only"))
                continue
            names = named[column.header]
            one = names[0] if names else self._by_values(column, set(claims))
            unsure = "" if one else "not known"
            if names and claims[one] > 1:
                unsure = f"{claims[one]} columns are named like it"
            elif names:
                unsure = self._doubt(one, column)
            elif one:
                unsure = "by its values only"
            found.append(Guess(column.header, column.saw, one, unsure))
        return found

    def _by_values(self, column: _Column, taken: set[str]) -> str:
        """What a column without a known name may be."""
        possible = {
            "specimen_date": column.are_days,
            "date": column.are_days,
            "code": column.mostly("LOINC codes"),
            "unit": column.mostly("known units"),
            "reference_range": column.mostly("ranges"),
        }
        fields = fields_of(self._table)
        return next(
            (k for k, is_it in possible.items() if is_it and k in fields and k not in taken), ""
        )

    def _doubt(self, name: str, column: _Column) -> str:
        """Why a column's values do not bear its name out; empty where they do."""
        if not column.texts:
            return "it is empty"
        kind = SPECS[self._table].columns[name].kind if self._is_own(name) else ""
        if name in ("specimen_date", "received_date") or kind == "date":
            if not column.are_days:
                return "not every value is a day of one format"
            if len(column.formats) > 1:
                return f"{' or '.join(column.formats)}"
        if name == "unit" and not column.mostly("known units"):
            return "many units are not known"
        if name == "value" and not column.mostly("numbers", "numbers with a comma"):
            return "" if self._table == RESULTS else "not every value is a number"
        if name in ("new_t2_lesions", "gd_lesions", "bpf", "pbvc_pct") and not column.mostly(
            "numbers", "numbers with a comma"
        ):
            return "not every value is a number"
        return ""

    def _is_own(self, name: str) -> bool:
        return self._table != RESULTS and name in SPECS[self._table].columns

    # Sections of the file

    def _top(self) -> str:
        lines = [f"table = {_quoted(self._table)}"]
        if not self._is_chosen:
            self._open.append(f"the table: {self._table} fits best")
        lines += self._date_lines()
        lines += self._decimal_lines()
        usual = Layout()
        if self._layout.delimiter not in (None, "comma"):
            lines.append(f"delimiter = {_quoted(str(self._layout.delimiter))}")
        if self._layout.encoding != usual.encoding:
            lines.append(f"encoding = {_quoted(self._layout.encoding)}")
        if self._layout.sheet is not None:
            lines.append(f"sheet = {_quoted(self._layout.sheet)}")
        if self._layout.header_row != usual.header_row:
            lines.append(f"header_row = {self._layout.header_row}")
        if any(g.field == "code" and "LOINC" in g.saw for g in self._guesses):
            lines.append('code_system = "loinc"')
        return "\n".join(lines)

    def _date_lines(self) -> list[str]:
        """The one format that every column of days keeps to."""
        days = [column for column in self._columns if column.are_days and column.formats]
        if not days:
            return []
        common = [one for one in days[0].formats if all(one in column.formats for column in days)]
        if len(common) == 1:
            return [f"date = {_quoted(common[0])}"]
        if not common:
            self._open.append("the format of days: the columns do not agree on one")
            common = sorted({one for column in days for one in column.formats})
        else:
            self._open.append(f"the format of days: {' or '.join(common)}")
        return [f"# date = {_quoted(one)}  # unsure" for one in common]

    def _decimal_lines(self) -> list[str]:
        """A comma is the decimal one where some value shows that it is not one of thousands."""
        values = [g.column for g in self._guesses if g.field in ("value", "bpf", "pbvc_pct")]
        texts = [t for c in self._columns if c.header in values for t in c.texts if "," in t]
        numbers = [text for text in texts if parse_number(text, decimal=",") is not None]
        if not numbers:
            return []
        decimals = {len(text.rpartition(",")[2]) for text in numbers}
        points = any("." in text for c in self._columns if c.header in values for text in c.texts)
        if decimals == {3} or points:
            self._open.append("whether a comma stands before decimals or between thousands")
            return ['# decimal = ","  # unsure: a comma may stand between thousands']
        return ['decimal = ","']

    def _fields(self) -> str:
        lines = ["[columns]"]
        for guess in self._guesses:
            if guess.column in {column.header for column in self._wide}:
                continue
            line = f"{guess.field or 'FIELD'} = {_quoted(guess.column)}"
            lines.append(f"# {line}  # unsure: {guess.unsure}" if guess.unsure else line)
        return "\n".join(lines)

    def _constants(self) -> str:
        said = {guess.field for guess in self._guesses}
        lines = []
        if "person_id" not in said and "assigner" not in said:
            lines.append('# assigner = ""  # who gave out the identifiers, for example a urn:oid:')
        if self._table == RESULTS and "status" not in said:
            lines.append('# status = "final"  # if every result here is final')
        if self._table == RESULTS and "provider" not in said:
            lines.append('# provider = ""  # the laboratory')
        if self._table == "mri" and "method" not in said:
            lines.append('# method = ""  # software and version behind the volume')
        return "\n".join(["[constants]", *lines]) if lines else ""

    def _codes(self) -> str:
        """The laboratory's own codes, each with the LOINC code that its name may mean."""
        code = next((g.column for g in self._guesses if g.field == "code"), None)
        column = next((c for c in self._columns if c.header == code), None)
        if self._table != RESULTS or column is None or column.mostly("LOINC codes"):
            return ""
        found = [text for text, _ in Counter(column.texts).most_common(_CODES_SHOWN)]
        lines = ["[codes]"]
        for text in sorted(found):
            analyte, _ = _analyte_of(text)
            loinc = _loinc(analyte) if analyte is not None else ""
            why = f"{analyte.title}, by its name only" if analyte is not None else "not known"
            lines.append(f"# {_quoted(text)} = {_quoted(loinc)}  # unsure: {why}")
        self._open.append("which LOINC code each of the laboratory's codes is")
        return "\n".join(lines)

    def _translations(self, guess: Guess) -> str:
        """The words of a column that the record does not use, for somebody to say what they are."""
        if not self._is_own(guess.field):
            return ""
        spec = SPECS[self._table].columns[guess.field]
        permitted = known_drugs() if guess.field == "drug" else spec.values
        column = next(one for one in self._columns if one.header == guess.column)
        unknown = sorted(set(column.texts) - set(permitted))[:_CODES_SHOWN]
        if not permitted or not unknown or column in self._wide:
            return ""
        self._open.append(f"what the words in {guess.column} are in the record")
        words = ", ".join(permitted) if guess.field != "drug" else "a generic name in lower case"
        lines = [f'# {_quoted(text)} = ""' for text in unknown]
        return "\n".join([f"[translate.{guess.field}]", f"# permitted: {words}", *lines])

    def _wide_section(self, column: _Column) -> str:
        analyte, unit = _analyte_of(column.header)
        lines = ["[[wide]]", f"column = {_quoted(column.header)}"]
        if self._table == RESULTS and analyte is not None:
            lines += [f"code = {_quoted(_loinc(analyte))}  # {analyte.title}"]
            lines += [f"unit = {_quoted(unit)}"] if analyte.unit != "1" else []
            unsure = f"{analyte.title}, by its name only"
        else:
            lines += [f"measure = {_quoted(_measure_of(column.header))}"]
            unsure = "by its name only"
        return "\n".join([f"# unsure: {unsure}", *(f"# {line}" for line in lines)])

    def _missing(self) -> list[str]:
        sure = {guess.field for guess in self._guesses if not guess.unsure}
        missing = [name for name in needed_of(self._table) if name not in sure]
        if "person_id" not in sure:
            missing = [name for name in ("identifier", "assigner") if name not in sure] + missing
        return missing


def _quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
