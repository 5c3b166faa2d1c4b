"""HL7 v2 read many messages at once says what the plain reader says."""

from pathlib import Path
from random import Random

import hl7
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.conftest import HEADER, PERSON, PLATELETS, REQUEST, Run, obx, oru
from tests.ingest.test_many_at_once import in_order, results_of

from afterdose.ingest.readers import hl7v2_lines
from afterdose.ingest.readers.hl7v2 import read_hl7v2
from afterdose.ingest.readers.hl7v2_lines import read_hl7v2_lines
from afterdose.ingest.rows import Reading
from support.examples import examples

FIELDS = st.sampled_from(
    [
        "", '""', "5", "5.1", "<5", "a^b", "a&b^c&d", "1~2", r"\F\x\S\ ", r"\XC3A9\ ", r"\H\7\N\ ",
        "777-3^Platelets^LN", "2160-0^Creatinine^LN^CREA^Creatinine^L", "10*9/L", "10^9/L", "K/uL",
        "20240304083000+0100", "20240304083000^S", "202403", "20240304^D", "150-400", "F", "C", "U",
        "NM", "SN", "CWE", "^5", ">^5", "^10^-^20", "é", "µmol/L", "x#y", " ", "Y", "a|b", "日本",
        "7^^^MRN&1.2.3&ISO", "7^^^MRN~8^^^X", "7^^^&&", "~", "^^", r"\Z01\ ", "$", "OBX", "MSH|",
    ]
)  # fmt: skip
SEPARATORS = st.sampled_from(
    [r"|^~\&"] * 8 + [r"|^~\&#", "|^~", "|$~\\&", r"!^~\&", r"|^^\&", r"|^~\.", "|"]
)
SETS = st.sampled_from([""] * 6 + ["UNICODE UTF-8", "8859/1", "ASCII", "BIG-5", "8859/1~ISO IR87"])
KINDS = st.sampled_from(["ORU^R01"] * 8 + ["OUL^R22", "OUL^R24", "ADT^A01", "", "ORU", "oru"])


def with_fields(segment: str, changes: dict[int, str]) -> str:
    fields = segment.split("|")
    for number, text in changes.items():
        fields += [""] * (number + 1 - len(fields))
        fields[number] = text
    return "|".join(fields)


def segments(base: str, last: int) -> st.SearchStrategy[str]:
    """A segment with up to three of its fields changed."""
    changes = st.dictionaries(st.integers(1, last), FIELDS, max_size=3)
    return changes.map(lambda drawn: with_fields(base, drawn))


LINES = st.one_of(
    segments(PLATELETS, 25),
    segments(PLATELETS, 25),
    segments(obx(f3="2160-0^Creatinine^LN", f5="66", f6="umol/L", f14="", f4="1"), 16),
    segments(PERSON, 30),
    segments(REQUEST, 23),
    segments("SPM|1" + "|" * 16 + "20240303081500^20240303082000", 18),
    st.sampled_from(
        ["NTE|1||a comment", "ORC|RE", "BTS|2", "FTS|1", r"BHS|^~\&", r"FHS|^~\&", "x", "ADD|9",
         "OBX", "PID", "SPM", "OBR", "ZZZ|1", "obx|1", "OBXX|1", "", "  ", "OBX|1|NM", "\x1c"]
    ),
)  # fmt: skip


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    separators = draw(SEPARATORS)
    fields = ["MSH" + separators, "LabSys", draw(st.sampled_from(["North Lab", r"A\T\B^x", ""])),
              "", "", draw(st.sampled_from(["20240305101500+0100", "", "20240305^D"])), "",
              draw(KINDS), "M1", draw(st.sampled_from(["P", "T", ""])), "2.5.1", "", "", "", "", "",
              draw(SETS)]  # fmt: skip
    lines = ["|".join(fields), *draw(st.lists(LINES, max_size=8))]
    if draw(st.booleans()):
        lines[1:1] = [PERSON, REQUEST]
    text = draw(st.sampled_from(["\r", "\r", "\n", "\r\n"])).join(lines)
    if separators[0] != "|":
        text = text.replace("|", separators[0])
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8", "cp1252"])), errors="replace")


def many_at_once(content: bytes) -> Reading | None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hl7v2_lines, "_FEWEST_MESSAGES", 1)
        return read_hl7v2_lines(content)


def hold_equal(content: bytes) -> bool:
    """Hold both readers equal; whether many at once could be read."""
    found, plain = many_at_once(content), read_hl7v2(content)
    if found is None:
        return False
    assert in_order(results_of(found)) == in_order(plain.results)
    assert found.people == in_order_of_lines(plain.people)
    assert found.unreadable == in_order_of_lines(plain.unreadable)
    assert found.passed_over == plain.passed_over
    assert found.notes == plain.notes
    return True


def in_order_of_lines(rows: list) -> list:
    return sorted(rows, key=lambda row: int(row.locator.split()[1]))


@examples(400)
@given(
    st.lists(messages(), min_size=1, max_size=6), st.sampled_from([b"", b"\xef\xbb\xbf", b"\x0b"])
)
def test_drawn_messages(drawn: list[bytes], before: bytes) -> None:
    hold_equal(before + b"\r".join(drawn))


@examples(150)
@given(st.lists(messages(), min_size=1, max_size=3), st.data())
def test_drawn_messages_with_bytes_changed(drawn: list[bytes], data: st.DataObject) -> None:
    content = bytearray(b"\r".join(drawn))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.sampled_from(b'|^~\\&\r\n\x0b\x1c\xc3\xa9\xff\x1b Mx5"#\x00'))
    hold_equal(bytes(content))


def test_samples(samples: Path) -> None:
    """Each published file, and one message after the other of all of them."""
    contents = [path.read_bytes() for path in sorted((samples / "hl7v2").iterdir())]
    for content in contents:
        assert hold_equal(content)
    assert hold_equal(b"\r".join(content.removeprefix(b"\xef\xbb\xbf") for content in contents))


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"PID|1\r", b"MSH|^^^^|", oru(PLATELETS).replace("~", "-").encode(),
     oru(PLATELETS, "NTE|1||\u65e5").replace("2.5.1", "2.5.1||||||BIG-5").encode("gb18030"),
     oru("NTE|1||é").encode("cp1252") + oru("NTE|1||é").encode(),
     oru("NTE|1||\u0141").encode("cp1250").replace(b"\xa3", b"\x81")],
)  # fmt: skip
def test_what_is_left_to_the_plain_reader_as_a_whole(content: bytes) -> None:
    assert not hold_equal(content)


def generated(messages: int, seed: int = 1) -> str:
    """Messages of eight results as a laboratory writes them."""
    random = Random(seed)
    tests = [("777-3", "10*9/L", 90, 420), ("718-7", "g/dL", 9, 17), ("6690-2", "10*9/L", 2, 12),
             ("2160-0", "umol/L", 40, 130), ("3016-3", "m[IU]/L", 1, 8), ("1742-6", "U/L", 8, 99),
             ("1920-8", "U/L", 8, 99), ("731-0", "10*9/L", 1, 4)]  # fmt: skip
    lines = []
    for number in range(messages):
        taken = f"202403{1 + number % 4:02d}0830{number % 60:02d}+0100"
        lines += [
            HEADER.replace("M1", f"M{number}"),
            PERSON.replace("88-2301", str(1 + number % 40)),
            f"OBR|1|O{number}|G{number}^LabSys|58410-2^CBC^LN|||{taken}",
        ]
        lines += [
            f"OBX|{place}|NM|{code}^Test^LN||{random.randint(low, high)}|{unit}^^UCUM|{low}-{high}"
            f"|N|||F|||{taken}"
            for place, (code, unit, low, high) in enumerate(tests, start=1)
        ]
        lines.append(f"SPM|1|S{number}")
    return "\r".join(lines) + "\r"


def test_generated_messages_agree_with_an_independent_parser() -> None:
    text = generated(60)
    found = read_hl7v2_lines(text.encode())
    assert found is not None
    ours = iter(results_of(found))
    for one in text.split("MSH|")[1:]:
        oracle = hl7.parse("MSH|" + one)
        for number in range(1, len(oracle.segments("OBX")) + 1):

            def field(*place: int, number: int = number, oracle: hl7.Message = oracle) -> str:
                return str(oracle.extract_field("OBX", number, *place))

            result = next(ours)
            assert result.person.value == oracle.extract_field("PID", 1, 3, 1, 1)
            assert result.accession == oracle.extract_field("OBR", 1, 3, 1, 1)
            assert result.codes == (("loinc", field(3, 1, 1), field(3, 1, 2)),)
            assert (result.value, result.unit) == (field(5), field(6, 1, 1))
            assert (result.range_text, result.status) == (field(7), field(11))
            assert result.specimen_time == field(14)
            assert result.issued_time == str(oracle.extract_field("MSH", 1, 7))
    assert next(ours, None) is None


def test_a_long_file_is_taken_in_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receipt and the record are those of the plain reader."""
    text = generated(60) + oru(PLATELETS, "no segment") + oru(obx(f3="x"))
    receipt = run.take("a.hl7", text)
    assert (receipt.rows, receipt.accepted, receipt.duplicates) == (60 * 9 + 5, 60 * 8 + 42, 21)
    assert receipt.set_aside == {"not-a-segment": 1, "code-not-loinc": 1}
    labs = run.labs
    plain = Run(run.record.parent / "plain")
    monkeypatch.setattr(hl7v2_lines, "_FEWEST_MESSAGES", 1000)
    assert plain.take("a.hl7", text) == receipt
    assert sorted(plain.labs, key=lambda lab: lab["source"]) == sorted(
        labs, key=lambda lab: lab["source"]
    )


def test_escapes_in_a_number_of_a_request() -> None:
    odd = REQUEST.replace("G240304", r"G\T\1")
    text = oru(obx(f4="1")) + "\r".join([HEADER, PERSON, odd, obx(f4=r"a\S\b^c"), obx(f4='""')])
    assert hold_equal(text.encode())
    found = results_of(many_at_once(text.encode()))
    assert [row.accession for row in found] == ["G240304", "G&1", "G&1"]
    assert [row.result_id for row in found] == ["G240304/777-3/1", "G&1/777-3/a^b", None]
