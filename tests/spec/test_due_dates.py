"""A repeated check is due one interval after the last satisfactory specimen. Labels count in
calendar months, so does Afterdose."""

title = "When a check is due"


def test_first_test(spec_test):
    """The first test is due one interval after the first infusion. It is *due* until the window
    has passed (here 7 days, a local policy) and *overdue* after that."""
    spec_test(
        check="blood-count",
        expected={
            "2021-03-07": "not started",
            "2021-03-08": "not yet due, due 2021-04-08",
            "2021-04-07": "not yet due, due 2021-04-08",
            "2021-04-08": "due, due 2021-04-08",
            "2021-04-15": "due, due 2021-04-08",
            "2021-04-16": "overdue, due 2021-04-08",
        },
        courses="""
            number | first      | last       | recorded
            1      | 2021-03-08 | 2021-03-12 | 2021-02-01
        """,
    )


def test_month_ends_clamp(spec_test):
    """A month after 31 January is the last day of February; the next month counts from the
    specimen itself, not from an idealised calendar."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | analyte     | value
            2022-01-31 | platelets   | 240
            2022-01-31 | lymphocytes | 0.4
            2022-02-28 | platelets   | 238
            2022-02-28 | lymphocytes | 0.4
        """,
        expected={
            "2022-02-27": "not yet due, due 2022-02-28",
            "2022-03-01": "not yet due, due 2022-03-28",
        },
    )


def test_leap_day(spec_test):
    """A month after 29 January of a leap year is 29 February, of another year the 28th."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | analyte     | value
            2023-01-29 | platelets   | 240
            2023-01-29 | lymphocytes | 1.1
            2024-01-29 | platelets   | 240
            2024-01-29 | lymphocytes | 1.3
        """,
        expected={
            "2023-02-10": "not yet due, due 2023-02-28",
            "2024-02-10": "not yet due, due 2024-02-29",
        },
    )


def test_early(spec_test):
    """An early test counts, and the next is due one interval after it: an interval in a label is
    the longest time without a test."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | analyte     | value
            2021-03-29 | platelets   | 240
            2021-03-29 | lymphocytes | 0.1
        """,
        expected={"2021-04-08": "not yet due, due 2021-04-29"},
    )


def test_late(spec_test):
    """A late test counts from the day its specimen was taken; the lost time is not made up by
    testing sooner."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | analyte     | value
            2021-05-20 | platelets   | 240
            2021-05-20 | lymphocytes | 0.2
        """,
        expected={
            "2021-05-19": "overdue, due 2021-04-08",
            "2021-05-20": "not yet due, due 2021-06-20",
        },
    )


def test_duplicate(spec_test):
    """The same result twice, or two results of one day, are one test."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | received   | analyte     | value | provider
            2021-04-08 | 2021-04-09 | platelets   | 240   | hospital
            2021-04-08 | 2021-04-09 | platelets   | 240   | hospital
            2021-04-08 | 2021-04-10 | platelets   | 236   | GP laboratory
            2021-04-08 | 2021-04-09 | lymphocytes | 0.2   | hospital
        """,
        expected={"2021-04-12": "not yet due, due 2021-05-08"},
    )


def test_before_the_first_infusion(spec_test):
    """A result from before the first infusion is a baseline. It does not stand in for the first
    test after it."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | analyte     | value
            2021-03-05 | platelets   | 240
            2021-03-05 | lymphocytes | 1.8
        """,
        expected={"2021-04-07": "not yet due, due 2021-04-08"},
    )
