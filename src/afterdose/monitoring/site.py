"""A site's own word on windows, owners, response times and limits.

A site file names the rule, what it sets, who approved it, when and why. What a source states (an
interval, the end of monitoring, what a test consists of) is not a site's to change: for that a
clinic writes a protocol of its own.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from afterdose.monitoring.consistency import alert_contradictions, check_contradictions
from afterdose.monitoring.load import shipped_protocols
from afterdose.monitoring.model import (
    Alert,
    Band,
    Check,
    CheckKind,
    Lasting,
    Limit,
    Override,
    Protocol,
)
from afterdose.monitoring.reading import Block, read_toml
from afterdose.monitoring.site_limits import (
    Settable,
    read_site_limit,
    settable_limits,
    with_part,
)
from afterdose.monitoring.words import predicate_in_words
from afterdose.record.dates import Period
from afterdose.record.nearest import nearest_in_words
from afterdose.record.tables import OWNERS

_KEYS = ("protocol", "rule", "set", "approved_by", "approved_on", "why")
_UNITS = {"limit": "unit", "limits": "units"}
"""What stands beside a field and is no field of its own."""
_Rule = Check | Alert


def apply_site(
    protocols: Iterable[Protocol],
    toml: str,
    *,
    where: str = "site.toml",
    known: Iterable[str] = (),
    today: date | None = None,
) -> list[Protocol]:
    """Every protocol with what the site file sets for it.

    Parameters
    ----------
    protocols : iterable of Protocol
    toml : str
        The text of the site file: ``[[overrides]]`` with ``protocol``, ``rule``, ``set``,
        ``approved_by``, ``approved_on`` and ``why``. Above them, where the site has any, ``teams``:
        teams of its own that may own a check.
    where : str
        The file's name, for messages.
    known : iterable of str
        Ids of protocols that the file may name besides those given and those that come with
        Afterdose.
    today : date, optional
        Nothing was approved after it. Without it an approval may have any date.

    Raises
    ------
    ProtocolError
        Lists every problem with its line. Overrides of known protocols that are not given are
        checked for their form and otherwise left alone. A rule as it was set is held to what any
        rule is held to.

    Examples
    --------
    >>> from afterdose.monitoring import load_protocol
    >>> site = '''
    ... [[overrides]]
    ... protocol = "alemtuzumab-eu"
    ... rule = "blood-count"
    ... set = { window = "P10D" }
    ... approved_by = "Dr Example"
    ... approved_on = "2026-11-02"
    ... why = "Our laboratory needs three days."
    ... '''
    >>> (changed,) = apply_site([load_protocol("alemtuzumab-eu")], site)
    >>> changed.check("blood-count").window
    Period(months=0, days=10)
    >>> changed.overrides[0].own
    '10 days'
    """
    file = read_toml(toml, where=where)
    file.only(("teams", "overrides"))
    found = {protocol.id: protocol for protocol in protocols}
    owners = (*OWNERS, *file.texts("teams"))
    site = _Site(found, frozenset(known), owners, today)
    for position, block in enumerate(file.tables("overrides")):
        site.apply(replace(block, place=f"override {position + 1}"))
    file.problems.refuse_any()
    return list(site.protocols.values())


@dataclass
class _Site:
    """The protocols as the overrides so far have set them."""

    protocols: dict[str, Protocol]
    known: frozenset[str]
    owners: tuple[str, ...]
    today: date | None
    is_set: set[tuple[str, str, str]] = field(default_factory=set)

    def apply(self, block: Block) -> None:
        """One override."""
        block.only(_KEYS)
        name, rule_id = self._protocol(block), block.text("rule")
        by, why, on = block.text("approved_by"), block.text("why"), self._approved_on(block)
        setting = block.inner("set")
        if block.has_read("set") and not set(setting.body) - set(_UNITS.values()):
            block.refuse("set", "empty", ("a field of the rule and what it is set to",))
        self._only_once(name, rule_id, setting)
        protocol = self.protocols.get(name)
        if protocol is None:
            return
        every_rule: tuple[_Rule, ...] = (*protocol.checks, *protocol.alerts)
        rules = {rule.id: rule for rule in every_rule}
        if rule_id not in rules:
            if rule_id:
                block.refuse("rule", rule_id, rules)
            return
        rule, changes = _changed(rules[rule_id], setting, self.owners)
        overrides = [Override(name, rule_id, *change, by, on, why) for change in changes]
        grounds = replace(rule.grounds, overrides=(*rule.grounds.overrides, *overrides))
        self.protocols[name] = _with_rule(protocol, replace(rule, grounds=grounds), overrides)
        if not block.has_read("set"):
            return
        if isinstance(rule, Check):
            check_contradictions(rule, protocol.dosing, setting)
        else:
            alert_contradictions(rule, protocol.dosing, setting)

    def _protocol(self, block: Block) -> str:
        name = block.text("protocol")
        known = {*self.protocols, *self.known, *shipped_protocols()}
        if name and name not in known:
            words = "the id of a protocol that is given or comes with Afterdose"
            block.refuse("protocol", name, (f"{words}{nearest_in_words(name, known)}",))
        return name

    def _approved_on(self, block: Block) -> str:
        day = block.day("approved_on")
        if day and self.today is not None and date.fromisoformat(day) > self.today:
            block.refuse("approved_on", day, (f"a day up to today, {self.today}",))
        return day

    def _only_once(self, name: str, rule: str, setting: Block) -> None:
        for key in sorted(set(setting.body) - set(_UNITS.values())):
            if (name, rule, key) in self.is_set:
                setting.refuse(key, "set twice", ("one override of a field of a rule",))
            self.is_set.add((name, rule, key))


def _changed(
    rule: _Rule, setting: Block, owners: tuple[str, ...]
) -> tuple[_Rule, list[tuple[str, str, str]]]:
    """The rule as it is set, and of each field its name and both values in words."""
    setters = _setters(rule, owners)
    setting.only((*setters, *(_UNITS[key] for key in setters if key in _UNITS)))
    changes = []
    for key in (key for key in setting.body if key in setters):
        rule, shipped, own = setters[key](setting, rule)
        changes.append((key, shipped, own))
    return rule, changes


def _with_rule(protocol: Protocol, rule: _Rule, overrides: list[Override]) -> Protocol:
    return replace(
        protocol,
        checks=tuple(rule if isinstance(rule, Check) and one.id == rule.id else one
                     for one in protocol.checks),
        alerts=tuple(rule if isinstance(rule, Alert) and one.id == rule.id else one
                     for one in protocol.alerts),
        overrides=(*protocol.overrides, *overrides),
    )  # fmt: skip


# What may be set, and how ----------------------------------------------------------------------

_Set = Callable[[Block, Any], tuple[Any, str, str]]


def _setters(rule: _Rule, owners: tuple[str, ...]) -> Mapping[str, _Set]:
    """The fields of a rule that are a site's to set."""
    if isinstance(rule, Check):
        setters: dict[str, _Set] = {"window": _period("window"), "owner": _owner(owners)}
        if rule.kind is CheckKind.BEFORE_COURSE:
            setters["within"] = _period("within")
        return setters
    setters = {"respond_within": _period("respond_within"), "band": _band}
    if rule.expected_for is not None:
        setters["expected_for"] = _period("expected_for")
    if len(settable_limits(rule.when)) == 1:
        setters["limit"] = _limit
    elif _by_analyte(rule):
        setters["limits"] = _limits
    return setters


def _period(key: str) -> _Set:
    def set_period(block: Block, rule: _Rule) -> tuple[_Rule, str, str]:
        shipped: Period = getattr(rule, key)
        own = block.period(key)
        change: dict[str, Any] = {key: own}
        return replace(rule, **change), shipped.in_words(), own.in_words()

    return set_period


def _owner(owners: tuple[str, ...]) -> _Set:
    def set_owner(block: Block, rule: Check) -> tuple[Check, str, str]:
        own = str(block.body.get("owner"))
        if own not in owners:
            block.refuse("owner", own, (*owners, "a team that the file names in teams"))
        return replace(rule, owner=own), rule.owner, own

    return set_owner


def _band(block: Block, rule: Alert) -> tuple[Alert, str, str]:
    own = Band(block.one_of("band", Band))
    return replace(rule, band=own), str(rule.band), str(own)


def _limit(block: Block, rule: Alert) -> tuple[Alert, str, str]:
    """The only limit of the rule."""
    (part,) = settable_limits(rule.when)
    return _with_limits(rule, {part: read_site_limit(block, "limit", part, block, "unit")})


def _limits(block: Block, rule: Alert) -> tuple[Alert, str, str]:
    """Limits by analyte, where the rule has several: ``limits = { alt = 4, ast = 4 }``."""
    parts, limits = _by_analyte(rule), block.inner("limits")
    limits.only(parts)
    chosen = {name: part for name, part in parts.items() if limits.has(name)}
    if not chosen and not limits.body:
        block.refuse("limits", "empty", parts)
    is_absolute = any(isinstance(part, Limit | Lasting) for part in chosen.values())
    units = block.inner("units") if is_absolute or block.has("units") else limits
    changed = {
        part: read_site_limit(limits, name, part, units, name) for name, part in chosen.items()
    }
    return _with_limits(rule, changed)


def _by_analyte(rule: Alert) -> dict[str, Settable]:
    """The limits that an analyte's name tells apart: those of analytes that occur once."""
    parts = settable_limits(rule.when)
    names = [part.analyte for part in parts]
    return {part.analyte: part for part in parts if names.count(part.analyte) == 1}


def _with_limits(rule: Alert, changed: Mapping[Settable, Settable]) -> tuple[Alert, str, str]:
    """The title says what the site set, since it may name the old limit."""
    when = rule.when
    for old, new in changed.items():
        when = with_part(when, old, new)
    shipped, own = predicate_in_words(rule.when), predicate_in_words(when)
    return replace(rule, when=when, title=f"{rule.title} (this site: {own})"), shipped, own
