"""What every estimator asks of its arguments."""

from math import isfinite
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterdose.record.errors import UsageError

_SHOWN = 3
"""How many positions a message names."""


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


def normal_quantile(conf_level: float) -> float:
    """Standard errors to either side of an estimate: 1.96 at 95 %."""
    return NormalDist().inv_cdf(1 - tail_of(conf_level))


def log_log_limits(
    value: NDArray[np.float64], variance: NDArray[np.float64], *, conf_level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Limits symmetric on the scale ``log(-log p)``, so that they stay between 0 and 1.

    Not numbers where the value is 0 or 1: nothing has happened yet, or all of it has.
    """
    z = normal_quantile(conf_level)
    # Shares that sum to one arrive there but for rounding.
    inside = (value > 0) & (value < 1 - 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithm = np.log(np.where(inside, value, np.nan))
        wide = np.exp(z * np.sqrt(variance) / (-value * logarithm))
        return np.exp(logarithm * wide), np.exp(logarithm / wide)


def counted(events: int, total: float, *, of: str) -> None:
    """Refuse counts that are negative or not whole, and a ``total`` that cannot hold them."""
    whole = isfinite(events) and events == int(events)
    if not whole or events < 0 or not isfinite(total) or total < 0:
        raise UsageError(
            f"{events:g} events of {total:g} {of} were given. Permitted: a whole number of events, "
            "zero or more of both."
        )


def positive(value: float, *, what: str) -> None:
    """Refuse what is not a finite number above zero."""
    if not isfinite(value) or value <= 0:
        raise UsageError(f"{what} of {value:g} was asked for. Permitted: above zero.")


def numbers(values: ArrayLike, *, what: str) -> NDArray[np.float64]:
    """``values`` as an array of float.

    Raises
    ------
    UsageError
        They are not numbers. Dates and texts are refused; ``None`` becomes a missing number.
    """
    try:
        found: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError(f"The {what} are not numbers. Give one number for each.") from None
    return found


def refuse(wrong: NDArray[np.bool_], *, what: str, permitted: str) -> None:
    """Refuse by position, never by value.

    Raises
    ------
    UsageError
        Any of ``wrong`` is true.
    """
    places = np.flatnonzero(wrong)
    if places.size:
        first = ", ".join(str(place) for place in places[:_SHOWN])
        raise UsageError(
            f"{places.size} {what} cannot be used (positions {first}). Permitted: {permitted}."
        )


def same_length(first: NDArray[np.generic], other: NDArray[np.generic], *, what: str) -> None:
    """Refuse two columns that are not of one length; ``what`` is "times came with endings"."""
    if first.ndim != 1 or first.shape != other.shape:
        one, two = what.split(" came with ")
        raise UsageError(
            f"{one.capitalize()} of shape {first.shape} came with {two} of shape {other.shape}. "
            "Give both as columns of one length."
        )


def whole_numbers(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where ``values`` are whole and zero or more; what is missing is not."""
    found: NDArray[np.bool_] = values >= 0
    if values.dtype.kind == "f":
        found = found & (values == np.floor(values)) & np.isfinite(values)
    return found


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
    days, kinds = numbers(times, what="times"), np.asarray(codes)
    if kinds.dtype.kind not in "biu":
        kinds = numbers(codes, what="endings")
    same_length(days, kinds, what="times came with endings")
    usable = np.isfinite(days) & (days >= 0) & whole_numbers(kinds) & (kinds <= highest)
    refuse(
        ~usable,
        what="times or endings",
        permitted=f"a time of zero or more, with an ending from 0 to {highest}",
    )
    return days, kinds.astype(np.int64)
