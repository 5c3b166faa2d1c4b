"""Small files as senders write them, and one call that ingests them."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from afterdose.ingest import FileReceipt, ingest_files

LANDED_ON = date(2024, 6, 1)


class Run:
    """A record folder, and what ingesting into it gave."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.record = folder / "record"

    def file(self, name: str, content: str | bytes) -> Path:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def ingest(
        self, *paths: Path, landed_on: date = LANDED_ON, sender: str = ""
    ) -> list[FileReceipt]:
        return ingest_files(paths, self.record, landed_on=landed_on, sender=sender).files

    def take(self, name: str, content: str | bytes, *, sender: str = "") -> FileReceipt:
        """Ingest one file; of a named sender, references mean the same in each."""
        return self.ingest(self.file(name, content), sender=sender)[0]

    def table(self, name: str) -> list[dict[str, Any]]:
        path = self.record / f"{name}.parquet"
        return pl.read_parquet(path).to_dicts() if path.exists() else []

    @property
    def labs(self) -> list[dict[str, Any]]:
        return self.table("labs")

    @property
    def set_aside(self) -> list[dict[str, str]]:
        with (self.record / "set_aside.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def observation(loinc: str = "777-3", **changes: Any) -> dict[str, Any]:
    """A platelet count of 210 of Patient/p1; a change to None leaves the key out."""
    resource = {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2024-03-04T08:30:00+01:00",
        "issued": "2024-03-05T10:00:00+01:00",
        "valueQuantity": {
            "value": 210,
            "unit": "10*9/L",
            "system": "http://unitsofmeasure.org",
            "code": "10*9/L",
        },
    } | changes
    return {key: value for key, value in resource.items() if value is not None}


def quantity(value: float, unit: str) -> dict[str, Any]:
    """A quantity whose unit is printed only."""
    return {"value": value, "unit": unit}


def patient(**changes: Any) -> dict[str, Any]:
    resource = {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": "https://hospital.example/mrn", "value": "4711"}],
        "name": [{"family": "Nobody", "given": ["Never"]}],
        "gender": "female",
        "birthDate": "1988-06-14",
    } | changes
    return {key: value for key, value in resource.items() if value is not None}


def bundle(*resources: dict[str, Any]) -> str:
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


HEADER = r"MSH|^~\&|LabSys|North Lab|Practice|Clinic|20240305101500+0100||ORU^R01|M1|P|2.5.1"
PERSON = "PID|1||88-2301^^^PATNO^MR||Nobody^Never||19880614|F"
REQUEST = "OBR|1||G240304^LabSys|58410-2^CBC^LN|||20240304083000+0100"
PLATELETS = "OBX|1|NM|777-3^Platelets^LN||210|K/uL|150-400||||F|||20240304083000+0100"


def oru(*segments: str) -> str:
    """A message with a header and a person; segments end as HL7 says, in a carriage return."""
    return "\r".join([HEADER, PERSON, REQUEST, *segments]) + "\r"


def obx(**changes: str) -> str:
    """The platelet count's segment with some fields changed: ``f6="G/L"``."""
    fields = PLATELETS.split("|")
    for name, text in changes.items():
        number = int(name.removeprefix("f"))
        fields += [""] * (number + 1 - len(fields))
        fields[number] = text
    return "|".join(fields)
