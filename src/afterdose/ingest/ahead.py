"""Something done while what came before it is still being used: the second core is not idle."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

THREADS = os.cpu_count() or 1
"""How many threads take work that is done in pieces; what is found does not depend on it."""

Item = TypeVar("Item")


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items in the same order, the next one made on a thread while one is used.

    Never more than one is made ahead. What goes wrong with an item is raised in its turn.

    Examples
    --------
    >>> list(ahead(number * number for number in range(4)))
    [0, 1, 4, 9]
    """
    iterator = iter(items)
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(_next, iterator)
        while (found := following.result()) is not None:
            following = thread.submit(_next, iterator)
            yield found[0]


def _next(iterator: Iterator[Item]) -> tuple[Item] | None:
    for item in iterator:
        return (item,)
    return None
