"""One run at a time: two that wrote one record at once would undo each other's rows."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from afterdose.cohort import finish_writing

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
        _put_in_order(record)
        yield
        return
    folder = os.open(record, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        _put_in_order(record)
        yield
    finally:
        os.close(folder)


def _put_in_order(record: Path) -> None:
    """Finish what a run that was stopped had begun to write; take away what it left half done."""
    finish_writing(record)
    landed = record / "landed"
    for path in landed.glob(".*") if landed.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
