"""A table's header and rows from CSV, TSV, an Excel workbook or a dataset of a study.

Workbooks are read row by row in Python: a reader in compiled code sets aside the whole rectangle up
to the last cell, and one cell far down ends the process. What a workbook may unpack to is bounded.
"""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import PurePath
from typing import Any, TypeAlias

from afterdose.ingest.datasets import is_dataset, read_dataset
from afterdose.record.errors import AfterdoseError, UnreadableInputError

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx")
"""What a mapping is applied to."""
ONLY_MAPPED = (".tsv", ".xlsx")
"""What cannot be read without one."""

MAX_BYTES = 100 * 1024 * 1024
"""The largest table that is read by a mapping: in memory it takes some ten times as much."""
MAX_UNPACKED = 128 * 1024 * 1024
"""Bytes that the parts of a workbook may unpack to."""
MAX_ROWS = 1_100_000
"""Rows of a workbook's sheet; Excel itself holds fewer."""
MAX_COLUMNS = 2000
_ROWS_AT_ONCE = 100
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as text; ``is_typed`` where the file says that it is a number or a day."""

    text: str
    is_typed: bool = False


EMPTY = Cell("")
Line: TypeAlias = tuple[int, tuple[Cell, ...]]
"""A line's number and its cells."""


@dataclass(frozen=True)
class Layout:
    """How a file is laid out.

    Attributes
    ----------
    delimiter : str or None
        A name of `DELIMITERS`; None: a tab in ``.tsv``, else a comma.
    encoding : str
    sheet : str or None
        The workbook's sheet; None: its only one.
    header_row : int
        The line of the column names, counted from 1.
    """

    delimiter: str | None = None
    encoding: str = "utf-8"
    sheet: str | None = None
    header_row: int = 1


@dataclass(frozen=True)
class Row:
    """A row, where it stands, and its cells: none where all are empty, else as many as the header
    has, or None where it has more or fewer.
    """

    locator: str
    cells: tuple[Cell, ...] | None


@dataclass(frozen=True)
class Sheet:
    """The header, and the rows below it as they are read: once."""

    header: tuple[str, ...]
    rows: Iterator[Row]


def read_sheet(name: str, content: bytes, layout: Layout) -> Sheet:
    """The table in a file.

    Raises
    ------
    UnreadableInputError
        It is none, its header has no names or names one column twice, or it is too large. A file
        that breaks off later raises it while its rows are read.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableInputError(
            f"{name} has {len(content)} bytes. Permitted for a table by a mapping: {MAX_BYTES}. "
            "Split the file."
        )
    lines = lines_of(name, content, layout)
    for number, cells in lines:
        if number >= layout.header_row:
            header = _header(name, cells)
            return Sheet(header, _rows(lines, len(header), name, layout))
    raise UnreadableInputError(
        f"{name} has no row {layout.header_row} with column names. Permitted: a header line. "
        "Say in the mapping which line it is: header_row."
    )


def _rows(lines: Iterator[Line], width: int, name: str, layout: Layout) -> Iterator[Row]:
    is_ragged = not _is_workbook(name)
    prefix = f"{layout.sheet} " if layout.sheet is not None else ""
    for number, cells in lines:
        is_empty = not any(cell.text for cell in cells)
        yield Row(f"{prefix}row {number}", () if is_empty else _fitted(cells, width, is_ragged))


def lines_of(name: str, content: bytes, layout: Layout) -> Iterator[Line]:
    """Every line with its number, before anything is made of it; as `read_sheet`."""
    if is_dataset(content):
        yield from _dataset_rows(name, content)
    elif _is_workbook(name):
        with _opened(name, content) as book:
            yield from _sheet_rows(name, _chosen(name, book, layout))
    else:
        yield from _delimited(name, content, layout)


def _dataset_rows(name: str, content: bytes) -> Iterator[Line]:
    """The columns' names, then the rows counted from 1, as the dataset's own reader counts them."""
    dataset = read_dataset(name, content)
    yield 1, tuple(map(Cell, dataset.columns))
    for number, cells in dataset.rows:
        if cells is None:
            yield number, (EMPTY,) * len(dataset.columns) + (Cell("more or fewer cells"),)
        else:
            yield (
                number,
                tuple(
                    Cell(cells.get(column, ""), column in dataset.numbers)
                    for column in dataset.columns
                ),
            )


def sheet_names(name: str, content: bytes) -> list[str]:
    """The names of a workbook's sheets."""
    with _opened(name, content) as book:
        return list(book.sheetnames)


def _is_workbook(name: str) -> bool:
    return PurePath(name).suffix.lower() == ".xlsx"


def _header(name: str, cells: Iterable[Cell]) -> tuple[str, ...]:
    header = [" ".join(cell.text.split()) for cell in cells]
    while header and not header[-1]:
        header.pop()
    twice = sorted({text for text in header if text and header.count(text) > 1})
    if not any(header) or twice or len(header) > MAX_COLUMNS:
        seen = f"names {', '.join(twice)[:80]} twice" if twice else f"has {len(header)} columns"
        raise UnreadableInputError(
            f"{name}: the header {seen}. Permitted: 1 to {MAX_COLUMNS} columns, each name once. "
            "Rename the columns, or say in the mapping which line is the header: header_row."
        )
    return tuple(header)


def _fitted(cells: tuple[Cell, ...], width: int, is_ragged: bool) -> tuple[Cell, ...] | None:
    """As many cells as the header; cells without text at the end are none.

    A line of CSV with fewer or more has lost or gained a delimiter somewhere.
    """
    while len(cells) > width and not cells[-1].text:
        cells = cells[:-1]
    if len(cells) > width or (is_ragged and len(cells) < width):
        return None
    return cells + (EMPTY,) * (width - len(cells))


def _delimited(name: str, content: bytes, layout: Layout) -> Iterator[Line]:
    usual = "tab" if name.lower().endswith(".tsv") else "comma"
    delimiter = DELIMITERS[layout.delimiter or usual]
    encoding = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
    try:
        text = content.decode(encoding)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for cells in reader:
            yield reader.line_num, tuple(Cell(cell.strip()) for cell in cells)
    except (UnicodeError, csv.Error):
        raise UnreadableInputError(
            f"{name} cannot be read as {layout.encoding} with a {layout.delimiter or usual} "
            f"between cells. Permitted: encoding {', '.join(ENCODINGS)}; delimiter "
            f"{', '.join(DELIMITERS)}. Correct the mapping or write the file anew."
        ) from None


@contextmanager
def _opened(name: str, content: bytes) -> Iterator[Any]:
    """A workbook; whatever is wrong inside it is one error."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise _too_large(name, f"unpacks to {unpacked} bytes")
        with _unwarned():
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        yield book
    except AfterdoseError:
        raise
    except Exception:  # the library names no errors of its own for broken parts
        raise UnreadableInputError(
            f"{name} cannot be read as a workbook. Permitted: .xlsx without a password. Save it "
            "anew, or as CSV."
        ) from None


@contextmanager
def _unwarned() -> Iterator[None]:
    """The library warns of styles it does not keep and of days out of range: a cell stays one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _in_quiet(rows: Iterator[Any]) -> Iterator[Any]:
    """The rows, some at a time: whoever takes them hears of other warnings as before."""
    while True:
        with _unwarned():
            some = list(islice(rows, _ROWS_AT_ONCE))
        if not some:
            return
        yield from some


def _chosen(name: str, book: Any, layout: Layout) -> Any:
    names = book.sheetnames
    if layout.sheet not in names and (layout.sheet is not None or len(names) > 1):
        raise UnreadableInputError(
            f"{name} has the sheets {', '.join(names)[:200]}. Permitted: one, or one that the "
            "mapping names. Say in the mapping which: sheet."
        )
    return book[layout.sheet or names[0]]


def _sheet_rows(name: str, sheet: Any) -> Iterator[Line]:
    # What the file says of its own size is not to be trusted.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(values_only=True)
    for number, values in enumerate(_in_quiet(rows), start=1):
        if number > MAX_ROWS:
            raise _too_large(name, f"has more than {MAX_ROWS} rows")
        if any(value is not None for value in values):
            yield number, tuple(map(_cell, values))


def _too_large(name: str, seen: str) -> UnreadableInputError:
    return UnreadableInputError(
        f"{name} {seen}. Permitted: {MAX_UNPACKED} bytes, {MAX_ROWS} rows. Save the sheet as CSV."
    )


def _cell(value: object) -> Cell:
    """A cell of a workbook as text: a day as ISO 8601, a number as it would be typed."""
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return Cell(str(value).lower(), is_typed=True)
    if isinstance(value, float):
        return Cell(str(int(value)) if value.is_integer() else repr(value), is_typed=True)
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        text = value.date().isoformat() if midnight else value.isoformat(timespec="seconds")
        return Cell(text, is_typed=True)
    if isinstance(value, (date, time)):
        return Cell(value.isoformat(), is_typed=True)
    return Cell(str(value).strip(), is_typed=not isinstance(value, str))
