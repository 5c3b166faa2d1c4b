from datetime import UTC, date, datetime

import pytest

from afterdose.ingest.times import parse_partial_date, parse_time


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("2024-03-04", date(2024, 3, 4), None),
        ("2024-03-04T23:30:00+07:00", date(2024, 3, 4), "23:30:00"),
        ("2024-03-04T23:30Z", date(2024, 3, 4), "23:30:00"),
        ("2024-03-04T08:30:60.123Z", date(2024, 3, 4), "08:30:59"),
        ("20240304", date(2024, 3, 4), None),
        ("202403040830", date(2024, 3, 4), "08:30:00"),
        ("20240304083000.1234-0500", date(2024, 3, 4), "08:30:00"),
        (" 20240304 ", date(2024, 3, 4), None),
    ],
)
def test_a_time_keeps_its_local_day(text: str, day: date, time: str | None) -> None:
    moment = parse_time(text)
    assert moment is not None
    assert (moment.day, moment.time) == (day, time)


@pytest.mark.parametrize(
    "text",
    [
        "", "2024", "2024-03", "202403", "0000", "220241021055726", "2024-02-30", "20241301",
        "2024-03-04T25:00:00Z", "202403042560", "00010101", "18991231", "٢٠٢٤٠٣٠٤", "soon",
    ],
)  # fmt: skip
def test_what_is_no_whole_day_is_no_time(text: str) -> None:
    assert parse_time(text) is None


def test_an_offset_makes_an_instant() -> None:
    assert parse_time("20240304083000+0100").instant == datetime(2024, 3, 4, 7, 30, tzinfo=UTC)
    assert parse_time("2024-03-04T08:30:00-05:00").instant == datetime(
        2024, 3, 4, 13, 30, tzinfo=UTC
    )
    assert parse_time("20240304083000").instant is None
    assert parse_time("20240304083000+9900").instant is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1963", "1963"),
        ("196303", "1963-03"),
        ("19630306", "1963-03-06"),
        ("196303061039", "1963-03-06"),
        ("1963-03", "1963-03"),
        ("1963-03-06T10:00:00Z", "1963-03-06"),
        ("196203520", None),
        ("0000", None),
        ("19630231", None),
        ("unknown", None),
    ],
)
def test_partial_dates(text: str, expected: str | None) -> None:
    assert parse_partial_date(text) == expected
