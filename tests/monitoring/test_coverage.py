"""Completeness of monitoring, counted by hand."""

from datetime import date
from pathlib import Path

import pytest

from afterdose.engines.reference import build_completeness
from afterdose.monitoring import Coverage, evaluate_coverage
from afterdose.monitoring.coverage import missed_tests
from afterdose.monitoring.known import known_on
from afterdose.monitoring.load import parse_protocol
from afterdose.record.history import History
from afterdose.record.tables import FollowUp, Lab, Person, Treatment

EXAMPLE = parse_protocol(
    (Path(__file__).parents[1] / "spec" / "example.toml").read_text(encoding="utf-8")
)
COURSE = Treatment("p1", "alemtuzumab", date(2021, 3, 8), 1, date(2021, 3, 12))


def counts(*days: date) -> tuple[Lab, ...]:
    return tuple(
        Lab("p1", day, day, analyte, 200.0, unit="10*9/L")
        for day in days
        for analyte in ("platelets", "lymphocytes")
    )


def blood_count(history: History, as_of: date) -> Coverage:
    return next(
        found
        for found in evaluate_coverage(history, EXAMPLE, as_of=as_of)
        if found.check_id == "blood-count"
    )


def test_on_time_late_and_missing() -> None:
    """Due 8 April, done 10 April (in window); due 10 May, done 20 May (3 days after the window);
    due 20 June, never done: 27 June is the last day in window, 3 days late by the 30th."""
    history = History(Person("p1"), (COURSE,), counts(date(2021, 4, 10), date(2021, 5, 20)))
    assert blood_count(history, date(2021, 6, 30)) == Coverage(
        check_id="blood-count",
        first=date(2021, 3, 8),
        last=date(2021, 6, 30),
        tests_due=3,
        tests_in_window=1,
        days=115,
        days_in_window=115 - 2 - 3,
        longest_gap_days=41,
    )


def test_parts_on_different_days_make_one_test() -> None:
    """Due 8 April: platelets came on the 5th, lymphocytes only on the 20th. Until then the check
    was overdue (from the 16th, 4 days); the next is due by the older part, on 5 May."""
    platelets, _ = counts(date(2021, 4, 5))
    _, lymphocytes = counts(date(2021, 4, 20))
    history = History(Person("p1"), (COURSE,), (platelets, lymphocytes))
    found = blood_count(history, date(2021, 5, 15))
    assert (found.tests_due, found.tests_in_window) == (2, 0)
    assert found.days - found.days_in_window == 4 + 3
    assert found.longest_gap_days == 43


def test_a_test_never_done_is_due_with_every_interval() -> None:
    """Due 8 April, 8 May and 8 June; the windows had passed by 15 April, May and June."""
    found = blood_count(History(Person("p1"), (COURSE,)), date(2021, 7, 1))
    assert (found.tests_due, found.tests_in_window) == (3, 0)
    assert found.days - found.days_in_window == (date(2021, 7, 1) - date(2021, 4, 15)).days


def test_a_late_test_can_be_in_the_window_of_the_next() -> None:
    """Due 8 April and not done; due 8 May, done 10 May: two were due, one was in its window."""
    found = blood_count(
        History(Person("p1"), (COURSE,), counts(date(2021, 5, 10))), date(2021, 5, 20)
    )
    assert (found.tests_due, found.tests_in_window) == (2, 1)
    assert found.days - found.days_in_window == (date(2021, 5, 10) - date(2021, 4, 16)).days


def test_only_days_under_observation_count() -> None:
    history = History(
        Person("p1"),
        (COURSE,),
        follow_up=(FollowUp("p1", date(2021, 3, 8), date(2021, 4, 10), "moved"),),
    )
    found = blood_count(history, date(2022, 4, 10))
    assert (found.days, found.tests_due, found.days_in_window) == (34, 0, 34)


def test_the_day_of_death_is_no_day_under_monitoring() -> None:
    """The check has ended on that day; the last day counted is the one before."""
    history = History(Person("p1", death_date=date(2021, 5, 1)), (COURSE,))
    found = blood_count(history, date(2021, 6, 30))
    assert (found.last, found.days) == (date(2021, 4, 30), 54)


def test_nothing_is_counted_of_a_record_that_contradicts_itself() -> None:
    history = History(
        Person("p1", death_date=date(2021, 4, 1)), (COURSE,), counts(date(2021, 4, 10))
    )
    assert evaluate_coverage(history, EXAMPLE, as_of=date(2021, 6, 30)) == ()


def test_a_clinic() -> None:
    done = History(Person("p1"), (COURSE,), counts(date(2021, 4, 8)))
    missed = History(Person("p2"), (COURSE._replace(person_id="p2"),))
    rows = build_completeness([done, missed], EXAMPLE, as_of=date(2021, 4, 20))
    (row,) = (row for row in rows if row.check_id == "blood-count")
    assert (row.people, row.tests_due, row.tests_in_window) == (2, 2, 1)
    assert row.days_in_window == row.days - 5
    assert row.median_longest_gap_days == pytest.approx((31 + 43) / 2)


def test_missed_tests_are_those_counted_as_not_in_the_window() -> None:
    """As in the first test here: the tests due on 10 May and 20 June were missed."""
    history = History(Person("p1"), (COURSE,), counts(date(2021, 4, 10), date(2021, 5, 20)))
    as_of = date(2021, 6, 30)
    missed = missed_tests(known_on(history, EXAMPLE, as_of=as_of), EXAMPLE)["blood-count"]
    assert missed == (date(2021, 5, 10), date(2021, 6, 20))
    found = blood_count(history, as_of)
    assert len(missed) == found.tests_due - found.tests_in_window
    on_time = History(Person("p1"), (COURSE,), counts(date(2021, 4, 10)))
    known = known_on(on_time, EXAMPLE, as_of=date(2021, 4, 30))
    assert "blood-count" not in missed_tests(known, EXAMPLE)
