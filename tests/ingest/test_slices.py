"""Files too large to be read at once: the same rows as if they were small."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.conftest import HEADER, PERSON, PLATELETS, REQUEST, Run, observation, patient

from afterdose.ingest import FileReceipt, landing, opening
from afterdose.ingest.readers import fhir
from afterdose.ingest.readers.hl7v2 import _MESSAGE_END
from afterdose.ingest.slices import Slice, lines_in, slices_of
from support.examples import examples

NEWLINE = re.compile(rb"\n")


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything above two kilobytes is large, and is read a kilobyte at a time."""
    monkeypatch.setattr(landing, "MAX_BYTES", 2000)
    monkeypatch.setattr(landing, "HEAD_BYTES", 500)
    monkeypatch.setattr(opening, "slices_of", lambda path, ends: slices_of(path, ends, size=1024))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)


def cut(tmp_path: Path, content: bytes, size: int, ends: re.Pattern[bytes]) -> list[Slice]:
    path = tmp_path / "file"
    path.write_bytes(content)
    return list(slices_of(path, ends, size=size))


@examples(200)
@given(st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), max_size=30),
       st.integers(8, 40))  # fmt: skip
def test_nothing_is_lost_and_lines_are_counted(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], size: int
) -> None:
    content = b"\n".join(lines)
    found = cut(tmp_path_factory.mktemp("slices"), content, max(size, 14), NEWLINE)
    assert b"".join(part.content for part in found) == content
    for number, part in enumerate(found):
        before = b"".join(one.content for one in found[:number])
        assert part.lines_before == sum(lines_in(one.content) for one in found[:number])
        assert not before or before.endswith(b"\n")
        assert len(part.content) <= 2 * max(size, 14)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\n\n\r"])
@pytest.mark.parametrize("last", [b"", b"x", b"\r"])
def test_lines_of_much_content_are_counted_as_of_little(
    monkeypatch: pytest.MonkeyPatch, end: bytes, last: bytes
) -> None:
    content = b"".join(b"x" * (number % 19) + end for number in range(99)) + last
    little = lines_in(content)
    monkeypatch.setattr("afterdose.ingest.slices._MANY", 1)
    assert lines_in(content) == little


def test_a_line_too_long_is_passed_by_and_what_follows_is_read(tmp_path: Path) -> None:
    content = b"a\nb\n" + b"x" * 500 + b"\nc\nd"
    found = cut(tmp_path, content, 20, NEWLINE)
    assert Slice(b"", 2) in found
    assert b"".join(part.content for part in found) == b"a\nb\nc\nd"
    assert next(part for part in found if part.content.startswith(b"c")).lines_before == 3


def test_a_last_line_too_long(tmp_path: Path) -> None:
    assert cut(tmp_path, b"a\n" + b"x" * 500, 20, NEWLINE) == [
        Slice(b"a\n", 0),
        Slice(b"", 1),
    ]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_messages_are_cut_before_the_next(tmp_path: Path, end: bytes) -> None:
    message = end.join([b"MSH|^~\\&|a", b"PID|1", b"OBX|1"]) + end
    found = cut(tmp_path, message * 9, 60, _MESSAGE_END)
    assert b"".join(part.content for part in found) == message * 9
    assert all(part.content.startswith(b"MSH") for part in found)
    assert [part.lines_before % 3 for part in found] == [0] * len(found)


def lines_of(resources: list[dict[str, Any]]) -> bytes:
    return ("\n".join(map(json.dumps, resources)) + "\n").encode()


def many(count: int = 40) -> list[dict[str, Any]]:
    return [observation(id=f"o{n}", effectiveDateTime=f"2024-02-{n % 28 + 1:02d}")
            for n in range(count)]  # fmt: skip


def facts(run: Run) -> list[Any]:
    return sorted(
        (row["person_id"], row["result_id"], row["source"], row["provider"]) for row in run.labs
    )


@pytest.fixture
def taken_small(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same content read as a whole and in slices: two receipts, two tables."""

    def take(name: str, content: bytes) -> tuple[FileReceipt, FileReceipt, Run, Run]:
        (tmp_path / "whole").mkdir()
        other = Run(tmp_path / "whole")
        whole = other.take(name, content)
        make_small(monkeypatch)
        return whole, run.take(name, content), other, run

    return take


@pytest.mark.parametrize("fewest_lines", [1, 200])
def test_a_large_file_of_lines_says_what_a_small_one_does(
    taken_small: Any, monkeypatch: pytest.MonkeyPatch, fewest_lines: int
) -> None:
    """Even where the person, the specimen and the report stand after their results; whether lines
    are read together or one by one.
    """
    monkeypatch.setattr(fhir, "_FEWEST_LINES", fewest_lines)
    late = observation(id="late", effectiveDateTime=None, specimen={"reference": "Specimen/s1"})
    resources = [
        *many(), late, "no json", patient(),
        {"resourceType": "Specimen", "id": "s1", "collection": {"collectedDateTime": "2024-02-01"}},
        {"resourceType": "DiagnosticReport", "performer": [{"display": "North Lab"}],
         "result": [{"reference": "Observation/o3"}]},
    ]  # fmt: skip
    whole, sliced, of_whole, of_slices = taken_small("a.ndjson", lines_of(resources))
    assert (sliced.rows, sliced.accepted) == (whole.rows, whole.accepted) == (43, 42)
    assert sliced.set_aside == whole.set_aside
    assert sliced.sha256 == whole.sha256
    assert facts(of_slices) == facts(of_whole)
    assert {row["person_id"] for row in of_slices.labs} == {"4711"}
    assert [row["locator"] for row in of_slices.set_aside] == ["line 42"]


def test_a_large_batch_of_messages_says_what_a_small_one_does(taken_small: Any) -> None:
    message = "\r".join([HEADER, PERSON, REQUEST, PLATELETS]) + "\r"
    batch = "".join(message.replace("G240304", f"G{n}") for n in range(20))
    whole, sliced, of_whole, of_slices = taken_small("a.hl7", batch.encode())
    assert (sliced.rows, sliced.accepted) == (whole.rows, whole.accepted)
    assert facts(of_slices) == facts(of_whole)


@pytest.mark.parametrize(("stated", "notes"), [(20, 0), (19, 1)])
def test_what_a_batch_states_is_held_against_all_its_slices(
    taken_small: Any, stated: int, notes: int
) -> None:
    message = "\r".join([HEADER, PERSON, REQUEST, PLATELETS]) + "\r"
    batch = "".join(message.replace("G240304", f"G{n}") for n in range(20))
    text = "\r".join(["FHS|^~\\&|x", "BHS|^~\\&|x", f"{batch}BTS|{stated}", "FTS|1", ""])
    whole, sliced, _, _ = taken_small("a.hl7", text.encode())
    assert sliced.notes == whole.notes
    assert len(sliced.notes) == notes
    assert (sliced.rows, sliced.accepted) == (whole.rows, whole.accepted) == (40, 21)


def test_a_batch_that_breaks_off_is_said_after_its_last_slice(taken_small: Any) -> None:
    message = "\r".join([HEADER, PERSON, REQUEST, PLATELETS]) + "\r"
    text = "BHS|^~\\&|x\r" + message * 20
    whole, sliced, _, _ = taken_small("a.hl7", text.encode())
    assert sliced.notes == whole.notes
    assert "has no BTS" in sliced.notes[0]


@pytest.mark.usefixtures("small")
def test_a_large_file_in_a_container(run: Run) -> None:
    content = gzip.compress(lines_of([patient(), *many()]))
    receipt = run.take("Observation.ndjson.gz", content)
    assert receipt.accepted == 41
    assert "Observation.ndjson!line 41" in {row["source"].partition(":")[2] for row in run.labs}
    assert not list((run.record / "landed").glob(".*"))


@pytest.mark.usefixtures("small")
def test_a_line_of_a_gigabyte_is_set_aside_and_the_others_are_read(run: Run) -> None:
    long = json.dumps(observation(note=[{"text": "x" * 5000}])).encode()
    content = lines_of(many(5)) + long + b"\n" + lines_of(many(3))
    receipt = run.take("a.ndjson", content, sender="North")
    assert receipt.set_aside == {"line-too-long": 1}
    assert (receipt.accepted, receipt.duplicates) == (5, 3)
    assert [row["locator"] for row in run.set_aside] == ["line 6"]


@pytest.mark.usefixtures("small")
def test_lines_that_hold_no_resource_are_set_aside_as_a_part(run: Run) -> None:
    content = lines_of([{"a": "x" * 50}] * 60)
    receipt = run.take("a.ndjson", lines_of(many(5)) + content, sender="North")
    receipt.check()
    assert receipt.accepted == 5


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps({"resourceType": "Bundle", "entry": [{}] * 900}, indent=1)),
        ("a.json", json.dumps({"resourceType": "Bundle", "entry": [{}] * 900})),
        ("labs.csv", "person_id,specimen_date\n" + "p1,2024-01-01\n" * 200),
        ("identities.csv", "person_id,assigner,identifier\n" + "p1,a,1\n" * 400),
    ],
)
def test_a_large_file_that_cannot_be_cut_is_refused(run: Run, name: str, content: str) -> None:
    receipt = run.take(name, content)
    assert "cannot be read in parts. Permitted: 2000" in receipt.refused


@pytest.mark.usefixtures("small")
def test_the_same_large_file_lands_once(run: Run) -> None:
    content = lines_of([patient(), *many()])
    first, second = run.take("a.ndjson", content), run.take("a.ndjson", content)
    assert (first.already_landed, second.already_landed) == (False, True)
    assert second.duplicates == 41
    assert (run.record / "landed" / first.sha256).read_bytes() == content
    assert not list((run.record / "landed").glob(".*"))


def test_json_nested_without_end_is_no_json(run: Run) -> None:
    deep = b'{"resourceType": "Observation", "note": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert "begins like JSON and is not" in run.take("a.json", deep).refused
    receipt = run.take("b.ndjson", lines_of(many(2)) + deep + b"\n", sender="North")
    assert receipt.set_aside == {"not-json": 1}


def test_a_document_of_too_many_values_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fhir, "MAX_VALUES", 100)
    assert "more than 100 values" in run.take("a.json", "[" + "1," * 200 + "1]").refused
