"""Definitions as TOML: every choice has its key, and what is written is read back the same."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from math import inf
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from afterdose.outcomes.disability.definition import DisabilityDefinition
from afterdose.outcomes.disability.steps import Band, StepRule
from afterdose.record.dates import Period
from afterdose.record.errors import DefinitionError

_BROKEN = object()
"""Stands for a value that could not be read, so that reading goes on and finds every problem."""


def read_definition(path: Path) -> DisabilityDefinition:
    """Read a definition from a file; see `parse_definition`."""
    return parse_definition(path.read_text(encoding="utf-8"), where=path.name)


def parse_definition(text: str, *, where: str) -> DisabilityDefinition:
    """Read a definition.

    Parameters
    ----------
    text : str
        TOML. A key that is left out takes its default; one that is not known is refused.
    where : str
        What the text is called in messages.

    Raises
    ------
    DefinitionError
        Every problem at once: key, what was seen, what is permitted.

    Examples
    --------
    >>> text = 'id = "mine"\\ntitle = "Mine"\\nsource = "policy"\\n[events]\\nreport = "each"'
    >>> str(parse_definition(text, where="mine.toml").events.report)
    'each'
    """
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{where} is not TOML: {error}. Correct the file.") from None
    return build_definition(body, where=where)


def build_definition(body: Mapping[str, Any], *, where: str) -> DisabilityDefinition:
    """A definition from the tables of a TOML text; see `parse_definition`."""
    problems: list[str] = []
    found = _build(DisabilityDefinition, body, "", problems)
    if problems:
        raise DefinitionError("\n".join(f"{where}: {one}" for one in problems))
    assert isinstance(found, DisabilityDefinition)
    return found


def render_toml(definition: DisabilityDefinition) -> str:
    """Write a definition with every choice it makes, defaults too.

    Raises
    ------
    DefinitionError
        Its step is a Python function.

    Examples
    --------
    >>> definition = DisabilityDefinition("mine", "Mine", "policy")
    >>> parse_definition(render_toml(definition), where="") == definition
    True
    """
    for step in (definition.step, definition.improvement_step):
        if step is not None and not isinstance(step, StepRule):
            raise DefinitionError(
                "The step is a Python function, which no file can hold. Permitted in a file: bands "
                "of points and percent. Write it as a StepRule, or keep the definition in Python."
            )
    lines, tables = [], []
    for field in fields(definition):
        value = getattr(definition, field.name)
        if value is None:
            continue
        if is_dataclass(value) and not isinstance(value, StepRule):
            tables.append(f"\n[{field.name}]")
            tables += [
                f"{inner.name} = {_written(one)}"
                for inner in fields(value)
                if (one := getattr(value, inner.name)) is not None
            ]
        else:
            lines.append(f"{field.name} = {_written(value)}")
    return "\n".join([*lines, *tables]) + "\n"


def merge_tables(base: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of one TOML text changed by another's, key by key.

    An empty table in ``other`` sets everything in it back to its defaults.

    Examples
    --------
    >>> merge_tables({"events": {"report": "first", "kinds": "both"}}, {"events": {"kinds": "x"}})
    {'events': {'report': 'first', 'kinds': 'x'}}
    """
    merged = dict(base)
    for key, value in other.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping) and value:
            value = merge_tables(old, value)
        merged[key] = value
    return merged


def definition_keys() -> dict[str, str]:
    """Every key of a definition's file, as ``table.key``, with what it takes.

    Examples
    --------
    >>> definition_keys()["events.report"]
    'first, first of a kind, each'
    """
    found = {}
    for name, kind in get_type_hints(DisabilityDefinition).items():
        plain = _plain_kind(kind)
        if is_dataclass(plain) and plain is not StepRule:
            for key, inner in get_type_hints(plain).items():
                found[f"{name}.{key}"] = _permitted(inner)
        else:
            found[name] = _permitted(plain)
    return found


def _permitted(kind: Any) -> str:
    plain = _plain_kind(kind)
    if plain is StepRule:
        return f"a list of tables with {', '.join(get_type_hints(Band))}"
    if get_origin(plain) is tuple:
        return f"a list of tables with {', '.join(get_type_hints(get_args(plain)[0]))}"
    if is_dataclass(plain):
        return f"a table with {', '.join(get_type_hints(plain))}"
    if issubclass(plain, StrEnum):
        return ", ".join(str(one) or "nothing" for one in plain)
    return "a period such as P12W or P6M" if plain is Period else _NAMES[plain]


# Reading ------------------------------------------------------------------------------------------


def _build(kind: Any, body: object, place: str, problems: list[str]) -> object:
    """A dataclass from a table; ``place`` is its name with a full stop, or empty."""
    if not isinstance(body, Mapping):
        return _refuse(place.rstrip("."), body, "a table", problems)
    hints = get_type_hints(kind)
    problems += [
        f"there is no key '{place}{key}'. Permitted here: {', '.join(hints)}. Correct the key."
        for key in body
        if key not in hints
    ]
    values: dict[str, object] = {}
    for field in fields(kind):
        if field.name in body:
            values[field.name] = _read(
                hints[field.name], body[field.name], f"{place}{field.name}", problems
            )
        elif field.default is MISSING and field.default_factory is MISSING:
            problems.append(f"{place}{field.name} is missing. Add it.")
            values[field.name] = _BROKEN
    if any(value is _BROKEN for value in values.values()):
        return _BROKEN
    try:
        return kind(**values)
    except DefinitionError as error:
        problems.extend(str(error).splitlines())
        return _BROKEN


def _read(kind: Any, seen: Any, place: str, problems: list[str]) -> object:
    kind = _plain_kind(kind)
    if kind is StepRule:
        return _read_steps(seen, place, problems)
    if get_origin(kind) is tuple:
        return _read_list(get_args(kind)[0], seen, place, problems)
    if is_dataclass(kind):
        return _build(kind, seen, f"{place}.", problems)
    return _read_one(kind, seen, place, problems)


def _read_list(kind: Any, seen: Any, place: str, problems: list[str]) -> object:
    if not isinstance(seen, list):
        return _refuse(place, seen, "a list", problems)
    found = [_read(kind, one, f"{place}[{at}]", problems) for at, one in enumerate(seen, 1)]
    return _BROKEN if _BROKEN in found else tuple(found)


def _read_steps(seen: Any, place: str, problems: list[str]) -> object:
    bands = _read_list(Band, seen, place, problems)
    if bands is _BROKEN:
        return _BROKEN
    try:
        return StepRule(bands)  # type: ignore[arg-type]
    except DefinitionError as error:
        problems.append(f"{place}: {error}")
        return _BROKEN


def _read_one(kind: Any, seen: Any, place: str, problems: list[str]) -> object:
    if issubclass(kind, StrEnum):
        names = [str(one) for one in kind]
        if seen in names:
            return kind(seen)
        return _refuse(place, seen, ", ".join(f"'{name}'" for name in names), problems)
    if kind is Period:
        try:
            return Period.parse(str(seen))
        except ValueError as error:
            return _refuse(place, seen, str(error), problems)
    if kind is float and isinstance(seen, int | float) and not isinstance(seen, bool):
        return float(seen)
    if type(seen) is kind:
        return seen
    return _refuse(place, seen, _NAMES[kind], problems)


_NAMES = {str: "a text", bool: "true or false", float: "a number, or inf", int: "a whole number"}


def _refuse(place: str, seen: object, permitted: str, problems: list[str]) -> object:
    problems.append(f"{place} is '{seen}'. Permitted: {permitted}. Correct the value.")
    return _BROKEN


def _plain_kind(kind: Any) -> Any:
    """The kind a file can hold: of a choice with None or a function, the other."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    (plain,) = (
        one for one in get_args(kind) if one is not NoneType and get_origin(one) is not _FUNCTION
    )
    return plain


_FUNCTION = get_origin(Callable[[float], float])


# Writing ------------------------------------------------------------------------------------------


def _written(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Period():
            return f'"{value}"'
        case str():
            escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return f'"{escaped}"'
        case float():
            return repr(value)
        case int():
            return str(value)
        case StepRule():
            return _written(value.bands)
        case tuple():
            return f"[{', '.join(map(_written, value))}]"
    pairs = [
        f"{one.name} = {_written(given)}"
        for one in fields(value)
        if (given := getattr(value, one.name)) != inf  # no limit is what a missing key means
    ]
    return f"{{ {', '.join(pairs)} }}"
