"""What a locator points at: the very characters of the original, for somebody to look at.

Locators are a line (``line 4 OBX``, ``line 7 (time of Specimen/s1)``), a row of a table
(``row 7``), a JSON pointer (``/entry/3/resource``, also within a line: ``line 3/entry/1/resource``)
or a path of XML elements (``/ClinicalDocument/component[1]``).
"""

import csv
import io
import json
import re
from contextlib import ExitStack
from itertools import islice
from mmap import ACCESS_READ, mmap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.parsers import expat

import polars as pl

from afterdose.ingest.containers import is_container, unpacked
from afterdose.ingest.datasets import is_dataset, read_dataset
from afterdose.ingest.landing import MAX_BYTES

_REMARK = re.compile(r" \([^()]*\)\Z|, first scan\Z")
"""What a reader says behind a position: where a time was taken from."""
_MAPPED = re.compile(r"row (\d+)(?: column .*)?, mapping [0-9a-f]{12}\Z")
_LINE = re.compile(r"line (\d+)(?: [A-Z][A-Z0-9]{2})?(/.*)?\Z")
_ROW = re.compile(r"row (\d+)\Z")
_STEP = re.compile(r"(?:\w+:)?([\w.-]+)(?:\[(\d+)\])?\Z")
_END_OF_LINE = re.compile(rb"\r\n|\r|\n")
_SPACE = re.compile(r"[ \t\r\n]*")
_PARQUET = b"PAR1"


def excerpt_of(path: Path, name: str, locator: str) -> str | None:
    """The original at a locator in a file, or in a member of a container: ``a.ndjson!line 3``.

    Of a file too large to be held only lines are shown.

    Parameters
    ----------
    path : Path
        Where its bytes stand.
    name : str
        The file's own name.
    locator : str
    """
    with ExitStack() as stack:
        with path.open("rb") as file:
            is_packed = is_container(file.read(8))
        if is_packed and "!" in locator:
            folder = stack.enter_context(TemporaryDirectory())
            members = stack.enter_context(unpacked(path, name, Path(folder)))
            whole = [one for one in members if locator.startswith(f"{one.shown}!")]
            if not whole:
                return None
            path, locator = whole[0].path, locator[len(whole[0].shown) + 1 :]
        if path.stat().st_size <= MAX_BYTES:
            return excerpt(path.read_bytes(), locator)
        file = stack.enter_context(path.open("rb"))
        content = stack.enter_context(mmap(file.fileno(), 0, access=ACCESS_READ))
        return excerpt(content, locator) if _LINE.match(locator) else None


def excerpt(content: bytes | mmap, locator: str) -> str | None:
    """The original at a locator; None where it points at nothing that can be shown.

    Examples
    --------
    >>> excerpt(b'{"entry": [{"resource": {"id": "a",  "n": 1.50}}]}', "/entry/0/resource")
    '{"id": "a",  "n": 1.50}'
    >>> excerpt(b"MSH|...\\rOBX|1|NM|777-3", "line 2 OBX")
    'OBX|1|NM|777-3'
    """
    locator = _REMARK.sub("", locator)
    parts = locator.split(" and ")
    if len(parts) > 1:
        found = [excerpt(content, part) for part in parts]
        return "\n".join(part for part in found if part is not None) or None
    if match := _LINE.match(locator):
        line = _line(content, int(match[1]))
        if line is None or match[2] is None:
            return None if line is None else _text(line)
        return _json(_text(line), match[2])
    if isinstance(content, mmap):
        return None
    if content.startswith(b"PK"):
        return None
    if match := _ROW.match(locator):
        return _row(content, int(match[1]))
    if match := _MAPPED.match(locator):
        # Rows of a table by a mapping are counted by their lines, as an editor shows them.
        return _row_on_line(content, int(match[1]))
    if not locator.startswith("/"):
        return None
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return _xml(content, locator)
    return _json(_text(content), locator)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _line(content: bytes | mmap, number: int) -> bytes | None:
    """Line ``number``, counted from 1."""
    begin = 0
    for end in islice(_END_OF_LINE.finditer(content), number - 1):
        begin, number = end.end(), number - 1
    if number != 1:
        return None
    end_of_line = _END_OF_LINE.search(content, begin)
    return content[begin : end_of_line.start() if end_of_line else None]


# Tables -----------------------------------------------------------------------------------------


def _row(content: bytes, number: int) -> str | None:
    """A row of a table, counted from 1, under its header."""
    if content.startswith(_PARQUET):
        frame = pl.read_parquet(io.BytesIO(content)).slice(number - 1, 1)
        return json.dumps(frame.row(0, named=True), default=str, indent=2) if len(frame) else None
    if is_dataset(content):
        rows = read_dataset("", content).rows[number - 1 : number]
        return json.dumps(rows[0].cells, ensure_ascii=False, indent=2) if rows else None
    text = _text(content)
    lines = text.splitlines(keepends=True)
    reader, begin = csv.reader(lines), 0
    header = ""
    count = -1
    for cells in reader:
        written = "".join(lines[begin : reader.line_num]).rstrip("\r\n")
        begin = reader.line_num
        if not cells:
            continue
        count += 1
        if count == 0:
            header = written
        if count == number:
            return f"{header}\n{written}"
    return None


def _row_on_line(content: bytes, number: int) -> str | None:
    """The row of a table that ends on a line, under the first row."""
    lines = _text(content).splitlines(keepends=True)
    reader, begin, header = csv.reader(lines), 0, ""
    for _ in reader:
        written = "".join(lines[begin : reader.line_num]).rstrip("\r\n")
        begin = reader.line_num
        header = header or written
        if begin >= number:
            return f"{header}\n{written}"
    return None


# JSON -------------------------------------------------------------------------------------------


def _json(text: str, pointer: str) -> str | None:
    """The value a pointer names, as it is written there."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:] if step]
    try:
        span = _within(text, _skip(text, 0), steps)
    except (ValueError, IndexError, RecursionError):
        return None
    return None if span is None else text[slice(*span)]


def _within(text: str, begin: int, steps: list[str]) -> tuple[int, int] | None:
    if not steps:
        return begin, _end(text, begin)
    found: int | None = None
    if text[begin] == "{":
        for key, place in _members(text, begin):
            # Of a key written twice the last counts.
            found = place if key == steps[0] else found
    elif text[begin] == "[" and steps[0].isdecimal():
        found = next(islice(_items(text, begin), int(steps[0]), None), None)
    return None if found is None else _within(text, found, steps[1:])


def _members(text: str, place: int) -> Any:
    """Every key of an object, and where its value begins."""
    place = _skip(text, place + 1)
    while text[place] != "}":
        key, place = json.JSONDecoder().raw_decode(text, place)
        place = _skip(text, _skip(text, place) + 1)
        yield key, place
        place = _after(text, place)


def _items(text: str, place: int) -> Any:
    """Where every item of an array begins."""
    place = _skip(text, place + 1)
    while text[place] != "]":
        yield place
        place = _after(text, place)


def _after(text: str, place: int) -> int:
    """Behind a value, and the comma that follows it."""
    place = _skip(text, _end(text, place))
    return _skip(text, place + 1) if text[place] == "," else place


def _end(text: str, place: int) -> int:
    end: int = json.JSONDecoder().raw_decode(text, place)[1]
    return end


def _skip(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return place if match is None else match.end()


# XML --------------------------------------------------------------------------------------------


def _xml(content: bytes, path: str) -> str | None:
    """The element at a path; without a number, the first of its name."""
    steps = [_STEP.match(step) for step in path.split("/")[1:] if step]
    if not steps or None in steps:
        return None
    finder = _Finder([(step[1], int(step[2] or 1)) for step in steps if step])
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: finder.begin(name, parser.CurrentByteIndex)
    parser.EndElementHandler = lambda _: finder.end(parser.CurrentByteIndex)
    parser.CharacterDataHandler = finder.text
    parser.StartDoctypeDeclHandler = finder.refuse
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError):
        return None
    if finder.span is None:
        return None
    begin, last = finder.span
    # An element without content ends with its own tag.
    is_one_tag = finder.is_empty and content[begin:last].endswith(b"/>")
    return _text(content[begin : last if is_one_tag else content.index(b">", last) + 1])


class _Finder:
    """Follows the elements of a document along a path."""

    def __init__(self, steps: list[tuple[str, int]]) -> None:
        self._steps = steps
        self._counts: list[dict[str, int]] = [{}]
        self._on_path = [True]
        self._begin: int | None = None
        self._was_begun = False
        self.span: tuple[int, int] | None = None
        self.is_empty = False

    def begin(self, name: str, place: int) -> None:
        self._was_begun = True
        local = name.rpartition(":")[2]
        counts = self._counts[-1]
        counts[local] = counts.get(local, 0) + 1
        depth = len(self._counts) - 1
        is_step = depth < len(self._steps) and self._steps[depth] == (local, counts[local])
        self._on_path.append(self._on_path[-1] and is_step)
        self._counts.append({})
        if self._on_path[-1] and depth == len(self._steps) - 1 and self._begin is None:
            self._begin = place

    def end(self, place: int) -> None:
        self._counts.pop()
        is_it = self._on_path.pop() and len(self._counts) == len(self._steps)
        if is_it and self.span is None and self._begin is not None:
            self.span, self.is_empty = (self._begin, place), self._was_begun
        self._was_begun = False

    def text(self, _: str) -> None:
        self._was_begun = False

    def refuse(self, *_: object) -> None:
        """A document type may bring entities: nothing of it is opened."""
        raise ValueError
