"""Whether a predicate can hold at all: the bounds it sets, and which of them exclude each other."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from afterdose.monitoring.model import (
    AllOf,
    AnyOf,
    BaselineRise,
    ByBaseline,
    Fall,
    Grade,
    Lasting,
    Limit,
    Predicate,
    RangeMultiple,
)

_LOW = ("above", "at_least")


class Bound(NamedTuple):
    """One side that a value must be on.

    ``scale`` is what the number counts: ``unit``, or multiples of the laboratory's ``range``, or
    percent of the person's ``baseline`` or of the ``previous`` value. Bounds on two scales say
    nothing about each other.
    """

    analyte: str
    scale: str
    relation: str
    value: float


Way = tuple[Bound, ...]
"""One way in which a predicate can hold: every bound is kept."""


def ways_of(predicate: Predicate) -> Iterator[Way]:
    """Every way in which a predicate can hold; no way, where its parts exclude each other.

    Of parts about one analyte it is one result that keeps them all.

    Examples
    --------
    >>> three = RangeMultiple("alt", "above", 3)
    >>> len(list(ways_of(AllOf((three, RangeMultiple("alt", "below", 2)), within=None))))
    0
    """
    match predicate:
        case AllOf():
            for ways in product(*(list(ways_of(part)) for part in predicate.parts)):
                way = tuple(bound for part in ways for bound in part)
                if is_possible(way):
                    yield way
        case AnyOf():
            for part in predicate.parts:
                yield from ways_of(part)
        case ByBaseline():
            yield from ways_of(predicate.normal)
            yield from ways_of(predicate.raised)
        case Grade():
            yield from ways_of(predicate.when)
        case _:
            yield _bounds(predicate)


def is_possible(way: Way) -> bool:
    """Whether some value keeps every bound."""
    return not any(
        _exclude(low, high)
        for low in way
        if low.relation in _LOW
        for high in way
        if high.relation not in _LOW
    )


def hold_together(first: Predicate, second: Predicate) -> bool:
    """Whether one result is known to be able to meet both.

    Not known, and so not said, where they count one analyte on different scales.
    """
    return any(
        is_possible((*one, *other)) and _is_comparable(one, other)
        for one in ways_of(first)
        for other in ways_of(second)
    )


def _is_comparable(one: Way, other: Way) -> bool:
    return all(
        first.scale == second.scale
        for first in one
        for second in other
        if first.analyte == second.analyte
    )


def _bounds(predicate: Limit | RangeMultiple | BaselineRise | Fall | Lasting) -> Way:
    name = predicate.analyte
    match predicate:
        case Limit():
            return (Bound(name, "unit", predicate.relation, predicate.value),)
        case RangeMultiple():
            return (Bound(name, "range", predicate.relation, predicate.times),)
        case BaselineRise():
            return (Bound(name, "baseline", "above", predicate.percent),)
        case Fall():
            fall = Bound(name, "previous", "at_most", -predicate.percent)
            if predicate.still_above is None:
                return (fall,)
            return fall, Bound(name, "unit", "above", predicate.still_above)
        case Lasting():
            below = Bound(name, "unit", "below", predicate.below)
            if predicate.at_least is None:
                return (below,)
            return below, Bound(name, "unit", "at_least", predicate.at_least)


def _exclude(low: Bound, high: Bound) -> bool:
    """Whether no value is above ``low`` and below ``high``.

    A multiple of the lower limit is no more than the same multiple of the upper one, so that more
    than three times the upper limit is never less than two times the lower.
    """
    if (low.analyte, low.scale) != (high.analyte, high.scale):
        return False
    if low.value == high.value:
        return not (low.relation == "at_least" and high.relation == "at_most")
    return low.value > high.value
