"""A check is satisfied only when everything it needs has a usable result. Absent is never normal:
*done*, *not received* and *not looked at* stay apart."""

title = "Results that count"


def test_partial(spec_test):
    """A blood count without platelets does not satisfy the check, and says what it lacks."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | analyte     | value
            2021-04-08 | lymphocytes | 0.2
        """,
        expected={"2021-04-20": "overdue, due 2021-04-08, lacks Platelets"},
    )


def test_parts_on_different_days(spec_test):
    """Parts drawn on different days, or at different laboratories, add up. The test counts from
    the oldest of them."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | analyte     | value | provider
            2021-04-06 | platelets   | 240   | hospital
            2021-04-09 | lymphocytes | 0.2   | GP laboratory
        """,
        expected={
            "2021-04-08": "due, due 2021-04-08, lacks Lymphocytes",
            "2021-04-09": "not yet due, due 2021-05-06, lacks Platelets",
        },
    )


def test_any_one_of(spec_test):
    """Where a check accepts one of several methods, any one of them satisfies it."""
    spec_test(
        check="urine",
        labs="""
            specimen   | analyte              | value
            2021-04-07 | urine_blood_dipstick | 0
            2021-05-07 | urine_rbc            | 2
        """,
        expected={
            "2021-04-10": "not yet due, due 2021-05-07",
            "2021-05-10": "not yet due, due 2021-06-07",
        },
    )


def test_preliminary(spec_test):
    """A preliminary result never satisfies a check. The specimen is known to exist, so the list
    says that its result has not been received rather than that nothing was done."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | analyte     | value | status
            2021-04-08 | platelets   | 240   | preliminary
            2021-04-08 | lymphocytes | 0.2   | final
        """,
        expected={
            "2021-04-16": "overdue, due 2021-04-08, specimen of 2021-04-08 not received, "
            "lacks Platelets",
        },
    )


def test_registered(spec_test):
    """A registered specimen without a value has been taken and not reported."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | analyte     | value | status
            2021-04-08 | platelets   |       | registered
            2021-04-08 | lymphocytes |       | registered
        """,
        expected={"2021-04-10": "due, due 2021-04-08, specimen of 2021-04-08 not received"},
    )


def test_value_with_a_comparator(spec_test):
    """`<0.1` is a result: the test was done."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | analyte     | comparator | value
            2021-04-08 | platelets   |            | 240
            2021-04-08 | lymphocytes | <          | 0.1
        """,
        expected={"2021-04-10": "not yet due, due 2021-05-08"},
    )


def test_no_such_table(spec_test):
    """A record that holds no laboratory table at all cannot say whether a test was done."""
    spec_test(
        check="blood-count",
        absent=frozenset({"labs"}),
        expected={"2021-04-20": "not assessable: table labs"},
    )


def test_no_treatments(spec_test):
    """Without a table of treatments nobody knows who is monitored."""
    spec_test(
        check="blood-count",
        courses="",
        absent=frozenset({"treatments"}),
        expected={"2021-04-20": "not assessable: table treatments"},
    )
