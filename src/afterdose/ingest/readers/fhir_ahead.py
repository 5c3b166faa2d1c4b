"""Lines of a large file that tell something of results before them, found before any is read."""

import mmap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from afterdose.ingest.ahead import THREADS
from afterdose.ingest.kernels.looking import find_telling
from afterdose.ingest.slices import SLICE_BYTES

_WINDOW = 16 * 1024 * 1024
"""How much of a file one thread looks through at a time."""
_AT_ONCE = 1 << 16
"""How many places one call finds."""


def telling_lines(path: Path) -> Iterator[bytes]:
    """Every line, in order, that may hold a resource which tells something of others.

    A line too long to be read tells nothing.

    Parameters
    ----------
    path : Path
        A file that is not empty.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        end = 0
        for value in _places(content):
            if value < end:
                continue
            begin = max(content.rfind(b"\n", end, value), content.rfind(b"\r", end, value), end - 1)
            end = content.find(b"\n", value)
            end = len(content) if end < 0 else end
            if end - begin <= 2 * SLICE_BYTES:
                yield content[begin + 1 : end]


def _places(content: mmap.mmap) -> Iterator[int]:
    """Where types of telling resources begin."""
    buffer = np.frombuffer(content, np.uint8)
    base, total = np.uintp(buffer.ctypes.data), len(buffer)
    # The mapping cannot be closed while an array shows it.
    del buffer

    def places(begin: int) -> list[int]:
        last, found = min(begin + _WINDOW, total), np.empty(_AT_ONCE, np.int64)
        at, everything = begin, []
        while at < last:
            at, count = find_telling(base, at, last, total, found)
            everything += found[:count].tolist()
        if hasattr(content, "madvise"):
            # Whatever was looked through need not stay in memory.
            content.madvise(mmap.MADV_DONTNEED, begin, last - begin)
        return everything

    with ThreadPoolExecutor(THREADS) as pool:
        for found in pool.map(places, range(0, total, _WINDOW)):
            yield from found
