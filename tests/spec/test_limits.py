"""A limit is absolute, or a multiple of the laboratory's own range for that very result."""

title = "Limits"


def test_absolute(spec_test):
    """Below the limit is met; the limit itself is not."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | received   | analyte   | value
            2021-09-06 | 2021-09-07 | platelets | 100
            2021-10-04 | 2021-10-05 | platelets | 84
        """,
        expected={
            "2021-09-07": "not met",
            "2021-10-04": "not met",
            "2021-10-05": "met since 2021-10-04",
        },
    )


def test_nothing_measured(spec_test):
    """Without any result the alert is not assessable, which is not the same as not met."""
    spec_test(
        alert="platelets-below-100",
        expected={"2021-09-07": "not assessable: Platelets"},
    )


def test_comparator_that_decides(spec_test):
    """`<90` is below 100 whatever it is; `>150` is not."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | analyte   | comparator | value
            2021-09-06 | platelets | >          | 150
            2021-10-04 | platelets | <          | 90
        """,
        expected={"2021-09-07": "not met", "2021-10-05": "met since 2021-10-04"},
    )


def test_comparator_that_does_not_decide(spec_test):
    """`<150` may be below 100 or not: not assessable."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | analyte   | comparator | value
            2021-09-06 | platelets | <          | 150
        """,
        expected={"2021-09-07": "not assessable: an exact value of Platelets"},
    )


def test_comparator_at_the_limit(spec_test):
    """`<100` is below 100; `<=100` may be 100 itself."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | analyte   | comparator | value
            2021-09-06 | platelets | <=         | 100
            2021-10-04 | platelets | <          | 100
        """,
        expected={
            "2021-09-07": "not assessable: an exact value of Platelets",
            "2021-10-05": "met since 2021-10-04",
        },
    )


def test_own_range(spec_test):
    """Each result is held to the range of the laboratory that reported it."""
    spec_test(
        alert="alt-high",
        labs="""
            specimen   | analyte | value | high | provider
            2021-09-06 | alt     | 130   | 50   | hospital
            2021-10-04 | alt     | 130   | 40   | GP laboratory
        """,
        expected={"2021-09-07": "not met", "2021-10-05": "met since 2021-10-04"},
    )


def test_no_range(spec_test):
    """A result without its laboratory's range cannot be judged by a multiple of it."""
    spec_test(
        alert="alt-high",
        labs="""
            specimen   | analyte | value
            2021-09-06 | alt     | 130
        """,
        expected={"2021-09-07": "not assessable: the laboratory's upper limit of ALT"},
    )
