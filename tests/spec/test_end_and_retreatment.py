"""Monitoring ends a stated time after the last infusion of the last course. The end of scheduled
testing is not the end of the risk."""

title = "The end of monitoring, and retreatment"

_MONTHLY_UNTIL_THE_END = """
    specimen   | analyte     | value
    2025-03-01 | platelets   | 240
    2025-03-01 | lymphocytes | 1.4
"""


def test_end(spec_test):
    """48 months after the last infusion, not after the first. When no further test falls before
    the end, none is due; from the day after it the check has ended."""
    spec_test(
        check="blood-count",
        labs=_MONTHLY_UNTIL_THE_END,
        expected={
            "2025-03-02": "not yet due",
            "2025-03-12": "not yet due",
            "2025-03-13": "ended",
        },
    )


def test_a_missed_last_test_stays(spec_test):
    """A test that came due before the end and was not done stays on the list after the end, for
    three months (a local policy), so that the calendar alone cannot make it disappear."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | analyte     | value
            2025-01-20 | platelets   | 240
            2025-01-20 | lymphocytes | 1.4
        """,
        expected={
            "2025-03-13": "overdue, due 2025-02-20",
            "2025-06-12": "overdue, due 2025-02-20",
            "2025-06-13": "ended, due 2025-02-20",
        },
    )


def test_retreatment_moves_the_end(spec_test):
    """Another course restarts the clock: 48 months run from its last infusion."""
    spec_test(
        check="blood-count",
        courses="""
            number | first      | last
            1      | 2021-03-08 | 2021-03-12
            2      | 2022-03-14 | 2022-03-16
        """,
        labs=_MONTHLY_UNTIL_THE_END,
        expected={
            "2025-03-13": "not yet due, due 2025-04-01",
            "2026-03-16": "overdue, due 2025-04-01",
        },
    )


def test_retreatment_after_the_end(spec_test):
    """A course given after monitoring had ended starts it again, from its own first infusion."""
    spec_test(
        check="blood-count",
        courses="""
            number | first      | last
            1      | 2021-03-08 | 2021-03-12
            2      | 2025-09-01 | 2025-09-03
        """,
        labs=_MONTHLY_UNTIL_THE_END,
        expected={
            "2025-08-31": "ended",
            "2025-09-01": "not yet due, due 2025-10-01",
            "2029-08-30": "overdue, due 2025-10-01",
        },
    )


def test_retreatment_does_not_excuse(spec_test):
    """A test that was overdue when the next course began is still overdue."""
    spec_test(
        check="blood-count",
        courses="""
            number | first      | last
            1      | 2021-03-08 | 2021-03-12
            2      | 2022-03-14 | 2022-03-16
        """,
        labs="""
            specimen   | analyte     | value
            2021-12-01 | platelets   | 240
            2021-12-01 | lymphocytes | 0.6
        """,
        expected={"2022-03-20": "overdue, due 2022-01-01"},
    )


def test_end_of_course_not_recorded(spec_test):
    """Where a course's last day is not recorded its first day stands in for it, and the reasons
    say so: the true end may be a few days later."""
    spec_test(
        check="blood-count",
        courses="""
            number | first      | last
            1      | 2021-03-08 |
        """,
        labs=_MONTHLY_UNTIL_THE_END,
        expected={"2025-03-08": "not yet due", "2025-03-09": "ended"},
    )
