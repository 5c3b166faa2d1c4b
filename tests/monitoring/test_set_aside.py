"""Results that could not be read, as an item of the worklist: in words, and when."""

from datetime import date, timedelta

import pytest

from afterdose.monitoring import SetAsideResult, Urgency, load_protocol
from afterdose.monitoring.set_aside import known_by, set_aside_items, unread_in_words

DAY = date(2024, 3, 4)
AS_OF = date(2024, 12, 1)
PROTOCOLS = [load_protocol("alemtuzumab-eu")]


def result(
    analyte: str = "platelets", reason: str = "unit-not-permitted", **more
) -> SetAsideResult:
    facts = {"received_date": DAY, "source": "abc:line 4", "specimen_date": DAY} | more
    return SetAsideResult("p1", analyte, reason, **facts)


def why(*rows: SetAsideResult, as_of: date = AS_OF) -> list[str]:
    return [item.why for item in set_aside_items(rows, PROTOCOLS, as_of=as_of)]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (1, "2024-03-04"),
        (3, "2024-03-04, 2024-04-03, 2024-05-03"),
        (4, "4 times, 2024-03-04 to 2024-06-02"),
    ],
)
def test_each_analyte_and_reason_once_with_its_days(days: int, words: str) -> None:
    rows = [
        result(specimen_date=DAY + timedelta(days=30 * number), source=f"abc:line {number}")
        for number in range(days)
    ]
    assert why(*rows) == [f"Platelets, unit not permitted: {words}"]


def test_a_result_that_came_in_two_files_is_named_once() -> None:
    assert why(result(), result(source="def:line 4")) == [
        "Platelets, unit not permitted: 2024-03-04"
    ]


def test_another_reason_and_a_row_without_a_day_stand_beside_it() -> None:
    assert why(result(), result("creatinine", "no-specimen-date", specimen_date=None)) == [
        "Platelets, unit not permitted: 2024-03-04; Creatinine, no specimen date: without a date"
    ]


def test_what_no_rule_asks_for_is_not_listed() -> None:
    assert why(result("")) == []
    assert set_aside_items([result()], [], as_of=AS_OF) == []


def test_what_takes_back_an_unknown_result_may_take_back_any() -> None:
    assert why(result("", "withdraws-unknown", specimen_date=None)) == [
        "A result, withdraws unknown: without a date"
    ]


def test_it_is_known_from_the_day_it_reached_us() -> None:
    late = result(received_date=date(2024, 3, 9))
    assert known_by([late], date(2024, 3, 8)) == []
    assert why(late, as_of=date(2024, 3, 8)) == []
    (item,) = set_aside_items([late], PROTOCOLS, as_of=date(2024, 3, 12))
    assert (item.urgency, item.since, item.days) == (Urgency.DATA_PROBLEM, date(2024, 3, 9), 3)


def test_once_settled_nothing_is_asked() -> None:
    settled = result(settled_on=date(2024, 4, 1), settled="Dr Example: 210")
    assert why(settled) == []
    assert why(settled, as_of=date(2024, 3, 31)) != []


def test_rows_whose_code_was_not_understood_are_counted_by_reason() -> None:
    rows = [result("", "code-not-loinc")] * 2 + [result("", "codes-disagree")]
    assert unread_in_words(rows) == ["2 rows: code not loinc", "1 row: codes disagree"]


def local(*seen: str, reason: str = "code-not-loinc") -> list[SetAsideResult]:
    return [result("", reason, seen=one) for one in seen]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (local("PLT"), "1 result with a code nobody mapped: PLT"),
        (local("PLT", "PLT", ""), "3 results with codes nobody mapped: PLT"),
        (local(""), "1 result with a code nobody mapped"),
        (
            local("A", "B", "C", "D", "E"),
            "5 results with codes nobody mapped: A, B, C and 2 more",
        ),
        (
            local("PLT") + local("777-3 and 718-7", reason="codes-disagree"),
            "1 result with a code nobody mapped: PLT; "
            "1 result whose codes name different tests: 777-3 and 718-7",
        ),
    ],
)
def test_results_whose_code_nobody_knows_are_named_by_it(
    rows: list[SetAsideResult], words: str
) -> None:
    assert why(*rows) == [words]
    assert set_aside_items(rows, [], as_of=AS_OF) == []


def test_they_stand_beside_what_could_be_told() -> None:
    found = set_aside_items([result(), *local("PLT")], PROTOCOLS, as_of=AS_OF)
    assert [(item.rule, item.what) for item in found] == [
        ("set-aside", "Result set aside"),
        ("codes-not-mapped", "Result of an unknown test"),
    ]


def test_what_is_no_result_is_no_such_item() -> None:
    assert why(*local("x", reason="code-not-in-catalogue")) == []
    assert why(result("", "person-differs")) == []
