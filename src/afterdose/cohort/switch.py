"""Several files of a folder replaced as one: whatever stops the program, all are new or none is.

New files are written beside, flushed to the disk, and become the folder's by one renaming. What is
left is to move each to its place, which whoever comes next does if the program was stopped.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from afterdose.record.errors import RecordError

_WRITING = ".writing"
"""Holds new files while they are written; means nothing until it is renamed."""
_READY = ".ready"
"""Holds new files that are the folder's, and only have to be moved to their places."""


@contextmanager
def written_as_one(folder: Path, *, clear: Callable[[Path], None] | None = None) -> Iterator[Path]:
    """Where to write the new files of a folder, under their names; at the end they replace the old.

    One process at a time may do this. Files that are not written stay as they are.

    Parameters
    ----------
    folder : Path
    clear : callable, optional
        See `finish`.

    Yields
    ------
    Path
        An empty folder beside.

    Raises
    ------
    RecordError
        The disk is full, or may not be written to. No file of the folder was changed.
    """
    beside = folder / _WRITING
    try:
        finish(folder, clear=clear)
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(mode=0o700)
        yield beside
        for path in sorted(beside.rglob("*"), reverse=True):
            flush_folder(path) if path.is_dir() else flush(path)
        flush_folder(beside)
        beside.rename(folder / _READY)
    except OSError as error:
        raise RecordError(
            f"The record cannot be written: {error.strerror or error}. Permitted: a folder that "
            "may be written to, with room for the record a second time. Nothing of it was "
            "changed. Make room and do the same again."
        ) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    flush_folder(folder)
    finish(folder, clear=clear)


def brought(folder: Path, beside: Path, name: str) -> Path:
    """A file of the folder brought beside, to be added to there."""
    if (folder / name).exists():
        shutil.copyfile(folder / name, beside / name)
    return beside / name


def finish(folder: Path, *, clear: Callable[[Path], None] | None = None) -> None:
    """Move new files to their places where a program was stopped before it had.

    It does no harm if two do this at once.

    Parameters
    ----------
    folder : Path
    clear : callable, optional
        Called with the place of each file before it is moved there, to take away what may not
        stand beside it.
    """
    ready = folder / _READY
    if not ready.is_dir():
        return
    # Whoever does the same at this moment may have moved a file, or all of them.
    with suppress(FileNotFoundError):
        for path in sorted(ready.rglob("*")):
            target = folder / path.relative_to(ready)
            if path.is_dir():
                target.mkdir(exist_ok=True)
                continue
            if clear is not None:
                clear(target)
            with suppress(FileNotFoundError):
                path.replace(target)
        for path in ready.rglob("*"):
            flush_folder(folder / path.relative_to(ready))
    flush_folder(folder)
    with suppress(OSError):
        for path in sorted(ready.rglob("*"), reverse=True):
            path.rmdir()
        ready.rmdir()


def flush(path: Path) -> None:
    """Wait until a file is on disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Wait until a folder's list of files is on disk."""
    if os.name == "nt":  # pragma: no cover - Windows keeps such lists itself
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
