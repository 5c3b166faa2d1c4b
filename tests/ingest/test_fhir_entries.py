"""Treatments and events out of FHIR, R4 and R5; what is not known is set aside."""

from typing import Any

import pytest
from tests.ingest.conftest import Run, bundle, patient

from afterdose.ingest.codes import Code, drugs_named, events_named
from afterdose.ingest.readers.fhir import read_fhir
from afterdose.ingest.reasons import REASONS
from afterdose.ingest.rows import Reading
from afterdose.record.drugs import known_drugs
from afterdose.record.tables import EVENT_CATEGORIES

ATC, SNOMED = "http://www.whocc.no/atc", "http://snomed.info/sct"


def concept(code: str, system: str = ATC, **parts: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **parts}


def of(kind: str, **parts: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": "x", "subject": {"reference": "Patient/p1"}, **parts}


def administration(day: str = "2020-03-02", **changes: Any) -> dict[str, Any]:
    return of(
        "MedicationAdministration",
        **{
            "status": "completed",
            "medicationCodeableConcept": concept("L04AA34"),
            "effectiveDateTime": f"{day}T09:00:00+01:00",
            "dosage": {"dose": {"value": 12, "unit": "mg"}},
        }
        | changes,
    )


def statement(**changes: Any) -> dict[str, Any]:
    return of(
        "MedicationStatement",
        **{
            "status": "active",
            "medicationCodeableConcept": {"text": "Natalizumab"},
            "effectivePeriod": {"start": "2019-05-01", "end": "2020-01-31"},
            "dateAsserted": "2020-02-03T10:00:00Z",
        }
        | changes,
    )


def condition(**changes: Any) -> dict[str, Any]:
    return of(
        "Condition",
        **{
            "code": concept("353295004", SNOMED, text="Graves disease"),
            "onsetDateTime": "2022-07",
            "recordedDate": "2022-08-01",
            "verificationStatus": {"coding": [{"code": "confirmed"}]},
        }
        | changes,
    )


def adverse_event(**changes: Any) -> dict[str, Any]:
    return of(
        "AdverseEvent",
        **{
            "actuality": "actual",
            "event": concept("32273002", SNOMED),
            "date": "2021-11-05T00:00:00Z",
            "seriousness": concept("serious", "any"),
            "outcome": concept("resolvedWithSequelae", "any"),
        }
        | changes,
    )


def read(*resources: dict[str, Any]) -> Reading:
    return read_fhir(bundle(patient(), *resources).encode())


def cells_of(*resources: dict[str, Any]) -> dict[str, str]:
    (entry,) = read(*resources).entries
    assert entry.person is not None
    assert entry.person.value == "4711"
    return entry.cells


def reason_of(resource: dict[str, Any]) -> tuple[str, str]:
    reading = read(resource)
    assert reading.entries == []
    (row,) = reading.unreadable
    assert row.reason in REASONS
    return row.reason, row.seen


def test_a_dose_given() -> None:
    assert cells_of(administration()) == {
        "drug": "alemtuzumab", "start_date": "2020-03-02", "end_date": "2020-03-02",
        "dose": "12 mg",
    }  # fmt: skip


def test_doses_day_after_day_are_a_course_and_others_are_not(run: Run) -> None:
    days = ["2020-03-04", "2020-03-02", "2020-03-03", "2021-03-08", "2021-03-09"]
    doses = [administration(day, id=day) for day in days]
    receipt = run.take("a.json", bundle(patient(), *doses))
    assert (receipt.rows, receipt.accepted) == (3, 3)
    assert receipt.passed_over == {"dose joined to a course": 3}
    courses = [
        (str(row["start_date"]), str(row["end_date"]), row["dose"])
        for row in run.table("treatments")
    ]
    assert courses == [
        ("2020-03-02", "2020-03-04", "12 mg x 3"),
        ("2021-03-08", "2021-03-09", "12 mg x 2"),
    ]


def test_unequal_doses_are_not_added_up() -> None:
    other = administration("2020-03-03", dosage={"dose": {"value": 6, "unit": "mg"}})
    assert "dose" not in cells_of(administration(), other)


def test_a_dose_that_has_not_ended_stays_open() -> None:
    assert "end_date" not in cells_of(administration(status="in-progress"))


def test_release_5_writes_it_otherwise() -> None:
    given = administration(
        medicationCodeableConcept=None,
        medication={"concept": concept("L04AG06")},
        effectiveDateTime=None,
        occurencePeriod={"start": "2020-03-02T09:00:00Z", "end": "2020-03-03T01:00:00Z"},
        recorded="2020-03-04",
    )
    assert cells_of(given) == {
        "drug": "alemtuzumab", "start_date": "2020-03-02", "end_date": "2020-03-03",
        "dose": "12 mg", "recorded_date": "2020-03-04",
    }  # fmt: skip
    taken = statement(status="recorded", adherence={"code": concept("taking", "any")})
    assert cells_of(taken)["drug"] == "natalizumab"
    event = adverse_event(
        event=None, date=None, code=concept("32273002", SNOMED), outcome=[concept("fatal", "any")],
        occurrencePeriod={"start": "2021-11"},
    )  # fmt: skip
    assert (cells_of(event)["onset_date"], cells_of(event)["outcome"]) == ("2021-11", "fatal")


@pytest.mark.parametrize("place", ["contained", "bundle"])
def test_a_drug_named_by_a_medication_of_its_own(place: str) -> None:
    drug = {"resourceType": "Medication", "id": "m1", "code": concept("L04AA36")}
    name = {"contained": "#m1", "bundle": "Medication/m1"}[place]
    given = administration(medicationCodeableConcept=None, medicationReference={"reference": name})
    if place == "contained":
        assert cells_of(given | {"contained": [drug]})["drug"] == "ocrelizumab"
    else:
        assert cells_of(drug, given)["drug"] == "ocrelizumab"


def test_a_span_of_taking_a_drug() -> None:
    assert cells_of(statement()) == {
        "drug": "natalizumab", "start_date": "2019-05-01", "end_date": "2020-01-31",
        "recorded_date": "2020-02-03",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (administration(medicationCodeableConcept=concept("C07AB07")),
         ("drug-not-known", "C07AB07")),
        (administration(medicationCodeableConcept={"text": "alemtuzumab or placebo"}),
         ("drug-not-known", "alemtuzumab or placebo")),
        (administration(medicationCodeableConcept={"coding": [
            {"system": ATC, "code": "L04AA34"}, {"system": ATC, "code": "L04AA23"}]}),
         ("codes-disagree", "alemtuzumab and natalizumab")),
        (administration(effectiveDateTime=None), ("start-not-stated", "alemtuzumab")),
        (administration(status="entered-in-error"), ("withdrawn", "MedicationAdministration")),
        (administration(status="unknown"), ("status-unknown", "unknown")),
        (administration(dosage=[]), ("malformed", "dosage is not an object")),
        (statement(effectivePeriod=None, effectiveDateTime="2020-01-01"),
         ("start-not-stated", "natalizumab")),
        (statement(adherence={"code": concept("stopped", "any")}), ("status-unknown", "stopped")),
        (condition(onsetDateTime=None), ("no-onset-date", "SNOMED:353295004")),
        (condition(verificationStatus={"coding": [{"code": "entered-in-error"}]}),
         ("withdrawn", "Condition")),
        (condition(code={"coding": [{"system": SNOMED, "code": "353295004"},
                                    {"system": SNOMED, "code": "32273002"}]}),
         ("codes-disagree", "SNOMED:353295004 and SNOMED:32273002")),
        (adverse_event(event=concept("1", SNOMED)), ("event-not-known", "1")),
        (adverse_event(event=None), ("event-not-known", "no code")),
        (adverse_event(date=None), ("no-onset-date", "SNOMED:32273002")),
        (adverse_event(actuality="entered-in-error"), ("withdrawn", "AdverseEvent")),
    ],
)  # fmt: skip
def test_what_is_not_known_is_set_aside(
    resource: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert tuple(part.strip() for part in reason_of(resource)) == expected


@pytest.mark.parametrize(
    ("resource", "counted"),
    [
        (administration(status="not-done"), "MedicationAdministration not-done"),
        (statement(status="intended"), "MedicationStatement intended"),
        (condition(code=concept("38341003", SNOMED)), "Condition"),
        (condition(code=concept("24700007", SNOMED)), "Condition of MS itself"),
        (condition(verificationStatus=concept("refuted")), "Condition not confirmed"),
        (adverse_event(actuality="potential"), "AdverseEvent that did not happen"),
        (of("MedicationRequest"), "MedicationRequest"),
        (of("Procedure", code=concept("113091000", SNOMED)), "Procedure"),
    ],
)
def test_what_says_nothing_is_counted(resource: dict[str, Any], counted: str) -> None:
    reading = read(resource)
    assert (reading.entries, reading.unreadable) == ([], [])
    assert reading.passed_over == {counted: 1}


def test_diagnoses_and_adverse_events_enter_the_record(run: Run) -> None:
    receipt = run.take("a.json", bundle(patient(), condition(), adverse_event()))
    assert (receipt.rows, receipt.accepted) == (3, 3)
    thyroid, itp = sorted(run.table("events"), key=lambda row: row["category"], reverse=True)
    assert (thyroid["onset_date"], thyroid["term"]) == ("2022-07", "Graves disease")
    assert (itp["category"], itp["code"]) == ("itp", "SNOMED:32273002")
    assert (itp["serious"], itp["outcome"]) == (True, "sequelae")


def test_the_same_diagnosis_exported_again_is_one(run: Run) -> None:
    run.take("a.json", bundle(patient(), condition()))
    receipt = run.take("b.json", bundle(patient(), condition(clinicalStatus=concept("resolved"))))
    assert (receipt.accepted, receipt.duplicates) == (0, 2)


def test_a_month_is_no_day_a_treatment_began_on(run: Run) -> None:
    month = statement(effectivePeriod={"start": "2019-05"})
    assert run.take("a.json", bundle(patient(), month)).set_aside == {"breaks-specification": 1}


def test_the_tables_of_codes_name_only_what_the_record_knows() -> None:
    from afterdose.ingest.codes import THE_DISEASE, _drugs, _events, _names

    assert set(_drugs().values()) | set(_names().values()) <= set(known_drugs())
    assert set(_events().values()) <= {*EVENT_CATEGORIES, THE_DISEASE}
    assert drugs_named([Code("urn:other", "L04AA34")], None) == set()
    assert events_named([Code(ATC, "32273002")]) == []
