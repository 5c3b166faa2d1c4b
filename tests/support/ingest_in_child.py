"""Ingests files in a process of its own, which may be killed: ``RECORD STEP FILE...``.

Says ``ready`` when it begins. At the given step (a file opened to be written, renamed or removed, a
folder made or removed) the process kills itself before the step is done; at step 0 it goes on to
the end and says how many steps there were, how many seconds it took, and by how many MB its memory
grew.
"""

import os
import resource
import signal
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from afterdose.ingest import ingest_files

_CHANGES = frozenset({"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate"})
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Steps:
    """Counts what changes a file, and kills the process at one of them."""

    def __init__(self, last: int) -> None:
        self.done = 0
        self._last = last

    def __call__(self, event: str, about: tuple[Any, ...]) -> None:
        if event in _CHANGES or (event == "open" and (about[2] or 0) & _TO_WRITE):
            self.done += 1
            if self.done == self._last:
                os.kill(os.getpid(), signal.SIGKILL)


def most_memory() -> int:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(record: str, step: str, *files: str) -> None:
    steps = Steps(int(step))
    print("ready", flush=True)  # noqa: T201 - what it says is what it is for
    held = most_memory()
    sys.addaudithook(steps)
    begun = time.perf_counter()
    ingest_files(map(Path, files), Path(record), landed_on=date(2024, 6, 1))
    seconds = time.perf_counter() - begun
    print(steps.done, seconds, most_memory() - held, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
