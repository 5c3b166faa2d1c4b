"""Whatever the bytes: an answer or an `AfterdoseError`, and every row accounted for."""

import base64
import gzip
import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.conftest import LANDED_ON, bundle, observation, obx, oru, patient
from tests.ingest.test_ccda import document, section
from tests.ingest.test_ccda import observation as clinical_observation
from tests.ingest.test_containers import zipped
from tests.ingest.test_fhir_entries import administration, adverse_event, condition, statement
from tests.ingest.test_fhir_references import report
from tests.ingest.test_mapping import HEADER, RESULTS
from tests.ingest.test_smart_cards import TRUSTED, card

from afterdose.cohort import validate_folder
from afterdose.ingest import ingest_files
from afterdose.ingest.mapping import propose, read_mapped
from afterdose.ingest.mapping.model import parse_mapping
from afterdose.ingest.readers.ccda import read_ccda
from afterdose.ingest.readers.fhir import read_fhir
from afterdose.ingest.readers.hl7v2 import read_hl7v2
from afterdose.ingest.readers.volumetry import (
    read_freesurfer,
    read_mindglide,
    read_siena,
    read_sienax,
)
from afterdose.record.errors import AfterdoseError
from support.examples import examples

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KEYS = sorted(set(observation()) | set(patient()) | {"component", "referenceRange", "performer"})


OTHERS = {
    one["resourceType"]: one
    for one in (administration(), statement(), condition(), adverse_event(), report())
} | {
    "Specimen": {
        "resourceType": "Specimen",
        "id": "x",
        "collection": {"collectedDateTime": "2024-03-01", "collectedPeriod": {"start": "2024"}},
    },
    "Medication": {"resourceType": "Medication", "id": "x", "code": {"text": "Alemtuzumab"}},
}
PACKED_GZIP = gzip.compress(bundle(patient(), observation()).encode())
PACKED_ZIP = zipped({"a.json": bundle(patient(), observation()), "b.hl7": oru(obx())})
TOKEN = card()


def replaced(document: object, path: list[int], value: object) -> Any:
    """The document with another value at a place found by turning at each number."""
    if not path or not isinstance(document, dict | list) or not document:
        return value
    here, *below = path
    if isinstance(document, list):
        place = here % len(document)
        return [*document[:place], replaced(document[place], below, value), *document[place + 1 :]]
    keys = [key for key in sorted(document) if key != "resourceType"] or sorted(document)
    key = keys[here % len(keys)]
    return {**document, key: replaced(document[key], below, value)}


def base64_of(token: str) -> list[bytes]:
    """The parts of a token as bytes."""
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]


def ingest(name: str, content: bytes, mapping: str = "") -> None:
    """Ingest one file; the record that comes out keeps to its specification."""
    with TemporaryDirectory() as folder:
        path, toml = Path(folder) / name, Path(folder) / "mapping.toml"
        path.write_bytes(content)
        toml.write_text(mapping, encoding="utf-8")
        record = Path(folder) / "record"
        (receipt,) = ingest_files(
            [path], record, landed_on=date(2024, 6, 1), mapping=toml if mapping else None
        ).files
        total = receipt.accepted + receipt.duplicates + receipt.set_aside.total()
        assert receipt.rows == total
        if (record / "people.parquet").exists():
            assert validate_folder(record).problems == ()


@pytest.mark.parametrize(
    "read",
    [
        read_fhir,
        read_hl7v2,
        read_ccda,
        read_siena,
        read_sienax,
        read_freesurfer,
        read_mindglide,
        parse_mapping,
        lambda content: propose("a.csv", content),
        lambda content: read_mapped("a.xlsx", content, parse_mapping(RESULTS.encode())),
    ],
)
@given(content=st.binary(max_size=300))
def test_any_bytes(read, content: bytes) -> None:
    with suppress(AfterdoseError):
        read(content)


@examples(60)
@given(key=st.sampled_from(KEYS), value=JSON, inside=st.booleans())
def test_any_value_in_any_place_of_a_resource(key: str, value: object, inside: bool) -> None:
    quantity = {"value": value, "unit": value} if inside else None
    changed = {key: value} | ({"valueQuantity": quantity} if quantity else {})
    document = bundle(patient(), observation() | changed, patient() | changed)
    ingest("a.json", document.encode("utf-8", errors="replace"))


@examples(60)
@given(number=st.integers(2, 25), text=st.text(max_size=20))
def test_any_text_in_any_field_of_a_result(number: int, text: str) -> None:
    ingest("a.hl7", oru(obx(**{f"f{number}": text})).encode("utf-8", errors="replace"))


@examples(60)
@given(cut=st.integers(0, 400), noise=st.binary(max_size=10))
def test_a_message_or_a_bundle_that_breaks_off(cut: int, noise: bytes) -> None:
    ingest("a.hl7", oru(obx()).encode()[:cut] + noise)
    ingest("a.json", bundle(patient(), observation()).encode()[:cut] + noise)


@examples(40)
@given(JSON)
def test_any_json(document: object) -> None:
    ingest("a.json", json.dumps(document).encode())


@examples(40)
@given(cells=st.lists(st.text(max_size=12), min_size=6, max_size=6))
def test_any_cells_in_a_table_of_results(cells: list[str]) -> None:
    header = "person_id,original_code,original_value,original_unit,specimen_date,status\n"
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    ingest("a.csv", (header + quoted + "\n").encode("utf-8", errors="replace"))


@examples(120)
@given(
    which=st.sampled_from(sorted(OTHERS)),
    path=st.lists(st.integers(0, 40), min_size=1, max_size=3),
    value=JSON,
)
def test_any_value_anywhere_in_a_treatment_event_report_or_specimen(
    which: str, path: list[int], value: object
) -> None:
    changed = replaced(OTHERS[which], path, value)
    results = [observation(), observation(id="o2", effectiveDateTime=None, issued=None)]
    results[1]["specimen"] = {"reference": "Specimen/x"}
    document = bundle(patient(), *results, changed)
    ingest("a.json", document.encode("utf-8", errors="replace"))


@examples(120)
@given(
    packed=st.sampled_from([PACKED_GZIP, PACKED_ZIP]),
    at=st.integers(0, 10_000),
    noise=st.binary(min_size=1, max_size=4),
    cut=st.booleans(),
)
def test_a_damaged_container(packed: bytes, at: int, noise: bytes, cut: bool) -> None:
    at %= len(packed)
    ingest("a", packed[:at] if cut else packed[:at] + noise + packed[at + len(noise) :])


@examples(80)
@given(at=st.integers(0, 100_000), noise=st.characters(codec="ascii"))
def test_a_damaged_card_is_never_read(at: int, noise: str) -> None:
    at %= len(TOKEN)
    damaged = TOKEN[:at] + noise + TOKEN[at + 1 :]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.smart-health-card"
        path.write_text(json.dumps({"verifiableCredential": [damaged]}))
        record = Path(folder) / "record"
        (receipt,) = ingest_files([path], record, landed_on=LANDED_ON, keys=TRUSTED).files
        receipt.check()
        # The last character of a signature carries two bits that mean nothing.
        assert receipt.accepted == 0 or base64_of(damaged) == base64_of(TOKEN)


@examples(40)
@given(cells=st.lists(st.text(max_size=12), min_size=6, max_size=6))
def test_any_cells_in_a_mapped_table(cells: list[str]) -> None:
    quoted = ";".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    content = f"{HEADER}{quoted}\n1;4.3.2024;THRO;{quoted.partition(';')[0]};G/l;\n"
    ingest("a.csv", content.encode("utf-8", errors="replace"), RESULTS)


SCORES = """
table = "assessments"
decimal = ","
[columns]
person_id = "who"
date = "day"
[[wide]]
column = "EDSS"
measure = "edss"
"""


@examples(40)
@given(
    who=st.text(max_size=5), day=st.text(max_size=10), score=st.text(max_size=5) | st.floats(0, 12)
)
def test_any_cells_in_a_mapped_table_of_scores(who: str, day: str, score: object) -> None:
    cells = (str(cell).replace('"', '""').replace(".", ",") for cell in (who, day, score))
    content = 'who,day,EDSS\n"{}","{}","{}"\np1,2024-03-04,"3,5"\n'.format(*cells)
    ingest("a.csv", content.encode("utf-8", errors="replace"), SCORES)


@examples(60)
@given(place=st.integers(0, 1500), cut=st.integers(0, 40), noise=st.text(max_size=12))
def test_any_text_in_any_place_of_a_clinical_document(place: int, cut: int, noise: str) -> None:
    content = document(section(clinical_observation(), clinical_observation(code="<code/>")))
    changed = content[:place] + noise + content[place + cut :]
    ingest("a.xml", changed.encode("utf-8", errors="replace"))
