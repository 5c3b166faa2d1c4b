from datetime import UTC, datetime

import hl7
import pytest
from tests.ingest.conftest import HEADER, PERSON, PLATELETS, REQUEST, oru

from afterdose.ingest.mllp import again, answer, judge, too_large

NOW = datetime(2024, 3, 5, 10, 15, tzinfo=UTC)


def answered(message: str | bytes) -> list[str]:
    """The answer's segments."""
    content = message if isinstance(message, bytes) else message.encode()
    framed = answer(judge(content), now=NOW, number=7)
    assert framed[:1] == b"\x0b"
    assert framed[-2:] == b"\x1c\r"
    return framed[1:-2].decode("latin-1").split("\r")[:-1]


def test_a_message_that_can_be_read() -> None:
    assert answered(oru(PLATELETS)) == [
        r"MSH|^~\&|Practice|Clinic|LabSys|North Lab|20240305101500+0000||ACK^R01^ACK"
        r"|20240305101500000007|P|2.5.1",
        "MSA|AA|M1",
    ]


def test_the_answer_can_be_read_by_an_independent_parser() -> None:
    oracle = hl7.parse("\r".join(answered(oru(PLATELETS))))
    assert str(oracle.extract_field("MSA", 1, 1)) == "AA"
    assert str(oracle.extract_field("MSA", 1, 2)) == "M1"


def test_the_answer_has_the_senders_separators_version_and_bytes() -> None:
    message = oru(PLATELETS).replace("2.5.1", "2.3").replace("M1", "Mé1").replace("^", "$")
    header, says = answered(message.replace("|", "!").encode("cp1252"))
    assert header.startswith(r"MSH!$~\&!Practice!Clinic!LabSys!")
    assert header.endswith("!ACK!20240305101500000007!P!2.3")
    assert says == "MSA!AA!Mé1"


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (oru(PLATELETS, "x"), "MSA|AE|M1|set aside: not-a-segment in line 5"),
        (oru("x", "y"), "MSA|AE|M1|set aside: not-a-segment in line 4 and 1 more"),
        ("\r".join([HEADER, "PID|1", REQUEST]),
         "MSA|AE|M1|set aside: person-unknown in line 2 PID"),
        (oru("NTE|é").replace("2.5.1", "2.5.1||||||BIG-5"),
         "MSA|AE|M1|set aside: characters-unclear in line 1 MSH"),
        (HEADER.replace(r"|^~\&", "|^^^^"), "MSA|AE||set aside: separators-unclear"),
        (HEADER.replace("ORU^R01", "ADT^A01"), "MSA|AR|M1|only ORU and OUL are taken"),
        (HEADER.replace("ORU^R01", ""), "MSA|AR|M1|MSH-9 names no type of message"),
        (r"BHS|^~\&", "MSA|AR||no HL7 v2 message: it does not begin with MSH"),
        ("", "MSA|AR||no HL7 v2 message: it does not begin with MSH"),
        ("MSH", "MSA|AR||MSH-9 names no type of message"),
    ],
)  # fmt: skip
def test_what_is_not_well(message: str, says: str) -> None:
    assert answered(message)[1] == says


def test_what_a_message_of_a_person_without_results_is_answered() -> None:
    assert answered("\r".join([HEADER, PERSON]))[1] == "MSA|AA|M1"


def test_the_text_has_none_of_the_separators() -> None:
    message = "\r".join([HEADER, "PID|1"]).replace("~", " ").replace("&", "-")
    assert answered(message)[1] == "MSA|AE|M1|set aside: person unknown in line 2 PID"


def test_a_message_that_is_too_large() -> None:
    assert too_large(oru().encode(), 10).code == "AR"
    assert too_large(oru().encode(), 10).header.get(10) == "M1"
    assert too_large(b"x" * 20, 10).header.get(10) == ""


def test_a_message_that_comes_again_is_answered_as_before() -> None:
    for message in (oru(PLATELETS).encode(), HEADER.replace(r"|^~\&", "|^^^^").encode()):
        first = judge(message)
        second = again(message, first.code, first.text)
        assert answer(first, now=NOW, number=1) == answer(second, now=NOW, number=1)
