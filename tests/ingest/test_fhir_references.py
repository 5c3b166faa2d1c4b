"""What one resource says of another: reports, specimens, contained results."""

from typing import Any

import pytest
from tests.ingest.conftest import Run, bundle, observation, patient

from afterdose.ingest.readers import fhir_references
from afterdose.ingest.readers.fhir import read_fhir
from afterdose.ingest.readers.fhir_references import References
from afterdose.ingest.rows import RawResult


def result_of(*resources: dict[str, Any]) -> RawResult:
    (result,) = read_fhir(bundle(patient(), *resources).encode()).results
    return result


def report(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2024-03-03",
        "issued": "2024-03-06T09:00:00Z",
        "performer": [{"display": "North Lab"}],
        "result": [{"reference": "Observation/o1"}],
    } | changes


def specimen(**collection: Any) -> dict[str, Any]:
    return {"resourceType": "Specimen", "id": "s1", "collection": collection}


FROM_SPECIMEN = {"effectiveDateTime": None, "specimen": {"reference": "Specimen/s1"}}


def test_a_report_says_who_issued_its_results_and_when() -> None:
    found = result_of(report(), observation(issued=None))
    assert (found.provider, found.issued_time) == ("North Lab", "2024-03-06T09:00:00Z")
    assert found.specimen_time == "2024-03-04T08:30:00+01:00"


def test_what_a_result_says_itself_stands() -> None:
    found = result_of(report(), observation(performer=[{"display": "South Lab"}]))
    assert (found.provider, found.issued_time) == ("South Lab", "2024-03-05T10:00:00+01:00")


def test_a_report_of_other_results_says_nothing_of_this_one() -> None:
    other = report(result=[{"reference": "Observation/o2"}])
    found = result_of(other, observation(issued=None))
    assert (found.provider, found.issued_time) == (None, None)


@pytest.mark.parametrize(
    "collection",
    [
        {"collectedDateTime": "2024-03-02T07:00:00Z"},
        {"collectedPeriod": {"start": "2024-03-01T07:00:00Z", "end": "2024-03-02T07:00:00Z"}},
        {"collectedPeriod": {"start": "2024-03-02T07:00:00Z"}},
    ],
)
def test_the_specimen_says_when_and_the_row_says_so(collection: dict[str, Any]) -> None:
    found = result_of(specimen(**collection), report(), observation(**FROM_SPECIMEN))
    assert found.specimen_time == "2024-03-02T07:00:00Z"
    assert found.locator == "/entry/3/resource (time of Specimen/s1)"


def test_then_the_report_says_when() -> None:
    found = result_of(specimen(), report(), observation(**FROM_SPECIMEN))
    assert found.specimen_time == "2024-03-03"
    assert found.locator.endswith("(time of its report)")


def test_a_time_of_its_own_needs_no_specimen() -> None:
    taken = specimen(collectedDateTime="2024-01-01")
    found = result_of(taken, observation(specimen={"reference": "Specimen/s1"}))
    assert (found.specimen_time, found.locator) == (
        "2024-03-04T08:30:00+01:00",
        "/entry/2/resource",
    )


def test_results_contained_in_a_report_are_read_once(run: Run) -> None:
    inner = observation(id="in", subject=None, effectiveDateTime=None, issued=None)
    inner["specimen"] = {"reference": "#s1"}
    taken = specimen(collectedDateTime="2024-03-04T08:30:00+01:00")
    whole = report(contained=[inner, taken], result=[{"reference": "#in"}])
    receipt = run.take("a.json", bundle(patient(), whole))
    assert (receipt.rows, receipt.accepted) == (2, 2)
    (row,) = run.labs
    assert (row["person_id"], row["provider"]) == ("4711", "North Lab")
    assert str(row["specimen_date"]) == "2024-03-04"
    assert str(row["received_date"]) == "2024-03-06"
    assert row["source"].endswith("/entry/1/resource/contained/0 (time of #s1)")


def test_a_result_in_the_bundle_and_named_by_two_reports_is_one(run: Run) -> None:
    receipt = run.take("a.json", bundle(patient(), report(), report(id="r2"), observation()))
    assert (receipt.rows, receipt.accepted) == (2, 2)
    assert receipt.passed_over == {"DiagnosticReport": 2}


def test_malformed_reports_say_nothing_and_harm_nothing() -> None:
    odd = [report(result="all"), report(performer={"display": "x"}), specimen(collectedPeriod=1)]
    odd[2]["collection"] = "yesterday"
    found = result_of(*odd, observation(issued=None))
    assert found.issued_time is None


def test_how_much_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhir_references, "MAX_NOTED", 1)
    people = [patient(id=f"p{n}", identifier=[{"system": "s", "value": str(n)}]) for n in range(3)]
    references = References()
    reading = read_fhir(bundle(*people).encode(), references)
    assert len(references.patients) == 1
    assert reading.passed_over == {"reference that could not be remembered": 1}
    assert len(reading.people) == 3


@pytest.mark.parametrize(
    ("changes", "value", "reason"),
    [
        ({"valueRange": {"low": {"value": 5}, "high": {"value": 10}}}, "(valueRange)",
         "value-not-a-number"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}},
         "(valueRatio)", "value-not-a-number"),
        ({"valueSampledData": {"data": "1 2 3"}}, "(valueSampledData)", "value-not-a-number"),
        ({"valueAttachment": {"title": "x"}}, "(valueAttachment)", "value-not-a-number"),
        ({"valueReference": {"reference": "MolecularSequence/1"}}, "(valueReference)",
         "value-not-a-number"),
        ({"dataAbsentReason": {"coding": [{"code": "masked"}]}}, None, "value-missing"),
    ],
)  # fmt: skip
def test_values_that_are_no_single_number_are_set_aside(
    run: Run, changes: dict[str, Any], value: str | None, reason: str
) -> None:
    odd = observation(valueQuantity=None, **changes)
    assert result_of(odd).value == value
    assert run.take("a.json", bundle(patient(), odd)).set_aside == {reason: 1}
