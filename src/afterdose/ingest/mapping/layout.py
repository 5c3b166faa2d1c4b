"""How a file is laid out, found from its first lines: delimiter, encoding, sheet, header."""

from collections import Counter
from dataclasses import replace
from itertools import islice
from pathlib import PurePath

from afterdose.ingest.mapping.sheets import DELIMITERS, ENCODINGS, Layout, lines_of, sheet_names
from afterdose.record.errors import UnreadableInputError


def find_layout(name: str, content: bytes) -> tuple[Layout, list[str]]:
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
