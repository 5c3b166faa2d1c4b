"""Messages as they arrive, on disk before anybody is told that they are.

A journal is a file of framed messages in the record's ``.arriving`` folder. It is closed when its
messages are taken into the record and removed once they have landed there.
"""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from afterdose.cohort.switch import flush_folder

FOLDER = ".arriving"
START, END = b"\x0b", b"\x1c\r"
"""What the lower-layer protocol puts around a message."""

_NAME = re.compile(r"mllp-(\d{8})T\d{6}-\d{6}\.hl7\Z")


class Journal:
    """Keeps messages, several at a time; only what is whole and on disk counts as kept."""

    def __init__(self, record: Path) -> None:
        self._folder = record / FOLDER
        self._file: BinaryIO | None = None
        self._durable = 0

    @property
    def size(self) -> int:
        """Bytes in the journal that is being written."""
        return self._durable

    def prepare(self) -> None:
        """Make the folder if there is none."""
        self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def keep(self, messages: Iterable[bytes], *, now: datetime) -> None:
        """Write messages and wait until they are on disk.

        Raises
        ------
        OSError
            They are not kept, none of them: the disk is full, for one.
        """
        file = self._file or self._begun(now)
        try:
            for message in messages:
                file.write(START + message + END)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            self._undo(file)
            raise
        self._durable = file.tell()

    def close(self) -> None:
        """End the journal that is being written; the next message begins another."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def closed(self) -> list[Path]:
        """Journals whose messages wait to be taken in, the oldest first."""
        writing = None if self._file is None else Path(self._file.name)
        return sorted(
            path for path in self._folder.iterdir() if _NAME.match(path.name) and path != writing
        )

    @staticmethod
    def mend(journal: Path) -> bool:
        """Cut off a message that is half written; whether any is left.

        Its sender was told nothing and sends it again: half a message could be read as a whole one
        that says something else.
        """
        content = journal.read_bytes()
        whole = content.rfind(END) + len(END) if END in content else 0
        if whole < len(content):
            os.truncate(journal, whole)
        return whole > 0

    def _begun(self, now: datetime) -> BinaryIO:
        path = self._folder / f"mllp-{now:%Y%m%dT%H%M%S}-{self._next():06d}.hl7"
        self._file, self._durable = path.open("xb"), 0
        flush_folder(self._folder)
        return self._file

    def _next(self) -> int:
        """A number no journal here has, so that one second can begin several."""
        return max((int(path.stem[-6:]) for path in self.closed()), default=0) + 1

    def _undo(self, file: BinaryIO) -> None:
        """Cut off what may be half written, as `mend` does; the next message begins a journal."""
        self._file = None
        with suppress(OSError):
            file.close()
        with suppress(OSError):
            os.truncate(file.name, self._durable)


def day_of(journal: Path) -> date:
    """The day a journal was begun: the day its messages landed.

    Examples
    --------
    >>> day_of(Path("mllp-20240601T081500-000001.hl7"))
    datetime.date(2024, 6, 1)
    """
    match = _NAME.match(journal.name)
    if match is None:
        raise ValueError(journal.name)
    return datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007 - a day, no instant
