"""Protocol files: TOML in, frozen `Protocol` out, or every problem with its line and why."""

import tomllib
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from afterdose.monitoring.consistency import contradictions
from afterdose.monitoring.model import Dosing, Protocol, Source
from afterdose.monitoring.reading import Block, Problems
from afterdose.monitoring.reading_rules import read_advice, read_alert, read_check, read_course
from afterdose.record.errors import ProtocolError, UsageError

_HEAD = ("id", "drug", "jurisdiction", "version", "title", "basis", "read_on")
_Rule = TypeVar("_Rule")


def shipped_protocols() -> dict[str, Path]:
    """The protocol files that come with Afterdose, by id (``alemtuzumab-eu``)."""
    root = Path(str(resources.files("afterdose.protocols")))
    return {
        f"{path.parent.name.replace('_', '-')}-{path.stem}": path
        for path in sorted(root.glob("*/*.toml"))
    }


def load_protocol(name: str | Path) -> Protocol:
    """Read a protocol by its shipped id or from a file.

    Parameters
    ----------
    name : str or Path
        A shipped id such as ``alemtuzumab-eu``, or the path of a ``.toml`` file.

    Returns
    -------
    Protocol

    Raises
    ------
    UsageError
        There is no such protocol.
    ProtocolError
        The file breaks the protocol model; the message lists every problem with its line, what was
        seen and what is permitted.

    Examples
    --------
    >>> load_protocol("alemtuzumab-eu").drug
    'alemtuzumab'
    """
    shipped = shipped_protocols()
    path = shipped.get(str(name), Path(name))
    if not path.is_file():
        raise UsageError(
            f"There is no protocol '{name}'. Shipped: {', '.join(shipped)}. "
            "Name one of these, or give the path of a protocol file."
        )
    return parse_protocol(path.read_text(encoding="utf-8"), where=path.name)


def parse_protocol(toml: str, *, where: str = "protocol") -> Protocol:
    """Read a protocol from the text of a TOML file; errors name ``where``, line and rule."""
    try:
        data = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(f"{where} is not TOML: {error}. Correct the file.") from None
    problems = Problems(where, toml)
    protocol = _protocol(data, problems)
    if not problems.found:
        contradictions(protocol, problems)
    if problems.found:
        raise ProtocolError("\n".join(problems.found))
    return protocol


def _protocol(data: dict[str, Any], problems: Problems) -> Protocol:
    permitted = {"protocol", "sources", "courses", "checks", "alerts", "advice"}
    for key in sorted(set(data) - permitted):
        line = max(problems.line_of(f"[[{key}]]", 0, ""), problems.line_of(f"[{key}]", 0, ""))
        problems.add(line, "the file", "a table", key, sorted(permitted))
    head = Block(data.get("protocol", {}), "[protocol]", "[protocol]", 0, problems)
    head.only((*_HEAD, "also", "dosing", "closing"))
    sources = _sources(data.get("sources", {}), problems)
    read = _Reader(data, problems, sources)
    texts = {key: head.text(key) for key in _HEAD}
    return Protocol(
        id=texts["id"],
        drug=texts["drug"],
        jurisdiction=texts["jurisdiction"],
        version=texts["version"],
        title=texts["title"],
        basis=texts["basis"],
        read_on=texts["read_on"],
        also=head.texts("also"),
        dosing=Dosing(head.one_of("dosing", Dosing)),
        closing=head.period("closing"),
        courses=read.each("courses", read_course),
        checks=read.each("checks", read_check),
        alerts=read.each("alerts", read_alert),
        advice=read.each("advice", read_advice),
    )


def _sources(data: dict[str, Any], problems: Problems) -> dict[str, Source]:
    found = {}
    for key, body in data.items():
        block = Block(body, f"source '{key}'", f"[sources.{key}]", 0, problems)
        block.only(("cite", "section"))
        section = block.text("section") if block.has("section") else ""
        found[key] = Source(key, block.text("cite"), section)
    return found


class _Reader:
    """The rules of one file, which cite its sources."""

    def __init__(
        self, data: dict[str, Any], problems: Problems, sources: dict[str, Source]
    ) -> None:
        self._data = data
        self._problems = problems
        self._sources = sources

    def each(
        self, table: str, read: Callable[[Block, dict[str, Source]], _Rule]
    ) -> tuple[_Rule, ...]:
        return tuple(
            read(self._block(table, position, item), self._sources)
            for position, item in enumerate(self._data.get(table, []))
        )

    def _block(self, table: str, position: int, item: dict[str, Any]) -> Block:
        name = item.get("id", item.get("numbers", position + 1))
        place = f"{table} '{name}'"
        return Block(item, place, f"[[{table}]]", position, self._problems)
