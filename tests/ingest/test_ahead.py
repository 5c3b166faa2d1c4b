"""Work done ahead and in pieces says what the same work says in its turn."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.ingest.conftest import observation, patient

from afterdose.ingest import landing
from afterdose.ingest.ahead import ahead
from afterdose.ingest.landing import land
from afterdose.ingest.readers import fhir_ahead
from afterdose.ingest.readers.fhir_ahead import telling_lines
from afterdose.record.errors import UnreadableInputError


def failing(last: int) -> Iterator[int]:
    yield from range(last)
    raise ValueError("no more")


def test_items_come_in_order_and_an_error_in_its_turn() -> None:
    found = []
    with pytest.raises(ValueError, match="no more"):
        found.extend(ahead(failing(5)))
    assert found == [0, 1, 2, 3, 4]


def test_no_more_than_one_is_made_ahead() -> None:
    made = []

    def making() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    for number in ahead(making()):
        assert len(made) <= number + 2
        if number == 4:
            break
    assert len(made) <= 6


def test_what_is_put_ahead_may_be_nothing() -> None:
    assert list(ahead([])) == []
    assert list(ahead([None, None])) == [None, None]


def line(resource: object) -> bytes:
    return json.dumps(resource).encode()


TELLING = [
    line(patient(note=[{"text": "x" * 5000}])),
    b'{"id":"1", "resourceType" \t: "Specimen"}',
    b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}},'
    b'{"resource":{"resourceType":"Medication"}}]}',
    b'{"resourceType":"Observation","contained":[{"resourceType":"DiagnosticReport"}]}',
]
SILENT = [
    line(observation(subject={"reference": "Patient/1", "type": "Patient"})),
    b'{"resourceType":"PatientX"}',
    b'{"resourceType":"Observation"}' + b" " * 4090,
    b'"resourceType" "Patient"',
    b'"resourceType":: "Patient"',
    b"",
]


@pytest.mark.parametrize("window", [4096, 16 * 1024 * 1024])
@pytest.mark.parametrize("at_once", [1, 2, 1 << 16])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_that_tell_are_found_wherever_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: int, at_once: int, end: bytes
) -> None:
    monkeypatch.setattr(fhir_ahead, "_WINDOW", window)
    monkeypatch.setattr(fhir_ahead, "_AT_ONCE", at_once)
    lines = (TELLING + SILENT) * 7 + SILENT + TELLING
    (tmp_path / "lines").write_bytes(end.join(lines))
    found = [one.removesuffix(b"\r") for one in telling_lines(tmp_path / "lines")]
    assert found == [one for one in lines if one in TELLING]


def test_a_line_too_long_to_be_read_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fhir_ahead, "SLICE_BYTES", 1000)
    (tmp_path / "lines").write_bytes(b"\n".join(TELLING))
    assert list(telling_lines(tmp_path / "lines")) == TELLING[1:]


def large(monkeypatch: pytest.MonkeyPatch, path: Path) -> bytes:
    """A file that is copied in many blocks, the last one not full."""
    monkeypatch.setattr(landing, "MAX_BYTES", 100)
    monkeypatch.setattr(landing, "HEAD_BYTES", 500)
    monkeypatch.setattr(landing, "_BLOCK", 1000)
    monkeypatch.setattr(landing, "_FLUSHED", 3000)
    content = b"".join(b"%d," % number for number in range(20_000))
    path.write_bytes(content)
    return content


def test_a_copy_is_the_file_under_its_own_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = large(monkeypatch, tmp_path / "a")
    landed = land(tmp_path / "a", tmp_path / "record", on=date(2024, 6, 1))
    assert landed.sha256 == hashlib.sha256(content).hexdigest()
    assert landed.path.read_bytes() == content
    assert landed.content == content[: landing.HEAD_BYTES]


def test_a_disk_that_fails_while_a_copy_is_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the disk says of the first half must not be lost by the time of the second."""
    large(monkeypatch, tmp_path / "a")

    def failing_disk(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", failing_disk)
    with pytest.raises(UnreadableInputError, match="cannot be kept: No space left"):
        land(tmp_path / "a", tmp_path / "record", on=date(2024, 6, 1))
    assert list((tmp_path / "record" / "landed").iterdir()) == []
