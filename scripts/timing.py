"""How long a job takes, for benchmarks: every run is kept, so that the spread can be shown."""

import time
from collections.abc import Callable
from typing import TypeVar

_Result = TypeVar("_Result")


def timed(work: Callable[[], _Result], runs: int) -> tuple[list[float], _Result]:
    """Seconds of each of ``runs``, in order, and what the last gave.

    Examples
    --------
    >>> seconds, found = timed(lambda: 1 + 1, 3)
    >>> len(seconds), found
    (3, 2)
    """
    seconds: list[float] = []
    while True:
        started = time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - started)
        if len(seconds) >= runs:
            return seconds, found
