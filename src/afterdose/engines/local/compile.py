"""Protocols as parameters of the kernels: a new rule needs numbers, not code."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from afterdose.engines.local.days import period_tables
from afterdose.engines.local.labs import ANALYTES
from afterdose.engines.local.people import SEXES
from afterdose.monitoring.due import tables_of
from afterdose.monitoring.model import (
    Alert,
    AllOf,
    AnyOf,
    BaselineRise,
    ByBaseline,
    Check,
    CheckKind,
    Dosing,
    Fall,
    Grade,
    Lasting,
    Limit,
    Phase,
    Predicate,
    Protocol,
    RangeMultiple,
    analytes_of,
    parts_of,
)
from afterdose.record.dates import Period
from afterdose.record.errors import UsageError
from afterdose.record.tables import EVENT_CATEGORIES, SPECS

# Kinds of node in a predicate tree.
LIMIT, RANGE, BASELINE, FALL, LASTING, ALL, ANY, BY_BASELINE, GRADE = range(9)
BELOW, AT_MOST, ABOVE, AT_LEAST = range(4)
REPEATED, BEFORE, DURING = range(3)
NO_TREATMENTS = 2
"""A check that lacks the table of treatments; 1 is one that lacks another table, 0 none."""
MOST_NEEDS = 31
"""Needs of one check that a bit mask of what is missing can hold."""
MOST_ANALYTES = 8
"""Analytes of one alert that the kernels have room for."""
_RELATIONS = {"below": BELOW, "at_most": AT_MOST, "above": ABOVE, "at_least": AT_LEAST}
_KINDS = {
    CheckKind.REPEATED: REPEATED,
    CheckKind.BEFORE_COURSE: BEFORE,
    CheckKind.DURING_COURSE: DURING,
}


CHECK = np.dtype(
    [
        (name, np.int32)
        for name in (
            "protocol", "kind", "sex", "lacks_table", "until", "window", "early", "within",
            "closing", "at_from", "at_to", "phase_from", "phase_to", "course_from", "course_to",
            "day_from", "day_to", "need_from", "need_to",
        )
    ]
)  # fmt: skip
"""A check. A period is a row of the period tables; ``_from`` and ``_to`` bound its stretch of the
pool, of the phases or of the needs."""
PHASE = np.dtype([("every", np.int32), ("lasting", np.int32)])
"""A phase: two periods; the last one's ``lasting`` is not looked at."""
NEED = np.dtype([("slot_from", np.int32), ("slot_to", np.int32)])
"""A need: the codes in the pool any of which meets it; see `slot_of`."""
ALERT = np.dtype(
    [
        (name, np.int32)
        for name in (
            "protocol", "root", "closing", "until", "expected", "respond", "known_as",
            "analyte_from", "analyte_to",
        )
    ]
)  # fmt: skip
"""An alert. ``root`` and ``closing`` are nodes; ``closing`` is -1 where a result that does not meet
the alert closes it; ``expected`` is -1 where nothing is; its analytes are in the pool."""
NODE = np.dtype(
    [
        *((name, np.int32) for name in ("kind", "analyte", "relation", "period", "gap", "results")),
        *((name, np.float64) for name in ("number", "second")),
        *((name, np.int32) for name in ("child_from", "child_to", "lowest", "back", "scan")),
        ("is_inner", np.bool_),
    ]
)
"""A predicate. It stands behind everything under it, from ``lowest`` on, so that a tree is worked
through without a stack; its children are in the pool. ``back`` is the period in which results of
other analytes are looked for; ``is_inner`` marks what is judged together with a grade, or a choice
by baseline, above it. ``scan`` is the place among the scans that says whether a single predicate
can be met at all."""
SCAN = np.dtype([("protocol", np.int32), ("node", np.int32), ("weaker", np.int32)])
"""A question asked once a person: can the single predicate ``node`` be met by any result?
Where the one of ``weaker`` cannot, neither can this; -1: there is no weaker one. Predicates of a
protocol that ask the same share a scan."""


class Rules(NamedTuple):
    """Everything the kernels need to know about protocols.

    A few arrays of records: a kernel hands its arguments on array by array, so many would cost
    more than the work.
    """

    checks: np.ndarray
    needs: np.ndarray
    phases: np.ndarray
    alerts: np.ndarray
    nodes: np.ndarray
    scans: np.ndarray
    pool: np.ndarray
    continuous: np.ndarray
    periods: np.ndarray


EXAMINATIONS = (
    "mri",
    *(f"examination:{name}" for name in SPECS["examinations"].columns["examination"].values),
)
"""What a check may need besides analytes; the code of the first is -1, of the next -2, ..."""


@cache
def compile_rules(protocols: tuple[Protocol, ...], absent: frozenset[str] = frozenset()) -> Rules:
    """Kernel parameters of ``protocols`` for a record without the tables ``absent``.

    Raises
    ------
    UsageError
        A rule is larger than the kernels can hold.
    """
    writer = _Writer()
    for number, protocol in enumerate(protocols):
        for check in protocol.checks:
            writer.add_check(check, protocol, number, absent)
        for alert in protocol.alerts:
            writer.add_alert(alert, protocol, number)
    return writer.rules([protocol.dosing is Dosing.CONTINUOUS for protocol in protocols])


def slot_of(name: str) -> int:
    """The code of what a check needs: an analyte's, or a negative one for an examination."""
    if name in EXAMINATIONS:
        return -1 - EXAMINATIONS.index(name)
    return ANALYTES.index(name)


class _Writer:
    """Rules as they are written, one after the other."""

    def __init__(self) -> None:
        self._periods: list[Period] = [Period()]
        self._pool: list[int] = []
        self._checks: list[dict[str, float]] = []
        self._needs: list[dict[str, float]] = []
        self._phases: list[dict[str, float]] = []
        self._alerts: list[dict[str, float]] = []
        self._nodes: list[dict[str, float]] = []

    def rules(self, continuous: Sequence[bool]) -> Rules:
        scans = self._scans()  # tells the nodes, so it comes before them
        return Rules(
            checks=_records(self._checks, CHECK),
            needs=_records(self._needs, NEED),
            phases=_records(self._phases, PHASE),
            alerts=_records(self._alerts, ALERT),
            nodes=_records(self._nodes, NODE),
            scans=_records(scans, SCAN),
            pool=np.array(self._pool, np.int32),
            continuous=np.array(continuous, np.bool_),
            periods=period_tables(tuple(self._periods)),
        )

    def _period(self, period: Period) -> int:
        """Each period once, by its row in the tables."""
        if period not in self._periods:
            self._periods.append(period)
        return self._periods.index(period)

    def _pooled(self, name: str, values: Iterable[int]) -> dict[str, float]:
        """The bounds of a stretch of the pool."""
        begin = len(self._pool)
        self._pool += values
        return {f"{name}_from": begin, f"{name}_to": len(self._pool)}

    # Checks -------------------------------------------------------------------------------------

    def add_check(
        self, check: Check, protocol: Protocol, number: int, absent: frozenset[str]
    ) -> None:
        if len(check.needs) > MOST_NEEDS:
            raise UsageError(f"Check '{check.id}' needs more than {MOST_NEEDS} things. Split it.")
        lacks = NO_TREATMENTS if "treatments" in absent else bool(tables_of(check) & absent)
        phases, needs = len(self._phases), len(self._needs)
        self._phases += [self._phase(phase) for phase in check.phases]
        self._needs += [
            self._pooled("slot", [slot_of(name) for name in need.any_of]) for need in check.needs
        ]
        self._checks.append(
            {
                "protocol": number,
                "kind": _KINDS[check.kind],
                "sex": SEXES.index(check.sex) if check.sex else 0,
                "lacks_table": lacks,
                "until": self._period(check.until),
                "window": self._period(check.window),
                "early": self._period(_back(check.early)),
                "within": self._period(_back(check.within)),
                "closing": self._period(protocol.closing),
                "phase_from": phases,
                "phase_to": len(self._phases),
                "need_from": needs,
                "need_to": len(self._needs),
            }
            | self._pooled("at", [self._period(time) for time in check.at])
            | self._pooled("course", check.courses)
            | self._pooled("day", check.days)
        )

    def _phase(self, phase: Phase) -> dict[str, float]:
        return {
            "every": self._period(phase.every),
            "lasting": self._period(phase.lasting or Period()),
        }

    # Alerts -------------------------------------------------------------------------------------

    def add_alert(self, alert: Alert, protocol: Protocol, number: int) -> None:
        root = self._tree(alert.when, alert.id)
        closing = -1 if alert.closes_when is None else self._tree(alert.closes_when, alert.id)
        expected = -1 if alert.expected_for is None else self._period(alert.expected_for)
        known_as = -1 if alert.known_as is None else EVENT_CATEGORIES.index(alert.known_as)
        self._alerts.append(
            {
                "protocol": number,
                "root": root,
                "closing": closing,
                "until": self._period(protocol.check(alert.check).until),
                "expected": expected,
                "respond": self._period(alert.respond_within),
                "known_as": known_as,
            }
            | self._pooled("analyte", sorted(map(ANALYTES.index, analytes_of(alert.when))))
        )

    def _scans(self) -> list[dict[str, float]]:
        """One scan for all that ask the same of a protocol's results, weaker ones first."""
        alike: dict[tuple[float, ...], list[int]] = {}
        for alert in self._alerts:
            for place in range(
                int(self._nodes[int(alert["root"])]["lowest"]), int(alert["root"]) + 1
            ):
                node = self._nodes[place]
                if node["kind"] <= LASTING:
                    alike.setdefault((alert["protocol"], *_question(node)), []).append(place)
        scans: list[dict[str, float]] = []
        newest: dict[tuple[float, ...], int] = {}
        for question in sorted(alike, key=_strictness):
            for place in alike[question]:
                self._nodes[place]["scan"] = len(scans)
            family = question[:-1]
            scans.append(
                {
                    "protocol": question[0],
                    "node": alike[question][0],
                    "weaker": newest.get(family, -1),
                }
            )
            newest[family] = len(scans) - 1
        return scans

    def _tree(self, predicate: Predicate, alert_id: str) -> int:
        """Add a whole predicate; returns the place of its root."""
        root = self._node(predicate)
        if len(analytes_of(predicate)) > MOST_ANALYTES:
            raise UsageError(
                f"Alert '{alert_id}' has more than {MOST_ANALYTES} analytes. Split it."
            )
        self._look_back(root, 0, is_inner=False)
        return root

    def _look_back(self, place: int, back: int, *, is_inner: bool) -> None:
        """Say of a node and those under it how far back they look, and which are judged alone."""
        node = self._nodes[place]
        kind = node["kind"]
        back = int(node["period"]) if kind == ALL else back
        node["back"], node["is_inner"] = back, is_inner
        is_inner = is_inner or kind in (GRADE, BY_BASELINE)
        for child in self._pool[int(node["child_from"]) : int(node["child_to"])]:
            self._look_back(child, back, is_inner=is_inner)

    def _node(self, predicate: Predicate) -> int:
        """Add a predicate, what it is made of first; returns its place."""
        lowest = len(self._nodes)
        children = [self._node(part) for part in parts_of(predicate)]
        node = {"lowest": lowest} | self._pooled("child", children)
        self._nodes.append(node | self._numbers(predicate))
        return len(self._nodes) - 1

    def _numbers(self, predicate: Predicate) -> dict[str, float]:
        """What a predicate is beside the predicates it is made of."""
        match predicate:
            case AllOf():
                within = self._period(_back(predicate.within))
                return {"kind": ALL, "analyte": -1, "period": within}
            case AnyOf():
                return {"kind": ANY, "analyte": -1}
        analyte = {"analyte": ANALYTES.index(predicate.analyte)}
        match predicate:
            case ByBaseline():
                return analyte | {"kind": BY_BASELINE}
            case Grade():
                return analyte | {"kind": GRADE}
            case Limit():
                relation = _RELATIONS[predicate.relation]
                return analyte | {"kind": LIMIT, "relation": relation, "number": predicate.value}
            case RangeMultiple():
                relation = _RELATIONS[predicate.relation]
                return analyte | {"kind": RANGE, "relation": relation, "number": predicate.times}
            case BaselineRise():
                return analyte | {"kind": BASELINE, "number": 1 + predicate.percent / 100}
            case Fall():
                floor = -np.inf if predicate.still_above is None else predicate.still_above
                keep = 1 - predicate.percent / 100
                return analyte | {"kind": FALL, "number": keep, "second": floor}
            case Lasting():
                return analyte | self._lasting(predicate)
        raise TypeError(f"the kernels do not know {type(predicate).__name__}")

    def _lasting(self, predicate: Lasting) -> dict[str, float]:
        return {
            "kind": LASTING,
            "number": predicate.below,
            "second": np.nan if predicate.at_least is None else predicate.at_least,
            "period": self._period(predicate.lasting),
            "gap": self._period(predicate.max_gap),
            "results": predicate.results,
        }


def _question(node: dict[str, float]) -> tuple[float, ...]:
    """What a single predicate asks of results; the last part says how strictly.

    Only limits of one kind and relation form a family in which one is weaker than another.
    """
    has_family = node["kind"] in (LIMIT, RANGE, BASELINE)
    same = (node["kind"], node["analyte"], node.get("relation", 0))
    if has_family:
        return (*same, node["number"])
    second = node.get("second", 0)
    others = (node["number"], *(node.get(name, 0) for name in ("results", "period", "gap")))
    return (*same, *others, -np.inf if np.isnan(second) else second)


def _strictness(question: tuple[float, ...]) -> tuple[float, ...]:
    """Sorts questions by protocol and family, the weakest first."""
    *family, number = question
    kind, relation = question[1], question[3]
    falls = kind != BASELINE and relation in (BELOW, AT_MOST)
    return (*family, -number if falls else number)


def _records(rows: list[dict[str, float]], kind: np.dtype) -> np.ndarray:
    """Records of one type; a field nothing was said of is 0."""
    found = np.zeros(len(rows), kind)
    for place, row in enumerate(rows):
        for name, value in row.items():
            found[name][place] = value
    return found


def _back(period: Period) -> Period:
    return Period(-period.months, -period.days)
