"""Reading a rule file table by table: every problem is kept, with its line, and none stops it."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from afterdose.monitoring.lines import KeyPath, lines_of
from afterdose.record.dates import Period
from afterdose.record.errors import ProtocolError

LONGEST = Period(months=1200)
"""No rule looks further than a lifetime; a longer period is a slip."""
_LONGEST_DAYS = 36525


@dataclass
class Problems:
    """What is wrong with one file, and which of its keys could not be read."""

    where: str
    text: str = ""
    found: list[tuple[int, str]] = field(default_factory=list)
    unread: set[KeyPath] = field(default_factory=set)

    def add(
        self, path: KeyPath, place: str, key: str, seen: object, permitted: Iterable[object]
    ) -> None:
        """Keep one problem: where it is, what was seen and what is permitted."""
        choice = ", ".join(str(one) for one in permitted) or "nothing"
        line = self.line_of(path)
        self.found.append(
            (
                line,
                f"{self.where} line {line}, {place}: {key} is '{seen}'. Permitted: {choice}. "
                "Correct the file.",
            )
        )

    def line_of(self, path: KeyPath) -> int:
        """The line of a key; where it is missing, that of what it is missing from."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    @cached_property
    def _lines(self) -> Mapping[KeyPath, int]:
        return lines_of(self.text)

    def refuse_any(self) -> None:
        """Raise `ProtocolError` with every problem, in the order of the lines, if there is one."""
        if self.found:
            in_order = sorted(self.found, key=lambda one: one[0])
            raise ProtocolError("\n".join(dict.fromkeys(text for _, text in in_order)))


def read_text(path: Path) -> str:
    """The text of a rule file; `ProtocolError` where it is none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ProtocolError(f"{path.name} is not text in UTF-8. Write the file anew.") from None


def read_toml(toml: str, *, where: str) -> "Block":
    """The whole of a rule file as one block; `ProtocolError` where it is not TOML."""
    try:
        data = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(f"{where} is not TOML: {error}. Correct the file.") from None
    return Block(data, "the file", (), Problems(where, toml))


@dataclass(frozen=True)
class Block:
    """One table of a rule file, read key by key.

    A value that is not permitted becomes a problem and reads as an empty one, so that reading goes
    on and every problem of the file is found at once.

    Attributes
    ----------
    body : mapping of str to object
    place : str
        What the table is, for messages: ``alerts 'platelets-low'``.
    path : KeyPath
        Where it stands in the file.
    problems : Problems
    depth : int
        How much of the path leads to the rule that the table belongs to.
    """

    body: Mapping[str, Any]
    place: str
    path: KeyPath
    problems: Problems
    depth: int = 0

    # Tables inside this one ---------------------------------------------------------------------

    def inner(self, key: str) -> "Block":
        """The table under ``key``, such as ``when``, as a part of the same rule."""
        return self._part(self.body.get(key), key)

    def inners(self, key: str) -> list["Block"]:
        """The tables of the list under ``key``, such as ``parts``."""
        return [self._part(body, key, place) for place, body in enumerate(self.items(key))]

    def _part(self, body: object, key: str, *position: int) -> "Block":
        if isinstance(body, Mapping):
            return Block(body, self.place, (*self.path, key, *position), self.problems, self.depth)
        self.refuse(key, _seen(body), ("a table",), *position)
        return self._nothing()

    def table(self, key: str, place: str) -> "Block":
        """The table under ``key`` as one of its own, with its own name for messages."""
        body, path = self.body.get(key), (*self.path, key)
        if isinstance(body, Mapping):
            return Block(body, place, path, self.problems, len(path))
        self.refuse(key, _seen(body), (f"a table, [{'.'.join(str(one) for one in path)}]",))
        return self._nothing()

    def tables(self, key: str) -> list["Block"]:
        """Every ``[[key]]``, each named by its ``id`` or ``numbers``, else by its position."""
        bodies = self.body.get(key, [])
        if not isinstance(bodies, list):
            self.refuse(key, _seen(bodies), (f"a list of tables, each under [[{key}]]",))
            return []
        return [self.rule(key, place, body) for place, body in enumerate(bodies)]

    def rule(self, key: str, position: int, body: object) -> "Block":
        path = (*self.path, key, position)
        if isinstance(body, Mapping):
            name = body.get("id", body.get("numbers", position + 1))
            return Block(body, f"{key} '{name}'", path, self.problems, len(path))
        self.refuse(key, _seen(body), (f"a list of tables, each under [[{key}]]",), position)
        return self._nothing()

    def _nothing(self) -> "Block":
        """Stands for a table that is none: what it lacks was said once and is not said again."""
        return Block({}, self.place, (), Problems(self.problems.where))

    # Problems -----------------------------------------------------------------------------------

    def refuse(self, key: str, seen: object, permitted: Iterable[object], *position: int) -> None:
        """Keep a problem with ``key``."""
        path = (*self.path, key)
        self.problems.unread.add(path[: self.depth + 1])
        self.problems.add((*path, *position), self.place, self._name(key), seen, permitted)

    def _name(self, key: str) -> str:
        inside = [str(one) for one in self.path[self.depth :] if isinstance(one, str)]
        return ".".join((*inside, key))

    def has_read(self, *keys: str) -> bool:
        """Whether nothing is wrong with these keys so far: only then do they say something."""
        return not any((*self.path[: self.depth], key) in self.problems.unread for key in keys)

    def only(self, permitted: Iterable[str]) -> None:
        """No key but these."""
        for key in sorted(set(self.body) - set(permitted)):
            path = (*self.path, key)
            self.problems.add(path, self.place, "a key", self._name(key), sorted(permitted))

    # Values -------------------------------------------------------------------------------------

    def has(self, key: str) -> bool:
        return key in self.body

    def text(self, key: str) -> str:
        value = self.body.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.refuse(key, _seen(value), ("a text",))
        return ""

    def number(self, key: str) -> float | None:
        """A finite number; None where there is none."""
        value = self.body.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            if math.isfinite(number):
                return number
        self.refuse(key, _seen(value), ("a number, neither nan nor infinite",))
        return None

    def whole(self, key: str, *, low: int = 1) -> int:
        value = self.body.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= low:
            return value
        self.refuse(key, _seen(value), (f"a whole number from {low} on",))
        return low

    def wholes(self, key: str) -> tuple[int, ...]:
        value = self.body.get(key)
        if isinstance(value, list) and value and all(type(one) is int and one > 0 for one in value):
            return tuple(value)
        self.refuse(key, _seen(value), ("a list of whole numbers from 1 on",))
        return ()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.body.get(key, [])
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        self.refuse(key, _seen(value), ("a list of texts",))
        return ()

    def items(self, key: str) -> list[Any]:
        value = self.body.get(key)
        if isinstance(value, list) and value:
            return value
        self.refuse(key, _seen(value), ("a list that is not empty",))
        return []

    def one_of(self, key: str, permitted: Iterable[str]) -> str:
        value, choice = self.body.get(key), [str(one) for one in permitted]
        if isinstance(value, str) and value in choice:
            return value
        self.refuse(key, _seen(value), choice)
        return choice[0]

    def day(self, key: str) -> str:
        """A day as ISO text, written as a text or as TOML's own date."""
        value = self.body.get(key)
        text = value.isoformat() if isinstance(value, date) else str(value)
        try:
            if date.fromisoformat(text).isoformat() == text:
                return text
        except ValueError:
            pass
        self.refuse(key, _seen(value), ("a day: 2026-11-02",))
        return ""

    def period(self, key: str) -> Period:
        return self.as_period(key, self.body.get(key))

    def as_period(self, key: str, value: object, *position: int) -> Period:
        try:
            period = Period.parse(str(value))
        except ValueError as error:
            self.refuse(key, _seen(value), (str(error),), *position)
            return Period()
        if period.months > LONGEST.months or period.days > _LONGEST_DAYS:
            self.refuse(key, value, ("a period up to P100Y",), *position)
            return Period()
        return period


def _seen(value: object) -> object:
    if value is None:
        return "missing"
    return "a table" if isinstance(value, Mapping) else value
