"""A change is held to the person's own baseline, or to the previous result."""

title = "Changes"


def test_rise_from_baseline(spec_test):
    """The baseline is the last usable value on or before the first infusion."""
    spec_test(
        alert="creatinine-rise",
        labs="""
            specimen   | analyte    | value
            2020-11-02 | creatinine | 50
            2021-03-01 | creatinine | 70
            2021-09-06 | creatinine | 91
            2021-10-04 | creatinine | 92
        """,
        expected={"2021-09-07": "not met", "2021-10-05": "met since 2021-10-04"},
    )


def test_no_baseline(spec_test):
    """Without one, the first value after the infusion stands in, and the reasons say so. That
    value itself cannot be judged."""
    spec_test(
        alert="creatinine-rise",
        labs="""
            specimen   | analyte    | value
            2021-04-06 | creatinine | 70
            2021-10-04 | creatinine | 99
        """,
        expected={
            "2021-04-07": "not assessable: a baseline of Creatinine",
            "2021-10-05": "met since 2021-10-04",
        },
    )


def test_fall(spec_test):
    """Platelets that halve need a repeat although the count is still above 100."""
    spec_test(
        alert="platelets-halved",
        labs="""
            specimen   | analyte   | value
            2021-08-02 | platelets | 260
            2021-09-06 | platelets | 131
            2021-10-04 | platelets | 262
            2021-11-01 | platelets | 131
        """,
        expected={
            "2021-09-07": "not met",
            "2021-11-02": "met since 2021-11-01",
        },
    )


def test_first_result(spec_test):
    """A fall needs an earlier result; the first one cannot be judged."""
    spec_test(
        alert="platelets-halved",
        labs="""
            specimen   | analyte   | value
            2021-08-02 | platelets | 260
        """,
        expected={"2021-08-03": "not assessable: an earlier result of Platelets"},
    )
