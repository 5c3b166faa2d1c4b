"""People change drugs. Monitoring of the old one goes on for its tail beside that of the new, and
what one draw can serve is one line. Here alemtuzumab was given in March 2021; another drug, that of
the manual's second example, was begun on 3 January 2022."""

title = "Changing drugs"

_BOTH = """
    drug              | number | first      | last
    alemtuzumab       | 1      | 2021-03-08 | 2021-03-12
    dimethyl fumarate |        | 2022-01-03 |
"""
_UP_TO_DATE = """
    specimen   | analyte     | value
    2022-03-28 | urine_rbc   | 0
    2022-03-28 | creatinine  | 70
    2022-03-28 | alt         | 20
"""


def test_one_draw_two_reasons(spec_test):
    """The blood count of the old drug and the lymphocytes of the new one are one draw, at the more
    urgent of the two."""
    spec_test(
        protocol="both",
        person={"sex": "male"},
        courses=_BOTH,
        labs=_UP_TO_DATE,
        expected={
            "2022-04-04": (
                "overdue: Blood count (none since the first infusion), "
                "and with it due: Lymphocytes (none since the first dose)"
            ),
        },
    )


def test_a_shared_count_serves_both(spec_test):
    """A blood count with lymphocytes satisfies both."""
    spec_test(
        protocol="both",
        person={"sex": "male"},
        courses=_BOTH,
        labs=_UP_TO_DATE
        + """
            2022-04-04 | platelets   | 200
            2022-04-04 | lymphocytes | 1.2
        """,
        expected={"2022-04-04": "not listed"},
    )


def test_the_tail_ends_by_itself(spec_test):
    """48 months and the closing time after the last infusion, only the new drug's are left."""
    spec_test(
        protocol="both",
        person={"sex": "male"},
        courses=_BOTH,
        expected={
            "2025-07-01": (
                "overdue: Creatinine (none since the first dose); "
                "overdue: Liver (none since the first dose); "
                "overdue: Lymphocytes (none since the first dose)"
            ),
        },
    )
