"""A mapping: which column of a table is what. A TOML file that somebody has read and signed off.

::

    table = "results"            # or a table of the record: treatments, assessments, mri, ...
    date = "DD.MM.YYYY"
    decimal = ","

    [columns]                    # what it is = the column's name in the file
    identifier = "Pat.-Nr."
    specimen_date = "Abnahme"
    code = "Test"
    value = "Wert"
    unit = "Einheit"

    [constants]                  # what the file does not say, the same for every row
    assigner = "urn:example:hospital"
    provider = "North Lab"
    status = "final"

    [codes]                      # the laboratory's own codes to LOINC
    THRO = "777-3"

    [units]                      # by code, where the row states none
    THRO = "10*9/L"

In a table of scans ``[units]`` may say what ``brain_volume_ml`` stands in: ``mm3``, ``cm3``.
"""

import hashlib
import tomllib
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from afterdose.ingest.mapping.days import PERMITTED as DAYS_PERMITTED
from afterdose.ingest.mapping.days import is_format
from afterdose.ingest.mapping.sheets import DELIMITERS, ENCODINGS, Layout
from afterdose.record.errors import UnreadableInputError
from afterdose.record.tables import SPECS

RESULTS = "results"
WHO = ("identifier", "assigner", "person_id")
"""``identifier`` with its ``assigner``, or ``person_id``, in every table."""
RESULT_FIELDS = (
    "code",
    "name",
    "value",
    "comparator",
    "unit",
    "reference_range",
    "ref_low",
    "ref_high",
    "specimen_date",
    "specimen_time",
    "received_date",
    "status",
    "provider",
    "accession",
    "result_id",
)
TABLES = (RESULTS, *(name for name in SPECS if name not in ("people", "labs", "owners")))
_NEEDED = ("code", "value", "specimen_date", "status")
_KEYS = (
    "table",
    "date",
    "decimal",
    "delimiter",
    "encoding",
    "sheet",
    "header_row",
    "code_system",
    "columns",
    "constants",
    "codes",
    "units",
    "translate",
    "wide",
)
PER_ML = {"mL": 1, "ml": 1, "cm3": 1, "mm3": 1000}
"""Units in which a column of brain volumes may stand: how many make a millilitre."""
_MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Wide:
    """A column that holds values of one thing: its name, and what else is so for its values."""

    column: str
    constants: MappingOf[str, str]


@dataclass(frozen=True)
class Mapping:
    """What a table's columns are.

    Attributes
    ----------
    version : str
        The first twelve characters of the file's hash, as rows cite it.
    table : str
        ``results``, or a table of the record.
    columns, constants : mapping of str to str
        By field: the column it stands in, or what it is for every row.
    wide : tuple of Wide
        Columns that are each one thing (``Thrombozyten``, ``EDSS``); their cells are the values.
    codes : mapping of str to str
        A laboratory's own code to LOINC.
    code_system : {"local", "loinc"}
        What a code that ``codes`` does not list is.
    units : mapping of str to str
        By code as the file has it, for rows that state no unit; in a table of scans that of
        ``brain_volume_ml``.
    translate : mapping of str to mapping
        By field: what the file writes, to what the record writes.
    date : str
    decimal : {".", ","}
    layout : Layout
    """

    version: str
    table: str
    columns: MappingOf[str, str]
    constants: MappingOf[str, str] = field(default_factory=dict)
    wide: tuple[Wide, ...] = ()
    codes: MappingOf[str, str] = field(default_factory=dict)
    code_system: str = "local"
    units: MappingOf[str, str] = field(default_factory=dict)
    translate: MappingOf[str, MappingOf[str, str]] = field(default_factory=dict)
    date: str = "YYYY-MM-DD"
    decimal: str = "."
    layout: Layout = field(default_factory=Layout)

    @property
    def named_columns(self) -> list[str]:
        """Every column that the file must have."""
        return [*self.columns.values(), *(wide.column for wide in self.wide)]


def fields_of(table: str) -> tuple[str, ...]:
    """What a row of a table may hold.

    Examples
    --------
    >>> fields_of("relapses")[3:5]
    ('onset_date', 'end_date')
    """
    own = RESULT_FIELDS if table == RESULTS else tuple(SPECS[table].columns)
    # A row cites the file; no column of the file says where it came from.
    return (*WHO, *(name for name in own if name not in (*WHO, "source")))


def needed_of(table: str) -> tuple[str, ...]:
    """What a row of a table must hold, besides whose it is."""
    if table == RESULTS:
        return _NEEDED
    spec = SPECS[table]
    return tuple(name for name in spec.columns if name in spec.required and name != "person_id")


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file.

    Raises
    ------
    UnreadableInputError
        It is none; every problem is named.
    """
    try:
        content = path.read_bytes()[: _MAX_BYTES + 1]
    except OSError as error:
        raise UnreadableInputError(
            f"{path.name} cannot be opened: {error.strerror}. Permitted: a mapping file. "
            "`afterdose map FILE -o mapping.toml` proposes one."
        ) from None
    return parse_mapping(content, path.name)


def parse_mapping(content: bytes, name: str = "mapping.toml") -> Mapping:
    """The mapping in the bytes of a file; as `read_mapping`."""
    try:
        if len(content) > _MAX_BYTES:
            raise ValueError
        raw = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        where = str(error).rpartition("(")[2].rstrip(")") if "(at " in str(error) else "the file"
        raise _wrong(name, [f"it is no TOML in UTF-8 ({where})"]) from None
    except ValueError:
        raise _wrong(name, [f"it has more than {_MAX_BYTES} bytes"]) from None
    problems = list(_problems(raw))
    if problems:
        raise _wrong(name, problems)
    return Mapping(
        version=hashlib.sha256(content).hexdigest()[:12],
        table=raw["table"],
        columns=raw.get("columns", {}),
        constants=raw.get("constants", {}),
        wide=tuple(
            Wide(one["column"], {key: text for key, text in one.items() if key != "column"})
            for one in raw.get("wide", [])
        ),
        codes=raw.get("codes", {}),
        code_system=raw.get("code_system", "local"),
        units=raw.get("units", {}),
        translate=raw.get("translate", {}),
        date=raw.get("date", "YYYY-MM-DD"),
        decimal=raw.get("decimal", "."),
        layout=Layout(
            raw.get("delimiter"),
            raw.get("encoding", "utf-8"),
            raw.get("sheet"),
            raw.get("header_row", 1),
        ),
    )


def _wrong(name: str, problems: list[str]) -> UnreadableInputError:
    return UnreadableInputError(
        f"{name} is no mapping that can be used: {'; '.join(problems)}. Correct it; "
        "`afterdose map FILE -o mapping.toml` proposes one."
    )


def _problems(raw: dict[str, Any]) -> list[str]:
    shape = _problems_of_shape(raw)
    return shape or [*_problems_of_words(raw), *_problems_of_fields(raw)]


def _problems_of_shape(raw: dict[str, Any]) -> list[str]:
    """Keys that are not known, and values of another kind than they should be."""
    found = [
        f"'{key}' is not known; permitted: {', '.join(_KEYS)}" for key in raw if key not in _KEYS
    ]
    found += [
        f"[{key}] must hold names and texts in quotes"
        for key in ("columns", "constants", "codes", "units")
        if not _is_texts(raw.get(key, {}))
    ]
    translate = raw.get("translate", {})
    if not isinstance(translate, dict) or not all(map(_is_texts, translate.values())):
        found.append("[translate.FIELD] must hold texts in quotes")
    wide = raw.get("wide", [])
    if not isinstance(wide, list) or not all(_is_texts(one) and one.get("column") for one in wide):
        found.append("[[wide]] must name its column, and hold texts in quotes")
    found += [
        f"{key} must be a text in quotes"
        for key in ("table", "date", "decimal", "delimiter", "encoding", "sheet", "code_system")
        if not isinstance(raw.get(key, ""), str)
    ]
    row = raw.get("header_row", 1)
    if not isinstance(row, int) or isinstance(row, bool) or not 1 <= row <= 1000:
        found.append("header_row must be a whole number from 1 to 1000")
    return found


def _is_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _problems_of_words(raw: dict[str, Any]) -> list[str]:
    permitted = {
        "table": TABLES,
        "decimal": (".", ","),
        "delimiter": tuple(DELIMITERS),
        "encoding": ENCODINGS,
        "code_system": ("local", "loinc"),
    }
    found = [
        f"{key} is '{raw[key]}'; permitted: {', '.join(words)}"
        for key, words in permitted.items()
        if key in raw and raw[key] not in words
    ]
    if "table" not in raw:
        found.insert(0, f"table is missing; permitted: {', '.join(TABLES)}")
    if not is_format(raw.get("date", "YYYY-MM-DD")):
        found.append(f"date is '{raw['date']}'; permitted: {DAYS_PERMITTED}")
    return found


def _problems_of_fields(raw: dict[str, Any]) -> list[str]:
    """Fields the table does not have, said twice, or missing."""
    table = raw.get("table")
    if table not in TABLES:
        return []
    columns, constants, wide = (raw.get(key, {}) for key in ("columns", "constants", "wide"))
    extra = {name for one in wide for name in one if name != "column"}
    named = {*columns, *constants, *extra, *raw.get("translate", {})}
    permitted = fields_of(table)
    found = [
        f"'{name}' is no field of {table}; permitted: {', '.join(permitted)}"
        for name in sorted(named - set(permitted))
    ]
    found += [f"{name} is empty" for name, text in constants.items() if not text.strip()]
    found += [
        f"{name} is both a column and a constant" for name in sorted(set(columns) & set(constants))
    ]
    if table != RESULTS:
        found += _problems_of_units(table, raw.get("units", {}))
    if wide and "value" in columns:
        found.append("value is a column, and [[wide]] names columns of values")
    said = {*columns, *constants, *(("value",) if wide else ())}
    said |= set.intersection(*({*one} for one in wide)) if wide else set()
    missing = [name for name in needed_of(table) if name not in said]
    if not {"person_id"} & said and not {"identifier", "assigner"} <= said:
        missing.insert(0, "identifier with assigner, or person_id")
    return found + [f"{name} is missing" for name in missing]


def _problems_of_units(table: str, units: dict[str, str]) -> list[str]:
    """Outside of results the one column that may stand in another unit is the brain's volume."""
    if table != "mri":
        return ["[units] is for results, and for brain_volume_ml of mri"] if units else []
    return [
        f"the unit of '{name}' is '{unit}'; permitted: brain_volume_ml in {', '.join(PER_ML)}"
        for name, unit in units.items()
        if name != "brain_volume_ml" or unit not in PER_ML
    ]
