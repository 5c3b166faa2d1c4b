from datetime import date
from typing import Any

import pytest

from afterdose.ingest.normalise import SetAside, normalise, normalise_person
from afterdose.ingest.rows import Identifier, RawPerson, RawResult
from afterdose.record.tables import Lab

PERSON = Identifier("a", "1")
PLATELETS = ("loinc", "777-3", "Platelets")


def raw(code: str = "777-3", **changes: Any) -> RawResult:
    facts = {
        "locator": "row 1",
        "person": PERSON,
        "codes": (("loinc", code, ""),),
        "status": "final",
        "value": "210",
        "unit": "10*9/L",
        "specimen_time": "2024-03-04",
        "issued_time": "2024-03-05",
    }
    return RawResult(**(facts | changes))


def taken(result: RawResult, landed_on: date = date(2024, 6, 1)) -> Lab | SetAside:
    return normalise(result, "p1", landed_on=landed_on, source="abc:row 1")


def test_a_result_in_canonical_units_keeps_what_the_laboratory_wrote() -> None:
    lab = taken(
        raw(
            "2160-0",
            value="0.80",
            unit="mg/dL",
            range_text="0.5-1.0",
            provider="North\u200b Lab ",
            specimen_time="2024-03-04T08:30:00+01:00",
        )
    )
    assert isinstance(lab, Lab)
    assert lab.value == pytest.approx(70.72, abs=0.01)
    assert (lab.unit, lab.original_value, lab.original_unit) == ("umol/L", "0.80", "mg/dL")
    assert lab.original_code == "LOINC:2160-0"
    assert (lab.ref_low, lab.ref_high) == pytest.approx((44.2, 88.4), abs=0.01)
    assert (lab.specimen_date, lab.specimen_time) == (date(2024, 3, 4), "08:30:00")
    assert (lab.received_date, lab.provider) == (date(2024, 3, 5), "North Lab")
    assert lab.source == "abc:row 1"


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("F", "final"), ("C", "corrected"), ("P", "preliminary"), ("R", "preliminary"),
        ("S", "preliminary"), ("I", "registered"), ("O", "registered"), ("X", "cancelled"),
        ("D", "entered-in-error"), ("W", "entered-in-error"), ("final", "final"),
        ("amended", "amended"), (" final ", "final"),
    ],
)  # fmt: skip
def test_statuses(written: str, status: str) -> None:
    assert taken(raw(status=written)).status == status


@pytest.mark.parametrize("status", ["registered", "preliminary", "cancelled", "X"])
def test_a_result_that_is_not_final_may_have_no_value(status: str) -> None:
    lab = taken(raw(status=status, value=None))
    assert isinstance(lab, Lab)
    assert (lab.value, lab.unit) == (None, None)


@pytest.mark.parametrize(
    ("changes", "reason", "seen"),
    [
        ({"codes": ()}, "code-not-loinc", "no code"),
        ({"codes": (("L", "PLT", "Platelets"),)}, "code-not-loinc", "PLT Platelets"),
        (
            {"codes": (("loinc", "8302-2", "Body\u200b Height"),)},
            "code-not-in-catalogue",
            "8302-2 Body Height",
        ),
        (
            {"codes": (PLATELETS, ("loinc", "718-7", ""))},
            "codes-disagree",
            "777-3 and 718-7",
        ),
        ({"status": "Q"}, "status-unknown", "Q"),
        ({"status": ""}, "status-unknown", ""),
        ({"status": "U"}, "status-alone", "U"),
        ({"status": "N"}, "not-asked", "N"),
        ({"specimen_time": "2024-03"}, "no-specimen-date", ""),
        ({"specimen_time": None}, "no-specimen-date", ""),
        ({"value": None, "absent_because": "masked"}, "value-missing", "masked"),
        ({"value": "clumped"}, "value-not-a-number", "text"),
        ({"value": "1,2"}, "value-not-a-number", "text"),
        ({"comparator": "ad"}, "comparator-unknown", "ad"),
        ({"unit": None}, "unit-missing", ""),
        ({"unit": "g/L"}, "unit-not-permitted", "g/L"),
        ({"printed_unit": "/uL"}, "units-disagree", "10*9/L and /uL"),
        ({"value": "210000"}, "implausible", "outside the plausible range in 10*9/L"),
        (
            {"value": "210", "unit": "/uL", "range_text": "150-400", "range_unit": "10*9/L"},
            "unit-doubtful",
            "/uL, or is it 10*9/L?",
        ),
        ({"issued_time": "2024-03-03"}, "received-before-specimen", ""),
        ({"specimen_time": "2030-01-01"}, "received-before-specimen", ""),
    ],
)
def test_reasons(changes: dict, reason: str, seen: str) -> None:
    row = taken(raw(**changes))
    assert isinstance(row, SetAside)
    assert (row.reason, row.seen, row.person_id) == (reason, seen, "p1")
    assert row.analyte == ("" if "codes" in changes else "platelets")


@pytest.mark.parametrize("dash", ["-", "\u2013", " \u2014 ", "--", "\u2212"])
@pytest.mark.parametrize(("code", "unit"), [("20454-5", None), ("777-3", "10*9/L")])
def test_a_dash_is_no_value_and_not_a_negative_one(dash: str, code: str, unit: str | None) -> None:
    """Many tables write a dash where nothing was measured."""
    row = taken(raw(code, value=dash, unit=unit))
    assert isinstance(row, SetAside)
    assert (row.reason, row.seen) == ("value-missing", "a dash")
    ordered = taken(raw(code, value=dash, unit=unit, status="registered"))
    assert isinstance(ordered, Lab)
    assert ordered.value is None


def test_two_codes_of_one_analyte_agree() -> None:
    assert taken(raw(codes=(PLATELETS, ("loinc", "26515-7", "")))).analyte == "platelets"


def test_a_code_outside_the_catalogue_beside_one_inside_does_no_harm() -> None:
    codes = (("loinc", "32623-1", "MPV"), ("L", "PLT", ""), PLATELETS)
    assert taken(raw(codes=codes)).original_code == "LOINC:777-3"


@pytest.mark.parametrize(
    ("specimen", "issued", "landed_on", "received"),
    [
        ("2024-03-04", "2024-03-06", date(2024, 6, 1), date(2024, 3, 6)),
        ("2024-03-04", None, date(2024, 6, 1), date(2024, 6, 1)),
        ("2024-03-04", "soon", date(2024, 6, 1), date(2024, 6, 1)),
        ("2024-03-04", "2024-07-01", date(2024, 6, 1), date(2024, 6, 1)),
        # Early morning in Tokyo; the system stamps its reports in UTC, the evening before.
        (
            "2024-03-04T07:00:00+09:00",
            "2024-03-03T23:30:00Z",
            date(2024, 6, 1),
            date(2024, 3, 4),
        ),
    ],
)
def test_when_we_knew(specimen: str, issued: str | None, landed_on: date, received: date) -> None:
    lab = taken(raw(specimen_time=specimen, issued_time=issued), landed_on)
    assert isinstance(lab, Lab)
    assert lab.received_date == received


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("20454-5", "1+", 1.0),
        ("20454-5", "Urine protein test = +++ (finding)", 3.0),
        ("5196-1", "Non-reactive", 0.0),
    ],
)
def test_words_of_a_scale(code: str, value: str, expected: float) -> None:
    lab = taken(raw(code, value=value, unit=None))
    assert (lab.value, lab.unit, lab.original_value) == (expected, "1", value)


def test_a_word_outside_the_scale_is_not_shown() -> None:
    row = taken(raw("5794-3", value="Blood in urine (finding)", unit=None))
    assert (row.reason, row.seen) == ("value-not-a-number", "a word outside the scale")


@pytest.mark.parametrize(
    ("changes", "limits"),
    [
        ({"range_text": "150-400"}, (150, 400)),
        ({"range_text": "150-400", "range_unit": "K/uL"}, (150, 400)),
        ({"range_text": "150000-400000", "range_unit": "/uL"}, (150, 400)),
        ({"range_text": "150-400", "range_unit": "mg/dL"}, (None, None)),
        ({"range_text": "400-150"}, (None, None)),
        ({"range_text": "<400"}, (None, 400)),
        ({"range_text": "see report"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_the_laboratorys_own_range(changes: dict, limits: tuple) -> None:
    lab = taken(raw(**changes))
    assert (lab.ref_low, lab.ref_high) == limits


def test_a_ratio_needs_no_unit() -> None:
    lab = taken(raw("6301-6", value="1.1", unit=None, range_text="0.8-1.2"))
    assert (lab.value, lab.unit, lab.ref_high) == (1.1, "1", 1.2)


def test_a_comparator_stands_beside_the_value() -> None:
    assert taken(raw(value="<5")).comparator == "<"
    assert taken(raw(value="5", comparator=">=")).comparator == ">="


def person(**facts: str) -> RawPerson:
    return RawPerson("row 1", (PERSON,), **facts)


def test_a_person_from_either_notation() -> None:
    found = normalise_person(person(sex="F", birth_date="19880614"), "p1")
    assert (found.sex, found.birth_date) == ("female", "1988-06-14")
    found = normalise_person(person(sex="unknown", death_date="2024-01-02T10:00:00Z"), "p1")
    assert (found.sex, found.death_date) == (None, date(2024, 1, 2))


@pytest.mark.parametrize(
    ("facts", "seen"),
    [
        ({"birth_date": "196203520"}, "birth date"),
        ({"death_date": "unknown"}, "day of death"),
        ({"death_date": "2024"}, "day of death"),
    ],
)
def test_a_date_that_is_none_sets_the_person_aside(facts: dict, seen: str) -> None:
    row = normalise_person(person(**facts), "p1")
    assert isinstance(row, SetAside)
    assert (row.reason, row.seen) == ("date-unreadable", seen)
