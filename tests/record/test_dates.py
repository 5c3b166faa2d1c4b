"""Calendar months, and dates that are only partly known."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterdose.record.dates import PartialDate, Period, add_months

DAYS = st.dates(date(1950, 1, 1), date(2080, 12, 31))


@pytest.mark.parametrize("text", ["2024-13", "2024-02-30", "24", "2024-3", "", "2024-03-01T10:00"])
def test_not_a_partial_date(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        PartialDate.parse(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-02-09", date(2024, 2, 9), date(2024, 2, 9)),
    ],
)
def test_a_partial_date_stays_partial(text: str, first: date, last: date) -> None:
    partial = PartialDate.parse(text)
    assert str(partial) == text
    assert (partial.earliest(), partial.latest()) == (first, last)
    assert partial.is_complete == (first == last)


@pytest.mark.parametrize("text", ["1M", "P1", "PM", "P1M2D", "P-1M", ""])
def test_not_a_period(text: str) -> None:
    with pytest.raises(ValueError, match="a period is written"):
        Period.parse(text)


def test_periods_in_words() -> None:
    assert Period.parse("P1M").as_interval() == "every month"
    assert Period.parse("P4Y").in_words() == "48 months"
    assert Period.parse("P2W").in_words() == "14 days"
    assert str(Period.parse("P1Y")) == "P12M"
    assert str(Period.parse("P7D")) == "P7D"


@given(DAYS, st.integers(0, 240))
def test_months_clamp_and_never_skip(day: date, months: int) -> None:
    """The month is always the one that many ahead; the day is the same or the month's last."""
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (
        later.day < day.day and (later.replace(day=28) - later).days <= 0
    )


@given(DAYS, DAYS, st.integers(1, 60))
def test_adding_months_keeps_the_order(one: date, other: date, months: int) -> None:
    earlier, later = sorted((one, other))
    assert add_months(earlier, months) <= add_months(later, months)


@given(DAYS, st.integers(1, 60))
def test_before_undoes_after_up_to_clamping(day: date, months: int) -> None:
    period = Period(months=months)
    assert 0 <= (day - period.before(period.after(day))).days <= 3
