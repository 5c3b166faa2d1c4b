"""Datasets of clinical studies as CDISC lays them down: SAS transport files and Dataset-JSON.

Each holds one table whose first columns name the study and the person. What the columns mean is
for a reader, or for a mapping, to say.
"""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from afterdose.record.errors import UnreadableInputError

_TRANSPORT = re.compile(rb"HEADER RECORD\*{7}LIB(?:RARY|V8  ) HEADER RECORD")
_MEMBER = re.compile(rb"HEADER RECORD\*{7}MEMB(?:ER |V8 ) HEADER RECORD")
_RECORD_BYTES = 80
"""A transport file is a whole number of records of this length."""
_JSON = re.compile(rb'\{.*?"datasetJSONVersion"\s*:\s*"1\.1', re.DOTALL)

_START_BYTES = 4096
_BEFORE = b"\xef\xbb\xbf \t\r\n"

Cells = dict[str, str]
"""A row by the names of its columns; empty cells are left out."""


class DatasetRow(NamedTuple):
    """A row's number, counted from 1, and its cells: None where they are more or fewer than the
    columns.
    """

    number: int
    cells: Cells | None


@dataclass(frozen=True)
class Dataset:
    """A table of a study.

    Attributes
    ----------
    name : str
        ``LB``; in upper case.
    columns : tuple of str
        Their names in upper case.
    numbers : frozenset of str
        The columns whose cells the file says are numbers.
    rows : list of DatasetRow
    """

    name: str
    columns: tuple[str, ...]
    numbers: frozenset[str]
    rows: list[DatasetRow]


def is_transport(start: bytes) -> bool:
    """Whether a file begins as SAS transport files do, version 5 or 8."""
    return _TRANSPORT.match(start) is not None


def is_dataset_json(start: bytes) -> bool:
    """Whether a file begins as Dataset-JSON 1.1 does, in one document or one row a line."""
    return _JSON.match(start[:_START_BYTES].lstrip(_BEFORE)) is not None


def is_dataset(start: bytes) -> bool:
    """Whether a file is a dataset of a study."""
    return is_transport(start) or is_dataset_json(start)


def read_dataset(name: str, content: bytes) -> Dataset:
    """The table in a file.

    Raises
    ------
    UnreadableInputError
        It is cut short or damaged, holds several tables, or names a column twice.
    """
    dataset = _transport(name, content) if is_transport(content) else _json(name, content)
    if len(set(dataset.columns)) < len(dataset.columns) or not all(dataset.columns):
        raise UnreadableInputError(
            f"{name} has columns without a name or of one name. Permitted: each name once. Ask "
            "the sender for the file again."
        )
    return dataset


# SAS transport files ----------------------------------------------------------------------------


def _transport(name: str, content: bytes) -> Dataset:
    import pyreadstat

    # The format counts no rows (version 5), and the library ends where the bytes do.
    if len(content) % _RECORD_BYTES:
        raise _damaged(name, "ends inside a record")
    members = len(_MEMBER.findall(content))
    if members != 1:
        raise UnreadableInputError(
            f"{name} holds {members} datasets. Permitted: one, as in a submission. Ask the sender "
            "for one file a dataset."
        )
    try:
        columns, about = pyreadstat.read_xport(
            io.BytesIO(content), output_format="dict", disable_datetime_conversion=True
        )
    except UnicodeDecodeError:
        raise UnreadableInputError(
            f"{name} has text that is neither ASCII nor UTF-8. Permitted: these two. Ask the "
            "sender to write it anew."
        ) from None
    except Exception:  # the library tells of broken parts by errors of several kinds
        raise _damaged(name, "cannot be read") from None
    names = tuple(_name(column) for column in columns)
    numbers = frozenset(
        _name(column) for column, kind in about.readstat_variable_types.items() if kind != "string"
    )
    rows = [
        DatasetRow(number, _filled(names, map(_text, cells)))
        for number, cells in enumerate(zip(*columns.values(), strict=True), start=1)
    ]
    return Dataset(_name(about.table_name), names, numbers, rows)


def _name(written: str | None) -> str:
    """A name as the model writes it; a damaged file may have none."""
    return (written or "").strip().upper()


def _text(cell: object) -> str:
    """A cell as text: a number as it would be typed."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else ("" if cell != cell else repr(cell))
    return "" if cell is None else str(cell).strip()


# Dataset-JSON -----------------------------------------------------------------------------------


def _json(name: str, content: bytes) -> Dataset:
    try:
        about, rows = _parts(content.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
        title, columns = about["name"], about["columns"]
        names = tuple(str(column["name"]).strip().upper() for column in columns)
        numbers = frozenset(
            str(column["name"]).strip().upper()
            for column in columns
            if column.get("dataType") in ("integer", "float", "double", "decimal")
        )
        told = about.get("records")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _damaged(name, "is no Dataset-JSON 1.1 that can be read") from None
    if told is not None and str(told) != str(len(rows)):
        raise _damaged(name, f"says that it has another number of rows than its {len(rows)}")
    read = [DatasetRow(number, _json_cells(names, row)) for number, row in enumerate(rows, start=1)]
    return Dataset(str(title).strip().upper(), names, numbers, read)


def _parts(text: str) -> tuple[dict[str, Any], list[Any]]:
    """What a file says of its table, and the rows; numbers stay as they are written."""
    first, _, below = text.lstrip().partition("\n")
    try:
        about = _loads(first)
    except ValueError:
        about, below = _loads(text), ""
    if "rows" in about or not below.strip():
        rows = about.get("rows", [])
        if not isinstance(rows, list):
            raise ValueError
        return about, rows
    return about, [_loads(line) for line in below.splitlines() if line.strip()]


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=_refuse)


def _refuse(_: str) -> None:
    raise ValueError


def _json_cells(names: tuple[str, ...], row: object) -> Cells | None:
    """The cells of a row; None where they are none."""
    if not isinstance(row, list) or len(row) != len(names):
        return None
    if any(isinstance(cell, (dict, list, bool)) for cell in row):
        return None
    return _filled(names, ("" if cell is None else cell.strip() for cell in row))


def _filled(names: tuple[str, ...], cells: Iterator[str]) -> Cells:
    return {name: cell for name, cell in zip(names, cells, strict=True) if cell}


def _damaged(name: str, seen: str) -> UnreadableInputError:
    return UnreadableInputError(
        f"{name} {seen}. Permitted: a whole dataset. Ask the sender for the file again."
    )
