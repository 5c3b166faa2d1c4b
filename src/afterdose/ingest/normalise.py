"""The one normaliser: from what a sender wrote to a row of the record, or to a reason.

Code, status, times, unit and value are decided in this order, so that a row has one reason: the
first thing wrong with it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from afterdose.ingest.rows import RawResult
from afterdose.ingest.times import parse_time
from afterdose.record.analytes import Analyte, analyte_for_loinc
from afterdose.record.errors import UnitError
from afterdose.record.tables import RESULT_STATUSES, USABLE_STATUSES, Lab
from afterdose.record.units import clean_text, convert, is_plausible

_STATUS = {
    "F": "final",
    "C": "corrected",
    "P": "preliminary",
    "R": "preliminary",
    "S": "preliminary",
    "I": "registered",
    "O": "registered",
    "X": "cancelled",
    "D": "entered-in-error",
    "W": "entered-in-error",
} | {status: status for status in RESULT_STATUSES}
"""HL7 table 0085 and the FHIR statuses, to ours."""

_NUMBER = re.compile(r"(<=|>=|<|>|≤|≥)?\s*([+-]?\d+(?:\.\d+)?)\Z")
_COMPARATOR = {"≤": "<=", "≥": ">="}
_BETWEEN = re.compile(r"\(?\s*(-?[\d.]+)\s*(?:-|–|_|to)\s*(-?[\d.]+)\s*\)?\Z")
_BOUND = re.compile(r"([<>])=?\s*([\d.]+)\Z")


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that did not enter the record.

    ``seen`` shows codes and units, never values.
    """

    locator: str
    reason: str
    seen: str = ""
    analyte: str = ""
    person_id: str = ""


def normalise(raw: RawResult, person_id: str, *, landed_on: date, source: str) -> Lab | SetAside:
    """One result as a row of the record, or the reason it cannot be one.

    Parameters
    ----------
    raw : RawResult
    person_id : str
        Whose it is, already decided.
    landed_on : date
        The day the file arrived; received on this day where the sender does not say when it issued
        the result.
    source : str
        Hash and locator, kept with the row.

    Returns
    -------
    Lab or SetAside
    """
    analyte = _analyte(raw)
    if analyte is None:
        return SetAside(raw.locator, *_code_reason(raw), person_id=person_id)
    try:
        return _row(raw, analyte, person_id, landed_on, source)
    except _RefusedError as refused:
        return SetAside(raw.locator, refused.reason, refused.seen, analyte.name, person_id)


class _RefusedError(Exception):
    def __init__(self, reason: str, seen: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.seen = seen


def _row(raw: RawResult, analyte: Analyte, person_id: str, landed_on: date, source: str) -> Lab:
    status = _STATUS.get(raw.status.strip())
    if status is None:
        raise _RefusedError("status-unknown", clean_text(raw.status)[:24])
    specimen = parse_time(raw.specimen_time or "")
    if specimen is None:
        raise _RefusedError("no-specimen-date")
    received = _received(raw, landed_on)
    if received < specimen[0]:
        raise _RefusedError("received-before-specimen")
    value, comparator = _value(raw, analyte, status)
    low, high = _limits(raw, analyte)
    return Lab(
        person_id=person_id,
        specimen_date=specimen[0],
        received_date=received,
        analyte=analyte.name,
        value=value,
        comparator=comparator,
        unit=analyte.unit if value is not None else None,
        ref_low=low,
        ref_high=high,
        status=status,
        provider=raw.provider,
        accession=raw.accession,
        result_id=raw.result_id,
        specimen_time=specimen[1],
        original_value=raw.value,
        original_unit=raw.unit,
        original_code=_loinc(raw),
        source=source,
    )


# Codes ------------------------------------------------------------------------------------------


def _analyte(raw: RawResult) -> Analyte | None:
    for system, code, _ in raw.codes:
        if system == "loinc" and (found := analyte_for_loinc(code)) is not None:
            return found
    return None


def _loinc(raw: RawResult) -> str:
    return next(
        f"LOINC:{code}" for system, code, _ in raw.codes if system == "loinc"
        and analyte_for_loinc(code) is not None
    )  # fmt: skip


def _code_reason(raw: RawResult) -> tuple[str, str]:
    loinc = [f"{code} {name}" for system, code, name in raw.codes if system == "loinc"]
    if loinc:
        return "code-not-in-catalogue", clean_text(loinc[0])[:80]
    seen = next((f"{code} {name}" for _, code, name in raw.codes), "no code")
    return "code-not-loinc", clean_text(seen)[:80]


# Times ------------------------------------------------------------------------------------------


def _received(raw: RawResult, landed_on: date) -> date:
    """The day the result was issued; it cannot have reached us after the file did."""
    issued = parse_time(raw.issued_time or "")
    return landed_on if issued is None else min(issued[0], landed_on)


# Values -----------------------------------------------------------------------------------------


def _value(raw: RawResult, analyte: Analyte, status: str) -> tuple[float | None, str | None]:
    if raw.value is None:
        if status in USABLE_STATUSES:
            raise _RefusedError("value-missing", raw.note or "")
        # A registered or cancelled result has no value and still says something.
        return None, None
    if analyte.kind != "quantity":
        rank = _rank(raw.value, analyte.scale)
        if rank is None:
            raise _RefusedError("value-not-a-number", "a word outside the scale")
        return rank, None
    match = _NUMBER.match(clean_text(raw.value))
    if match is None:
        raise _RefusedError("value-not-a-number", "text")
    value = _converted(match[2], raw, analyte)
    comparator = raw.comparator or match[1]
    return value, _COMPARATOR.get(comparator or "", comparator)


def _converted(number: str, raw: RawResult, analyte: Analyte) -> float:
    unit = raw.unit if raw.unit or analyte.unit != "1" else "1"
    if not unit:
        raise _RefusedError("unit-missing")
    try:
        value = convert(Decimal(number), unit, analyte)
    except UnitError:
        raise _RefusedError("unit-not-permitted", clean_text(unit)[:24]) from None
    if not is_plausible(value, analyte):
        raise _RefusedError("implausible", f"outside the plausible range in {clean_text(unit)}")
    return value


def _rank(text: str, scale: Mapping[str, float]) -> float | None:
    """A word of the scale; a finding's long name may end in it: ``... test = ++``."""
    word = clean_text(text).lower().removesuffix("(finding)").strip()
    return scale.get(word, scale.get(word.rpartition("=")[2].strip()))


def _limits(raw: RawResult, analyte: Analyte) -> tuple[float | None, float | None]:
    """The laboratory's own range in the canonical unit; what cannot be read is left empty."""
    if not raw.range_text or analyte.kind != "quantity":
        return None, None
    low, high = _range(clean_text(raw.range_text))
    unit = raw.unit if raw.unit or analyte.unit != "1" else "1"
    try:
        found = [
            None if limit is None else convert(Decimal(limit), unit or "", analyte)
            for limit in (low, high)
        ]
    except (UnitError, InvalidOperation):
        return None, None
    if None not in found and found[0] > found[1]:  # type: ignore[operator]
        return None, None
    return found[0], found[1]


def _range(text: str) -> tuple[str | None, str | None]:
    if ".." in text:
        low, _, high = text.partition("..")
        return low or None, high or None
    if match := _BETWEEN.match(text):
        return match[1], match[2]
    if match := _BOUND.match(text):
        return (None, match[2]) if match[1] == "<" else (match[2], None)
    return None, None
