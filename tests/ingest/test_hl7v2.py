import hl7
import pytest
from tests.ingest.conftest import HEADER, PERSON, PLATELETS, REQUEST, Run, obx, oru
from tests.ingest.test_containers import zipped

from afterdose.ingest import Receipt
from afterdose.ingest.readers.hl7v2 import read_hl7v2
from afterdose.ingest.rows import Identifier, RawResult


def only(text: str) -> RawResult:
    (result,) = read_hl7v2(text.encode()).results
    return result


def test_a_result_and_where_it_stands() -> None:
    result = only(oru(PLATELETS))
    assert result.locator == "line 4 OBX"
    assert result.person == Identifier("North Lab/PATNO", "88-2301")
    assert result.codes == (("loinc", "777-3", "Platelets"),)
    assert (result.value, result.unit, result.range_text) == ("210", "K/uL", "150-400")
    assert (result.status, result.accession, result.provider) == ("F", "G240304", "North Lab")
    assert result.specimen_time == "20240304083000+0100"
    assert result.issued_time == "20240305101500+0100"


def test_fields_agree_with_an_independent_parser() -> None:
    text = oru(PLATELETS, "NTE|1||a comment", obx(f1="2", f5="<5", f6="10*9/L^^UCUM"), "SPM|1")
    oracle = hl7.parse(text)
    ours = read_hl7v2(text.encode()).results
    assert len(ours) == len(oracle.segments("OBX"))
    for number, result in enumerate(ours, start=1):

        def field(*place: int, number: int = number) -> str:
            return str(oracle.extract_field("OBX", number, *place))

        assert result.value == field(5)
        assert result.unit == field(6, 1, 1)
        assert result.codes == (("loinc", field(3, 1, 1), field(3, 1, 2)),)
        assert result.range_text == field(7)
        assert result.status == field(11)
        assert result.specimen_time == field(14)
    assert ours[0].person.value == oracle.extract_field("PID", 1, 3, 1, 1)


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"])
def test_any_line_ending(ending: str) -> None:
    assert only(oru(PLATELETS).replace("\r", ending)).value == "210"


def test_the_message_brings_its_own_separators() -> None:
    text = oru(PLATELETS).replace("^", "$").replace("|", "!").replace("$~\\&", "$~\\&")
    assert only(text).codes == (("loinc", "777-3", "Platelets"),)


def test_the_truncation_character_of_version_2_7() -> None:
    text = oru(obx(f2="ST", f5=r"a\P\b")).replace("^~\\&", "^~\\&%")
    assert only(text).value == "a%b"


@pytest.mark.parametrize("separators", [r"|^^\&", r"|^~\^", "|^~&", "|^~A&"])
def test_separators_that_are_not_five(separators: str) -> None:
    reading = read_hl7v2(oru(PLATELETS).replace(r"MSH|^~\&", "MSH" + separators).encode())
    assert [row.reason for row in reading.unreadable] == ["separators-unclear"]
    assert (reading.results, reading.people) == ([], [])


def test_missing_separators_are_the_usual_ones() -> None:
    assert only(oru(PLATELETS).replace(r"MSH|^~\&|", "MSH|^|")).unit == "K/uL"
    assert len(read_hl7v2(b"MSH").unreadable) == 1


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", "a|b^c&d~e\\f"),
        (r"a\P\b", "a#b"),
        (r"one\.br\two\.sp2\three\.in+4\four", "one two three four"),
        (r"\H\<5\N\ ", "<5"),
        (r"\X3C\5", "<5"),
        (r"5 \XB5\mol", "5 µmol"),
        (r"5 \XC2B5\mol", "5 µmol"),
        (
            r"\X3\ \Xzz\ \C2842\ \M244142\ \Z01\ \Q\ a\b",
            r"\X3\ \Xzz\ \C2842\ \M244142\ \Z01\ \Q\ a\b",
        ),
    ],
)
def test_escapes(written: str, meant: str) -> None:
    assert only(oru(obx(f2="ST", f5=written))).value.strip() == meant


def test_an_escaped_caret_in_a_unit() -> None:
    assert only(oru(obx(f6=r"10\S\9/L"))).unit == "10^9/L"


def test_an_escaped_byte_is_of_the_messages_character_set() -> None:
    text = oru(obx(f2="ST", f5=r"\XA4\5")).replace("|P|2.5.1", "|P|2.5.1||||||8859/15")
    assert only(text).value == "€5"
    unknown = oru(obx(f2="ST", f5=r"\XA4\5")).replace("|P|2.5.1", "|P|2.5.1||||||BIG-5")
    assert only(unknown).value == r"\XA4\5"


def test_a_caret_that_was_not_escaped() -> None:
    assert only(oru(obx(f6="10^9/L"))).unit == "10^9/L"
    assert only(oru(obx(f6="x10^3/uL"))).unit == "x10^3/uL"
    assert only(oru(obx(f6="mmol/L^millimol per litre^UCUM"))).unit == "mmol/L"


@pytest.mark.parametrize(
    ("raw", "value", "comparator"),
    [
        ("^182", "182", None),
        ("=^23", "23", None),
        (">^90", "90", ">"),
        ("^1^:^128", "1:128", None),
        ("^2^+", "2+", None),
        ("<>^5", "5", "<>"),
        (">^<5", "><5", None),
        ("^5~^6", "5~6", None),
        ("<^5~^6", "<5~6", None),
        ("<=^5", "5", "<="),
        ("^10^-^20", "10-20", None),
        ("<", None, "<"),
    ],
)
def test_structured_numbers(raw: str, value: str | None, comparator: str | None) -> None:
    result = only(oru(obx(f2="SN", f5=raw)))
    assert (result.value, result.comparator) == (value, comparator)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("CWE", "260385009^Negative^SCT^^^^^^Neg", "Negative"),
        ("CE", "LA6576-8^^LN", "LA6576-8"),
        ("CWE", "^^^^^^^^none seen", "none seen"),
        ("DT", "20230201", "20230201"),
        ("TX", "see comment", "see comment"),
        ("NM", '""', None),
        ("NM", "5~6", "5~6"),
        ("NM", "5^6", "5^6"),
        ("CWE", "1^Negative^L~2^Trace^L", "Negative~Trace"),
        ("TX", "one~two", "one~two"),
        ("", "5", "5"),
        ("NM", "", None),
    ],
)
def test_values_by_type(kind: str, raw: str, value: str | None) -> None:
    assert only(oru(obx(f2=kind, f5=raw))).value == value


def test_the_third_code_of_version_2_7() -> None:
    result = only(oru(obx(f3="PLT^Plt^L^^^^^^^777-3^Platelets^LN")))
    assert result.codes[1:] == (("loinc", "777-3", "Platelets"),)


def test_several_answers_in_one_field_are_none(run: Run) -> None:
    answers = "1^Protein=++^L~2^Protein=trace^L"
    receipt = run.take("a.hl7", oru(obx(f2="CWE", f3="20454-5^x^LN", f5=answers, f6="")))
    assert receipt.set_aside == {"value-not-a-number": 1}


def test_results_counted_within_a_request_do_not_replace_each_other() -> None:
    text = oru(obx(f4="1"), obx(f4="2", f5="99"), obx(f4="2", f3=""))
    first, second, nameless = read_hl7v2(text.encode()).results
    assert (first.result_id, second.result_id) == ("G240304/777-3/1", "G240304/777-3/2")
    assert nameless.result_id is None
    assert only("\r".join([HEADER, PERSON, obx(f4="1")])).result_id is None


@pytest.mark.parametrize(
    ("status", "stands"),
    [("F", "final"), ("B", "final"), ("V", "final"), ("A", "amended"), ("C", "corrected"),
     ("P", "preliminary"), ("R", "preliminary"), ("S", "preliminary"), ("I", "registered"),
     ("O", "registered"), ("X", "cancelled"), ("D", "entered-in-error"),
     ("W", "entered-in-error")],
)  # fmt: skip
def test_where_a_result_stands(run: Run, status: str, stands: str) -> None:
    run.take("a.hl7", oru(obx(f11=status)))
    assert [lab["status"] for lab in run.labs] == [stands]


@pytest.mark.parametrize(
    ("status", "reason"), [("N", "not-asked"), ("U", "status-alone"), ("", "status-unknown")]
)
def test_a_status_without_a_result_is_never_a_result(run: Run, status: str, reason: str) -> None:
    assert run.take("a.hl7", oru(obx(f11=status))).set_aside == {reason: 1}
    assert run.labs == []


def test_both_codes_of_a_result_are_kept() -> None:
    result = only(oru(obx(f3="PLT^Plt count^L^777-3^Platelets^LN")))
    assert result.codes == (("L", "PLT", "Plt count"), ("loinc", "777-3", "Platelets"))
    assert only(oru(obx(f3=""))).codes == ()


def test_the_specimens_time_comes_from_the_result_the_request_or_the_specimen() -> None:
    bare = obx(f14="")
    assert only(oru(bare)).specimen_time == "20240304083000+0100"
    without = "\r".join([HEADER, PERSON, "OBR|1", bare, "SPM|1" + "|" * 16 + "20240303^20240304"])
    assert only(without).specimen_time == "20240303"
    assert only("\r".join([HEADER, PERSON, bare])).specimen_time is None


def test_of_several_specimens_with_different_times_none_is_chosen() -> None:
    first, second = ("SPM|1" + "|" * 16 + day for day in ("20240303", "20240304"))
    bare = [HEADER, PERSON, "OBR|1", obx(f14="")]
    assert only("\r".join([*bare, first, first])).specimen_time == "20240303"
    assert only("\r".join([*bare, first, second])).specimen_time is None
    assert only("\r".join([*bare, first, "SPM|2"])).specimen_time == "20240303"


def test_a_time_that_is_deleted_is_not_there() -> None:
    assert only(oru(obx(f14='""'))).specimen_time == "20240304083000+0100"


def test_a_time_is_as_precise_as_it_says() -> None:
    assert only(oru(obx(f14="20240304000000+0100^D"))).specimen_time == "20240304+0100"
    assert only(oru(obx(f14="20240304083000^S"))).specimen_time == "20240304083000"
    assert only(oru(obx(f14="20240101^Y"))).specimen_time == "2024"
    assert only(oru(obx(f14="abc^D"))).specimen_time == "abc"


def test_the_report_time_of_the_request_comes_before_the_messages() -> None:
    request = REQUEST + "|" * 15 + "20240304200000+0100"
    assert only("\r".join([HEADER, PERSON, request, PLATELETS])).issued_time.startswith("202403042")


def test_the_performing_laboratory_is_the_provider() -> None:
    assert only(oru(obx(f15="12D^Reference Lab^CLIA"))).provider == "Reference Lab"
    assert only(oru(obx(f15="12D^Reference Lab^CLIA", f23="Century"))).provider == "Century"
    anonymous = oru(PLATELETS).replace("|LabSys|North Lab|", "|LabSys||")
    assert only(anonymous).provider == "LabSys"


def test_several_people_in_one_message_keep_their_own_results() -> None:
    other = PERSON.replace("88-2301", "99-1")
    reading = read_hl7v2(oru(PLATELETS, other, REQUEST, obx(f5="99")).encode())
    assert [(row.person.value, row.value) for row in reading.results] == [
        ("88-2301", "210"),
        ("99-1", "99"),
    ]


def test_identifiers_repeat_and_carry_their_assigner() -> None:
    numbers = "1^^^PATNO~2^^^NHS&2.16.840.1&ISO~3^^^X&lab.example&DNS~4~^^^empty"
    reading = read_hl7v2(oru(PLATELETS).replace("88-2301^^^PATNO^MR", numbers).encode())
    assert reading.people[0].identifiers == (
        Identifier("North Lab/PATNO", "1"),
        Identifier("urn:oid:2.16.840.1", "2"),
        Identifier("lab.example", "3"),
        Identifier("North Lab", "4"),
    )


def test_a_person_without_an_identifier_is_set_aside_and_so_are_the_results() -> None:
    reading = read_hl7v2(oru(PLATELETS).replace("88-2301^^^PATNO^MR", "").encode())
    assert [row.reason for row in reading.unreadable] == ["person-unknown"]
    assert reading.results[0].person is None


def test_a_death_without_a_day_is_not_lost() -> None:
    dead = PERSON + "|" * 22 + "Y"
    assert read_hl7v2("\r".join([HEADER, dead]).encode()).people[0].death_date == "unknown"


def test_a_batch_with_envelopes_other_messages_and_other_segments() -> None:
    order = HEADER.replace("ORU^R01", "ORM^O01")
    nameless = HEADER.replace("ORU^R01", "")
    text = "\r".join(
        [r"FHS|^~\&|a", r"BHS|^~\&|a", oru(PLATELETS, "NTE|1").rstrip(), order, PERSON, nameless,
         oru(PLATELETS).rstrip(), "BTS|2", "FTS|1"]
    )  # fmt: skip
    reading = read_hl7v2(text.encode())
    assert len(reading.results) == 2
    assert reading.notes == [
        "Line 15, BTS-1 says 2; messages found: 4. Ask the sender whether the file is complete."
    ]
    assert reading.passed_over == {
        "segment FHS": 1,
        "segment BHS": 1,
        "segment NTE": 1,
        "message ORM": 1,
        "segment BTS": 1,
        "segment FTS": 1,
    }
    assert [row.reason for row in reading.unreadable] == ["message-without-type"]


def test_lines_that_are_no_segment_are_set_aside() -> None:
    reading = read_hl7v2(("PID|1\r" + oru(PLATELETS, "PLT low, see above", "x")).encode())
    assert [row.locator for row in reading.unreadable] == ["line 1", "line 6", "line 7"]


def test_older_laboratories_send_a_western_code_page() -> None:
    text = oru(obx(f2="ST", f5="naïve")).encode("cp1252")
    assert read_hl7v2(text).results[0].value == "naïve"


# Batches ----------------------------------------------------------------------------------------


def batch(*lines: str) -> list[str]:
    """What the receipt says of a file of two messages within these lines."""
    message = oru(PLATELETS).rstrip()
    text = "\r".join(message if line == "message" else line for line in lines)
    return read_hl7v2(text.encode()).notes


def test_batches_that_add_up() -> None:
    assert batch("FHS|^~\\&", "BHS|^~\\&", "message", "message", "BTS|2", "BHS", "message", "BTS|1",
                 "FTS|2") == []  # fmt: skip
    assert batch("FHS|^~\\&", "message", "BTS|1", "message", "BTS", "FTS|1") == []
    assert batch("FHS#^~\\&", "BHS#^~\\&", "message", "BTS#1#x", "FTS#1") == []
    assert batch("message") == []


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("BHS", "message", "BTS|2"), "Line 6, BTS-1 says 2; messages found: 1."),
        (("FHS", "BHS", "message", "BTS|1", "FTS|3"), "Line 8, FTS-1 says 3; batches found: 1."),
        (("BHS", "message", "BTS|two"), "Line 6, BTS-1 says no number; messages found: 1."),
        (("BHS", "message", f"BTS|{'9' * 30}"), "Line 6, BTS-1 says no number; messages found: 1."),
        (("BHS", "message"), "What line 1 begins has no BTS: the file may have broken off."),
        (("FHS", "message"), "What line 1 begins has no FTS: the file may have broken off."),
    ],
)
def test_batches_that_do_not(lines: tuple[str, ...], says: str) -> None:
    (note,) = batch(*lines)
    assert note.startswith(says)


def test_the_receipt_says_what_does_not_add_up(run: Run) -> None:
    receipt = run.take("a.hl7", "\r".join(["BHS", oru(PLATELETS).rstrip(), "BTS|7"]))
    assert len(receipt.notes) == 1


def test_messages_for_training_are_named_on_the_receipt() -> None:
    text = oru(PLATELETS) + oru(PLATELETS).replace("|P|2.5.1", "|T|2.5.1")
    (note,) = read_hl7v2(text.encode()).notes
    assert note.startswith("1 of 2 messages are marked as training")


def test_such_messages_of_many_files_are_one_line_of_the_receipt(run: Run) -> None:
    training = oru(PLATELETS).replace("|P|2.5.1", "|T|2.5.1")
    odd = "\r".join(["BHS", oru(PLATELETS).rstrip(), "BTS|7"])
    paths = [run.file(f"{n}.hl7", training + oru(obx(f5=f"20{n}"))) for n in range(6)]
    paths.append(run.file("b.zip", zipped({"m.hl7": training})))
    lines = Receipt("2024-06-01", run.ingest(*paths, run.file("odd.hl7", odd)))._notes()
    assert lines == [
        "odd.hl7: Line 6, BTS-1 says 7; messages found: 1. Ask the sender whether the file is "
        "complete.",
        "0.hl7, 1.hl7, 2.hl7, 3.hl7, 4.hl7 and 2 more: 7 of 13 messages are marked as training or "
        "debugging (MSH-11 is T or D). Make sure that they belong in this record.",
    ]


# Character sets ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("8859/1", "iso8859-1"), ("8859/2", "iso8859-2"), ("8859/15", "iso8859-15"),
     ("UNICODE UTF-8", "utf-8"), ("", "utf-8"), ("", "cp1252"), ("ASCII", "cp1252"),
     ("8859/1~ISO IR87", "iso8859-1")],
)  # fmt: skip
def test_character_sets(declared: str, codec: str) -> None:
    text = oru(obx(f2="ST", f5="é ü")).replace("|P|2.5.1", f"|P|2.5.1||||||{declared}")
    assert read_hl7v2(text.encode(codec)).results[0].value == "é ü"


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("BIG-5", "utf-8"), ("ISO IR87", "iso2022-jp"), ("8859/12", "utf-8"),
     ("UNICODE UTF-8", "iso8859-1"), ("GB 18030-2000", "gb18030")],
)  # fmt: skip
def test_character_sets_that_are_not_known_or_not_kept(declared: str, codec: str) -> None:
    word = "日本" if codec in ("iso2022-jp", "gb18030") else "é"
    text = oru(obx(f2="ST", f5=word)).replace("|P|2.5.1", f"|P|2.5.1||||||{declared}")
    reading = read_hl7v2((oru(PLATELETS) + text).encode(codec))
    assert [(row.locator, row.reason) for row in reading.unreadable] == [
        ("line 5 MSH", "characters-unclear")
    ]
    assert reading.unreadable[0].seen == f"MSH-18 {declared}"
    assert len(reading.results) == 1


def test_what_is_written_in_ascii_is_read_whatever_the_set() -> None:
    assert only(oru(PLATELETS).replace("|P|2.5.1", "|P|2.5.1||||||BIG-5")).value == "210"


def test_each_message_has_its_own_character_set() -> None:
    one = oru(obx(f2="ST", f5="é")).encode("cp1252")
    other = oru(obx(f2="ST", f5="é")).encode("utf-8")
    assert [row.value for row in read_hl7v2(one + other).results] == ["é", "é"]


# What analysers send ----------------------------------------------------------------------------

SPECIMEN = "SPM|1" + "|" * 16 + "20240303081500"


@pytest.mark.parametrize("trigger", ["R22", "R23"])
def test_a_specimen_serves_the_requests_after_it(trigger: str) -> None:
    header = HEADER.replace("ORU^R01", f"OUL^{trigger}")
    other = SPECIMEN.replace("0303", "0305")
    lines = [header, PERSON, SPECIMEN, obx(f5="1", f14=""), "OBR|1||A", obx(f5="2", f14=""),
             "OBR|2||B", obx(f5="3", f14=""), other, "OBR|3||C", obx(f5="4", f14="")]  # fmt: skip
    results = read_hl7v2("\r".join(lines).encode()).results
    assert [(row.value, row.accession, row.specimen_time) for row in results] == [
        ("1", None, "20240303081500"),
        ("2", "A", "20240303081500"),
        ("3", "B", "20240303081500"),
        ("4", "C", "20240305081500"),
    ]


@pytest.mark.parametrize("kind", ["ORU^R01", "OUL^R21", "OUL^R24"])
def test_elsewhere_a_specimen_belongs_to_the_request_before_it(kind: str) -> None:
    header = HEADER.replace("ORU^R01", kind)
    lines = [header, PERSON, "OBR|1||A", SPECIMEN, obx(f14=""), "OBR|2||B", obx(f14="")]
    results = read_hl7v2("\r".join(lines).encode()).results
    assert [row.specimen_time for row in results] == ["20240303081500", None]


def test_a_result_of_nobody_is_nobodys() -> None:
    lines = [HEADER.replace("ORU^R01", "OUL^R22"), SPECIMEN, "OBR|1", PLATELETS]
    assert only("\r".join(lines)).person is None


# Segments that go on ----------------------------------------------------------------------------


def test_a_segment_that_another_continues() -> None:
    lines = [HEADER, PERSON, REQUEST, "OBX|1|NM|777-3^Platelets^LN||21", "ADD|0|K/uL|150-400||||F"]
    reading = read_hl7v2("\r".join(lines).encode())
    (result,) = reading.results
    assert (result.value, result.unit, result.status) == ("210", "K/uL", "F")
    assert reading.passed_over == {"segment ADD": 1}


def test_a_continuation_of_nothing() -> None:
    assert only("\r".join([HEADER, "ADD|x", "OBX|1|ST|a||5", "ADD"])).value == "5"
