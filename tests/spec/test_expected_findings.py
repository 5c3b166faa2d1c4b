"""Some findings are expected after an infusion and raise nothing for a stated time."""

title = "Expected findings"


def test_after_an_infusion(spec_test):
    """A brief fall of platelets after the infusion is silent here for two months after the last
    infusion, then no longer."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | analyte   | value
            2021-03-12 | platelets | 92
            2021-05-12 | platelets | 95
            2021-05-13 | platelets | 95
        """,
        expected={
            "2021-03-12": "not met, expected 1",
            "2021-05-12": "not met, expected 2",
            "2021-05-13": "met since 2021-05-13, expected 2",
        },
    )


def test_not_looked_at_since(spec_test):
    """Platelets were low while that is expected, and nobody tested since it no longer is: whether
    they recovered cannot be told."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | analyte   | value
            2021-04-12 | platelets | 92
        """,
        expected={
            "2021-05-12": "not met, expected 1",
            "2021-05-13": "not assessable: a result of Platelets since the finding is no longer "
            "expected, expected 1",
        },
    )


def test_every_course(spec_test):
    """The expectation comes back with every course."""
    spec_test(
        alert="platelets-below-100",
        courses="""
            number | first      | last
            1      | 2021-03-08 | 2021-03-12
            2      | 2022-03-14 | 2022-03-16
        """,
        labs="""
            specimen   | analyte   | value
            2022-03-16 | platelets | 92
        """,
        expected={"2022-03-17": "not met, expected 1"},
    )


def test_low_lymphocytes(spec_test):
    """Low lymphocytes after alemtuzumab are expected and raise nothing by themselves: the person
    is not on the list."""
    spec_test(
        labs="""
            specimen   | analyte     | value | low
            2021-04-07 | lymphocytes | 0.1   | 1.0
            2021-04-07 | platelets   | 240   | 150
            2021-04-07 | urine_rbc   | 1     |
        """,
        person={"sex": "male"},
        expected={"2021-04-20": "not listed"},
    )
