"""Monitoring follows people under observation; the risk follows everyone."""

from datetime import date

title = "Who is followed"


def test_no_course(spec_test):
    """Without a course nothing has started."""
    spec_test(check="blood-count", courses="", expected={"2021-04-20": "not started"})


def test_death(spec_test):
    """Everything ends with death, from the day it is known."""
    spec_test(
        check="blood-count",
        person={"sex": "male", "death_date": date(2021, 6, 1)},
        expected={"2021-05-31": "overdue, due 2021-04-08", "2021-06-01": "ended"},
    )


def test_left_observation(spec_test):
    """A person who moved away or was lost is *paused*, never silently dropped."""
    spec_test(
        check="blood-count",
        follow_up="""
            start_date | end_date   | end_reason
            2021-03-08 | 2021-08-31 | moved
        """,
        expected={"2021-08-31": "overdue, due 2021-04-08", "2021-09-01": "paused"},
    )


def test_back_under_observation(spec_test):
    """A new span of follow-up ends the pause; what was missed meanwhile is overdue."""
    spec_test(
        check="blood-count",
        follow_up="""
            start_date | end_date   | end_reason
            2021-03-08 | 2021-08-31 | lost
            2022-01-10 |            |
        """,
        expected={"2022-01-09": "paused", "2022-01-10": "overdue, due 2021-04-08"},
    )


def test_data_cut(spec_test):
    """The end of a data set says nothing about the person, so it pauses nothing."""
    spec_test(
        check="blood-count",
        follow_up="""
            start_date | end_date   | end_reason
            2021-03-08 | 2021-08-31 | data_cut
        """,
        expected={"2021-09-01": "overdue, due 2021-04-08"},
    )


def test_women_only(spec_test):
    """A check for women does not concern men."""
    spec_test(
        check="cervical-screening",
        person={"sex": "male"},
        expected={"2022-04-20": "does not concern this person"},
    )


def test_sex_not_recorded(spec_test):
    """Where the sex is not recorded, the check is not assessable: absent is not *no*."""
    spec_test(
        check="cervical-screening",
        person={},
        expected={"2022-04-20": "not assessable: sex"},
    )


def test_examinations(spec_test):
    """Examinations count by the day they were done."""
    spec_test(
        check="cervical-screening",
        examinations="""
            date       | examination
            2021-11-02 | cervical_screening
        """,
        expected={"2022-04-20": "not yet due, due 2022-11-02"},
    )
