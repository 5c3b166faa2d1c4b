"""What must hold across the keys and rules of a protocol: none may contradict itself or another.

Looked for in whatever could be read: a rule with a broken key is still held to what its other keys
say.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from afterdose.monitoring.bounds import hold_together, ways_of
from afterdose.monitoring.model import (
    Alert,
    AllOf,
    AnyOf,
    Check,
    CheckKind,
    Dosing,
    Lasting,
    Predicate,
    Protocol,
    analytes_of,
)
from afterdose.monitoring.reading import Block
from afterdose.record.dates import Period

_SHORTEST_MONTH, _LONGEST_MONTH = 28, 31
"""Days: what holds for both holds for every month."""


def contradictions(protocol: Protocol, file: Block) -> None:
    """Add every contradiction of a protocol to the problems of the file it was read from."""
    head = file.table("protocol", "[protocol]")
    is_known = file.has_read("protocol") and head.has_read("dosing")
    dosing = protocol.dosing if is_known else None
    _unique_ids(protocol, file)
    for check, place in zip(protocol.checks, file.tables("checks"), strict=True):
        check_contradictions(check, dosing, place)
    checks = {check.id for check in protocol.checks}
    others = {alert.id: alert for alert in protocol.alerts}
    for alert, place in zip(protocol.alerts, file.tables("alerts"), strict=True):
        if file.has_read("checks") and place.has_read("check"):
            _check_of(alert, checks, place)
        _covered(alert, others, place)
        alert_contradictions(alert, dosing, place)


def _check_of(alert: Alert, checks: set[str], place: Block) -> None:
    """Where a check's id could not be read, it may be the one that is meant."""
    if alert.check not in checks and "" not in checks:
        place.refuse("check", alert.check, sorted(checks))


def _unique_ids(protocol: Protocol, file: Block) -> None:
    seen: set[str] = set()
    for table in ("checks", "alerts", "advice"):
        for rule, place in zip(getattr(protocol, table), file.tables(table), strict=True):
            if rule.id and rule.id in seen:
                place.refuse("id", rule.id, ("an id that occurs once",))
            seen.add(rule.id)


def check_contradictions(check: Check, dosing: Dosing | None, place: Block) -> None:
    """What must hold within one check; ``dosing`` is None where it is not known."""
    is_kind_read = place.has_read("kind")
    if is_kind_read and check.kind is CheckKind.DURING_COURSE and dosing is Dosing.CONTINUOUS:
        place.refuse("kind", check.kind, ("repeated", "before_course for a continuous drug"))
    if place.has_read("at", "early"):
        _stated_times(check, place)
    if place.has_read("every", "phases"):
        _phases(check, place)
    if place.has_read("at", "every", "phases", "window"):
        _window(check, place)


def _stated_times(check: Check, place: Block) -> None:
    """They follow each other, and a test counts for one of them only."""
    steps = [_days(after) - _days(before) for before, after in pairwise(check.at)]
    if any(step <= 0 for step in steps):
        place.refuse("at", _periods(check.at), ("times that follow each other",))
        return
    steps += [_days(at) for at in check.at[:1] if _days(at)]
    if _days(check.early) and steps and _days(check.early, longest=True) >= min(steps):
        limit = f"a period shorter than {min(steps)} days, the shortest step of at"
        place.refuse("early", check.early, (limit,))


def _phases(check: Check, place: Block) -> None:
    for phase in check.phases:
        if not _days(phase.every):
            place.refuse("every", phase.every, ("a period longer than nothing",))
    for phase in check.phases[:-1]:
        if phase.lasting is None:
            place.refuse("phases", "without lasting", ("lasting on every phase but the last",))
    if check.phases and check.phases[-1].lasting is not None:
        place.refuse("phases", "lasting on the last one", ("a last phase without lasting",))


def _window(check: Check, place: Block) -> None:
    """A test is not still awaited when the next one is due.

    As long as the interval it may be: so a label's *every 6 to 12 months* is written.
    """
    for phase in check.phases:
        if _days(phase.every) and _is_longer(check.window, phase.every):
            place.refuse("window", check.window, (f"a period up to {phase.every}, the interval",))
            return
    for before, after in pairwise(check.at):
        if 0 < _days(after) - _days(before) < _days(check.window):
            place.refuse("window", check.window, ("a period up to the shortest step of at",))
            return


def _is_longer(first: Period, second: Period) -> bool:
    """Whether ``first`` can be the longer one: a month has 28 days or more."""
    if bool(first.months) == bool(second.months):
        return first > second
    return _days(first, longest=True) > _days(second)


def alert_contradictions(alert: Alert, dosing: Dosing | None, place: Block) -> None:
    """What must hold within one alert; ``dosing`` is None where it is not known."""
    if alert.expected_for is not None and dosing is Dosing.CONTINUOUS:
        place.refuse("expected_for", alert.expected_for, ("nothing, for a continuous drug",))
    if place.has_read("respond_within") and not _days(alert.respond_within):
        place.refuse("respond_within", alert.respond_within, ("a period longer than nothing",))
    if place.has_read("when"):
        _predicates(alert.when, place, "when")
    if place.has_read("when", "closes_when"):
        _closing(alert, place)


def _covered(alert: Alert, others: dict[str, Alert], place: Block) -> None:
    """``covered_by`` names other alerts, and never leads back."""
    for name in alert.covered_by:
        if name not in others and "" not in others:
            place.refuse("covered_by", name, sorted(others))
    reached, ahead = set[str](), list(alert.covered_by)
    while ahead:
        name = ahead.pop()
        if name == alert.id:
            place.refuse("covered_by", name, ("alerts that do not lead back to this one",))
            return
        if name in others and name not in reached:
            reached.add(name)
            ahead += others[name].covered_by


def _closing(alert: Alert, place: Block) -> None:
    """What closes an episode must be able to, and must not hold together with what opens it."""
    closing = alert.closes_when
    if closing is None:
        return
    _predicates(closing, place, "closes_when")
    if not analytes_of(closing) <= analytes_of(alert.when):
        seen = ", ".join(sorted(analytes_of(closing)))
        place.refuse("closes_when", seen, sorted(analytes_of(alert.when)))
    elif hold_together(closing, alert.when):
        seen = "met by results that still meet when"
        place.refuse("closes_when", seen, ("a limit on the other side of when",))


def _predicates(predicate: Predicate, place: Block, key: str) -> None:
    """Every predicate, each where it stands; in a site file, at what the site sets."""
    for one, where in _all(predicate, place.inner(key) if place.has(key) else place):
        if isinstance(one, Lasting):
            _lasting(one, where)
        elif isinstance(one, AllOf) and _excludes_itself(one):
            seen = next((name for name in ("parts", "limits", "limit") if where.has(name)), key)
            where.refuse(seen, "parts that exclude each other", ("parts that can hold together",))


def _excludes_itself(predicate: AllOf) -> bool:
    """Whether each part can hold, and all of them never."""
    can_hold = [any(True for _ in ways_of(part)) for part in (*predicate.parts, predicate)]
    return all(can_hold[:-1]) and not can_hold[-1]


def _all(predicate: Predicate, place: Block) -> Iterator[tuple[Predicate, Block]]:
    yield predicate, place
    if isinstance(predicate, AllOf | AnyOf):
        has_own = place.has("parts")
        places = place.inners("parts") if has_own else [place] * len(predicate.parts)
        for part, where in zip(predicate.parts, places, strict=True):
            yield from _all(part, where)


def _lasting(predicate: Lasting, place: Block) -> None:
    if predicate.at_least is not None and predicate.at_least >= predicate.below:
        limit = f"a number below {predicate.below:g}"
        place.refuse("at_least", f"{predicate.at_least:g}", (limit,))
    if _days(predicate.max_gap) > _days(predicate.lasting):
        limit = f"a period not longer than {predicate.lasting}"
        place.refuse("max_gap", predicate.max_gap, (limit,))


def _days(period: Period, *, longest: bool = False) -> int:
    """In days: whatever holds for the shortest months holds for all, or for the longest."""
    return period.months * (_LONGEST_MONTH if longest else _SHORTEST_MONTH) + period.days


def _periods(periods: Iterable[Period]) -> str:
    return ", ".join(str(period) for period in periods)
