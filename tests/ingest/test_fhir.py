import json

import pytest
from tests.ingest.conftest import bundle, observation, patient, quantity

from afterdose.ingest.readers.fhir import MAX_NESTING, read_fhir
from afterdose.ingest.rows import Identifier, Reading
from afterdose.record.errors import UnreadableInputError


def read(*resources: dict) -> Reading:
    return read_fhir(bundle(*resources).encode())


def test_one_resource() -> None:
    reading = read_fhir(json.dumps(observation()).encode())
    (result,) = reading.results
    assert result.locator == "/"
    assert (result.value, result.unit, result.status) == ("210", "10*9/L", "final")
    assert result.codes == (("loinc", "777-3", ""),)


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert len(read_fhir(b"\xef\xbb\xbf" + json.dumps(observation()).encode()).results) == 1


def test_newline_delimited_resources_each_with_its_line() -> None:
    lines = [json.dumps(observation()), "", "{broken", json.dumps(patient())]
    reading = read_fhir("\r\n".join(lines).encode())
    assert [result.locator for result in reading.results] == ["line 1"]
    assert [row.locator for row in reading.people] == ["line 4"]
    assert [(row.locator, row.reason) for row in reading.unreadable] == [("line 3", "not-json")]


@pytest.mark.parametrize(
    "content",
    [
        b'{"resourceType": "Observation"',
        json.dumps({"resourceType": "Bundle", "entry": [{}] * 3}, indent=1)[:-3].encode(),
        b"[" * 2000,
        b"\xff\xfe{}",
    ],
)
def test_a_broken_document_is_refused_whole(content: bytes) -> None:
    with pytest.raises(UnreadableInputError, match="begins like JSON"):
        read_fhir(content)


def test_other_resources_are_counted_by_type() -> None:
    reading = read({"resourceType": "Encounter"}, {"resourceType": "Encounter"}, {"no": "type"})
    assert reading.passed_over == {"Encounter": 2, "resource without type": 1}


def test_an_array_or_a_bad_entry_is_set_aside_and_the_rest_is_read() -> None:
    assert read_fhir(b"[1, 2]").unreadable[0].reason == "malformed"
    document = {"resourceType": "Bundle", "entry": [7, {"resource": observation()}, {}]}
    reading = read_fhir(json.dumps(document).encode())
    assert [row.locator for row in reading.unreadable] == [
        "/entry/0/resource",
        "/entry/2/resource",
    ]
    assert [row.locator for row in reading.results] == ["/entry/1/resource"]
    assert len(read_fhir(b'{"resourceType": "Bundle", "entry": {}}').unreadable) == 1


def test_a_bundle_in_a_bundle_is_opened_to_a_stated_depth() -> None:
    inner = observation()
    for _ in range(MAX_NESTING):
        inner = {"resourceType": "Bundle", "entry": [{"resource": inner}]}
    assert len(read_fhir(json.dumps(inner).encode()).results) == 1
    deeper = {"resourceType": "Bundle", "entry": [{"resource": inner}]}
    reading = read_fhir(json.dumps(deeper).encode())
    assert (len(reading.results), len(reading.unreadable)) == (0, 1)


def test_a_contained_observation_is_read_with_its_owners_subject() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "subject": {"reference": "Patient/p1"},
        "contained": [observation(subject=None), {"resourceType": "Specimen"}, 3],
    }
    reading = read(patient(), report)
    (result,) = reading.results
    assert result.locator == "/entry/1/resource/contained/0"
    assert result.person == Identifier("https://hospital.example/mrn", "4711")
    assert reading.passed_over == {"DiagnosticReport": 1, "contained resource": 1}


def test_components_are_results_of_their_own() -> None:
    parts = [
        {"code": {"coding": [{"code": "8480-6"}]}, "valueQuantity": quantity(118, "mm[Hg]")},
        {"code": {"text": "other"}},
    ]
    reading = read(observation(valueQuantity=None, component=parts))
    assert [(row.locator[-12:], row.result_id) for row in reading.results] == [
        ("/component/0", "o1/0"),
        ("/component/1", "o1/1"),
    ]
    assert len(read(observation(component=parts)).results) == 3


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ({"reference": "Patient/p9"}, Identifier("reference", "Patient/p9")),
        (
            {"reference": "https://a.example/Patient/p9/_history/2"},
            Identifier("reference", "https://a.example/Patient/p9"),
        ),
        ({"reference": "urn:uuid:1"}, Identifier("reference", "urn:uuid:1")),
        ({"reference": "Group/7"}, None),
        ({"reference": "#inside"}, None),
        ({"identifier": {"system": "s", "value": "7"}}, Identifier("s", "7")),
        ({"identifier": {"value": "7"}}, None),
        (None, None),
    ],
)
def test_whom_an_observation_is_about(subject: dict | None, expected: Identifier | None) -> None:
    (result,) = read(observation(subject=subject)).results
    assert result.person == expected


def test_a_reference_finds_its_patient_by_id_and_by_full_url() -> None:
    document = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": observation(subject={"reference": "urn:uuid:7"})},
            {"fullUrl": "urn:uuid:7", "resource": patient()},
            {"resource": observation()},
        ],
    }
    reading = read_fhir(json.dumps(document).encode())
    expected = Identifier("https://hospital.example/mrn", "4711")
    assert [row.person for row in reading.results] == [expected, expected]


def test_an_identifier_without_a_system_matches_nobody() -> None:
    reading = read(patient(identifier=[{"value": "1"}]))
    assert reading.people[0].identifiers == (Identifier("reference", "Patient/p1"),)
    nameless = read(patient(identifier=None, id=None), patient(identifier={}, id="p2"))
    assert [row.seen for row in nameless.unreadable] == [
        "a Patient without identifier, id or fullUrl",
        "identifier is not a list of objects",
    ]


def test_a_death_without_a_day_is_not_lost() -> None:
    assert read(patient(deceasedBoolean=True)).people[0].death_date == "unknown"
    assert read(patient(deceasedBoolean=False)).people[0].death_date is None
    assert read(patient(deceasedDateTime="2024-01-02")).people[0].death_date == "2024-01-02"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueString": "1+"}, "1+"),
        ({"valueInteger": 3}, "3"),
        ({"valueBoolean": True}, "True"),
        ({"valueCodeableConcept": {"text": "negative"}}, "negative"),
        ({"valueCodeableConcept": {"coding": [{"code": "x"}, {"display": "trace"}]}}, "trace"),
        ({"valueRatio": {}}, "(valueRatio)"),
        ({"dataAbsentReason": {"coding": [{"code": "masked"}]}}, None),
    ],
)
def test_values_as_written(value: dict, expected: str | None) -> None:
    (result,) = read(observation(valueQuantity=None, **value)).results
    assert result.value == expected
    assert result.absent_because == ("masked" if "dataAbsentReason" in value else None)


def test_a_quantitys_code_is_a_unit_only_under_ucum() -> None:
    odd = {"value": 1, "unit": "tablets", "system": "http://snomed.info/sct", "code": "428673006"}
    assert read(observation(valueQuantity=odd)).results[0].unit == "tablets"


@pytest.mark.parametrize(
    ("ranges", "text", "unit"),
    [
        ([{"low": quantity(150, "K/uL"), "high": quantity(400, "K/uL")}], "150..400", "K/uL"),
        ([{"high": {"value": 35}}], "..35", None),
        ([{"text": "150-400"}], "150-400", None),
        ([{"low": quantity(1, "g/L"), "high": quantity(2, "g/dL")}], None, None),
        ([{"high": {"value": 35}}, {"high": {"value": 45}}], None, None),
        (
            [
                {"high": {"value": 35}, "type": {"coding": [{"code": "normal"}]}},
                {"high": {"value": 99}, "type": {"coding": [{"code": "critical"}]}},
            ],
            "..35",
            None,
        ),
        (None, None, None),
    ],
)
def test_only_a_single_normal_range_is_the_laboratorys_range(
    ranges: list | None, text: str | None, unit: str | None
) -> None:
    (result,) = read(observation(referenceRange=ranges)).results
    assert (result.range_text, result.range_unit) == (text, unit)


def test_the_other_facts_of_a_result() -> None:
    (result,) = read(
        observation(
            identifier=[{"system": "s"}, {"value": "R-1"}],
            performer=[{}, {"reference": "Organization/1"}],
            specimen={"reference": "Specimen/1"},
            effectiveDateTime=None,
            effectivePeriod={"start": "2024-03-04"},
        )
    ).results
    assert result.result_id == "R-1"
    assert result.provider == "Organization/1"
    assert result.accession == "Specimen/1"
    assert result.specimen_time == "2024-03-04"


@pytest.mark.parametrize(
    "changes",
    [
        {"code": []},
        {"code": {"coding": {}}},
        {"valueQuantity": 7},
        {"subject": "Patient/p1"},
        {"component": [1]},
        {"referenceRange": {}},
        {"identifier": "x"},
    ],
)
def test_a_resource_of_the_wrong_shape_is_set_aside(changes: dict) -> None:
    reading = read(observation(**changes), observation())
    assert len(reading.results) == 1
    assert [row.reason for row in reading.unreadable] == ["malformed"]
