"""CTCAE grades as predicates. A grade without its version means nothing: v5 and v6 differ.

The tables ``v5.toml`` and ``v6.toml`` hold, for each analyte and grade, the bound beyond which a
result is of that grade or worse.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from afterdose.monitoring.model import (
    AnyOf,
    BaselineRise,
    ByBaseline,
    Limit,
    Predicate,
    RangeMultiple,
)
from afterdose.record.analytes import catalogue

VERSIONS = (5, 6)


def grades_of(analyte: str, version: int) -> tuple[int, ...]:
    """The grades a version gives to a laboratory value of ``analyte``; empty: none.

    Examples
    --------
    >>> grades_of("platelets", 5), grades_of("haemoglobin", 5), grades_of("jcv_index", 5)
    ((1, 2, 3, 4), (1, 2, 3), ())
    """
    if version not in VERSIONS:
        return ()
    return tuple(sorted(int(grade) for grade in _table(version).get(analyte, {}).get("grades", {})))


def grade_predicate(analyte: str, version: int, at_least: int) -> Predicate:
    """What "grade ``at_least`` or worse" means: at least one of the bounds from there on holds.

    Raises
    ------
    KeyError
        The version does not give that grade.

    Examples
    --------
    >>> grade_predicate("neutrophils", 5, 4), grade_predicate("neutrophils", 6, 4)
    ... # doctest: +NORMALIZE_WHITESPACE
    (Limit(analyte='neutrophils', relation='below', value=0.5),
     Limit(analyte='neutrophils', relation='below', value=0.1))
    """
    bounds = _table(version)[analyte]["grades"]
    parts: dict[Predicate, None] = {}
    for grade in grades_of(analyte, version):
        if grade >= at_least:
            parts.update(dict.fromkeys(_bounds(analyte, bounds[str(grade)])))
    if str(at_least) not in bounds:
        raise KeyError(at_least)
    found = tuple(parts)
    return found[0] if len(found) == 1 else AnyOf(found)


def source_of(version: int) -> str:
    """Where the table was read."""
    return str(_table(version)["ctcae"]["cite"])


def _bounds(analyte: str, body: Mapping[str, Any]) -> tuple[Predicate, ...]:
    """One grade's bounds: several where the grade names several, any of which suffices."""
    found: list[Predicate] = []
    for key, value in body.items():
        match key:
            case "below" | "above":
                found.append(Limit(analyte, key, float(value)))
            case "below_lower_limit" | "above_upper_limit":
                found.append(RangeMultiple(analyte, key.partition("_")[0], float(value)))
            case "above_baseline":
                found.append(_rise(analyte, value))
            case "normal_baseline" | "raised_baseline":
                continue
            case _:
                raise ValueError(f"{analyte}: a grade has no key '{key}'")
    if "normal_baseline" in body:
        (normal,) = _bounds(analyte, body["normal_baseline"])
        (raised,) = _bounds(analyte, body["raised_baseline"])
        found.append(ByBaseline(analyte, normal, raised))
    return tuple(found)


def _rise(analyte: str, times: float) -> BaselineRise:
    return BaselineRise(analyte, round(100 * (times - 1), 6))


@cache
def _table(version: int) -> Mapping[str, Any]:
    text = resources.files("afterdose.monitoring.ctcae").joinpath(f"v{version}.toml").read_text()
    table = tomllib.loads(text)
    unknown = set(table) - set(catalogue()) - {"ctcae"}
    if unknown:
        raise ValueError(f"CTCAE version {version} grades no analyte '{sorted(unknown)}'")
    return table
