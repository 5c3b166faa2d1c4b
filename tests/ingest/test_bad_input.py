"""Input that is broken or meant to harm, and a disk that is full: a named answer, bounded memory.

``make faults`` makes the large ones large: a line of one gigabyte, a bomb of ten.
"""

import gzip
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.ingest.conftest import Run, bundle, observation, obx, oru, patient

from afterdose.ingest import landing
from afterdose.record.errors import RecordError

resource = pytest.importorskip("resource")

IS_LONG = bool(os.environ.get("AFTERDOSE_FAULTS"))
MB = 1024 * 1024
LINE = (1024 if IS_LONG else 300) * MB
BOMB = (10_240 if IS_LONG else 400) * MB
CHILD = Path(__file__).parents[1] / "support" / "ingest_in_child.py"
SUBJECT = {"identifier": {"system": "https://hospital.example/mrn", "value": "4711"}}
GOOD = json.dumps(observation(subject=SUBJECT))
DEEP = 200_000


def alone(record: Path, *files: Path) -> tuple[dict[str, dict], int]:
    """Ingest in a process of its own: the receipt by file, and the MB its memory grew by."""
    child = subprocess.run(
        [sys.executable, CHILD, record, "0", *files], capture_output=True, text=True, check=True
    )
    (receipt,) = sorted((record / "receipts").iterdir())
    read = {file["name"]: file for file in json.loads(receipt.read_text())["files"]}
    return read, int(child.stdout.split()[-1])


def bomb(path: Path) -> Path:
    """A gzip or zip file of nothing but zeros."""
    zeros = bytes(8 * MB)
    if path.suffix == ".gz":
        with gzip.open(path, "wb", compresslevel=1) as packed:
            for _ in range(BOMB // len(zeros)):
                packed.write(zeros)
        return path
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as container,
        container.open("a.json", "w", force_zip64=True) as member,
    ):
        for _ in range(BOMB // len(zeros)):
            member.write(zeros)
    return path


def laughs() -> str:
    """Entities that would unfold to a billion times three letters."""
    entities = ['<!ENTITY a0 "lol">'] + [
        f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10)
    ]
    return (
        f"<?xml version='1.0'?><!DOCTYPE ClinicalDocument [{''.join(entities)}]>"
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><title>&a9;</title></ClinicalDocument>'
    )


def test_bombs_and_deep_documents_take_little_memory(run: Run) -> None:
    whole = gzip.compress(bundle(patient(), observation()).encode())
    nested = b'{"resourceType":"Bundle","entry":[{"resource":' * DEEP
    clinical = b'<ClinicalDocument xmlns="urn:hl7-org:v3">' + b"<component>" * DEEP
    files = {
        "whole.json.gz": whole,
        "short.json.gz": whole[:-9],
        "laughs.xml": laughs().encode(),
        "deep.json": b"[" * DEEP,
        "deep-objects.json": b'{"a":' * DEEP,
        "deep-bundles.json": nested,
        "deep-whole.json": b'{"resourceType":"Observation","a":' + b"[" * DEEP + b"]" * DEEP + b"}",
        "deep.xml": clinical,
        "deep-line.ndjson": f"{GOOD}\n{'[' * DEEP}\n{GOOD}\n".encode(),
        "endless-field.hl7": oru(obx(f5="1" * 5 * MB)).encode(),
        "many-components.hl7": oru(obx(f3="^" * 5 * MB)).encode(),
        "many-fields.hl7": (oru(obx()) + "OBX" + "|" * 5 * MB + "\r").encode(),
    }
    paths = [run.file(name, content) for name, content in files.items()]
    paths += [bomb(run.record.parent / "bomb.json.gz"), bomb(run.record.parent / "bomb.zip")]
    receipts, grown = alone(run.record, *paths)
    assert grown < 500
    assert receipts["whole.json.gz"]["accepted"] == 2
    assert "ends too early" in receipts["short.json.gz"]["refused"]
    for name in ("bomb.json.gz", "bomb.zip"):
        assert "times its size" in receipts[name]["refused"]
    assert "entities" in receipts["laughs.xml"]["refused"]
    for name in ("deep.json", "deep-objects.json", "deep-bundles.json", "deep.xml"):
        assert "Ask" in receipts[name]["refused"], name
    assert receipts["deep-line.ndjson"]["set_aside"] == {"not-json": 1}
    assert receipts["deep-line.ndjson"]["rows"] == 3
    for name in ("endless-field.hl7", "many-components.hl7"):
        assert sum(receipts[name]["set_aside"].values()) == 1
    assert not any(path.name.startswith(".") for path in (run.record / "landed").iterdir())


@pytest.mark.parametrize("name", ["a.ndjson", "a.hl7"])
def test_a_line_without_end_is_set_aside_and_the_others_are_read(run: Run, name: str) -> None:
    """The file is sparse: it takes no room before it lands."""
    good = f"{GOOD}\n" if name == "a.ndjson" else oru(obx())
    path = run.file(name, good)
    with path.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(b'{"a":"' if name == "a.ndjson" else b"MSH|^~\\&|")
        file.seek(LINE, os.SEEK_CUR)
        file.write(("\n" + good).encode())
    receipts, grown = alone(run.record, path)
    assert grown < 600
    receipt = receipts[name]
    assert receipt["set_aside"] == {"line-too-long": 1}
    assert receipt["accepted"] + receipt["duplicates"] == receipt["rows"] - 1 > 0


def test_a_file_that_cannot_be_read_does_not_stop_the_others(run: Run) -> None:
    gone = run.record.parent / "gone.json"
    gone.symlink_to("nowhere")
    memory = Path("/proc/self/mem")  # opens, and fails when it is read, even for root
    bad = [path for path in (gone, memory) if path.is_symlink() or path.exists()]
    good = run.file("b.json", bundle(patient(), observation()))
    *refused, read = sorted(run.ingest(*bad, good), key=lambda file: not file.refused)
    assert all("cannot be opened" in file.refused for file in refused)
    assert len(refused) == len(bad)
    assert read.accepted == 2


@contextmanager
def room(largest: int) -> Iterator[None]:
    """No file may grow beyond so many bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def lines(count: int) -> str:
    """Results, one on each day."""
    days = (f"2024-{number // 28 + 1:02d}-{number % 28 + 1:02d}" for number in range(count))
    return "\n".join(
        json.dumps(observation(effectiveDateTime=day, subject=SUBJECT)) for day in days
    )


def test_a_full_disk_changes_nothing_and_says_so(run: Run) -> None:
    run.take("a.json", bundle(patient(), observation()))
    books = {path: path.read_bytes() for path in run.record.glob("*.*")}
    # Fewer bytes than any of the tables they go into.
    path = run.file("b.ndjson", lines(2))
    for largest in (10, path.stat().st_size + 10):
        says = "The record cannot be written: File too large. Permitted:"
        with room(largest), pytest.raises(RecordError, match=says):
            run.ingest(path)
        assert {path: path.read_bytes() for path in run.record.glob("*.*")} == books
        assert not [one for one in run.record.rglob(".*") if one.parent != run.record]
    assert run.ingest(path)[0].accepted == 2
    assert len(run.labs) == 1 + 2


def test_a_file_there_is_no_room_for_does_not_stop_the_others(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = run.file("a.ndjson", lines(2)), run.file("b.ndjson", lines(100))
    for largest_held in (landing.MAX_BYTES, 1000):
        monkeypatch.setattr(landing, "MAX_BYTES", largest_held)
        with room(large.stat().st_size - 1):
            read, refused = run.ingest(small, large)
        assert read.accepted + read.duplicates == 2
        assert "b.ndjson cannot be kept: File too large. Permitted:" in refused.refused
        assert len(list((run.record / "landed").iterdir())) == 2
