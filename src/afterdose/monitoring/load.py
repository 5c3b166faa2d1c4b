"""Protocol files: TOML in, frozen `Protocol` out, or an error that says which rule and why."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from afterdose.monitoring.model import (
    Advice,
    Alert,
    AllOf,
    AnyOf,
    Band,
    BaselineRise,
    Check,
    CheckKind,
    CoursePlan,
    Evidence,
    Fall,
    Grounds,
    Limit,
    Need,
    Predicate,
    Protocol,
    RangeMultiple,
    Source,
    analytes_of,
)
from afterdose.record.analytes import catalogue
from afterdose.record.dates import Period
from afterdose.record.errors import ProtocolError, UsageError
from afterdose.record.tables import EVENT_CATEGORIES, SPECS

_RELATIONS = ("below", "at_most", "above", "at_least")


def shipped_protocols() -> dict[str, Path]:
    """The protocol files that come with Afterdose, by id (``alemtuzumab-eu``)."""
    root = Path(str(resources.files("afterdose.protocols")))
    return {f"{path.parent.name}-{path.stem}": path for path in sorted(root.glob("*/*.toml"))}


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
        The file breaks the protocol model; the message names the rule, what was seen and what is
        permitted.

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
    """Read a protocol from the text of a TOML file; errors name ``where`` and the rule."""
    try:
        data = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(f"{where} is not TOML: {error}. Correct the file.") from None
    return _Reader(data, where).protocol()


class _Reader:
    """Walks one parsed file; keeps the place for error messages."""

    def __init__(self, data: dict[str, Any], where: str) -> None:
        self._data = data
        self._where = where
        self._place = "[protocol]"
        self._sources = {key: Source(key, **body) for key, body in data.get("sources", {}).items()}

    def protocol(self) -> Protocol:
        self._only(self._data, {"protocol", "sources", "courses", "checks", "alerts", "advice"})
        head = self._data.get("protocol", {})
        self._only(
            head,
            {"id", "drug", "jurisdiction", "version", "title", "basis", "read_on", "closing"},
        )
        texts = {
            key: self._text(head, key)
            for key in ("id", "drug", "jurisdiction", "version", "title", "basis", "read_on")
        }
        protocol = Protocol(
            **texts,
            closing=self._period(head, "closing"),
            courses=self._each("courses", self._course),
            checks=self._each("checks", self._check),
            alerts=self._each("alerts", self._alert),
            advice=self._each("advice", self._advice),
        )
        self._consistent(protocol)
        return protocol

    # Rules ------------------------------------------------------------------------------------

    def _course(self, item: Mapping[str, Any]) -> CoursePlan:
        self._only(item, {"numbers", "days", "dose", "timing"} | _GROUNDS)
        return CoursePlan(
            numbers=self._text(item, "numbers"),
            days=self._whole(item, "days"),
            dose=self._text(item, "dose"),
            timing=self._text(item, "timing"),
            grounds=self._grounds(item),
        )

    def _check(self, item: Mapping[str, Any]) -> Check:
        kind = CheckKind(self._one_of(item, "kind", CheckKind))
        fields = {
            CheckKind.REPEATED: {"every", "until"},
            CheckKind.BEFORE_COURSE: {"within"},
            CheckKind.DURING_COURSE: {"days"},
        }[kind]
        shared = {"id", "title", "kind", "needs", "sex", "window", "owner", "courses"}
        self._only(item, shared | fields | _GROUNDS)
        return Check(
            id=self._text(item, "id"),
            title=self._text(item, "title"),
            kind=kind,
            needs=tuple(self._need(need) for need in self._list(item, "needs")),
            every=self._period(item, "every") if "every" in fields else Period(),
            until=self._period(item, "until") if "until" in fields else Period(),
            within=self._period(item, "within") if "within" in fields else Period(),
            days=tuple(self._list(item, "days")) if "days" in fields else (),
            courses=tuple(item.get("courses", ())),
            sex=self._one_of(item, "sex", ("female", "male")) if "sex" in item else None,
            window=self._period(item, "window"),
            owner=self._text(item, "owner"),
            grounds=self._grounds(item),
        )

    def _alert(self, item: Mapping[str, Any]) -> Alert:
        self._only(
            item,
            {"id", "title", "when", "check", "band", "then", "expected_for", "known_as"} | _GROUNDS,
        )
        return Alert(
            id=self._text(item, "id"),
            title=self._text(item, "title"),
            when=self._predicate(item.get("when")),
            check=self._text(item, "check"),
            band=Band(self._one_of(item, "band", Band)),
            then=self._text(item, "then"),
            expected_for=self._period(item, "expected_for") if "expected_for" in item else None,
            known_as=(
                self._one_of(item, "known_as", EVENT_CATEGORIES) if "known_as" in item else None
            ),
            grounds=self._grounds(item),
        )

    def _advice(self, item: Mapping[str, Any]) -> Advice:
        self._only(item, {"id", "title", "text"} | _GROUNDS)
        return Advice(
            id=self._text(item, "id"),
            title=self._text(item, "title"),
            text=self._text(item, "text"),
            grounds=self._grounds(item),
        )

    # Parts of rules -----------------------------------------------------------------------------

    def _grounds(self, item: Mapping[str, Any]) -> Grounds:
        evidence = Evidence(self._one_of(item, "evidence", Evidence))
        keys = item.get("sources", [])
        for key in keys:
            if key not in self._sources:
                raise self._error("sources", key, self._sources)
        if not keys and evidence is not Evidence.POLICY:
            raise self._error("sources", "none", ("at least one key of [sources]",))
        for name in item.get("policy", ()):
            if name not in item:
                raise self._error("policy", name, sorted(set(item) - _GROUNDS))
        return Grounds(
            evidence=evidence,
            sources=tuple(self._sources[key] for key in keys),
            says=self._text(item, "says"),
            reading=item.get("reading", ""),
            policy=tuple(item.get("policy", ())),
        )

    def _need(self, need: object) -> Need:
        names = [str(name) for name in need] if isinstance(need, list) else [str(need)]
        for name in names:
            self._known_need(name)
        return Need(tuple(names))

    def _known_need(self, name: str) -> None:
        if name == "mri":
            return
        if name.startswith("examination:"):
            permitted = SPECS["examinations"].columns["examination"].values
            if name.removeprefix("examination:") not in permitted:
                raise self._error("needs", name, [f"examination:{value}" for value in permitted])
        elif name not in catalogue():
            raise self._error(
                "needs", name, ("an analyte of the catalogue", "examination:…", "mri")
            )

    def _predicate(self, item: object) -> Predicate:
        if not isinstance(item, dict) or item.get("kind") not in self._predicates():
            seen = item.get("kind") if isinstance(item, dict) else item
            raise self._error("when.kind", seen, self._predicates())
        return self._predicates()[item["kind"]](item)

    def _predicates(self) -> dict[str, Callable[[Mapping[str, Any]], Predicate]]:
        return {
            "limit": self._limit,
            "range": self._range,
            "baseline_rise": self._baseline_rise,
            "fall": self._fall,
            "all_of": self._all_of,
            "any_of": self._any_of,
        }

    def _limit(self, item: Mapping[str, Any]) -> Limit:
        self._only(item, {"kind", "analyte", "unit", *_RELATIONS})
        analyte = self._analyte(item)
        unit = catalogue()[analyte].unit
        if item.get("unit") != unit:
            # A limit is only as good as its unit: the file must say the one it was read in.
            raise self._error("when.unit", item.get("unit"), (unit,))
        relation, value = self._relation(item, _RELATIONS)
        return Limit(analyte, relation, value)

    def _range(self, item: Mapping[str, Any]) -> RangeMultiple:
        self._only(item, {"kind", "analyte", "below", "above"})
        relation, times = self._relation(item, ("below", "above"))
        return RangeMultiple(self._analyte(item), relation, times)

    def _baseline_rise(self, item: Mapping[str, Any]) -> BaselineRise:
        self._only(item, {"kind", "analyte", "percent"})
        return BaselineRise(self._analyte(item), self._number(item, "percent"))

    def _fall(self, item: Mapping[str, Any]) -> Fall:
        self._only(item, {"kind", "analyte", "percent", "still_above", "unit"})
        floor = self._number(item, "still_above") if "still_above" in item else None
        return Fall(self._analyte(item), self._number(item, "percent"), floor)

    def _all_of(self, item: Mapping[str, Any]) -> AllOf:
        self._only(item, {"kind", "parts", "within"})
        parts = tuple(self._predicate(part) for part in self._list(item, "parts"))
        return AllOf(parts, self._period(item, "within"))

    def _any_of(self, item: Mapping[str, Any]) -> AnyOf:
        self._only(item, {"kind", "parts"})
        return AnyOf(tuple(self._predicate(part) for part in self._list(item, "parts")))

    def _analyte(self, item: Mapping[str, Any]) -> str:
        name = self._text(item, "analyte")
        if name not in catalogue():
            raise self._error("when.analyte", name, ("an analyte of the catalogue",))
        return name

    def _relation(self, item: Mapping[str, Any], permitted: Iterable[str]) -> tuple[str, float]:
        found = [key for key in permitted if key in item]
        if len(found) != 1:
            raise self._error("when", found or "no limit", permitted)
        return found[0], self._number(item, found[0])

    # What must hold across rules ----------------------------------------------------------------

    def _consistent(self, protocol: Protocol) -> None:
        self._place = "[protocol]"
        ids = [check.id for check in protocol.checks]
        ids += [alert.id for alert in protocol.alerts]
        ids += [advice.id for advice in protocol.advice]
        for rule_id in ids:
            if ids.count(rule_id) > 1:
                raise self._error("id", rule_id, ("an id that occurs once",))
        checks = {check.id for check in protocol.checks}
        for alert in protocol.alerts:
            self._place = f"alert '{alert.id}'"
            if alert.check not in checks:
                raise self._error("check", alert.check, sorted(checks))
            assert analytes_of(alert.when)

    # Reading single values ----------------------------------------------------------------------

    def _each(self, table: str, read: Callable[[Mapping[str, Any]], Any]) -> tuple[Any, ...]:
        found = []
        for position, item in enumerate(self._data.get(table, []), start=1):
            self._place = f"{table} '{item.get('id', item.get('numbers', position))}'"
            found.append(read(item))
        return tuple(found)

    def _only(self, item: Mapping[str, Any], permitted: Iterable[str]) -> None:
        unknown = sorted(set(item) - set(permitted))
        if unknown:
            raise self._error("keys", ", ".join(unknown), sorted(permitted))

    def _text(self, item: Mapping[str, Any], key: str) -> str:
        value = item.get(key)
        if not isinstance(value, str) or not value:
            raise self._error(key, value, ("a text",))
        return value

    def _number(self, item: Mapping[str, Any], key: str) -> float:
        value = item.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._error(key, value, ("a number",))
        return float(value)

    def _whole(self, item: Mapping[str, Any], key: str) -> int:
        value = item.get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._error(key, value, ("a whole number",))
        return value

    def _list(self, item: Mapping[str, Any], key: str) -> list[Any]:
        value = item.get(key)
        if not isinstance(value, list) or not value:
            raise self._error(key, value, ("a list that is not empty",))
        return value

    def _one_of(self, item: Mapping[str, Any], key: str, permitted: Iterable[str]) -> str:
        value = item.get(key)
        if value not in [str(one) for one in permitted]:
            raise self._error(key, value, permitted)
        return str(value)

    def _period(self, item: Mapping[str, Any], key: str) -> Period:
        try:
            return Period.parse(str(item.get(key)))
        except ValueError as error:
            raise self._error(key, item.get(key), (str(error),)) from None

    def _error(self, key: str, seen: object, permitted: Iterable[str]) -> ProtocolError:
        return ProtocolError(
            f"{self._where}, {self._place}: {key} is '{seen}'. "
            f"Permitted: {', '.join(str(one) for one in permitted)}. Correct the file."
        )


_GROUNDS = frozenset({"evidence", "sources", "says", "reading", "policy"})
