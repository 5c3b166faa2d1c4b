"""Reading a rule file table by table: every problem is kept, with its line, and none stops it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from afterdose.record.dates import Period

_HEADER = re.compile(r"\s*\[{1,2}[a-z]")


@dataclass
class Problems:
    """What is wrong with one file, in the order found."""

    where: str
    text: str
    found: list[str] = field(default_factory=list)

    def add(
        self, line: int, place: str, key: str, seen: object, permitted: Iterable[object]
    ) -> None:
        """Keep one problem: where it is, what was seen and what is permitted."""
        choice = ", ".join(str(one) for one in permitted)
        self.found.append(
            f"{self.where} line {line}, {place}: {key} is '{seen}'. Permitted: {choice}. "
            "Correct the file."
        )

    def line_of(self, header: str, position: int, path: str) -> int:
        """The line of a key, as near as can be told.

        Looked for in the table, counted from 0, that ``header`` opens: the last name of ``path``,
        else its first, else the header itself; 1 where the file has no such table.
        """
        lines = self.text.splitlines()
        opened = [place for place, line in enumerate(lines) if line.split("#")[0].strip() == header]
        if position >= len(opened):
            return 1
        start = opened[position]
        body = list(takewhile(lambda line: not _HEADER.match(line), lines[start + 1 :]))
        names = path.split(".")
        for name in (names[-1], names[0]):
            named = re.compile(rf"(?:^|[\s{{]){re.escape(name)}\s*=")
            for place, line in enumerate(body):
                if named.search(line):
                    return start + place + 2
        return start + 1


@dataclass(frozen=True)
class Block:
    """One table of a rule file, read key by key.

    A value that is not permitted becomes a problem and reads as an empty one, so that reading goes
    on and every problem of the file is found at once.
    """

    body: Mapping[str, Any]
    place: str
    header: str
    position: int
    problems: Problems
    path: str = ""

    def inner(self, body: object, key: str) -> "Block":
        """A table inside this one, such as ``when``."""
        path = f"{self.path}{key}."
        if not isinstance(body, Mapping):
            self.refuse(key, body, ("a table",))
            body = {}
        return Block(body, self.place, self.header, self.position, self.problems, path)

    def refuse(self, key: str, seen: object, permitted: Iterable[object]) -> None:
        """Keep a problem with ``key``."""
        name = f"{self.path}{key}"
        line = self.problems.line_of(self.header, self.position, name)
        self.problems.add(line, self.place, name, seen, permitted)

    def only(self, permitted: Iterable[str]) -> None:
        """No key but these."""
        for key in sorted(set(self.body) - set(permitted)):
            name = f"{self.path}{key}"
            line = self.problems.line_of(self.header, self.position, name)
            self.problems.add(line, self.place, "a key", name, sorted(permitted))

    def has(self, key: str) -> bool:
        return key in self.body

    def text(self, key: str) -> str:
        value = self.body.get(key)
        if isinstance(value, str) and value:
            return value
        self.refuse(key, _seen(value), ("a text",))
        return ""

    def number(self, key: str) -> float:
        value = self.body.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        self.refuse(key, _seen(value), ("a number",))
        return 0.0

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
        self.refuse(key, value, ("a list of texts",))
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

    def period(self, key: str) -> Period:
        return self.as_period(key, self.body.get(key))

    def as_period(self, key: str, value: object) -> Period:
        try:
            return Period.parse(str(value))
        except ValueError as error:
            self.refuse(key, _seen(value), (str(error),))
            return Period()


def _seen(value: object) -> object:
    return "missing" if value is None else value
