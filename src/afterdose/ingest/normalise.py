"""The one normaliser: from what a sender wrote to a row of the record, or to a reason.

Code, status, times, unit and value are decided in this order, so that a row has one reason: the
first thing wrong with it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from afterdose.ingest.rows import RawPerson, RawResult
from afterdose.ingest.times import Moment, parse_partial_date, parse_time
from afterdose.ingest.values import parse_number, parse_range, parse_rank
from afterdose.record.analytes import Analyte, analyte_for_loinc
from afterdose.record.errors import UnitError
from afterdose.record.tables import RESULT_STATUSES, USABLE_STATUSES, Lab, Person
from afterdose.record.units import clean_text, convert, factor, is_plausible

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

_SEX = {
    "female": "female", "f": "female",
    "male": "male", "m": "male",
    "other": "other", "o": "other", "a": "other",
}  # fmt: skip
"""FHIR's administrative gender and HL7 table 0001; whatever is not here is not known."""

_SHOWN = 80
"""How much of a sender's code or unit is shown beside a reason."""


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


class _RefusedError(Exception):
    def __init__(self, reason: str, seen: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.seen = seen


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
    analyte: Analyte | None = None
    try:
        analyte, code = _analyte(raw)
        return _row(raw, analyte, code, person_id, landed_on, source)
    except _RefusedError as refused:
        name = analyte.name if analyte is not None else ""
        return SetAside(raw.locator, refused.reason, _show(refused.seen), name, person_id)


def normalise_person(raw: RawPerson, person_id: str) -> Person | SetAside:
    """One person as a row of the record; a date that is none sets the row aside."""
    birth_date = parse_partial_date(raw.birth_date) if raw.birth_date else None
    if raw.birth_date and birth_date is None:
        return SetAside(raw.locator, "date-unreadable", "birth date", person_id=person_id)
    death = parse_time(raw.death_date) if raw.death_date else None
    if raw.death_date and death is None:
        return SetAside(raw.locator, "date-unreadable", "day of death", person_id=person_id)
    return Person(
        person_id,
        sex=_SEX.get((raw.sex or "").lower()),
        birth_date=birth_date,
        death_date=death.day if death else None,
    )


def _row(
    raw: RawResult, analyte: Analyte, code: str, person_id: str, landed_on: date, source: str
) -> Lab:
    status = _STATUS.get(raw.status.strip())
    if status is None:
        raise _RefusedError("status-unknown", raw.status)
    specimen = parse_time(raw.specimen_time or "")
    if specimen is None:
        raise _RefusedError("no-specimen-date")
    value, comparator = _value(raw, analyte, status)
    low, high = _limits(raw, analyte)
    return Lab(
        person_id=person_id,
        specimen_date=specimen.day,
        received_date=_received(raw, specimen, landed_on),
        analyte=analyte.name,
        value=value,
        comparator=comparator,
        unit=analyte.unit if value is not None else None,
        ref_low=low,
        ref_high=high,
        status=status,
        provider=clean_text(raw.provider or "") or None,
        accession=raw.accession,
        result_id=raw.result_id,
        specimen_time=specimen.time,
        original_value=raw.value,
        original_unit=raw.unit,
        original_code=f"LOINC:{code}",
        source=source,
    )


# Codes ------------------------------------------------------------------------------------------


def _analyte(raw: RawResult) -> tuple[Analyte, str]:
    """The analyte that the result's LOINC codes name, and the code; nothing is matched by name."""
    loinc = [(code.strip(), name) for system, code, name in raw.codes if system == "loinc"]
    found = {
        analyte.name: (analyte, code)
        for code, _ in loinc
        if (analyte := analyte_for_loinc(code)) is not None
    }
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise _RefusedError("codes-disagree", " and ".join(code for code, _ in loinc))
    genuine = [(code, name) for code, name in loinc if _looks_like_loinc(code)]
    if genuine:
        raise _RefusedError("code-not-in-catalogue", " ".join(genuine[0]))
    seen = next((f"{code} {name}" for _, code, name in raw.codes), "")
    raise _RefusedError("code-not-loinc", clean_text(seen) or "no code")


def _looks_like_loinc(code: str) -> bool:
    """``777-3``: digits, a hyphen, a check digit. Some senders pad their own codes instead."""
    number, hyphen, check = code.rpartition("-")
    return bool(hyphen) and number.isdecimal() and check.isdecimal() and len(check) == 1


# Times ------------------------------------------------------------------------------------------


def _received(raw: RawResult, specimen: Moment, landed_on: date) -> date:
    """The day the result was issued; it cannot have reached us after the file did.

    Where both times carry an offset, the instants decide which came first: an early morning in
    Tokyo is still the day before by the UTC that some systems stamp their reports with.
    """
    issued = parse_time(raw.issued_time or "")
    if issued is None:
        received = landed_on
    elif issued.instant and specimen.instant and issued.instant >= specimen.instant:
        received = max(issued.day, specimen.day)
    else:
        received = issued.day
    received = min(received, landed_on)
    if received < specimen.day:
        raise _RefusedError("received-before-specimen")
    return received


# Values -----------------------------------------------------------------------------------------


def _value(raw: RawResult, analyte: Analyte, status: str) -> tuple[float | None, str | None]:
    if raw.value is None:
        if status in USABLE_STATUSES:
            raise _RefusedError("value-missing", raw.absent_because or "")
        # A registered or cancelled result has no value and still says something.
        return None, None
    if analyte.kind != "quantity":
        rank = parse_rank(raw.value, analyte.scale)
        if rank is None:
            raise _RefusedError("value-not-a-number", "a word outside the scale")
        return rank, None
    number = parse_number(raw.value)
    if number is None:
        raise _RefusedError("value-not-a-number", "text")
    comparator = raw.comparator or number.comparator
    if comparator not in (None, "<", "<=", ">", ">="):
        raise _RefusedError("comparator-unknown", comparator)
    return _converted(number.value, raw, analyte), comparator


def _converted(number: Decimal, raw: RawResult, analyte: Analyte) -> float:
    unit = _unit(raw.unit, analyte)
    if not unit:
        raise _RefusedError("unit-missing")
    try:
        value = convert(number, unit, analyte)
    except UnitError:
        raise _RefusedError("unit-not-permitted", unit) from None
    printed = _factor(raw.printed_unit, analyte)
    if printed is not None and printed != factor(unit, analyte):
        raise _RefusedError("units-disagree", f"{unit} and {raw.printed_unit}")
    if not is_plausible(value, analyte):
        raise _RefusedError("implausible", f"outside the plausible range in {unit}")
    return value


def _limits(raw: RawResult, analyte: Analyte) -> tuple[float | None, float | None]:
    """The laboratory's own range in the canonical unit; what cannot be read is left empty."""
    by = _factor(_unit(raw.range_unit or raw.unit, analyte), analyte)
    if not raw.range_text or analyte.kind != "quantity" or by is None:
        return None, None
    low, high = (
        None if limit is None else float(Fraction(limit) * by)
        for limit in parse_range(raw.range_text)
    )
    is_reversed = low is not None and high is not None and low > high
    return (None, None) if is_reversed else (low, high)


def _unit(written: str | None, analyte: Analyte) -> str | None:
    """The unit as written; a ratio or an index needs none."""
    return written or ("1" if analyte.unit == "1" else None)


def _factor(unit: str | None, analyte: Analyte) -> Fraction | None:
    """The factor of a unit, or None where the unit is not permitted for the analyte."""
    try:
        return factor(unit or "", analyte)
    except UnitError:
        return None


def _show(text: str) -> str:
    return clean_text(text)[:_SHOWN]
