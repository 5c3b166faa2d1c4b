"""One person's lines of the worklist in the terminal: a line a reason, never one twice."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from afterdose.monitoring.words import listed_in_words, owner_in_words

if TYPE_CHECKING:
    from afterdose.monitoring import Entry, Item

_MERGED = ("overdue", "due", "known finding", "not assessable")
"""Urgencies whose items share a line: one draw with several reasons, not several rows."""


class Line(NamedTuple):
    """The cells of one line."""

    urgency: str
    what: str
    why: str
    since: str
    owner: str


class _Part(NamedTuple):
    """One reason of a line: a test or finding of one drug."""

    what: str
    drug: str
    why: str
    urgency: str
    is_beside: bool


def lines_of(entry: "Entry") -> list[Line]:
    """One line for items of the same urgency and owner; findings to act on keep their own.

    Somebody whom several protocols follow has the drug named with every test.
    """
    items = [one for first in entry.items for one in (first, *first.also)]
    is_several = len({item.drug for item in items if item.drug}) > 1
    lines: dict[tuple[str, ...], list[Item]] = {}
    for item in entry.items:
        urgency, owner = str(item.urgency), _owner(item)
        own = () if urgency in _MERGED else (item.rule, item.protocol)
        lines.setdefault((urgency, owner, *own), []).append(item)
    return [_line(group, names_drugs=is_several) for group in lines.values()]


def _line(group: "list[Item]", *, names_drugs: bool) -> Line:
    since = min((item.since for item in group if item.since), default=None)
    days = max(item.days for item in group)
    parts = [part for item in group for part in _parts(item)]
    return Line(
        urgency=str(group[0].urgency),
        what=_what(parts) if names_drugs else ", ".join(dict.fromkeys(p.what for p in parts)),
        why=(_why_by_drug(parts) if names_drugs else _why(parts)) + _next(group),
        since=f"{since}\n{days} day{'' if days == 1 else 's'}" if since else "",
        owner=_owner(group[0]),
    )


def _parts(item: "Item") -> list[_Part]:
    return [
        _Part(one.what, one.drug, one.why, str(one.urgency), one is not item)
        for one in (item, *item.also)
    ]


def _what(parts: list[_Part]) -> str:
    """Every test with its drugs; what only the other drug asks of the same draw stands apart."""
    own = {part.what for part in parts if not part.is_beside}
    first = _by_drugs(part for part in parts if part.what in own)
    beside = _by_drugs(part for part in parts if part.what not in own)
    return f"{first}; and with it {beside}" if beside else first


def _by_drugs(parts: Iterable[_Part]) -> str:
    drugs_of: dict[str, dict[str, None]] = {}
    for part in parts:
        drugs_of.setdefault(part.what, {})[part.drug] = None
    titles: dict[str, list[str]] = {}
    for what, drugs in drugs_of.items():
        titles.setdefault(listed_in_words(drugs), []).append(what)
    return "; ".join(f"{', '.join(whats)} for {drugs}" for drugs, whats in titles.items())


def _why(parts: list[_Part]) -> str:
    """What most of them share, said once; then what differs, by name."""
    whys = [part.why for part in parts]
    shared = max(whys, key=whys.count)
    return "; ".join([shared, *(f"{p.what}: {p.why}" for p in parts if p.why != shared)])


def _why_by_drug(parts: list[_Part]) -> str:
    """Every reason once, with the drug it belongs to, and the tests where not all of them share it.

    A finding that two drugs share is one finding: its words are said once, without a drug.
    """
    said = {(part.why, part.urgency) for part in parts}
    if len(said) == 1 and len({part.what for part in parts}) == 1:
        return parts[0].why
    urgency = parts[0].urgency
    groups: dict[tuple[str, str, str], list[str]] = {}
    for part in parts:
        groups.setdefault((part.drug, part.urgency, part.why), []).append(part.what)
    found = []
    for (drug, its, why), whats in groups.items():
        is_whole = sum(1 for other, *_ in groups if other == drug) == 1
        name = drug if is_whole else f"{', '.join(whats)} for {drug}"
        found.append(f"{name}{'' if its == urgency else f', {its}'}: {why}")
    return "; ".join(found)


def _next(group: "list[Item]") -> str:
    """What to do about a finding that cannot wait, whole: the second half may decide it."""
    if group[0].urgency != "act today":
        return ""
    steps = dict.fromkeys(one.then for item in group for one in (item, *item.also) if one.then)
    return f". Next: {' '.join(steps)}" if steps else ""


def _owner(item: "Item") -> str:
    name = owner_in_words(item.owner.owner)
    return {
        "accepted": name,
        "proposed": f"{name} (not accepted)",
        "declined": f"{name} (declined by another)",
        "default": f"{name} (nobody accepted)",
    }[item.owner.state]
