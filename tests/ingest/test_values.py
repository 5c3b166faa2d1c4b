from decimal import Decimal

import pytest

from afterdose.ingest.values import parse_number, parse_range, parse_rank


@pytest.mark.parametrize(
    ("text", "value", "comparator"),
    [
        ("210", "210", None),
        ("0065.88", "65.88", None),
        ("<5", "5", "<"),
        ("> 90", "90", ">"),
        ("≤0.01", "0.01", "<="),
        (">=3", "3", ">="),
        ("-1.5", "-1.5", None),
        ("1e-05", "0.00001", None),
        ("2\u200b10", "210", None),
        ("16.970853276932397", "16.970853276932397", None),
    ],
)
def test_numbers(text: str, value: str, comparator: str | None) -> None:
    number = parse_number(text)
    assert number is not None
    assert (number.value, number.comparator) == (Decimal(value), comparator)


@pytest.mark.parametrize(
    "text", ["", "1,2", "1.", ".5", "1:128", "see comment", "9" * 13, "1e400", "٣", "5 6", "NaN"]
)
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("70_105", "70", "105"),
        ("4.3 to 6.2", "4.3", "6.2"),
        ("(3.5-5.0)", "3.5", "5.0"),
        ("150–400", "150", "400"),
        ("<85", None, "85"),
        ("≤ 85", None, "85"),
        (">=60", "60", None),
        ("..35", None, "35"),
        ("150..400", "150", "400"),
        ("negative", None, None),
        ("1.2.3-4", None, None),
        ("..", None, None),
    ],
)
def test_ranges(text: str, low: str | None, high: str | None) -> None:
    expected = tuple(None if end is None else Decimal(end) for end in (low, high))
    assert parse_range(text) == expected


def test_a_word_of_a_scale_may_end_a_findings_name() -> None:
    scale = {"negative": 0.0, "+++": 3.0}
    assert parse_rank("Negative", scale) == 0.0
    assert parse_rank("Urine protein test = +++ (finding)", scale) == 3.0
    assert parse_rank("Blood in urine (finding)", scale) is None
