"""A site's own word on windows, owners, response times and limits.

A site file names the rule, what it sets, who approved it, when and why. What a source states (an
interval, the end of monitoring, what a test consists of) is not a site's to change: for that a
clinic writes a protocol of its own.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from afterdose.monitoring.model import (
    Alert,
    Band,
    BaselineRise,
    Check,
    CheckKind,
    Fall,
    Limit,
    Override,
    Predicate,
    Protocol,
    RangeMultiple,
)
from afterdose.monitoring.reading import Block, Problems
from afterdose.monitoring.words import predicate_in_words
from afterdose.record.analytes import catalogue
from afterdose.record.dates import Period
from afterdose.record.errors import ProtocolError

_KEYS = ("protocol", "rule", "set", "approved_by", "approved_on", "why")
_Rule = Check | Alert


def apply_site(
    protocols: Iterable[Protocol], toml: str, *, where: str = "site.toml"
) -> list[Protocol]:
    """Every protocol with what the site file sets for it.

    Parameters
    ----------
    protocols : iterable of Protocol
    toml : str
        The text of the site file: ``[[overrides]]`` with ``protocol``, ``rule``, ``set``,
        ``approved_by``, ``approved_on`` and ``why``.
    where : str
        The file's name, for messages.

    Raises
    ------
    ProtocolError
        Lists every problem with its line. Overrides of protocols that are not given are checked for
        their form and otherwise left alone.

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
    try:
        data = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(f"{where} is not TOML: {error}. Correct the file.") from None
    problems = Problems(where, toml)
    for key in sorted(set(data) - {"overrides"}):
        problems.add(1, "the file", "a table", key, ("overrides",))
    found = {protocol.id: protocol for protocol in protocols}
    for position, body in enumerate(data.get("overrides", [])):
        block = Block(body, f"override {position + 1}", "[[overrides]]", position, problems)
        _apply(block, found)
    if problems.found:
        raise ProtocolError("\n".join(problems.found))
    return list(found.values())


def _apply(block: Block, found: dict[str, Protocol]) -> None:
    block.only(_KEYS)
    name, rule_id = block.text("protocol"), block.text("rule")
    given = {key: block.text(key) for key in ("approved_by", "why")}
    approved_on = _day(block)
    setting = block.inner(block.body.get("set", {}), "set")
    protocol = found.get(name)
    if protocol is None:
        return
    every_rule: tuple[_Rule, ...] = (*protocol.checks, *protocol.alerts)
    rules = {rule.id: rule for rule in every_rule}
    if rule_id not in rules:
        block.refuse("rule", rule_id, rules)
        return
    rule = rules[rule_id]
    setters = _setters(rule)
    setting.only((*setters, "unit") if "limit" in setters else setters)
    overrides = []
    for field in (key for key in setting.body if key in setters):
        changed, shipped, own = setters[field](setting, rule)
        rule = changed
        overrides.append(
            Override(
                name, rule_id, field, shipped, own, given["approved_by"], approved_on, given["why"]
            )
        )
    grounds = replace(rule.grounds, overrides=(*rule.grounds.overrides, *overrides))
    found[name] = _with_rule(protocol, replace(rule, grounds=grounds), overrides)


def _with_rule(protocol: Protocol, rule: _Rule, overrides: list[Override]) -> Protocol:
    return replace(
        protocol,
        checks=tuple(rule if isinstance(rule, Check) and one.id == rule.id else one
                     for one in protocol.checks),
        alerts=tuple(rule if isinstance(rule, Alert) and one.id == rule.id else one
                     for one in protocol.alerts),
        overrides=(*protocol.overrides, *overrides),
    )  # fmt: skip


def _day(block: Block) -> str:
    value = block.body.get("approved_on")
    text = value.isoformat() if isinstance(value, date) else str(value)
    try:
        date.fromisoformat(text)
    except ValueError:
        block.refuse("approved_on", "missing" if value is None else value, ("a day: 2026-11-02",))
    return text


# What may be set, and how ----------------------------------------------------------------------

_Set = Callable[[Block, Any], tuple[Any, str, str]]


def _setters(rule: _Rule) -> Mapping[str, _Set]:
    """The fields of a rule that are a site's to set."""
    if isinstance(rule, Check):
        setters: dict[str, _Set] = {"window": _period("window"), "owner": _owner}
        if rule.kind is CheckKind.BEFORE_COURSE:
            setters["within"] = _period("within")
        return setters
    setters = {"respond_within": _period("respond_within"), "band": _band}
    if rule.expected_for is not None:
        setters["expected_for"] = _period("expected_for")
    if isinstance(rule.when, Limit | RangeMultiple | BaselineRise | Fall):
        setters["limit"] = _limit
    return setters


def _period(field: str) -> _Set:
    def set_period(block: Block, rule: _Rule) -> tuple[_Rule, str, str]:
        shipped: Period = getattr(rule, field)
        own = block.period(field)
        change: dict[str, Any] = {field: own}
        return replace(rule, **change), shipped.in_words(), own.in_words()

    return set_period


def _owner(block: Block, rule: Check) -> tuple[Check, str, str]:
    own = block.text("owner")
    return replace(rule, owner=own), rule.owner, own


def _band(block: Block, rule: Alert) -> tuple[Alert, str, str]:
    own = Band(block.one_of("band", Band))
    return replace(rule, band=own), str(rule.band), str(own)


def _limit(block: Block, rule: Alert) -> tuple[Alert, str, str]:
    """Another number in the same predicate; the title says so, since it may name the old one."""
    value = block.number("limit")
    when = _with_limit(block, rule.when, value)
    shipped, own = predicate_in_words(rule.when), predicate_in_words(when)
    return replace(rule, when=when, title=f"{rule.title} (this site: {own})"), shipped, own


def _with_limit(block: Block, when: Predicate, value: float) -> Predicate:
    match when:
        case Limit():
            unit = catalogue()[when.analyte].unit
            if block.body.get("unit") != unit:
                block.refuse("unit", block.body.get("unit", "missing"), (unit,))
            return replace(when, value=value)
        case RangeMultiple():
            return replace(when, times=value)
        case BaselineRise() | Fall():
            return replace(when, percent=value)
    return when
