"""A drug that is taken until it is stopped has tests at stated times after the first dose, and
intervals that change. Rules of the manual's second example, a continuous drug begun on 4 January
2021."""

title = "Stated times and continuous drugs"

_TAKEN = """
    first      | last
    2021-01-04 |
"""


def test_at_stated_months(spec_test):
    """Tests at months 1 and 3, then every 6 months. A test counts for its month from a week before
    it; one done earlier does not, one done late does."""
    spec_test(
        protocol="continuous",
        check="liver",
        courses=_TAKEN,
        labs="""
            specimen   | analyte | value
            2021-02-01 | alt     | 20
            2021-03-20 | alt     | 20
            2021-04-12 | alt     | 20
        """,
        expected={
            "2021-01-05": "not yet due, due 2021-02-04",
            "2021-02-01": "not yet due, due 2021-04-04",
            "2021-04-05": "due, due 2021-04-04",
            "2021-04-12": "not yet due, due 2021-10-12",
        },
    )


def test_a_missed_month_stays_due(spec_test):
    """A test that was missed stays due from its own day; one test in month 4 settles months 1 and
    3."""
    spec_test(
        protocol="continuous",
        check="liver",
        courses=_TAKEN,
        labs="""
            specimen   | analyte | value
            2021-05-03 | alt     | 20
        """,
        expected={
            "2021-05-02": "overdue, due 2021-02-04",
            "2021-05-03": "not yet due, due 2021-11-03",
        },
    )


def test_an_interval_that_changes(spec_test):
    """Every 2 weeks for 6 months, then every 8 weeks: the interval that holds on the day of a test
    says when the next is due."""
    spec_test(
        protocol="continuous",
        check="creatinine",
        courses=_TAKEN,
        labs="""
            specimen   | analyte    | value
            2021-06-28 | creatinine | 70
            2021-07-05 | creatinine | 70
        """,
        expected={
            "2021-01-10": "not yet due, due 2021-01-18",
            "2021-06-28": "not yet due, due 2021-07-12",
            "2021-07-05": "not yet due, due 2021-08-30",
        },
    )


def test_stopped(spec_test):
    """Monitoring ends a stated time after the last dose; with nothing stated, with the last dose. A
    test that was due before stays for a while."""
    spec_test(
        protocol="continuous",
        check="lymphocytes",
        courses="""
            first      | last
            2021-01-04 | 2021-06-30
        """,
        labs="""
            specimen   | analyte     | value
            2021-04-05 | lymphocytes | 1.2
        """,
        expected={
            "2021-06-29": "not yet due, due 2021-07-05",
            "2021-06-30": "not yet due",
            "2021-07-01": "ended",
        },
    )


def test_a_change_of_dose_is_no_new_start(spec_test):
    """Rows that follow each other without a day between are one start; a pause makes a new one, and
    its stated times count anew."""
    spec_test(
        protocol="continuous",
        check="liver",
        courses="""
            first      | last
            2021-01-04 | 2021-01-10
            2021-01-11 | 2021-03-31
            2021-05-10 |
        """,
        labs="""
            specimen   | analyte | value
            2021-02-04 | alt     | 20
        """,
        expected={
            "2021-02-05": "not yet due, due 2021-04-04",
            "2021-05-11": "not yet due, due 2021-06-10",
        },
    )


def test_not_begun(spec_test):
    """A planned first dose starts nothing."""
    spec_test(
        protocol="continuous",
        check="lymphocytes",
        courses="""
            first      | recorded
            2021-03-01 | 2021-01-15
        """,
        expected={"2021-02-01": "not started", "2021-03-02": "not yet due, due 2021-06-01"},
    )
