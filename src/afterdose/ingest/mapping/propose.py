"""A mapping proposed from a table's header and values, for somebody to read and correct.

What is not certain stands in the file behind a ``#`` with the reason, so that a proposal nobody has
read is refused by ingest. Of the values only their kind is told: no value is printed.
"""

import json
from collections import Counter
from dataclasses import dataclass

from afterdose.ingest.mapping.column import Column, columns_of
from afterdose.ingest.mapping.layout import find_layout
from afterdose.ingest.mapping.model import RESULTS, TABLES, WHO, fields_of, needed_of
from afterdose.ingest.mapping.names import analyte_of, fields_named, loinc_of, measure_of
from afterdose.ingest.mapping.sheets import Layout, read_sheet
from afterdose.ingest.values import parse_number
from afterdose.record.drugs import known_drugs
from afterdose.record.tables import SPECS

_CODES_SHOWN = 300
_OF_SCANS = ("new_t2_lesions", "gd_lesions", "bpf", "pbvc_pct", "brain_volume_ml")
_WITH_DECIMALS = ("value", "bpf", "pbvc_pct", "brain_volume_ml")


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
    layout, unsure_layout = find_layout(name, content)
    sheet = read_sheet(name, content, layout)
    columns = [Column.of(header, cells) for header, cells in columns_of(sheet)]
    chosen = table or _table_for(columns)
    draft = _Draft(chosen, columns, layout, unsure_layout, is_chosen=table is not None)
    return draft.proposal()


def _table_for(columns: list[Column]) -> str:
    """The table whose fields most columns are named after; results where it is even."""
    if any(measure_of(column.header) for column in columns):
        return "assessments"
    scores = {
        table: sum(
            any(one not in WHO for one in fields_named(column.header, table)) for column in columns
        )
        for table in TABLES
    }
    if any(analyte_of(column.header)[0] for column in columns):
        return RESULTS
    return max(scores, key=lambda table: (scores[table], table == RESULTS))


class _Draft:
    """A proposal while it is put together."""

    def __init__(
        self,
        table: str,
        columns: list[Column],
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

    def _wide_columns(self) -> list[Column]:
        """Columns that are named after a thing measured, where no column holds the values."""
        if any("value" in fields_named(column.header, self._table) for column in self._columns):
            return []
        if self._table == RESULTS:
            return [one for one in self._columns if analyte_of(one.header)[0] is not None]
        if self._table == "assessments":
            return [one for one in self._columns if measure_of(one.header)]
        return []

    def _guess(self) -> list[Guess]:
        wide = {column.header for column in self._wide}
        named = {
            column.header: fields_named(column.header, self._table)
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

    def _by_values(self, column: Column, taken: set[str]) -> str:
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

    def _doubt(self, name: str, column: Column) -> str:
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
        if name in _OF_SCANS and not column.mostly("numbers", "numbers with a comma"):
            return "not every value is a number"
        if name == "brain_volume_ml":
            return 'millilitres, unless [units] says brain_volume_ml = "mm3"'
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
        values = [g.column for g in self._guesses if g.field in _WITH_DECIMALS]
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
            analyte, _ = analyte_of(text)
            loinc = loinc_of(analyte) if analyte is not None else ""
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

    def _wide_section(self, column: Column) -> str:
        analyte, unit = analyte_of(column.header)
        lines = ["[[wide]]", f"column = {_quoted(column.header)}"]
        if self._table == RESULTS and analyte is not None:
            lines += [f"code = {_quoted(loinc_of(analyte))}  # {analyte.title}"]
            lines += [f"unit = {_quoted(unit)}"] if analyte.unit != "1" else []
            unsure = f"{analyte.title}, by its name only"
        else:
            lines += [f"measure = {_quoted(measure_of(column.header))}"]
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
