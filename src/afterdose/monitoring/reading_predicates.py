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
from afterdose.record.nearest import nearest_in_words

RELATIONS = ("below", "at_most", "above", "at_least")
_EMPTY = Limit("platelets", "below", 0.0)
"""Stands for a predicate that could not be read, which nothing looks at."""


def read_predicate(block: Block) -> Predicate:
    """The predicate a block is; what cannot be read is a problem of the rule's key."""
    kind = block.one_of("kind", _READERS)
    if kind != block.body.get("kind"):
        return _EMPTY
    return _READERS[kind](block)


def read_limit(block: Block, key: str, relation: str, analyte: str | None) -> float:
    """An absolute limit, which some plausible values must be beyond and some not.

    ``analyte`` is None where it is not known, so that nothing is known of its values.
    """
    value = block.number(key)
    if value is None:
        return 0.0
    if analyte is not None:
        known = catalogue()[analyte]
        low, high, unit = known.plausible_low, known.plausible_high, known.unit
        if relation in ("below", "at_least"):
            words, is_between = f"above {low:g} and up to {high:g}", low < value <= high
        else:
            words, is_between = f"from {low:g} to below {high:g}", low <= value < high
        if not is_between:
            block.refuse(key, f"{value:g}", (f"{words} {unit}, the plausible values of {analyte}",))
    return value


def read_times(block: Block, key: str) -> float:
    """A multiple of the laboratory's limit."""
    value = block.number(key)
    if value is not None and value <= 0:
        block.refuse(key, f"{value:g}", ("a number above 0",))
    return value or 0.0


def read_percent(block: Block, key: str, *, highest: float | None = None) -> float:
    """A rise, or a fall, which cannot be by more than all there is."""
    value = block.number(key)
    if value is not None and (value <= 0 or (highest is not None and value > highest)):
        words = "a number above 0" if highest is None else f"above 0 and up to {highest:g}"
        block.refuse(key, f"{value:g}", (words,))
    return value or 0.0


def read_unit(block: Block, key: str, analyte: str | None) -> None:
    """A limit is only as good as its unit: the file must say the one it was read in."""
    if analyte is None:
        return
    unit = catalogue()[analyte].unit
    if block.body.get(key) != unit:
        block.refuse(key, block.body.get(key, "missing"), (unit,))


def permitted_analyte(name: str) -> str:
    """What to say where an analyte is not known: where the list stands, and the nearest names."""
    nearest = nearest_in_words(name, catalogue())
    return f"an analyte of the catalogue (afterdose/record/analytes.toml{nearest})"


def _limit(block: Block) -> Predicate:
    block.only(("kind", "analyte", "unit", *RELATIONS))
    analyte = _analyte(block)
    read_unit(block, "unit", analyte)
    relation = _relation(block)
    if relation is None:
        return _EMPTY
    return Limit(_or_any(analyte), relation, read_limit(block, relation, relation, analyte))


def _range(block: Block) -> Predicate:
    block.only(("kind", "analyte", *RELATIONS))
    analyte, relation = _analyte(block), _relation(block)
    if relation is None:
        return _EMPTY
    return RangeMultiple(_or_any(analyte), relation, read_times(block, relation))


def _baseline_rise(block: Block) -> Predicate:
    block.only(("kind", "analyte", "percent"))
    return BaselineRise(_or_any(_analyte(block)), read_percent(block, "percent"))


def _fall(block: Block) -> Predicate:
    block.only(("kind", "analyte", "percent", "still_above", "unit"))
    analyte, floor = _analyte(block), None
    if block.has("still_above"):
        read_unit(block, "unit", analyte)
        floor = read_limit(block, "still_above", "above", analyte)
    return Fall(_or_any(analyte), read_percent(block, "percent", highest=100), floor)


def _lasting(block: Block) -> Predicate:
    block.only(
        ("kind", "analyte", "unit", "below", "at_least", "lasting", "max_gap", "results"),
    )
    analyte = _analyte(block)
    read_unit(block, "unit", analyte)
    return Lasting(
        analyte=_or_any(analyte),
        below=read_limit(block, "below", "below", analyte),
        at_least=(
            read_limit(block, "at_least", "at_least", analyte) if block.has("at_least") else None
        ),
        lasting=block.period("lasting"),
        max_gap=block.period("max_gap"),
        results=block.whole("results", low=2) if block.has("results") else 2,
    )


def _grade(block: Block) -> Predicate:
    block.only(("kind", "analyte", "version", "at_least"))
    analyte, version = _analyte(block), block.whole("version")
    if analyte is None:
        return _EMPTY
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
    return tuple(read_predicate(part) for part in block.inners("parts"))


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


def _analyte(block: Block) -> str | None:
    name = block.text("analyte")
    if name in catalogue():
        return name
    if name:
        block.refuse("analyte", name, (permitted_analyte(name),))
    return None


def _or_any(analyte: str | None) -> str:
    return analyte or _EMPTY.analyte


def _relation(block: Block) -> str | None:
    found = [key for key in RELATIONS if block.has(key)]
    if len(found) == 1:
        return found[0]
    block.refuse("limit", " and ".join(found) or "missing", (f"one of {', '.join(RELATIONS)}",))
    return None
