"""The analyte catalogue: names, codes, canonical units and permitted units with exact factors.

The data stand in ``analytes.toml``. Nothing is matched by name: a result is what its code says,
or it is set aside.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from afterdose.record.errors import UnknownAnalyteError

Kind = Literal["quantity", "ordinal", "presence"]

_DIPSTICK = {
    "negative": 0.0, "neg": 0.0, "nil": 0.0, "not detected": 0.0, "normal": 0.0,
    "trace": 0.5, "tr": 0.5, "+/-": 0.5, "±": 0.5,
    "1+": 1.0, "+": 1.0, "+1": 1.0,
    "2+": 2.0, "++": 2.0, "+2": 2.0,
    "3+": 3.0, "+++": 3.0, "+3": 3.0,
    "4+": 4.0, "++++": 4.0, "+4": 4.0,
}  # fmt: skip
_PRESENCE = {
    "negative": 0.0, "neg": 0.0, "not detected": 0.0, "absent": 0.0, "non-reactive": 0.0,
    "nonreactive": 0.0,
    "positive": 1.0, "pos": 1.0, "detected": 1.0, "present": 1.0, "reactive": 1.0,
}  # fmt: skip
# A lone dash is on no scale: many tables write it for "not measured", and that is not negative.
_SCALES: dict[str, Mapping[str, float]] = {
    "quantity": MappingProxyType({}),
    "ordinal": MappingProxyType(_DIPSTICK),
    "presence": MappingProxyType(_PRESENCE),
}


@dataclass(frozen=True)
class LoincCode:
    """A LOINC code that names an analyte.

    ``evidence`` is ``V2`` (code and name seen together in a public list or published example) or
    ``U`` (recalled only); no code was checked at loinc.org itself.
    """

    code: str
    name: str
    evidence: str
    note: str = ""


@dataclass(frozen=True)
class Analyte:
    """One thing a laboratory measures.

    Attributes
    ----------
    name : str
        The catalogue key, used in every record: ``platelets``.
    title : str
        What a clinician reads: ``Platelets``.
    group : str
    kind : {"quantity", "ordinal", "presence"}
        Ordinal is a dipstick (negative 0, trace 0.5, 1+ 1, ... 4+ 4), presence is 0 or 1.
    unit : str
        Canonical UCUM unit.
    units : mapping of str to Fraction
        Permitted UCUM units, each with the exact factor to the canonical one.
    plausible_low, plausible_high : float
        In the canonical unit, inclusive; outside, the value is taken for a slip (policy).
    why_plausible : str
        Which slip a narrow range is for.
    unit_slips : frozenset of {"low", "high"}
        On which sides of the laboratory's range `afterdose.record.units.doubted_unit` looks.
    scale : mapping of str to float
        For ordinal and presence: the words a laboratory may use, in lower case, and their rank.
    loinc : tuple of LoincCode
    molar_mass : float or None
        In g/mol, where a factor rests on it.
    note : str
    """

    name: str
    title: str
    group: str
    kind: Kind
    unit: str
    units: Mapping[str, Fraction]
    plausible_low: float
    plausible_high: float
    loinc: tuple[LoincCode, ...] = ()
    molar_mass: float | None = None
    note: str = ""
    scale: Mapping[str, float] = field(default_factory=dict)
    why_plausible: str = ""
    unit_slips: frozenset[str] = frozenset()


@cache
def catalogue() -> Mapping[str, Analyte]:
    """Every analyte by name, in the catalogue's order.

    Examples
    --------
    >>> catalogue()["platelets"].unit
    '10*9/L'
    """
    text = resources.files("afterdose.record").joinpath("analytes.toml").read_text("utf-8")
    return MappingProxyType(parse_catalogue(text))


def parse_catalogue(toml: str) -> dict[str, Analyte]:
    """Read a catalogue and check it; `ValueError` names the analyte and what is wrong.

    A code may name one analyte only, the canonical unit's factor is 1, and the plausible range
    has a low end below its high end.
    """
    found = {name: _analyte(name, body) for name, body in tomllib.loads(toml).items()}
    owners: dict[str, str] = {}
    for analyte in found.values():
        for code in analyte.loinc:
            if code.code in owners:
                raise ValueError(
                    f"{analyte.name}: LOINC {code.code} already names {owners[code.code]}"
                )
            owners[code.code] = analyte.name
    return found


def analyte_named(name: str) -> Analyte:
    """The analyte of that catalogue name.

    Raises
    ------
    UnknownAnalyteError
    """
    found = catalogue().get(name)
    if found is None:
        raise UnknownAnalyteError(
            f"'{name}' is not an analyte of the catalogue. Permitted: {', '.join(catalogue())}. "
            "Use one of these names."
        )
    return found


def analyte_for_loinc(code: str) -> Analyte | None:
    """The analyte a LOINC code names, or None.

    Examples
    --------
    >>> analyte_for_loinc("777-3").name
    'platelets'
    >>> analyte_for_loinc("11125-2") is None  # platelet morphology, whatever its label says
    True
    """
    return _by_loinc().get(code)


@cache
def _by_loinc() -> dict[str, Analyte]:
    return {code.code: analyte for analyte in catalogue().values() for code in analyte.loinc}


def _analyte(name: str, body: dict[str, Any]) -> Analyte:
    units = {unit: Fraction(factor) for unit, factor in body["units"].items()}
    low, high = body["plausible"]
    kind = body.get("kind", "quantity")
    if units.get(body["unit"]) != 1:
        raise ValueError(f"{name}: the canonical unit {body['unit']} must be permitted, factor 1")
    if not low < high:
        raise ValueError(f"{name}: the plausible range must begin below its end")
    if kind not in _SCALES:
        raise ValueError(f"{name}: kind is '{kind}'; permitted: {', '.join(_SCALES)}")
    unit_slips = frozenset(body.get("unit_slips", ()))
    if not unit_slips <= {"low", "high"}:
        raise ValueError(f"{name}: unit_slips may hold low and high")
    loinc = tuple(LoincCode(**code) for code in body["loinc"])
    for code in loinc:
        if code.evidence not in ("V2", "U"):
            raise ValueError(f"{name}: LOINC {code.code} has evidence '{code.evidence}'")
    return Analyte(
        name=name,
        title=body["title"],
        group=body["group"],
        kind=kind,
        unit=body["unit"],
        units=MappingProxyType(units),
        plausible_low=float(low),
        plausible_high=float(high),
        loinc=loinc,
        molar_mass=body.get("molar_mass"),
        note=body.get("note", ""),
        scale=_SCALES[kind],
        why_plausible=body.get("why_plausible", ""),
        unit_slips=unit_slips,
    )
