"""Reading and normalising many results at once says what one at a time says."""

import json
import subprocess
import sys
from datetime import UTC, date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.conftest import observation, patient

from afterdose.ingest.batch import Batch
from afterdose.ingest.columns import moments_of, normalise_batch
from afterdose.ingest.normalise import SetAside, normalise
from afterdose.ingest.readers import fhir
from afterdose.ingest.readers.fhir import are_many_lines, read_fhir
from afterdose.ingest.readers.fhir_lines import read_fhir_lines
from afterdose.ingest.rows import RawResult, Reading
from afterdose.ingest.times import parse_time
from support.examples import examples

LANDED_ON = date(2024, 6, 1)

TIMES = st.sampled_from(
    [
        None, "", "2024-03-04", "2024-03", "2024-03-04T08:30:00", "2024-03-04T23:30:00+07:00",
        "2024-03-05T01:10:59Z", "2024-03-04T08:30:60Z", "2024-02-30T08:30:00Z",
        "1899-03-04T08:30:00Z", "2024-03-04T08:30:00.123+01:00", "2024-03-04T08:30:00.5Z",
        "2024-03-04T08:30:00.", "2024-03-04T08:30:00.5", "2024-03-04T08:30.5Z",
        "2024-03-04T08:30:00.5.5Z", "2024-03-04T25:30:00Z",
        "2024-03-04T08:30:00+25:00", "2024-03-04T08:30:00-00:75", "20240304083000+0100",
        "20240304083000", "20240304083060", "20240304243000",
        "18991231235959", "20240230083000+0100", "20240304083000-2400", "2024030408", "2024030424",
        "20240304083000.1234", "202403040830-0500", "20240304", "20240304083000-0030",
        "2030-01-01T00:00:00Z", "not a time", "2024-03-04T08:30:00+14:00",
    ]
)  # fmt: skip
SCALARS = st.sampled_from([None, "", "x", 5, 5.10, -0.0, 1e30, True, [], {}, ["x"], {"a": 1}])
NUMBERS = st.sampled_from([210, 210.0, 0.5, 1e400, "210", None, True, -3, 12345678901234567890123])
CODES = st.sampled_from(["777-3", "2160-0", "718-7", "5803-2", "9999-9", "abc", ""])
UNITS = st.sampled_from(["10*9/L", "K/uL", "mg/dL", "umol/L", "1", "", None, 5])


@st.composite
def quantities(draw: st.DrawFn) -> Any:
    found = {
        "value": draw(NUMBERS),
        "unit": draw(UNITS),
        "code": draw(UNITS),
        "system": draw(st.sampled_from([None, "http://unitsofmeasure.org", "urn:other"])),
        "comparator": draw(st.sampled_from([None, None, "<", ">=", "~"])),
    }
    return {key: value for key, value in found.items() if value is not None}


@st.composite
def observations(draw: st.DrawFn) -> dict[str, Any]:
    changes = {
        "id": draw(st.sampled_from(["o1", "o2", "", 'o"3', "o\\4", "o\u00e95", None, 6])),
        "code": {"coding": [{"system": "http://loinc.org", "code": draw(CODES)}]},
        "status": draw(st.sampled_from(["final", "corrected", "registered", "?", None])),
        "subject": {"reference": draw(st.sampled_from(["Patient/p1", "Patient/p2", "Group/1"]))},
        "effectiveDateTime": draw(TIMES),
        "issued": draw(TIMES),
        "valueQuantity": draw(quantities()),
    }
    odd = draw(st.sampled_from([None] * 6 + [
        "code", "subject", "valueQuantity", "valueString", "valueBoolean", "valueInteger",
        "valueCodeableConcept", "valueRange", "valueTime", "component", "contained", "performer",
        "specimen", "referenceRange", "dataAbsentReason", "identifier", "effectivePeriod",
        "effectiveInstant", "resourceType",
    ]))  # fmt: skip
    if odd is not None:
        if odd.startswith("value"):
            del changes["valueQuantity"]
        changes[odd] = draw(SCALARS)
    likely = draw(st.integers(0, 7))
    if likely == 0:
        changes["component"] = [{"code": changes["code"], "valueQuantity": draw(quantities())}]
    elif likely == 1:
        changes["referenceRange"] = [{"low": draw(quantities()), "high": draw(quantities())}]
    elif likely == 2:
        changes["identifier"] = [{"value": draw(st.sampled_from(["1", "2"]))}]
    elif likely == 3:
        changes["performer"] = [{"display": draw(st.sampled_from(["A", "A\u200b", " "]))}]
    elif likely == 4:
        changes["specimen"] = {"reference": "Specimen/1"}
    elif likely == 5:
        changes["effectivePeriod"] = {"start": draw(TIMES)}
    return observation(**changes)


LINES = st.one_of(
    observations().map(json.dumps),
    observations().map(json.dumps),
    observations().map(json.dumps),
    st.sampled_from(
        [
            json.dumps(patient()), json.dumps(patient(id="p2", identifier=None)), "{}", "null",
            "not json", "[1, 2]", '{"resourceType": "Specimen", "id": "s"}', '"Observation"',
            json.dumps({"resourceType": "Bundle", "entry": [{"resource": observation()}]}),
            '{"resourceType": "Specimen", "contained": [{"resourceType": "Observation"}]}',
            json.dumps({"resourceType": "Specimen", "id": "1",
                        "collection": {"collectedDateTime": "2024-03-01"}}),
            json.dumps({"resourceType": "DiagnosticReport", "issued": "2024-03-06T00:00:00Z",
                        "performer": [{"display": "B"}], "effectiveDateTime": "2024-03-03",
                        "result": [{"reference": "Observation/o1"}]}),
            json.dumps({"resourceType": "MedicationAdministration", "status": "completed",
                        "subject": {"reference": "Patient/p1"},
                        "medicationCodeableConcept": {"text": "Alemtuzumab"},
                        "effectiveDateTime": "2024-03-02"}),
            json.dumps({"resourceType": "Condition", "subject": {"reference": "Patient/p1"},
                        "onsetDateTime": "2024",
                        "code": {"coding": [{"system": "http://snomed.info/sct",
                                             "code": "32273002"}]}}),
            '{"resourceType": "Observation"', '{"resourceType": 5}', '{"resourceType": "\u00c4"}',
        ]
    ),
)  # fmt: skip


def results_of(reading: Reading) -> list[RawResult]:
    """Every result of a reading, one by one."""
    batch = reading.batch
    if batch is None:
        return reading.results
    rows = [
        RawResult(
            locator=locator,
            person=None if row["person"] is None else batch.people[row["person"]],
            **batch.writings[row["writing"]]._asdict(),
            specimen_time=batch.times["specimen"][row["times"]],
            issued_time=batch.times["issued"][row["times"]],
            provider=row["provider"],
            accession=row["accession"],
            result_id=row["result_id"],
        )
        for locator, row in zip(
            batch.locators(batch.rows), batch.rows.iter_rows(named=True), strict=True
        )
    ]
    return [*reading.results, *rows]


def in_order(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: row.locator)


def many_at_once(content: bytes) -> Reading | None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fhir, "_FEWEST_LINES", 1)
        return read_fhir_lines(content) if are_many_lines(content) else None


@examples(250)
@given(st.lists(LINES, min_size=1, max_size=12), st.booleans())
def test_lines(lines: list[str], ends: bool) -> None:
    content = "\n".join([json.dumps(patient()), *lines]).encode() + (b"\n" if ends else b"")
    found = many_at_once(content)
    if found is None:
        assert content.count(b"\n") < 1
        return
    plain = read_fhir(content)
    assert in_order(results_of(found)) == in_order(plain.results)
    assert in_order(found.people) == in_order(plain.people)
    assert in_order(found.unreadable) == in_order(plain.unreadable)
    assert in_order(found.entries) == in_order(plain.entries)
    assert found.passed_over == plain.passed_over


@pytest.mark.parametrize(
    "content",
    [
        b'{"resourceType": "Patient"}\r\n \r\n',
        b'{"resourceType": "Patient"}\n\n',
        b'{"resourceType":\n"Patient"}\n',
        b'[{"resourceType": "Patient"}\n]\n',
        b"{}\n{}\n",
    ],
)
def test_what_is_no_plain_list_of_lines_is_left_to_the_plain_reader(content: bytes) -> None:
    assert many_at_once(content) is None


def test_a_short_file_is_read_without_loading_the_compiler(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text(f"{json.dumps(patient())}\n{json.dumps(observation())}\n")
    program = (
        "import sys; from datetime import date; from pathlib import Path\n"
        "from afterdose.ingest import ingest_files\n"
        f"ingest_files([Path({str(tmp_path / 'a.ndjson')!r})], Path({str(tmp_path / 'r')!r}), "
        "landed_on=date(2024, 6, 1))\n"
        "assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@examples(300)
@given(TIMES | st.text(max_size=25) | st.datetimes().map(lambda day: f"{day:%Y-%m-%dT%H:%M:%SZ}"))
def test_times(text: str | None) -> None:
    expected = parse_time(text or "")
    (row,) = moments_of(pl.Series([text or ""])).rows()
    if expected is None:
        assert row == (text or "", None, None, None)
        return
    instant = expected.instant and expected.instant.astimezone(UTC).replace(tzinfo=None)
    assert row == (text, expected.day, expected.time, instant)


@examples(150)
@given(st.lists(observations(), min_size=1, max_size=8))
def test_normalising(drawn: list[dict[str, Any]]) -> None:
    results = read_fhir("\n".join(map(json.dumps, [patient(), *drawn])).encode()).results
    batch = Batch.of(results)
    names = [f"person {place}" for place in range(len(batch.people))]
    person_of = dict(zip(batch.people, names, strict=True))
    expected = [
        SetAside(result.locator, "person-unknown")
        if result.person is None
        else normalise(
            result,
            person_of[result.person],
            landed_on=LANDED_ON,
            source=f"abc:{result.locator}",
        )
        for result in results
    ]
    labs, set_aside = normalise_batch(batch, names, landed_on=LANDED_ON, file="abc")
    assert labs.rows() == [tuple(row) for row in expected if not isinstance(row, SetAside)]
    assert set_aside == [row for row in expected if isinstance(row, SetAside)]
