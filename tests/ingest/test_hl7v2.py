import hl7
import pytest
from tests.ingest.conftest import HEADER, PERSON, PLATELETS, REQUEST, obx, oru

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


def test_missing_separators_are_the_usual_ones() -> None:
    assert only(oru(PLATELETS).replace(r"MSH|^~\&|", "MSH|^|")).unit == "K/uL"
    assert len(read_hl7v2(b"MSH").unreadable) == 1


def test_escapes_stand_for_the_separators() -> None:
    text = oru(obx(f2="ST", f5=r"a\F\b\S\c\T\d\R\e\E\f\.br\g\H\h"))
    assert only(text).value == "a|b^c&d~e\\f g\\H\\h"
    assert only(oru(obx(f6=r"10\S\9/L"))).unit == "10^9/L"


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
        ("NM", "", None),
    ],
)
def test_values_by_type(kind: str, raw: str, value: str | None) -> None:
    assert only(oru(obx(f2=kind, f5=raw))).value == value


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
