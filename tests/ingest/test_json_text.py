"""What is JSON, and the digits of its numbers; the compiled pass over lines agrees on both."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.conftest import Run, bundle, observation, patient
from tests.ingest.test_many_at_once import in_order, many_at_once, observations, results_of

from afterdose.ingest.json_text import NotJsonError, parse_json
from afterdose.ingest.readers import fhir_scan
from afterdose.ingest.readers.fhir import read_fhir
from afterdose.ingest.readers.fhir_scan import BLANK, NAMED, ODD, USUAL, scan
from afterdose.record.errors import UnreadableInputError
from support.examples import examples

GOOD = [
    b"0", b"-0", b"7", b"-1.5", b"5.40", b"1e2", b"1E+2", b"1e-7", b"0e0", b"-0.0", b"1.0E-05",
    b"12345678901234567890", b"0.1000000000000000055", b"true", b"false", b"null", b'""', b'"a"',
    b'"\\" \\\\ \\/ \\b \\f \\n \\r \\t"', b'"\\u00e9\\uABCD\\ud7ff\\ue000"', b'"\x7f"',
    "\"\u00e9 \u20ac \U0001f600 \u2028 \ufeff\"".encode(), b'"123456\xc3\xa9890"',
    b"[]", b"{}", b"[ ]", b"{ }", b"[1,\t2 , 3 ]", b'{"a":1,"b":{"c":[[],{},[{}]]}}',
    b' \t"x" \t', b"[[[[[[[[[1]]]]]]]]]", b'{"a":{},"a":[]}', b'{"":0}', b'{"\\u0061":0}',
    b"[" * 50 + b"]" * 50, b'"' + b"x" * 1000 + b'"', b"[" + b'{"k":"v"},' * 30 + b"0]",
]  # fmt: skip
"""JSON that a line may simply hold."""

RARE = [
    b'"\\ud83d\\ude00"', b"[" * 70 + b"]" * 70, b'{"a":' * 70 + b"1" + b"}" * 70,
    b"0." + b"1" * 400, b"1" * 250,
]  # fmt: skip
"""JSON that may be left to the plain reader."""

BAD = [
    b"", b" ", b"01", b"-01", b"-", b"+1", b".5", b"1.", b"1.e1", b"1e", b"1e+", b"1e1.5", b"--1",
    b"0x1", b"1_0", b"NaN", b"Infinity", b"-Infinity", b"nan", b"tru", b"True", b"truee", b"fals",
    b"falsy", b"nul", b"nulls", b"n", b"t", b"f", b'"', b'"a', b"'a'", b'"\\"', b'"\\x41"',
    b'"\\u12"', b'"\\u12G4"', b'"\\u"', b'"\\', b'"a\tb"', b'"\x00"', b'"\x1f"', b'"\xff"',
    b'"\x80"', b'"\xc3"', b'"\xc0\xaf"', b'"\xc1\xbf"', b'"\xe0\x80\x80"', b'"\xe0\x9f\xbf"',
    b'"\xed\xa0\x80"', b'"\xed\xbf\xbf"', b'"\xe2\x82"', b'"\xf0\x8f\xbf\xbf"', b'"\xf5\x80\x80"',
    b'"\xf4\x90\x80\x80"', b'"\xf0\x9f\x98"', b'"\xe2\x28\xa1"', b'"\\ud800"', b'"\\ude00"',
    b'"\\ud83d\\u0041"', b'"\\ud83dx"', b'"\\uD83D"', b"[", b"]", b"{", b"}", b"[1", b"[1,", b"[,",
    b"[1,]", b"[,1]", b"[1 2]", b"[1;2]", b"[}", b"{]", b"[1}", b'{"a":1]', b'{"a"}', b'{"a":}',
    b'{"a" 1}', b'{"a":1,}', b'{,"a":1}', b'{"a":1 "b":2}', b'{"a":1,,"b":2}', b"{1:2}", b"{a:1}",
    b"{'a':1}", b'{"a":1,1}', b'{"a":"b":1}', b"1 2", b"1,", b"[1]]", b"{}}", b"[1]//", b"1/**/",
    b"\x0b1", b"1\x0c", b"\xc2\xa01", b"\xef\xbb\xbf1", b'"a"b', b"[\xe9]", b'{"\xff":1}',
    b'{"\\ud800":1}', b'{"a\x01":1}', b"\xff", b"[1\x00]", b"[" * 40 + b"]" * 39,
    b"[" * 40 + b"]" * 41, b"*", b'["a"1]', b'["a" "b"]', b"[tr]", b"[nul]", b"1" * 5000,
]  # fmt: skip
"""What is no JSON, of every kind there is."""


def is_json(content: bytes) -> bool:
    try:
        parse_json(content)
    except NotJsonError:
        return False
    return True


def is_json_elsewhere(content: bytes) -> bool:
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError:
        return False
    return True


def line_with(text: bytes, key: bytes = b"note") -> bytes:
    """An observation that holds a text."""
    return b'{"resourceType":"Observation","status":"final","' + key + b'":' + text + b"}"


def what_is(line: bytes) -> int:
    (what,) = scan(line).what
    return int(what)


@pytest.mark.parametrize("text", [*GOOD, *RARE])
def test_what_is_json(text: bytes) -> None:
    assert is_json(text)
    assert is_json_elsewhere(text)


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_json(text: bytes) -> None:
    assert not is_json(text)
    assert not is_json_elsewhere(text)


def test_a_number_too_large_for_a_double_is_json_and_keeps_its_digits() -> None:
    """As RFC 8259 has it. Whether it is a result is asked later."""
    assert str(parse_json(b"1e400")) == "1e400"
    assert not is_json_elsewhere(b"1e400")


def test_brackets_without_end_are_no_json() -> None:
    assert not is_json(b"[" * 100_000 + b"]" * 100_000)


@pytest.mark.parametrize("text", GOOD)
def test_a_line_that_holds_json_is_usual(text: bytes) -> None:
    for key in (b"note", b"code", b"valueQuantity"):
        assert what_is(line_with(text, key)) == USUAL
        assert what_is(b" \t" + line_with(text, key) + b" ") == USUAL


@pytest.mark.parametrize("text", [*RARE, *BAD])
def test_a_line_that_holds_anything_else_is_not(text: bytes) -> None:
    found = what_is(line_with(text))
    assert found == ODD or (found == USUAL and is_json(text))
    assert is_json(text) or found == ODD


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"", BLANK), (b" \t", BLANK), (b"\x0b\x0c ", BLANK), (b"\x0b{}", ODD), (b"[]", ODD),
        (b"{}", ODD), (b"{", ODD), (b"1", ODD), (b"{} {}", ODD),
        (b'{"resourceType":"Encounter"}', NAMED), (b'{"resourceType":"Patient","id":"1"}', NAMED),
        (b'{"resourceType":"Enc2"}', ODD), (b'{"resourceType":""}', ODD),
        (b'{"resourceType":"Enc\\u0061"}', ODD), ('{"resourceType":"\u00c4"}'.encode(), ODD),
        (b'{"resourceType":"Encounter","contained":[]}', ODD),
        (b'{"resourceType":"Encounter","contained":null}', NAMED),
        (b'{"resourceType":"Encounter","component":[],"valueAge":1}', NAMED),
        (line_with(b"[]", b"component"), ODD), (line_with(b"null", b"component"), USUAL),
        (line_with(b"null", b"contained"), USUAL), (line_with(b"[{}]", b"contained"), ODD),
        (line_with(b"1", b"valueAge"), ODD), (line_with(b"1", b"valu"), USUAL),
        (line_with(b"1", b"value"), ODD), (line_with(b"1", b"valueTime"), ODD),
        (line_with(b'"a"', b"status"), ODD), (line_with(b"1", b"st\\u0061tus"), ODD),
        (line_with(b'1,"note":2'), USUAL), (line_with(b'1,"resourceType":"Patient"'), ODD),
    ],
)  # fmt: skip
def test_what_a_line_is(line: bytes, what: int) -> None:
    # A line needs something before it: a content is never empty.
    assert scan(b"{}\n" + line + b"\n").what.tolist() == [ODD, what]


LINE_ENDS = st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n", b"\n \x0c\r\n", b"\r\r\n"])
MUTANTS = st.sampled_from([
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\r", b"\t", b" ", b"\x00", b"\x0b",
    b"\x1f", b"\x7f", b"\x80", b"\xc3", b"\xed\xa0\x80", b"\xff", b"0", b"-", b".", b"e", b"E+",
    b"\\u", b"\\ud83d", b"null", b"true", b"NaN", b"1e400", b"5.40", b'"status":', b'"id":"1",',
    b'"value":1,', b'"contained":[],', b"\xef\xbb\xbf", "\u20ac".encode(),
])  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Lines of resources with a few bytes changed anywhere."""
    lines = [json.dumps(patient())]
    lines += map(json.dumps, draw(st.lists(observations(), min_size=1, max_size=4)))
    ends = [draw(LINE_ENDS) for _ in lines]
    content = bytearray(
        b"".join(line.encode() + end for line, end in zip(lines, ends, strict=True))
    )
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(content)))
        gone = draw(st.integers(0, 3))
        content[place : place + gone] = draw(MUTANTS | st.just(b""))
    return bytes(content)


def said(content: bytes, *, at_once: bool) -> Any:
    """Everything that is said of a content; None where it is left to the plain reader."""
    try:
        reading = many_at_once(content) if at_once else read_fhir(content)
    except UnreadableInputError as error:
        return str(error)
    if reading is None:
        return None
    rows = (results_of(reading), reading.people, reading.unreadable, reading.entries)
    return [*map(in_order, rows), reading.passed_over]


@examples(400)
@given(mutated())
def test_bytes_changed_anywhere(content: bytes) -> None:
    found = said(content, at_once=True)
    assert found is None or found == said(content, at_once=False)


@pytest.mark.parametrize("key", [b"note", b"valueQuantity", b"status", b"code", b"id", b"issued"])
def test_the_two_readers_agree_on_every_kind_of_text(key: bytes) -> None:
    lines = [line_with(text, key) for text in [*GOOD, *RARE, *BAD, b"1e400"]]
    content = b"\n".join([json.dumps(patient()).encode(), *lines])
    assert said(content, at_once=True) == said(content, at_once=False)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\n\n", b"\r\n \t\r\n"])
@pytest.mark.parametrize("last", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_end_as_they_do_for_the_plain_reader(end: bytes, last: bytes, mark: bytes) -> None:
    resources = [patient(), *(observation(id=f"o{number}") for number in range(9))]
    content = mark + end.join(json.dumps(one).encode() for one in resources) + last
    found = said(content, at_once=True)
    assert found == said(content, at_once=False)
    assert len(found[0]) == 9


def test_pieces_and_threads_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    resources = [patient(), *(observation(id=f"o{number % 40}", valueQuantity={
        "value": number % 30, "unit": "10*9/L"}) for number in range(300))]  # fmt: skip
    content = b"\n".join(json.dumps(one).encode() for one in resources)
    whole = many_at_once(content)
    monkeypatch.setattr(fhir_scan, "_PIECE", 1000)
    assert len(fhir_scan._pieces(content, 0)) > 20
    pieces = many_at_once(content)
    assert whole is not None
    assert pieces is not None
    assert whole.batch is not None
    assert pieces.batch is not None
    assert results_of(pieces) == results_of(whole)
    assert pieces.batch.writings == whole.batch.writings
    assert pieces.batch.rows.drop("times").equals(whole.batch.rows.drop("times"))


def test_more_lines_than_one_call_looks_at() -> None:
    count = 70_000
    lines = [b'{"resourceType":"Observation","id":"%d","status":"s%d"}' % (n, n % 50_000)
             for n in range(count)]  # fmt: skip
    found = scan(b"\n".join(lines))
    assert (found.what == USUAL).all()
    assert len(found.what) == count
    texts, places = found.distinct("writing")
    assert len(texts) == 50_000
    assert [texts[place][0] for place in places] == [b'"s%d"' % (n % 50_000) for n in range(count)]
    assert found.strings(found.ids[:, 0]).to_list() == [str(n) for n in range(count)]


def test_a_line_of_many_megabytes() -> None:
    long = line_with(b'"' + b"x" * (64 * 1024 * 1024) + b'"')
    content = b"\n".join([json.dumps(patient()).encode(), long, line_with(b"1")])
    found = many_at_once(content)
    assert found is not None
    assert found.batch is not None
    assert found.batch.locators(found.batch.rows).to_list() == ["line 2", "line 3"]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("5.40", 5.4), ("0.1000000000000000055", 0.1), ("1e2", 100.0), ("-0.0", 0.0),
        ("150", 150.0), ("150.000", 150.0), ("0.30000000000000004441", 0.30000000000000004),
        ("12345678901234567890", None), ("1e400", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["line", "lines", "bundle"])
def test_a_value_keeps_the_digits_it_was_written_with(
    run: Run, monkeypatch: pytest.MonkeyPatch, written: str, value: float | None, form: str
) -> None:
    """What is computed with is the double nearest to them."""
    monkeypatch.setattr("afterdose.ingest.readers.fhir._FEWEST_LINES", 1)
    one = observation(
        code={"coding": [{"system": "http://loinc.org", "code": "777-3"}]},
        valueQuantity={"value": 987654321, "unit": "10*9/L"},
    )
    text = json.dumps(one) if form != "bundle" else bundle(one)
    content = text.replace("987654321", written)
    if form == "lines":
        content = "\n".join([content, json.dumps(patient())])
    receipt = run.take("a.json" if form == "bundle" else "a.ndjson", content.encode())
    if value is None:
        assert set(receipt.set_aside) <= {"value-not-a-number", "implausible"}
        assert receipt.set_aside.total() == 1
        return
    if receipt.set_aside:
        pytest.fail(str(receipt.set_aside))
    (row,) = run.labs
    assert (row["original_value"], float(row["value"])) == (written, value)
