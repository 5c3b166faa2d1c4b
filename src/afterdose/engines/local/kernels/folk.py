"""People as the kernels read them: their lives, what was done to them, when they were seen."""

from typing import NamedTuple

import numpy as np
from numba import njit

from afterdose.engines.local.kernels.bare import bare
from afterdose.engines.local.kernels.compiling import inlined

PERSON = np.dtype(
    [("died", np.int32), ("last_seen", np.int32), ("sex", np.int8), ("broken", np.bool_)]
)
"""A person: days (`NEVER`: none known), sex by code, whether the record contradicts itself."""
SEEN = np.dtype([("start", np.int32), ("end", np.int32)])
"""A span under observation; ``end`` is `NEVER` where it goes on or data were cut."""


class Folk(NamedTuple):
    """People as the kernels read them.

    ``rows`` are of type `PERSON`, ``seen`` of type `SEEN`; ``exam_from`` has a row a kind of
    examination and points into ``exam_day``.
    """

    rows: np.ndarray
    seen_from: np.ndarray
    seen: np.ndarray
    exam_from: np.ndarray
    exam_day: np.ndarray


@njit(inline="always")
def bare_folk(folk):
    return Folk(
        bare(folk.rows),
        bare(folk.seen_from),
        bare(folk.seen),
        bare(folk.exam_from),
        bare(folk.exam_day),
    )


@inlined
def has_left(person, day, folk):
    """Whether the person was under observation once and no longer is."""
    was_seen = False
    for span in range(folk.seen_from[person], folk.seen_from[person + 1]):
        if folk.seen[span].start > day:
            continue
        if folk.seen[span].end >= day:
            return False
        was_seen = True
    return was_seen
