"""What every estimator asks of its arguments."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterdose.record.errors import UsageError


def tail_of(conf_level: float) -> float:
    """Half of what an interval at ``conf_level`` leaves out.

    Raises
    ------
    UsageError
        The level is not between 0 and 1.
    """
    if not 0 < conf_level < 1:
        raise UsageError(
            f"A confidence level of {conf_level:g} was asked for. Permitted: between 0 and 1, "
            "for example 0.95."
        )
    return (1 - conf_level) / 2


def counted(events: int, total: float, *, of: str) -> None:
    """Refuse negative counts and a ``total`` that cannot hold them."""
    if events < 0 or total < 0:
        raise UsageError(
            f"{events:g} events of {total:g} {of} were given. Permitted: zero or more of both."
        )


def times_and_codes(
    times: ArrayLike, codes: ArrayLike, *, highest: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Times and what ended them as arrays of one length.

    Raises
    ------
    UsageError
        The lengths differ, a time is missing or negative, or a code is not ``0`` to ``highest``.
        Positions are named, never values.
    """
    days = np.asarray(times, dtype=np.float64)
    kinds = np.asarray(codes, dtype=np.int64)
    if days.shape != kinds.shape or days.ndim != 1:
        raise UsageError(
            f"Times of shape {days.shape} came with endings of shape {kinds.shape}. "
            "Give one ending for each time."
        )
    wrong = np.flatnonzero(~(np.isfinite(days) & (days >= 0)) | (kinds < 0) | (kinds > highest))
    if wrong.size:
        first = ", ".join(str(place) for place in wrong[:3])
        raise UsageError(
            f"{wrong.size} times or endings cannot be used (positions {first}). Permitted: a time "
            f"of zero or more, with an ending from 0 to {highest}."
        )
    return days, kinds
