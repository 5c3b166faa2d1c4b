"""One run at a time: two that wrote one record at once would undo each other's rows."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has none; there, do not run two at once
    fcntl = None  # type: ignore[assignment]


@contextmanager
def one_at_a_time(record: Path) -> Iterator[None]:
    """Wait until no other process adds to this record, which is made if there is none.

    The lock is on the folder itself, so that nothing is left behind in it, and ends with the
    process at the latest.
    """
    record.mkdir(mode=0o700, parents=True, exist_ok=True)
    if fcntl is None:  # pragma: no cover
        yield
        return
    folder = os.open(record, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
