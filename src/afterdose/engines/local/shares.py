"""Work done a few people, or a few parts, at a time, on several cores; results in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def in_shares(
    work: Callable[[np.ndarray], _Result], people: int, *, size: int, threads: int
) -> list[_Result]:
    """``work`` on ``size`` people at a time: it is told the first one and the one after the last.

    Examples
    --------
    >>> in_shares(lambda some: some.tolist(), 5, size=2, threads=1)
    [[0, 2], [2, 4], [4, 5]]
    """
    shares = [np.array([start, min(start + size, people)]) for start in range(0, people, size)]
    if threads == 1 or len(shares) <= 1:
        return [work(share) for share in shares]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, shares))


def streamed(
    work: Callable[[_Item], _Result], items: Iterable[_Item], *, threads: int
) -> Iterator[_Result]:
    """``work`` on each of ``items``; no more of them in hand, and so in memory, than threads.

    Examples
    --------
    >>> list(streamed(lambda number: 2 * number, [1, 2, 3], threads=2))
    [2, 4, 6]
    """
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[_Result]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
