"""Who is not on the worklist stands somewhere else, by name. Nobody is taken for fine because
nothing is known of them."""

from datetime import date

title = "Where people stand"

_RITUXIMAB_AFTER = """
    drug        | number | first      | last
    alemtuzumab | 1      | 2021-03-08 | 2021-03-12
    rituximab   |        | 2023-06-01 |
"""
_UP_TO_DATE = """
    specimen   | analyte     | value
    2024-01-02 | platelets   | 200
    2024-01-02 | lymphocytes | 1.2
    2024-01-02 | urine_rbc   | 0
"""


def test_a_drug_that_no_protocol_covers(spec_test):
    """While alemtuzumab's tests go on and after they have ended, somebody who is on rituximab, for
    which no protocol was approved, stands under that drug."""
    spec_test(
        standing=True,
        person={"sex": "male"},
        courses=_RITUXIMAB_AFTER,
        labs=_UP_TO_DATE,
        expected={
            "2023-05-31": "on the worklist",
            "2024-01-05": "on a drug that no approved protocol covers: rituximab",
            "2030-01-05": "on a drug that no approved protocol covers: rituximab",
        },
    )


def test_beside_the_worklist(spec_test):
    """Somebody who is on the worklist for one drug is on the other all the same."""
    spec_test(
        standing=True,
        person={"sex": "male"},
        courses=_RITUXIMAB_AFTER,
        expected={"2024-01-05": "on the worklist: rituximab"},
    )


def test_after_its_last_dose(spec_test):
    """How long after its last dose such a drug can do harm nobody has said, so the person stays
    under it until a drug that is followed is begun."""
    spec_test(
        standing=True,
        person={"sex": "male"},
        courses="""
            drug        | number | first      | last
            rituximab   |        | 2018-06-01 | 2019-06-01
            alemtuzumab | 1      | 2024-01-08 | 2024-01-12
        """,
        expected={
            "2024-01-05": "on a drug that no approved protocol covers: rituximab",
            "2024-01-09": "monitored, nothing due",
        },
    )


def test_no_treatment_and_treatments_not_recorded(spec_test):
    """*No treatment recorded* is an answer of a record that has treatments. Of one without that
    table nobody can say it."""
    spec_test(standing=True, courses="", expected={"2024-01-05": "no treatment recorded"})
    spec_test(
        standing=True,
        courses="",
        absent=frozenset({"treatments"}),
        expected={"2024-01-05": "treatments not recorded for anybody"},
    )


def test_nothing_due_ended_died(spec_test):
    """The others."""
    spec_test(
        standing=True,
        person={"sex": "male"},
        labs=_UP_TO_DATE,
        expected={"2024-01-05": "monitored, nothing due", "2030-01-05": "monitoring ended"},
    )
    spec_test(
        standing=True,
        person={"sex": "male", "death_date": date(2023, 7, 1)},
        courses=_RITUXIMAB_AFTER,
        expected={"2024-01-05": "died"},
    )
