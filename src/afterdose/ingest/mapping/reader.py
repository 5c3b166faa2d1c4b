"""A mapped table's rows, as any other reader's: values and units stay as they were written."""

import re

from afterdose.ingest.identity import RECORD
from afterdose.ingest.mapping.days import to_iso
from afterdose.ingest.mapping.model import PER_ML, RESULTS, Mapping, Wide
from afterdose.ingest.mapping.sheets import Cell, Sheet, read_sheet
from afterdose.ingest.rows import Identifier, RawEntry, RawResult, Reading, Unreadable
from afterdose.ingest.values import parse_number
from afterdose.record.errors import UnreadableInputError
from afterdose.record.tables import SPECS

_COMMA = re.compile(r"[-+]?\d+(?:,\d+)?\Z", re.ASCII)
_NOTHING = Cell("")


def read_mapped(name: str, content: bytes, mapping: Mapping) -> Reading:
    """The rows of a table by its mapping; each cites the mapping's version.

    Raises
    ------
    UnreadableInputError
        The file is no such table, or lacks a column that the mapping names.
    """
    sheet = read_sheet(name, content, mapping.layout)
    _require_columns(name, sheet, mapping)
    reading = Reading()
    place = {column: number for number, column in enumerate(sheet.header)}
    for row in sheet.rows:
        locator = f"{row.locator}, mapping {mapping.version}"
        if row.cells is None:
            reading.unreadable.append(Unreadable(locator, "row-malformed", "number of cells"))
        elif not row.cells:
            reading.pass_over("empty rows")
        else:
            _read_row(row.cells, locator, place, mapping, reading)
    return reading


def _require_columns(name: str, sheet: Sheet, mapping: Mapping) -> None:
    missing = sorted(set(mapping.named_columns) - set(sheet.header))
    if missing:
        raise UnreadableInputError(
            f"{name} has no column {', '.join(missing)[:200]}. Permitted: those of its header, "
            f"{', '.join(sheet.header)[:400]}. Correct the mapping, or ask for the file as before."
        )


def _read_row(
    cells: tuple[Cell, ...],
    locator: str,
    place: dict[str, int],
    mapping: Mapping,
    reading: Reading,
) -> None:
    common = {name: Cell(text, is_typed=True) for name, text in mapping.constants.items()}
    common |= {name: cells[place[column]] for name, column in mapping.columns.items()}
    if not mapping.wide:
        _add(locator, common, mapping, reading)
    for wide in mapping.wide:
        value = cells[place[wide.column]]
        if not value.text:
            reading.pass_over("empty cells")
            continue
        said = common | {name: Cell(text, is_typed=True) for name, text in wide.constants.items()}
        _add(_locator(locator, wide), said | {"value": value}, mapping, reading)


def _locator(locator: str, wide: Wide) -> str:
    row, comma, version = locator.rpartition(", mapping ")
    return f"{row} column {wide.column}{comma}{version}"


def _add(locator: str, said: dict[str, Cell], mapping: Mapping, reading: Reading) -> None:
    for name, words in mapping.translate.items():
        if name in said and said[name].text in words:
            said[name] = Cell(words[said[name].text])
    if mapping.table == RESULTS:
        reading.results.append(_result(locator, said, mapping))
        return
    entry = _entry(locator, said, mapping)
    if isinstance(entry, RawEntry):
        reading.entries.append(entry)
    else:
        reading.unreadable.append(entry)


def _person(said: dict[str, Cell]) -> Identifier | None:
    if person_id := _text(said, "person_id"):
        return Identifier(RECORD, person_id)
    assigner, identifier = _text(said, "assigner"), _text(said, "identifier")
    return Identifier(assigner, identifier) if assigner and identifier else None


def _text(said: dict[str, Cell], name: str) -> str | None:
    return said.get(name, _NOTHING).text or None


def _day(said: dict[str, Cell], name: str, mapping: Mapping) -> str | None:
    """A day by the mapping's format; what is not of the format stays as it is and is refused later.

    A workbook's own days and those of the mapping itself are days already.
    """
    cell = said.get(name, _NOTHING)
    if cell.is_typed or not cell.text:
        return cell.text or None
    return to_iso(cell.text, mapping.date) or cell.text


# Results ----------------------------------------------------------------------------------------


def _result(locator: str, said: dict[str, Cell], mapping: Mapping) -> RawResult:
    value, code = said.get("value", _NOTHING), _text(said, "code") or ""
    return RawResult(
        locator=locator,
        person=_person(said),
        codes=_codes(code, _text(said, "name") or "", mapping),
        status=_text(said, "status") or "",
        value=value.text or None,
        unit=_text(said, "unit") or mapping.units.get(code),
        comparator=_text(said, "comparator"),
        range_text=_range(said, mapping),
        specimen_time=_moment(said, mapping),
        issued_time=_day(said, "received_date", mapping),
        provider=_text(said, "provider"),
        accession=_text(said, "accession"),
        result_id=_text(said, "result_id"),
        decimal="." if value.is_typed else mapping.decimal,
    )


def _codes(code: str, name: str, mapping: Mapping) -> tuple[tuple[str, str, str], ...]:
    """The code that the mapping gives; one it does not list is the laboratory's own, or LOINC."""
    if code in mapping.codes:
        return (("loinc", mapping.codes[code], name or code),)
    return ((mapping.code_system, code.removeprefix("LOINC:"), name),)


def _moment(said: dict[str, Cell], mapping: Mapping) -> str | None:
    day, time = _day(said, "specimen_date", mapping), _text(said, "specimen_time")
    return f"{day}T{time}" if day and time and "T" not in day else day


def _range(said: dict[str, Cell], mapping: Mapping) -> str | None:
    """The laboratory's range with points; not read where a number is not as the mapping says."""
    low, high = said.get("ref_low", _NOTHING), said.get("ref_high", _NOTHING)
    if low.text or high.text:
        ends = [_with_point(end, mapping) for end in (low, high)]
        return None if None in ends else "..".join(map(str, ends))
    written = said.get("reference_range", _NOTHING)
    if mapping.decimal == "," and not written.is_typed:
        return None if "." in written.text else written.text.replace(",", ".") or None
    return written.text or None


def _with_point(cell: Cell, mapping: Mapping) -> str | None:
    """A number with a decimal point; None where it is not written as the mapping says."""
    if cell.is_typed or mapping.decimal == "." or not cell.text:
        return cell.text
    return cell.text.replace(",", ".") if _COMMA.match(cell.text) else None


# Other tables -----------------------------------------------------------------------------------


def _entry(locator: str, said: dict[str, Cell], mapping: Mapping) -> RawEntry | Unreadable:
    columns = SPECS[mapping.table].columns
    found: dict[str, str] = {}
    for name, column in columns.items():
        if name == "person_id" or not (cell := said.get(name, _NOTHING)).text:
            continue
        text: str | None = cell.text
        if column.kind in ("date", "partial_date"):
            text = (_day(said, name, mapping) or "").partition("T")[0]
        elif column.kind in ("number", "whole"):
            text = _with_point(cell, mapping)
            if text is not None and name in mapping.units:
                text = _in_ml(text, mapping.units[name])
        if text is None:
            return Unreadable(locator, "value-not-a-number", f"{name}: not with a decimal comma")
        found[name] = text
    return RawEntry(locator, mapping.table, _person(said), found)


def _in_ml(text: str, unit: str) -> str:
    """A volume in millilitres; what is no plain number stays as it is and is refused later."""
    number = parse_number(text)
    if number is None or number.comparator:
        return text
    return format(number.value / PER_ML[unit], "f")
