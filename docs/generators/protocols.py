"""A page per shipped protocol, and how those of one drug differ."""

from itertools import combinations
from pathlib import Path

from afterdose.monitoring.differences import Difference, differences
from afterdose.monitoring.load import load_protocol, shipped_protocols
from afterdose.monitoring.model import Evidence, Protocol
from afterdose.monitoring.words import render_protocol
from generators.markdown import escape, page, table, toctree


def pages(root: Path) -> dict[str, str]:
    """Every protocol in words, the list of them, and a comparison per pair of one drug."""
    protocols = [load_protocol(name) for name in shipped_protocols()]
    pairs = [pair for pair in combinations(protocols, 2) if pair[0].drug == pair[1].drug]
    found = {f"protocols/{protocol.id}.md": render_protocol(protocol) for protocol in protocols}
    found |= {
        f"protocols/{old.id}-and-{new.id}.md": render_comparison(old, new) for old, new in pairs
    }
    found["fragments/protocols.md"] = _list(protocols, list(found))
    return found


def _list(protocols: list[Protocol], paths: list[str]) -> str:
    header = ("Protocol", "Version", "Tests", "Alerts", "Unverified")
    rows = [
        (
            f"[{protocol.title}](generated/protocols/{protocol.id}.md)",
            protocol.version,
            str(len(protocol.checks)),
            str(len(protocol.alerts)),
            str(_unverified(protocol)),
        )
        for protocol in protocols
    ]
    return page(
        table(header, rows),
        toctree(f"generated/{path.removesuffix('.md')}" for path in paths),
    )


def _unverified(protocol: Protocol) -> int:
    return sum(
        rule.grounds.evidence is Evidence.UNVERIFIED
        for rule in (*protocol.checks, *protocol.alerts)
    )


def render_comparison(old: Protocol, new: Protocol) -> str:
    """Every rule that differs between two protocols."""
    found = differences(old, new)
    return page(
        f"# {old.jurisdiction} beside {new.jurisdiction}: {old.drug}",
        f"{old.title}, version {old.version}, beside {new.title}, version {new.version}. "
        f"{len(found)} rules differ in what they ask, in what their source says, or in how well "
        "that is known.",
        *(_render(difference, old, new) for difference in found),
    )


def _render(difference: Difference, old: Protocol, new: Protocol) -> str:
    heading = f"## {difference.title}"
    if not difference.old or not difference.new:
        only, says = (old, difference.old) if difference.old else (new, difference.new)
        first = next(iter(says.values()))
        return page(
            heading,
            f"Only in {only.jurisdiction}: {escape(first)} (evidence {says['evidence']}).",
        )
    rows = [
        (aspect.capitalize(), escape(difference.old[aspect]), escape(difference.new[aspect]))
        for aspect in difference.old
    ]
    return page(heading, table(("Aspect", old.jurisdiction, new.jurisdiction), rows))
