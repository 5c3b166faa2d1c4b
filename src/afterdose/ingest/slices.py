"""Files too large to read at once: slice by slice, each cut where a line or message ends."""

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

SLICE_BYTES = 64 * 1024 * 1024
"""How much of a large file is read at a time; also the longest line or message that is read."""

_NEAR = 64 * 1024
"""How far before its end a part is first looked through for a place to cut it."""
_OVERLAP = 8
"""Bytes kept while a long line is passed by, so that the mark of its end is not cut in two."""


class Slice(NamedTuple):
    """A part of a file, and how many lines stand before it.

    ``content`` is empty for a line or message too long to be read.
    """

    content: bytes
    lines_before: int


def slices_of(path: Path, ends: re.Pattern[bytes], *, size: int = SLICE_BYTES) -> Iterator[Slice]:
    """Every part of a file in order, never more than two slices of it in memory.

    Parameters
    ----------
    path : Path
    ends : re.Pattern
        Matches where a line or message ends; what follows the match begins the next.
    size : int
        Bytes read at a time.

    Yields
    ------
    Slice
    """
    lines, rest = 0, b""
    with path.open("rb") as file:
        while block := file.read(size):
            held = rest + block
            end = _last_end(held, ends)
            if end:
                yield Slice(held[:end], lines)
                lines += lines_in(held[:end])
                rest = held[end:]
            elif len(held) > size:
                yield Slice(b"", lines)
                rest, passed = _after_long(file, held, ends, size)
                lines += passed
            else:
                rest = held
        if rest:
            yield Slice(rest, lines)


def lines_in(content: bytes) -> int:
    """Line ends, however they are written."""
    feeds = content.count(b"\n")
    # Most files have no carriage return, and looking for one is quicker than counting.
    return feeds + content.count(b"\r") - content.count(b"\r\n") if b"\r" in content else feeds


def _last_end(content: bytes, ends: re.Pattern[bytes]) -> int:
    """Where the last match ends; 0 where there is none. The end of the content is asked first."""
    for begin in (max(0, len(content) - _NEAR), 0):
        last = deque(ends.finditer(content, begin), maxlen=1)
        if last:
            return last[0].end()
    return 0


def _after_long(
    file: BinaryIO, held: bytes, ends: re.Pattern[bytes], size: int
) -> tuple[bytes, int]:
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
