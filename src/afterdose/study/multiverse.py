"""A multiverse: one question by every definition of a grid, and how the answer moves."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any

from afterdose.engines.reference import DisabilityCounts
from afterdose.outcomes.disability import (
    DisabilityDefinition,
    load_definition,
    render_toml,
)
from afterdose.outcomes.disability.toml import build_definition, merge_tables
from afterdose.record.errors import DefinitionError, UsageError
from afterdose.stats import Proportion, exact_proportion

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Universe:
    """One definition of the grid, with the choice made on each axis."""

    choices: tuple[str, ...]
    definition: DisabilityDefinition


@dataclass(frozen=True, slots=True)
class Grid:
    """Axes, and every combination of their choices.

    Attributes
    ----------
    axes : tuple of str
        Their titles.
    universes : tuple of Universe
    """

    axes: tuple[str, ...]
    universes: tuple[Universe, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one definition finds.

    Attributes
    ----------
    universe : Universe
    people, not_assessable : int
    with_event : Proportion
        People with an event, of those in whom it can be assessed.
    events : int
    pira : Proportion
        Worsenings that are PIRA or PIRMA, of all that were attributed.
    """

    universe: Universe
    people: int
    not_assessable: int
    with_event: Proportion
    events: int
    pira: Proportion


@dataclass(frozen=True, slots=True)
class Influence:
    """How far one axis moves the share with an event.

    Attributes
    ----------
    axis : str
    mean_difference, greatest_difference : float
        Of the shares of two definitions that differ on this axis alone.
    """

    axis: str
    mean_difference: float
    greatest_difference: float


def read_grid(name: str) -> Grid:
    """A grid from a file, or the one that comes with Afterdose, ``default``.

    Raises
    ------
    UsageError
        There is no such file.
    DefinitionError
        The grid cannot be read, or one of its definitions breaks the model.

    Examples
    --------
    >>> len(read_grid("default").universes)
    48
    """
    shipped = Path(str(resources.files("afterdose.study"))) / "multiverse.toml"
    path = shipped if name == DEFAULT else Path(name)
    if not path.is_file():
        raise UsageError(
            f"There is no grid '{name}'. Permitted: {DEFAULT}, or the path of a grid's file."
        )
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{path.name} is not TOML: {error}. Correct the file.") from None
    _validate(body, path.name)
    base = tomllib.loads(render_toml(load_definition(body["base"])))
    base = merge_tables(base, body.get("set", {}))
    axes = body["axis"]
    universes = tuple(
        _universe(base, axes, combination, path.name)
        for combination in product(*(axis["choice"] for axis in axes))
    )
    return Grid(tuple(axis["title"] for axis in axes), universes)


def run_multiverse(
    grid: Grid,
    evaluate: Callable[[Sequence[DisabilityDefinition]], Iterable[DisabilityCounts]],
    *,
    done: Callable[[], None] = lambda: None,
) -> tuple[Outcome, ...]:
    """Ask every definition of the grid.

    Parameters
    ----------
    grid : Grid
    evaluate : callable
        From definitions to what each finds, in order, such as `multiverse` of the local engine.
    done : callable
        Called after each definition.
    """
    found = []
    counts = evaluate([universe.definition for universe in grid.universes])
    for universe, counted in zip(grid.universes, counts, strict=True):
        found.append(_outcome(universe, counted))
        done()
    return tuple(found)


def influences(grid: Grid, outcomes: Sequence[Outcome]) -> tuple[Influence, ...]:
    """How far each axis moves the answer, the furthest first.

    Every two definitions that differ on one axis alone are compared.
    """
    shares = {one.universe.choices: one.with_event.value for one in outcomes}
    found = []
    for at, axis in enumerate(grid.axes):
        differences = [
            abs(share - other)
            for choices, share in shares.items()
            for others, other in shares.items()
            if choices < others
            and choices[:at] == others[:at]
            and choices[at + 1 :] == others[at + 1 :]
        ]
        if differences:
            found.append(Influence(axis, sum(differences) / len(differences), max(differences)))
    return tuple(sorted(found, key=lambda one: -one.mean_difference))


def table_rows(grid: Grid, outcomes: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    """A row a definition: its choices, counts and shares."""
    for one in outcomes:
        yield {
            **dict(zip(grid.axes, one.universe.choices, strict=True)),
            "people": one.people,
            "assessed": one.with_event.denominator,
            "not_assessable": one.not_assessable,
            "with_event": one.with_event.numerator,
            "share": one.with_event.value,
            "share_low": one.with_event.low,
            "share_high": one.with_event.high,
            "events": one.events,
            "pira": one.pira.numerator,
            "pira_of": one.pira.denominator,
        }


def _validate(body: Mapping[str, Any], where: str) -> None:
    """Refuse a grid that lacks a part, or has one too many."""
    problems = [
        f"{where}: there is no key '{key}'. Permitted: base, set, axis. Correct the key."
        for key in body
        if key not in ("base", "set", "axis")
    ]
    if not isinstance(body.get("base"), str):
        problems.append(f"{where}: base is missing. Give the id of a definition, or its file.")
    axes = body.get("axis")
    well = isinstance(axes, list) and all(
        isinstance(axis.get("title"), str)
        and isinstance(axis.get("choice"), list)
        and all(set(one) == {"title", "set"} for one in axis["choice"])
        for axis in axes
    )
    if not axes or not well:
        problems.append(
            f"{where}: an axis is not as expected. Permitted: [[axis]] with a title and a list "
            "choice, each with title and set. Correct the grid."
        )
    if problems:
        raise DefinitionError("\n".join(problems))


def _universe(
    base: dict[str, Any], axes: Sequence[Any], combination: Sequence[Any], where: str
) -> Universe:
    body = base
    for choice in combination:
        body = merge_tables(body, choice["set"])
    choices = tuple(str(choice["title"]) for choice in combination)
    title = "; ".join(
        f"{axis['title']}: {choice}" for axis, choice in zip(axes, choices, strict=True)
    )
    body = {**body, "title": title, "evidence": "policy"}
    return Universe(choices, build_definition(body, where=where))


def _outcome(universe: Universe, counts: DisabilityCounts) -> Outcome:
    return Outcome(
        universe,
        people=counts.people,
        not_assessable=counts.not_assessable,
        with_event=exact_proportion(counts.with_event, counts.people - counts.not_assessable),
        events=counts.events,
        pira=exact_proportion(counts.pira, counts.attributed),
    )
