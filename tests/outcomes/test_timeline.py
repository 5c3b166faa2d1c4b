"""Years after the first course, and days under observation."""

import pytest
from tests.outcomes.conftest import Someone, day


@pytest.mark.parametrize(
    ("start", "when", "year"),
    [
        ("2010-01-01", "2010-01-01", 1),
        ("2010-01-01", "2010-12-31", 1),
        ("2010-01-01", "2011-01-01", 2),
        ("2010-06-15", "2012-06-14", 2),
        ("2010-06-15", "2012-06-15", 3),
        ("2012-02-29", "2013-02-27", 1),
        ("2012-02-29", "2013-02-28", 2),
        ("2012-02-29", "2016-02-29", 5),
    ],
)
def test_a_year_begins_on_the_anniversary(start, when, year):
    """From 29 February the anniversary of a common year is 28 February."""
    assert Someone().course(start, 1).timeline().year_of(day(when)) == year


def test_both_end_days_of_observation_count(someone):
    """One day under observation is one day, and six calendar years hold every day of them."""
    line = Someone().course("2010-01-01", 1).followed("2010-01-01", "2010-01-01").timeline()
    assert line.days_in_year(1) == 1
    assert [someone().timeline().days_in_year(year) for year in range(1, 8)] == [
        365, 365, 366, 365, 365, 365, 0,
    ]  # fmt: skip


def test_overlapping_spans_count_once():
    """A clinic that records two spans side by side does not double the patient-years."""
    line = (
        Someone().course("2010-01-01", 1)
        .followed("2010-01-01", "2010-06-30").followed("2010-06-01", "2010-12-31").timeline()
    )  # fmt: skip
    assert line.observed == ((day("2010-01-01"), day("2010-12-31")),)


def test_a_gap_ends_unbroken_observation():
    """Days in the gap are nobody's; time to an event stops where the gap begins."""
    line = (
        Someone().course("2010-01-01", 1)
        .followed("2010-01-01", "2010-01-31").followed("2010-03-01", "2010-12-31").timeline()
    )  # fmt: skip
    assert line.days_in_year(1) == 31 + 306
    assert line.observed_through() == day("2010-01-31")


def test_observation_ends_with_death_and_with_the_data_day(someone):
    """A span left open past a death, or past the morning asked about, is cut there."""
    assert someone(died="2010-03-01").timeline().observed[-1][1] == day("2010-03-01")
    assert someone().timeline(as_of=day("2010-02-01")).observed[-1][1] == day("2010-02-01")


def test_a_death_after_the_data_day_has_not_happened(someone):
    assert someone(died="2014-01-01").timeline(as_of=day("2013-12-31")).died_on is None


def test_a_record_that_begins_with_the_second_course_has_no_years():
    """Without the first course no year can be counted, and the timeline says why."""
    line = Someone().course("2011-01-01", 2).followed("2011-01-01").timeline()
    assert line.is_treated
    assert line.start is None
    assert line.missing == "the record does not hold the first course"


def test_another_drug_is_no_course():
    assert not Someone().course("2010-01-01", 1, drug="natalizumab").timeline().is_treated


def test_courses_without_a_number_take_the_next_one():
    line = Someone().course("2011-01-01").course("2010-01-01").course("2013-01-01", 4).timeline()
    assert [course.number for course in line.courses] == [1, 2, 4]
