"""What must hold across the rules of a protocol: no rule may contradict itself or another."""

from collections.abc import Iterable

from afterdose.monitoring.model import (
    Alert,
    AllOf,
    Check,
    CheckKind,
    Dosing,
    Lasting,
    Limit,
    Predicate,
    Protocol,
    analytes_of,
    parts_of,
)
from afterdose.monitoring.reading import Block, Problems
from afterdose.record.dates import Period

_DAYS_A_MONTH = 28
"""The shortest month: whatever holds for it holds for all."""


def contradictions(protocol: Protocol, problems: Problems) -> None:
    """Add every contradiction to ``problems``."""
    _unique_ids(protocol, problems)
    for position, check in enumerate(protocol.checks):
        _check(check, protocol, _place("checks", check.id, position, problems))
    for position, alert in enumerate(protocol.alerts):
        _alert(alert, protocol, _place("alerts", alert.id, position, problems))


def _place(table: str, rule: str, position: int, problems: Problems) -> Block:
    return Block({}, f"{table} '{rule}'", f"[[{table}]]", position, problems)


def _unique_ids(protocol: Protocol, problems: Problems) -> None:
    seen: set[str] = set()
    for table in ("checks", "alerts", "advice"):
        for position, rule in enumerate(getattr(protocol, table)):
            if rule.id in seen:
                place = _place(table, rule.id, position, problems)
                place.refuse("id", rule.id, ("an id that occurs once",))
            seen.add(rule.id)


def _check(check: Check, protocol: Protocol, place: Block) -> None:
    if check.kind is CheckKind.DURING_COURSE and protocol.dosing is Dosing.CONTINUOUS:
        place.refuse("kind", check.kind, ("repeated", "before_course for a continuous drug"))
    if list(check.at) != sorted(check.at, key=_days) or len(set(check.at)) != len(check.at):
        place.refuse("at", _periods(check.at), ("times that follow each other",))
    for phase in check.phases:
        if not _days(phase.every):
            place.refuse("every", phase.every, ("a period longer than nothing",))
    for phase in check.phases[:-1]:
        if phase.lasting is None:
            place.refuse("phases", "without lasting", ("lasting on every phase but the last",))
    if check.phases and check.phases[-1].lasting is not None:
        place.refuse("phases", "lasting on the last one", ("a last phase without lasting",))


def _alert(alert: Alert, protocol: Protocol, place: Block) -> None:
    checks = [check.id for check in protocol.checks]
    if alert.check not in checks:
        place.refuse("check", alert.check, sorted(checks))
    if alert.expected_for is not None and protocol.dosing is Dosing.CONTINUOUS:
        place.refuse("expected_for", alert.expected_for, ("nothing, for a continuous drug",))
    if not _days(alert.respond_within):
        place.refuse("respond_within", alert.respond_within, ("a period longer than nothing",))
    _covered(alert, protocol, place)
    _closing(alert, place)
    for predicate in _all_predicates(alert.when):
        _predicate(predicate, place)


def _covered(alert: Alert, protocol: Protocol, place: Block) -> None:
    """``covered_by`` names other alerts, and never leads back."""
    alerts = {other.id: other for other in protocol.alerts}
    for name in alert.covered_by:
        if name not in alerts:
            place.refuse("covered_by", name, sorted(alerts))
    reached, ahead = set[str](), list(alert.covered_by)
    while ahead:
        name = ahead.pop()
        if name == alert.id:
            place.refuse("covered_by", name, ("alerts that do not lead back to this one",))
            return
        if name in alerts and name not in reached:
            reached.add(name)
            ahead += alerts[name].covered_by


def _closing(alert: Alert, place: Block) -> None:
    """What closes an episode must be able to, and must not hold together with what opens it."""
    closing = alert.closes_when
    if closing is None:
        return
    if not analytes_of(closing) <= analytes_of(alert.when):
        place.refuse(
            "closes_when",
            ", ".join(sorted(analytes_of(closing))),
            sorted(analytes_of(alert.when)),
        )
    limits = [part for part in _all_predicates(alert.when) if isinstance(part, Limit)]
    if isinstance(closing, Limit) and any(not _exclude(closing, part) for part in limits):
        place.refuse("closes_when", closing.value, ("a limit on the other side of when",))


def _predicate(predicate: Predicate, place: Block) -> None:
    if isinstance(predicate, AllOf):
        limits = [part for part in predicate.parts if isinstance(part, Limit)]
        for position, first in enumerate(limits):
            if any(_exclude(first, other) for other in limits[position + 1 :]):
                place.refuse(
                    "when", "limits that exclude each other", ("limits that can both hold",)
                )
    if isinstance(predicate, Lasting) and _days(predicate.max_gap) > _days(predicate.lasting):
        place.refuse(
            "max_gap", predicate.max_gap, (f"a period not longer than {predicate.lasting}",)
        )


def _exclude(first: Limit, second: Limit) -> bool:
    """Whether no value can be beyond both limits."""
    if first.analyte != second.analyte:
        return False
    low, high = (first, second) if first.relation in ("above", "at_least") else (second, first)
    if low.relation not in ("above", "at_least") or high.relation not in ("below", "at_most"):
        return False
    if low.value == high.value:
        return not (low.relation == "at_least" and high.relation == "at_most")
    return low.value > high.value


def _all_predicates(predicate: Predicate) -> Iterable[Predicate]:
    yield predicate
    for part in parts_of(predicate):
        yield from _all_predicates(part)


def _days(period: Period) -> int:
    return period.months * _DAYS_A_MONTH + period.days


def _periods(periods: Iterable[Period]) -> str:
    return ", ".join(str(period) for period in periods)
