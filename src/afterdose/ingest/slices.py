"""Files too large to read at once: slice by slice, each cut where a line or message ends."""

import re
from collections import deque
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import numpy as np

SLICE_BYTES = 64 * 1024 * 1024
"""How much of a large file is read at a time; also the longest line or message that is read."""

_NEAR = 64 * 1024
"""How far before its end a part is first looked through for a place to cut it."""
_MANY = 1024 * 1024
"""Bytes whose lines are counted by compiled code."""
_OVERLAP = 8
"""Bytes kept while a long line is passed by, so that the mark of its end is not cut in two."""


class Slice(NamedTuple):
    """A part of a file, and how many lines stand before it.

    ``content`` is empty for a line or message too long to be read.
    """

    content: bytes
    lines_before: int


def slices_of(path: Path, ends: re.Pattern[bytes], *, size: int = SLICE_BYTES) -> Iterator[Slice]:
    """Every part of a file in order.

    Parameters
    ----------
    path : Path
    ends : re.Pattern
        Matches where a line or message ends; what follows the match begins the next.
    size : int
        The most bytes of a part; twice as many where it is one line or message.

    Yields
    ------
    Slice
    """
    lines = begin = 0
    with path.open("rb", buffering=0) as file:
        total = path.stat().st_size
        while begin < total:
            content = _next(file, begin, min(size, total - begin), total, ends)
            if content:
                yield Slice(content, lines)
                lines += lines_in(content)
                begin += len(content)
            else:
                yield Slice(b"", lines)
                rest, passed = _after_long(file, _read(file, begin, 2 * size), ends, size)
                lines += passed
                begin = file.tell() - len(rest)


def lines_in(content: bytes) -> int:
    """Line ends, however they are written."""
    if len(content) < _MANY:
        feeds = content.count(b"\n")
        return feeds + content.count(b"\r") - content.count(b"\r\n")
    # Loading the compiled code takes longer than counting a few lines.
    from afterdose.ingest.kernels.looking import count_line_ends

    address = np.uintp(np.frombuffer(content, np.uint8).ctypes.data)
    return int(count_line_ends(address, 0, len(content)))


def _read(file: FileIO, begin: int, length: int) -> bytes:
    file.seek(begin)
    return file.read(length)


def _next(file: FileIO, begin: int, size: int, total: int, ends: re.Pattern[bytes]) -> bytes:
    """The part that begins at ``begin``; nothing where no end is near enough.

    Where it ends is asked of its last bytes first, so that all of it is read once.
    """
    if begin + size == total:
        return _read(file, begin, size)
    for length, looked_at in ((size, _NEAR), (size, size), (2 * size, 2 * size)):
        first = max(length - looked_at - _OVERLAP, 0)
        last = deque(
            ends.finditer(_read(file, begin + first, length - first), min(first, _OVERLAP)),
            maxlen=1,
        )
        if last:
            return _read(file, begin, first + last[0].end())
    return b""


def _after_long(file: FileIO, held: bytes, ends: re.Pattern[bytes], size: int) -> tuple[bytes, int]:
    """What follows something too long to be held, and how many lines that was."""
    passed = 0
    while True:
        passed += lines_in(held[:-_OVERLAP])
        held = held[-_OVERLAP:]
        block = file.read(size)
        held += block
        end = ends.search(held)
        if end is not None:
            return held[end.end() :], passed + lines_in(held[: end.end()])
        if not block:
            return b"", passed
