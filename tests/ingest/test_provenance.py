"""From a row back to the bytes: the file, what became of the row, and what stands there."""

import io
import json
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.conftest import (
    PLATELETS,
    Run,
    bundle,
    observation,
    obx,
    oru,
    patient,
)

from afterdose.cli import afterdose
from afterdose.ingest import excerpts, replay
from afterdose.ingest.excerpts import excerpt
from afterdose.ingest.kept import kept_files
from afterdose.ingest.provenance import trace
from afterdose.ingest.versions import mapping_version
from afterdose.record.errors import RecordError, UnreadableInputError, UsageError
from support.examples import examples


def source(run: Run, *words: str) -> str:
    result = CliRunner().invoke(
        afterdose, ["source", str(run.record), *words], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_a_result_back_to_its_segment(run: Run) -> None:
    run.take("a.hl7", oru(PLATELETS))
    cited = run.labs[0]["source"]
    found = trace(run.record, f"[{cited}]")
    assert (found.file.name, found.file.landed_on) == ("a.hl7", date(2024, 6, 1))
    assert found.original == PLATELETS
    (row,) = found.rows
    assert (row.table, row.cells["original_value"]) == ("labs", "210")
    (read,) = found.reads
    assert (read.receipt, read.mapping, read.is_replay) == ("000001", mapping_version(), False)
    assert found.set_aside == ()
    shown = source(run, cited)
    assert "File      a.hl7" in shown
    assert found.file.sha256 in shown
    assert PLATELETS in shown


def test_every_result_and_row_set_aside_of_a_bundle(run: Run) -> None:
    run.take("a.json", bundle(patient(), observation(), observation("8302-2", id="o2")))
    (aside,) = run.set_aside
    for cited, code in (
        (run.labs[0]["source"], "777-3"),
        (f"{aside['file']}:{aside['locator']}", "8302-2"),
    ):
        original = trace(run.record, cited).original
        assert original is not None
        resource = json.loads(original)
        assert resource["code"]["coding"][0]["code"] == code
    assert "Set aside      code-not-in-catalogue (seen: 8302-2)" in source(run, cited)


def test_a_replay_stands_among_the_times_it_was_read(run: Run) -> None:
    run.take("a.hl7", oru(obx(f6="furlong"), obx(f3="2160-0^^LN", f5="1", f6="mg/dL")))
    replay(run.record, on=date(2025, 1, 1))
    cited = run.labs[0]["source"]
    assert [read.is_replay for read in trace(run.record, cited).reads] == [False, True]
    assert "receipt 000002 of 2025-01-01, a replay" in source(run, cited)


def test_the_other_of_a_linked_pair_is_named(run: Run) -> None:
    from tests.ingest.test_links import IDENTITIES, by_the_gp

    run.take("identities.csv", IDENTITIES)
    run.take("a.hl7", oru(PLATELETS))
    run.take("b.hl7", by_the_gp(oru(PLATELETS)))
    one, other = (lab["source"] for lab in run.labs)
    assert trace(run.record, one).linked == (other,)
    assert f"May be the same result: {other}" in source(run, one)


def test_a_row_of_a_member_of_a_container(run: Run) -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as container:
        container.writestr("day 1/b.hl7", oru(obx(f5="99")))
        container.writestr("day 1/a.json", bundle(patient(), observation()))
    run.take("a.zip", kept.getvalue())
    found = {lab["value"]: trace(run.record, lab["source"]) for lab in run.labs}
    assert found[99].locator == "day 1/b.hl7!line 4 OBX"
    assert found[99].original == obx(f5="99")
    original = found[210].original
    assert original is not None
    assert json.loads(original)["id"] == "o1"
    short = found[99].file.short
    assert trace(run.record, f"{short}:c.hl7!line 1").original is None


def test_a_line_of_a_file_too_large_to_be_held(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [json.dumps(observation(id=f"o{number}")) for number in range(3)]
    receipt = run.take("a.ndjson", "\n".join([json.dumps(patient()), *lines]))
    monkeypatch.setattr(excerpts, "MAX_BYTES", 10)
    short = receipt.sha256[:12]
    assert trace(run.record, f"{short}:line 3").original == lines[1]
    assert trace(run.record, f"{short}:line 3/id").original == '"o1"'
    assert trace(run.record, f"{short}:row 1").original is None


def test_json_has_everything(run: Run) -> None:
    run.take("a.hl7", oru(PLATELETS))
    found = json.loads(source(run, run.labs[0]["source"], "--format", "json"))
    assert found["file"]["name"] == "a.hl7"
    assert [(row["table"], row["analyte"]) for row in found["rows"]] == [("labs", "platelets")]
    assert found["original"] == PLATELETS


def test_a_position_that_holds_no_row(run: Run) -> None:
    receipt = run.take("a.hl7", oru(PLATELETS))
    shown = source(run, f"{receipt.sha256[:12]}:line 3 OBR")
    assert "In no row of the record and nothing set aside" in shown
    assert "OBR|1|" in shown
    shown = source(run, f"{receipt.sha256[:12]}:elsewhere")
    assert "cannot be shown as text" in shown


def test_a_long_original_is_cut_in_the_terminal_only(run: Run) -> None:
    note = {"note": [{"text": "x" * 5_000}]}
    run.take("a.json", bundle(patient(), observation(**note)))
    cited = run.labs[0]["source"]
    assert "more characters in" in source(run, cited)
    assert "x" * 5_000 in source(run, cited, "--format", "json")


def test_what_is_no_source_is_refused(run: Run) -> None:
    receipt = run.take("a.hl7", oru(PLATELETS))
    with pytest.raises(UsageError, match="not a source"):
        trace(run.record, "a.hl7")
    with pytest.raises(RecordError, match="0 landed files"):
        trace(run.record, "ffffffffffff:line 1")
    (run.record / "landed" / receipt.sha256).unlink()
    with pytest.raises(UnreadableInputError, match="no longer among"):
        trace(run.record, f"{receipt.sha256[:12]}:line 1")


# Excerpts ---------------------------------------------------------------------------------------

XML = b"""\xef\xbb\xbf<?xml version="1.0"?>
<ClinicalDocument xmlns="urn:hl7-org:v3"><component><x/></component>
<component><n:section xmlns:n="a"><value v="1>0"/><value v="2"/></n:section></component>
</ClinicalDocument>"""


@pytest.mark.parametrize(
    ("content", "locator", "expected"),
    [
        (b"a\nb\r\nc\rd", "line 3", "c"),
        (b"a\nb\r\nc\rd", "line 4", "d"),
        (b"a\n", "line 2", ""),
        (b"a", "line 2", None),
        (b"a\nb", "line 2 (time of Specimen/s1)", "b"),
        (b"a\nb\nc", "line 1 and line 3", "a\nc"),
        (b'{"a": 1}\n{"a": [{"b": 2.50}]}', "line 2/a/0", '{"b": 2.50}'),
        (b'\xef\xbb\xbf {"a": 1}', "/", '{"a": 1}'),
        (b'{"a/b~": {"": 7}}', "/a~1b~0", '{"": 7}'),
        (b'{"a": [1, [], {}, "]"]}', "/a/3", '"]"'),
        (b'{"a": 1, "b": 0, "a": 2}', "/a", "2"),
        (b'{"a": [1]}', "/a/1", None),
        (b'{"a": [1]}', "/b", None),
        (b'{"a": [1]', "/a/0", None),
        (b'{"a": ', "/a", None),
        (b"[" * 100_000, "/0/0", None),
        (b'x,y\n1,"a\nb"\n\n2,c\n', "row 1", 'x,y\n1,"a\nb"'),
        (b'x,y\n1,"a\nb"\n\n2,c\n', "row 2", "x,y\n2,c"),
        (b"x,y\n1,a\n", "row 2", None),
        (b"Gr\xfc\xdfe", "line 1", "Grüße"),
        (XML, "/ClinicalDocument/component[2]/section[1]/value[2]", '<value v="2"/>'),
        (XML, "/ClinicalDocument/component[1]", "<component><x/></component>"),
        (XML, "/ClinicalDocument/component/x", "<x/>"),
        (b"<a><b></b><b>/></b><b><b/></b></a>", "/a/b", "<b></b>"),
        (b"<a><b></b><b>/></b><b><b/></b></a>", "/a/b[2]", "<b>/></b>"),
        (b"<a><b></b><b>/></b><b><b/></b></a>", "/a/b[3]", "<b><b/></b>"),
        (b"<a><b></b><b>/></b><b><b/></b></a>", "/a/b[3]/b", "<b/>"),
        (XML, "/ClinicalDocument/component[3]", None),
        (XML, "/section[1]", None),
        (XML, "/..", None),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "/a", None),
        (b"<a><b></a>", "/a/b", None),
        (b"anything", "somewhere", None),
    ],
)
def test_excerpts(content: bytes, locator: str, expected: str | None) -> None:
    assert excerpt(content, locator) == expected


def test_a_row_of_a_parquet_table() -> None:
    kept = io.BytesIO()
    pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}).write_parquet(kept)
    found = excerpt(kept.getvalue(), "row 2")
    assert found is not None
    assert json.loads(found) == {"a": 2, "b": "y"}
    assert excerpt(kept.getvalue(), "row 3") is None


def _pointers(value: object, at: str = "") -> list[tuple[str, object]]:
    inner = (
        value.items() if isinstance(value, dict) else enumerate(value)
        if isinstance(value, list) else ()
    )  # fmt: skip
    found = [(at or "/", value)]
    for key, item in inner:
        step = str(key).replace("~", "~0").replace("/", "~1")
        found += _pointers(item, f"{at}/{step}")
    return found


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(_JSON, st.sampled_from([None, 1]), st.booleans())
@examples(100)
def test_every_pointer_finds_its_value(value: object, indent: int | None, ascii_only: bool) -> None:
    content = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    for pointer, expected in _pointers(value):
        found = excerpt(content, pointer)
        assert found is not None
        assert json.loads(found) == expected


def test_every_source_in_the_samples_can_be_followed(samples: Path, run: Run) -> None:
    """Each row of the record, and each set aside, leads to something that stands in its file."""
    run.ingest(samples / "fhir", samples / "hl7v2")
    content = {kept.short: kept.landed().content for kept in kept_files(run.record)}
    cited = [lab["source"].split(":", 1) for lab in run.labs]
    cited += [[row["file"], row["locator"]] for row in run.set_aside]
    assert len(cited) > 2_500
    # Every tenth: the large bundles are gone through from their beginning each time.
    for file, locator in cited[::10]:
        original = excerpt(content[file], locator)
        assert original, locator
        assert original.encode() in content[file]
