"""Protocol files: TOML in, frozen `Protocol` out, or every problem with its line and why."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import NamedTuple, TypeVar

from afterdose.monitoring.consistency import contradictions
from afterdose.monitoring.model import Dosing, Protocol, Source
from afterdose.monitoring.reading import Block, read_text, read_toml
from afterdose.monitoring.reading_rules import read_advice, read_alert, read_check, read_course
from afterdose.record.drugs import known_drugs
from afterdose.record.errors import UsageError
from afterdose.record.nearest import nearest_in_words

_HEAD = ("id", "drug", "jurisdiction", "version", "title", "basis", "read_on")
_TABLES = ("protocol", "sources", "courses", "checks", "alerts", "advice")
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
    found = find_protocol(name)
    return parse_protocol(found.text, where=found.where)


class ProtocolFile(NamedTuple):
    """The text of a protocol file, its name for messages, and whether it came with Afterdose."""

    text: str
    where: str
    is_shipped: bool


def find_protocol(name: str | Path) -> ProtocolFile:
    """The file of a shipped id, or of a path; errors as those of `load_protocol`.

    Examples
    --------
    >>> find_protocol("alemtuzumab-eu").where
    'eu.toml'
    """
    shipped = shipped_protocols()
    path = shipped.get(str(name), Path(name))
    if not path.is_file():
        raise UsageError(
            f"There is no protocol '{name}'. Shipped: {', '.join(shipped)}. "
            "Name one of these, or give the path of a protocol file."
        )
    return ProtocolFile(read_text(path), path.name, str(name) in shipped)


def parse_protocol(toml: str, *, where: str = "protocol") -> Protocol:
    """Read a protocol from the text of a TOML file; errors name ``where``, line and rule."""
    file = read_toml(toml, where=where)
    protocol = _protocol(file)
    contradictions(protocol, file)
    file.problems.refuse_any()
    return protocol


def _protocol(file: Block) -> Protocol:
    file.only(_TABLES)
    head = file.table("protocol", "[protocol]")
    head.only((*_HEAD, "also", "dosing", "closing"))
    sources = _sources(file)
    texts = {key: head.text(key) for key in _HEAD if key not in ("drug", "read_on")}
    return Protocol(
        id=texts["id"],
        drug=_drug(head, "drug", head.text("drug")),
        jurisdiction=texts["jurisdiction"],
        version=texts["version"],
        title=texts["title"],
        basis=texts["basis"],
        read_on=head.day("read_on"),
        also=tuple(_drug(head, "also", name) for name in head.texts("also")),
        dosing=Dosing(head.one_of("dosing", Dosing)),
        closing=head.period("closing"),
        courses=_each(file, "courses", read_course, sources),
        checks=_each(file, "checks", read_check, sources),
        alerts=_each(file, "alerts", read_alert, sources),
        advice=_each(file, "advice", read_advice, sources),
    )


def _drug(head: Block, key: str, name: str) -> str:
    """A drug whose name no record may hold would follow nobody."""
    if name and name not in known_drugs():
        nearest = nearest_in_words(name, known_drugs())
        head.refuse(key, name, (f"a drug of the list (afterdose/record/drugs.toml{nearest})",))
    return name


def _sources(file: Block) -> dict[str, Source]:
    if not file.has("sources"):
        return {}
    found = {}
    table = file.table("sources", "[sources]")
    for key in table.body:
        block = table.table(key, f"source '{key}'")
        block.only(("cite", "section"))
        section = block.text("section") if block.has("section") else ""
        found[key] = Source(key, block.text("cite"), section)
    return found


def _each(
    file: Block,
    table: str,
    read: Callable[[Block, dict[str, Source]], _Rule],
    sources: dict[str, Source],
) -> tuple[_Rule, ...]:
    return tuple(read(block, sources) for block in file.tables(table))
