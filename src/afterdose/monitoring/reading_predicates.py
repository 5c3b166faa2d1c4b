"""Reading the predicates of a rule file."""

from collections.abc import Callable

from afterdose.monitoring.ctcae import grade_predicate, grades_of
from afterdose.monitoring.model import (
    AllOf,
    AnyOf,
    BaselineRise,
    Fall,
    Grade,
    Lasting,
    Limit,
    Predicate,
    RangeMultiple,
)
from afterdose.monitoring.reading import Block
from afterdose.record.analytes import catalogue

RELATIONS = ("below", "at_most", "above", "at_least")
_EMPTY = Limit("platelets", "below", 0.0)


def read_predicate(block: Block, key: str) -> Predicate:
    """The predicate under ``key``; a problem reads as one that never holds."""
    return read_inner(block.inner(block.body.get(key, {}), key))


def read_inner(block: Block) -> Predicate:
    """The predicate a block is."""
    kind = block.one_of("kind", _READERS)
    if kind != block.body.get("kind"):
        return _EMPTY
    return _READERS[kind](block)


def _limit(block: Block) -> Predicate:
    block.only(("kind", "analyte", "unit", *RELATIONS))
    analyte = _analyte(block)
    _unit(block, analyte)
    relation, value = _relation(block, RELATIONS)
    return Limit(analyte, relation, value)


def _range(block: Block) -> Predicate:
    block.only(("kind", "analyte", *RELATIONS))
    analyte = _analyte(block)
    relation, times = _relation(block, RELATIONS)
    return RangeMultiple(analyte, relation, times)


def _baseline_rise(block: Block) -> Predicate:
    block.only(("kind", "analyte", "percent"))
    return BaselineRise(_analyte(block), block.number("percent"))


def _fall(block: Block) -> Predicate:
    block.only(("kind", "analyte", "percent", "still_above", "unit"))
    analyte, floor = _analyte(block), None
    if block.has("still_above"):
        _unit(block, analyte)
        floor = block.number("still_above")
    return Fall(analyte, block.number("percent"), floor)


def _lasting(block: Block) -> Predicate:
    block.only(
        ("kind", "analyte", "unit", "below", "at_least", "lasting", "max_gap", "results"),
    )
    analyte = _analyte(block)
    _unit(block, analyte)
    found = Lasting(
        analyte=analyte,
        below=block.number("below"),
        at_least=block.number("at_least") if block.has("at_least") else None,
        lasting=block.period("lasting"),
        max_gap=block.period("max_gap"),
        results=block.whole("results", low=2) if block.has("results") else 2,
    )
    if found.at_least is not None and found.at_least >= found.below:
        block.refuse("at_least", found.at_least, (f"a number below {found.below:g}",))
    return found


def _grade(block: Block) -> Predicate:
    block.only(("kind", "analyte", "version", "at_least"))
    analyte, version = _analyte(block), block.whole("version")
    grades = grades_of(analyte, version)
    if not grades:
        block.refuse(
            "version", f"{version} for {analyte}", ("a version whose table grades the analyte",)
        )
        return _EMPTY
    worst = block.whole("at_least")
    if worst not in grades:
        block.refuse("at_least", worst, grades)
        return _EMPTY
    return Grade(analyte, version, worst, grade_predicate(analyte, version, worst))


def _all_of(block: Block) -> Predicate:
    block.only(("kind", "parts", "within"))
    return AllOf(_parts(block), block.period("within"))


def _any_of(block: Block) -> Predicate:
    block.only(("kind", "parts"))
    return AnyOf(_parts(block))


def _parts(block: Block) -> tuple[Predicate, ...]:
    return tuple(read_inner(block.inner(part, "parts")) for part in block.items("parts"))


_READERS: dict[str, Callable[[Block], Predicate]] = {
    "limit": _limit,
    "range": _range,
    "baseline_rise": _baseline_rise,
    "fall": _fall,
    "lasting": _lasting,
    "grade": _grade,
    "all_of": _all_of,
    "any_of": _any_of,
}


def _analyte(block: Block) -> str:
    name = block.text("analyte")
    if name and name not in catalogue():
        block.refuse("analyte", name, ("an analyte of the catalogue",))
    return name if name in catalogue() else "platelets"


def _unit(block: Block, analyte: str) -> None:
    """A limit is only as good as its unit: the file must say the one it was read in."""
    unit = catalogue()[analyte].unit
    if block.body.get("unit") != unit:
        block.refuse("unit", block.body.get("unit", "missing"), (unit,))


def _relation(block: Block, permitted: tuple[str, ...]) -> tuple[str, float]:
    found = [key for key in permitted if block.has(key)]
    if len(found) != 1:
        block.refuse("limit", " and ".join(found) or "missing", (f"one of {', '.join(permitted)}",))
        return permitted[0], 0.0
    return found[0], block.number(found[0])
