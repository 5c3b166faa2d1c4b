"""One line a person: what needs doing, why, since when, whose move; the most dangerous first."""

from datetime import date

title = "A line on the worklist"

_QUIET = """
    specimen   | analyte     | value | low | provider
    2021-09-01 | platelets   | 230   | 150 | hospital
    2021-09-01 | lymphocytes | 0.3   | 1.0 | hospital
    2021-09-01 | urine_rbc   | 1     |     | hospital
"""


def test_nothing_to_do(spec_test):
    """Everything done and nothing abnormal: not on the list."""
    spec_test(labs=_QUIET, person={"sex": "male"}, expected={"2021-09-10": "not listed"})


def test_alert_before_overdue(spec_test):
    """A result that needs action today stands above a test that is overdue."""
    spec_test(
        labs="""
            specimen   | analyte     | value
            2021-08-02 | platelets   | 190
            2021-08-30 | platelets   | 84
            2021-08-30 | lymphocytes | 0.3
        """,
        person={"sex": "male"},
        expected={
            "2021-09-01": "act today: Platelets below 100 "
            "(Platelets 84 × 10⁹/L, down 56 % in 28 days; no repeat since, 1 day late); "
            "overdue: Urine (none since the first infusion)",
        },
    )


def test_due(spec_test):
    """A test that is due but not overdue is listed last."""
    spec_test(
        labs=_QUIET,
        person={"sex": "male"},
        expected={
            "2021-10-02": "due: Blood count (last 2021-09-01); due: Urine (last 2021-09-01)",
        },
    )


def test_known_finding(spec_test):
    """A finding that a recorded diagnosis explains does not stand among those that need action."""
    spec_test(
        labs=_QUIET
        + """
            2021-09-01 | tsh         | 0.05  | 0.4 | hospital
        """,
        person={"sex": "male"},
        events="""
            onset_date | category | term
            2021-07    | thyroid  | Graves disease
        """,
        expected={
            "2021-09-10": "known finding: TSH below the laboratory's range "
            "(TSH 0.05 mIU/L; Graves disease since 2021-07)"
        },
    )


def test_missing_table(spec_test):
    """What a record cannot answer for anybody is said once for the whole list, not in every line:
    a record without examinations lists nobody for them."""
    spec_test(
        labs=_QUIET,
        absent=frozenset({"examinations"}),
        expected={"2021-09-10": "not listed"},
    )


def test_sex_not_recorded(spec_test):
    """What is missing for one person stands in that person's line."""
    spec_test(
        labs=_QUIET,
        person={},
        expected={"2021-09-10": "not assessable: Cervical screening (not recorded: sex)"},
    )


def test_death(spec_test):
    """People who have died are not on the list."""
    spec_test(
        person={"sex": "male", "death_date": date(2021, 9, 1)},
        expected={"2021-09-10": "not listed"},
    )


def test_left_with_an_open_finding(spec_test):
    """A finding that was open when somebody left observation is not forgotten: it stands below the
    people who are here."""
    spec_test(
        labs="""
            specimen   | analyte     | value | low
            2021-08-30 | platelets   | 84    | 150
            2021-08-30 | lymphocytes | 0.3   | 1.0
        """,
        person={"sex": "male"},
        follow_up="""
            start_date | end_date   | end_reason
            2021-03-08 | 2021-09-15 | moved
        """,
        expected={"2021-10-01": "open when they left: Platelets below 100 (Platelets 84 × 10⁹/L)"},
    )


def test_what_cannot_be_told(spec_test):
    """A result that may be a finding stands on the list, last of all, with what would tell."""
    spec_test(
        person={"sex": "male"},
        labs="""
            specimen   | analyte     | comparator | value
            2021-09-06 | platelets   | <          | 150
            2021-09-06 | lymphocytes |            | 1.2
            2021-09-06 | urine_rbc   |            | 1
        """,
        expected={
            "2021-09-07": "not assessable: Cannot be told: Platelets below 100 (Platelets "
            "<150 × 10⁹/L on 2021-09-06; needs an exact value of Platelets)",
        },
    )
