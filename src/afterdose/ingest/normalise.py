"""The one normaliser: from what a sender wrote to a row of the record, or to a reason.

Code, status, times, unit and value are decided in this order, so that a row has one reason: the
first thing wrong with it.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from afterdose.ingest.rows import RawPerson, RawResult, Writing
from afterdose.ingest.times import Moment, parse_partial_date, parse_time
from afterdose.ingest.values import parse_number, parse_range, parse_rank
from afterdose.record.analytes import Analyte, analyte_for_loinc
from afterdose.record.errors import UnitError
from afterdose.record.tables import (
    CORRECTING_STATUSES,
    RESULT_STATUSES,
    USABLE_STATUSES,
    WITHDRAWING_STATUSES,
    Lab,
    Person,
)
from afterdose.record.units import clean_text, convert, doubted_unit, factor, is_plausible

_STATUS = {
    "F": "final",
    "B": "final",
    "V": "final",
    "A": "amended",
    "C": "corrected",
    "P": "preliminary",
    "R": "preliminary",
    "S": "preliminary",
    "I": "registered",
    "O": "registered",
    "X": "cancelled",
    "D": "entered-in-error",
    "W": "entered-in-error",
    "completed": "final",
    "active": "registered",
    "held": "registered",
    "suspended": "registered",
    "aborted": "cancelled",
    "nullified": "entered-in-error",
} | {status: status for status in RESULT_STATUSES}
"""HL7 table 0085, the statuses of C-CDA (by the concept map CF-ResultStatus of C-CDA on FHIR 2.0.0;
it has no ``nullified``, which takes a row back) and those of FHIR, to ours. B and V: reviewed, the
value unchanged."""

_NO_RESULT = {"N": "not-asked", "U": "status-alone"}
"""What table 0085 says of a result that is not there: neither is it done, nor is it cancelled."""

_SEX = {
    "female": "female", "f": "female",
    "male": "male", "m": "male",
    "other": "other", "o": "other", "a": "other",
}  # fmt: skip
"""FHIR's administrative gender and HL7 table 0001; whatever is not here is not known."""

WITHDRAWS_UNKNOWN = "withdraws-unknown"
"""A row that takes something back, and does not say what by itself."""
_NO_CODE = "code-not-loinc"
_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
"""Under this a sender that has emptied a resource says why there is no code."""
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212")
"""What tables write where nothing was measured; it is *negative* only where a mapping says so."""

_SHOWN = 80
"""How much of a sender's code or unit is shown beside a reason."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that did not enter the record.

    ``seen`` shows codes and units, never values. The dates of a result are known where both could
    be read. ``instead`` is what enters the record of a correction that cannot be read: a row
    without a value, so that what it corrects no longer counts.
    """

    locator: str
    reason: str
    seen: str = ""
    analyte: str = ""
    person_id: str = ""
    specimen_date: date | None = None
    received_date: date | None = None
    instead: Lab | None = field(default=None, compare=False)


class Meaning(NamedTuple):
    """What a writing says: fields as in `Lab`."""

    analyte: str
    value: float | None
    comparator: str | None
    unit: str | None
    ref_low: float | None
    ref_high: float | None
    status: str
    original_code: str


class Arrival(NamedTuple):
    """When a specimen was taken and its result received: fields as in `Lab`."""

    specimen_date: date
    specimen_time: str | None
    received_date: date
    received_time: str | None
    specimen_offset: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row cannot enter the record.

    ``turn`` orders reasons: of several, the one with the lowest is given. ``analyte``, ``status``
    and ``original_code`` are named where they were understood.
    """

    turn: int
    reason: str
    seen: str = ""
    analyte: str = ""
    status: str = ""
    original_code: str = ""

    @property
    def is_correction(self) -> bool:
        """Whether all that cannot be read is what now holds: what held before holds no more."""
        return self.turn == VALUE and self.status in CORRECTING_STATUSES

    @property
    def may_withdraw(self) -> bool:
        """Whether something is taken back, and its code does not say what."""
        is_unsaid = self.reason in (_NO_CODE, WITHDRAWS_UNKNOWN)
        return is_unsaid and self.status in WITHDRAWING_STATUSES


CODE_OR_STATUS, SPECIMEN_TIME, VALUE, RECEIPT = range(4)
"""Turns of a refusal."""


class _RefusedError(Exception):
    def __init__(self, turn: int, reason: str, seen: str = "") -> None:
        super().__init__(reason)
        self.refusal = Refusal(turn, reason, _show(seen))


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
    meaning = meaning_of(raw.writing)
    arrival = arrival_of(raw.specimen_time, raw.issued_time, landed_on=landed_on)
    if not isinstance(meaning, Refusal) and not isinstance(arrival, Refusal):
        return _row(raw, person_id, meaning, arrival, source)
    refusals = [said for said in (meaning, arrival) if isinstance(said, Refusal)]
    first = min(refusals, key=lambda refusal: refusal.turn)
    reason = reason_of(first.reason, meaning.status)
    aside = SetAside(raw.locator, reason, first.seen, meaning.analyte, person_id)
    if isinstance(arrival, Refusal):
        return aside
    assert isinstance(meaning, Refusal)  # one of the two is
    instead = None
    if meaning.is_correction:
        nothing = _valueless(meaning.analyte, meaning.status, meaning.original_code)
        instead = _row(raw, person_id, nothing, arrival, source)
    return replace(
        aside,
        specimen_date=arrival.specimen_date,
        received_date=arrival.received_date,
        instead=instead,
    )


def _row(raw: RawResult, person_id: str, meaning: Meaning, arrival: Arrival, source: str) -> Lab:
    return Lab(
        person_id=person_id,
        **meaning._asdict(),
        **arrival._asdict(),
        provider=provider_of(raw.provider),
        accession=raw.accession,
        result_id=raw.result_id,
        original_value=raw.value,
        original_unit=raw.unit,
        source=source,
    )


def reason_of(reason: str, status: str) -> str:
    """The reason a row is set aside for; a withdrawal without a day does not say what it takes."""
    is_dateless = reason == "no-specimen-date" and status in WITHDRAWING_STATUSES
    return WITHDRAWS_UNKNOWN if is_dateless else reason


def meaning_of(writing: Writing) -> Meaning | Refusal:
    """What a writing says, or why it says nothing that can be used."""
    analyte: Analyte | None = None
    code = ""
    try:
        analyte, code = _analyte(writing)
        return _meaning(writing, analyte, code)
    except _RefusedError as refused:
        status = _STATUS.get(writing.status.strip(), "")
        is_emptied = refused.refusal.reason == _NO_CODE and _has_no_code(writing)
        said = refused.refusal
        if is_emptied and status in WITHDRAWING_STATUSES:
            said = replace(said, reason=WITHDRAWS_UNKNOWN)
        return replace(
            said,
            analyte=analyte.name if analyte is not None else "",
            status=status,
            original_code=f"LOINC:{code}" if code else "",
        )


def arrival_of(
    specimen_time: str | None, issued_time: str | None, *, landed_on: date
) -> Arrival | Refusal:
    """When it was taken and received, from what the sender wrote, or why that cannot be said."""
    specimen = parse_time(specimen_time or "")
    if specimen is None:
        return Refusal(SPECIMEN_TIME, "no-specimen-date")
    received, time = _received(issued_time, specimen, landed_on)
    if received < specimen.day:
        return Refusal(RECEIPT, "received-before-specimen")
    return Arrival(specimen.day, specimen.time, received, time, specimen_offset=specimen.offset)


def provider_of(written: str | None) -> str | None:
    """A laboratory's name without what cannot be seen."""
    return clean_text(written or "") or None


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


def facts_of(raw: RawPerson, person_id: str) -> Person:
    """Sex and birth date, as far as they can be read."""
    return Person(
        person_id,
        sex=_SEX.get((raw.sex or "").lower()),
        birth_date=parse_partial_date(raw.birth_date) if raw.birth_date else None,
    )


def _meaning(writing: Writing, analyte: Analyte, code: str) -> Meaning:
    status = _STATUS.get(writing.status.strip())
    if status is None:
        reason = _NO_RESULT.get(writing.status.strip(), "status-unknown")
        raise _RefusedError(CODE_OR_STATUS, reason, writing.status)
    if status in WITHDRAWING_STATUSES:
        # Whatever stands in place of the value: the result is taken back.
        return _valueless(analyte.name, status, f"LOINC:{code}")
    if writing.unusable is not None:
        raise _RefusedError(VALUE, *writing.unusable)
    value, comparator = _value(writing, analyte, status)
    low, high = _limits(writing, analyte)
    if value is not None and comparator is None and analyte.kind == "quantity":
        unit = _unit(writing.unit, analyte) or ""
        other = doubted_unit(value, unit, analyte, low=low, high=high)
        if other is not None:
            raise _RefusedError(VALUE, "unit-doubtful", f"{unit}, or is it {other}?")
    return Meaning(
        analyte=analyte.name,
        value=value,
        comparator=comparator,
        unit=analyte.unit if value is not None else None,
        ref_low=low,
        ref_high=high,
        status=status,
        original_code=f"LOINC:{code}",
    )


def _valueless(analyte: str, status: str, original_code: str) -> Meaning:
    return Meaning(analyte, None, None, None, None, None, status, original_code)


# Codes ------------------------------------------------------------------------------------------


def _analyte(raw: Writing) -> tuple[Analyte, str]:
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
        raise _RefusedError(
            CODE_OR_STATUS, "codes-disagree", " and ".join(code for code, _ in loinc)
        )
    genuine = [(code, name) for code, name in loinc if _looks_like_loinc(code)]
    if genuine:
        raise _RefusedError(CODE_OR_STATUS, "code-not-in-catalogue", " ".join(genuine[0]))
    seen = next((f"{code} {name}" for _, code, name in raw.codes), "")
    raise _RefusedError(CODE_OR_STATUS, "code-not-loinc", clean_text(seen) or "no code")


def _has_no_code(raw: Writing) -> bool:
    """Whether words stand in place of a code, or nothing does."""
    return all(system == _ABSENT or not code.strip() for system, code, _ in raw.codes)


def _looks_like_loinc(code: str) -> bool:
    """``777-3``: digits, a hyphen, a check digit. Some senders pad their own codes instead."""
    number, hyphen, check = code.rpartition("-")
    return bool(hyphen) and number.isdecimal() and check.isdecimal() and len(check) == 1


# Times ------------------------------------------------------------------------------------------


def _received(
    issued_time: str | None, specimen: Moment, landed_on: date
) -> tuple[date, str | None]:
    """The day the result was issued and the time of that day; no later than the file landed.

    Where both times carry an offset, the instants decide which came first: an early morning in
    Tokyo is still the day before by the UTC that some systems stamp their reports with.
    """
    issued = parse_time(issued_time or "")
    if issued is None:
        return landed_on, None
    received = issued.day
    if issued.instant and specimen.instant and issued.instant >= specimen.instant:
        received = max(issued.day, specimen.day)
    if received > landed_on:
        return landed_on, None
    # Of another day's clock the time says nothing about this one.
    return received, issued.time if received == issued.day else None


# Values -----------------------------------------------------------------------------------------


def _value(raw: Writing, analyte: Analyte, status: str) -> tuple[float | None, str | None]:
    is_dash = bool(text := clean_text(raw.value or "")) and _DASHES.issuperset(text)
    if raw.value is None or is_dash:
        if status in USABLE_STATUSES:
            seen = "a dash" if is_dash else raw.absent_because or ""
            raise _RefusedError(VALUE, "value-missing", seen)
        # A registered or cancelled result has no value and still says something.
        return None, None
    if analyte.kind != "quantity":
        rank = parse_rank(raw.value, analyte.scale)
        if rank is None:
            raise _RefusedError(VALUE, "value-not-a-number", "a word outside the scale")
        return rank, None
    number = parse_number(raw.value, decimal=raw.decimal)
    if number is None:
        raise _RefusedError(VALUE, "value-not-a-number", "text")
    comparator = raw.comparator or number.comparator
    if comparator not in (None, "<", "<=", ">", ">="):
        raise _RefusedError(VALUE, "comparator-unknown", comparator)
    return _converted(number.value, raw, analyte), comparator


def _converted(number: Decimal, raw: Writing, analyte: Analyte) -> float:
    unit = _unit(raw.unit, analyte)
    if not unit:
        raise _RefusedError(VALUE, "unit-missing")
    try:
        value = convert(number, unit, analyte)
    except UnitError:
        raise _RefusedError(VALUE, "unit-not-permitted", unit) from None
    printed = _factor(raw.printed_unit, analyte)
    if printed is not None and printed != factor(unit, analyte):
        raise _RefusedError(VALUE, "units-disagree", f"{unit} and {raw.printed_unit}")
    if not is_plausible(value, analyte):
        raise _RefusedError(VALUE, "implausible", f"outside the plausible range in {unit}")
    return value


def _limits(raw: Writing, analyte: Analyte) -> tuple[float | None, float | None]:
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
