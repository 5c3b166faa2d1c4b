"""The limits of a predicate that a site may set, and the predicate with another in its place."""

from collections.abc import Iterator
from dataclasses import replace

from afterdose.monitoring.model import (
    AllOf,
    AnyOf,
    BaselineRise,
    Fall,
    Lasting,
    Limit,
    Predicate,
    RangeMultiple,
)
from afterdose.monitoring.reading import Block
from afterdose.monitoring.reading_predicates import (
    read_limit,
    read_percent,
    read_times,
    read_unit,
)

Settable = Limit | RangeMultiple | BaselineRise | Fall | Lasting
"""Each has one number that is its limit: of a lasting state, what it lies below. The bounds of a
CTCAE grade are the grade's and not a site's."""


def settable_limits(predicate: Predicate) -> tuple[Settable, ...]:
    """Every part whose limit a site could set, in order.

    Examples
    --------
    >>> [part.analyte for part in settable_limits(
    ...     AnyOf((RangeMultiple("alt", "above", 3), RangeMultiple("ast", "above", 3))))]
    ['alt', 'ast']
    """
    return tuple(_settable(predicate))


def _settable(predicate: Predicate) -> Iterator[Settable]:
    if isinstance(predicate, AllOf | AnyOf):
        for part in predicate.parts:
            yield from _settable(part)
    elif isinstance(predicate, Settable):
        yield predicate


def read_site_limit(block: Block, key: str, part: Settable, units: Block, unit: str) -> Settable:
    """``part`` with the limit under ``key``; an absolute one says its unit, too."""
    match part:
        case RangeMultiple():
            return replace(part, times=read_times(block, key))
        case BaselineRise():
            return replace(part, percent=read_percent(block, key))
        case Fall():
            return replace(part, percent=read_percent(block, key, highest=100))
        case Limit():
            read_unit(units, unit, part.analyte)
            return replace(part, value=read_limit(block, key, part.relation, part.analyte))
        case Lasting():
            read_unit(units, unit, part.analyte)
            return replace(part, below=read_limit(block, key, "below", part.analyte))


def with_part(predicate: Predicate, old: Settable, new: Settable) -> Predicate:
    """``predicate`` with one of its parts replaced."""
    if isinstance(predicate, AllOf | AnyOf):
        return replace(
            predicate, parts=tuple(with_part(part, old, new) for part in predicate.parts)
        )
    return new if predicate is old else predicate
