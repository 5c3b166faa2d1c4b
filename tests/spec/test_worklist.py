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


def test_confirmed(spec_test):
    """A repeat that shows the finding again confirms it, and the line says when. The next one is
    then late after that repeat, not after the first result."""
    spec_test(
        labs="""
            specimen   | analyte     | value
            2021-08-30 | platelets   | 84
            2021-08-30 | lymphocytes | 0.3
            2021-08-30 | urine_rbc   | 0
            2021-09-02 | platelets   | 80
            2021-09-02 | lymphocytes | 0.3
        """,
        person={"sex": "male"},
        expected={
            "2021-09-05": "act today: Platelets below 100 (Platelets 80 × 10⁹/L, was 84 × 10⁹/L "
            "3 days before; confirmed 2021-09-02; no repeat since 2021-09-02, 2 days late)",
        },
    )


def test_refuted_and_still_open(spec_test):
    """A repeat that refutes a finding whose closing rule asks for more is said, with what it waits
    for."""
    spec_test(
        protocol="continuous",
        courses="""
            first
            2022-01-03
        """,
        person={"sex": "male"},
        labs="""
            specimen   | analyte     | value
            2022-01-03 | alt         | 20
            2022-01-10 | creatinine  | 70
            2022-01-10 | lymphocytes | 0.19
            2022-01-12 | lymphocytes | 0.5
        """,
        expected={
            "2022-01-12": "act within 3 days: Lymphocytes below 0.2 (Lymphocytes 0.19 × 10⁹/L; "
            "refuted by Lymphocytes 0.5 × 10⁹/L on 2022-01-12, open until Lymphocytes at least 0.6 "
            "× 10⁹/L)",
        },
    )


def test_a_state_that_lasts(spec_test):
    """Since when it lasts, and in how many results."""
    spec_test(
        protocol="continuous",
        courses="""
            first
            2022-01-03
        """,
        person={"sex": "male"},
        labs="""
            specimen   | analyte     | value
            2022-02-01 | lymphocytes | 0.6
            2022-05-02 | lymphocytes | 0.7
            2022-08-02 | lymphocytes | 0.6
            2022-08-02 | alt         | 20
            2022-08-02 | creatinine  | 70
        """,
        expected={
            "2022-08-02": "review within 2 weeks: Lymphocytes from 0.5 to below 0.8 for more than "
            "6 months (Lymphocytes 0.6 × 10⁹/L, from 0.5 × 10⁹/L to below 0.8 × 10⁹/L since "
            "2022-02-01 in 3 results)",
        },
    )


def test_a_combination(spec_test):
    """Both halves with their days. A baseline from after the first infusion is said to be one."""
    spec_test(
        labs="""
            specimen   | analyte     | value
            2021-08-02 | creatinine  | 70
            2021-08-25 | urine_rbc   | 20
            2021-08-30 | creatinine  | 140
            2021-08-30 | platelets   | 200
            2021-08-30 | lymphocytes | 0.3
        """,
        person={"sex": "male"},
        expected={
            "2021-08-30": "act today: Creatinine up with blood in the urine (Creatinine 140 µmol/L "
            "on 2021-08-30, was 70 µmol/L 28 days before, baseline 70 µmol/L on 2021-08-02 (from "
            "after the first infusion; none is recorded from before); Urine red blood cells 20 per "
            "field on 2021-08-25); act within 3 days: Creatinine up by more than 30 % (Creatinine "
            "140 µmol/L, baseline 70 µmol/L on 2021-08-02 (from after the first infusion; none is "
            "recorded from before))",
        },
    )


def test_only_a_bound(spec_test):
    """Of a result such as *<100* no more is said than it allows."""
    spec_test(
        labs="""
            specimen   | analyte     | comparator | value
            2021-08-23 | platelets   |            | 220
            2021-08-30 | platelets   | <          | 100
            2021-08-30 | lymphocytes |            | 0.3
            2021-08-30 | urine_rbc   |            | 0
            2021-09-01 | platelets   | <          | 100
        """,
        person={"sex": "male"},
        expected={
            "2021-08-30": "act today: Platelets below 100 (Platelets <100 × 10⁹/L, down at least "
            "54 % in 7 days)",
            "2021-09-01": "act today: Platelets below 100 (Platelets <100 × 10⁹/L, was <100 "
            "× 10⁹/L 2 days before; confirmed 2021-09-01)",
        },
    )


def test_above_a_bound(spec_test):
    """Nobody can say how far a result such as *>50* moved."""
    spec_test(
        labs="""
            specimen   | analyte     | comparator | value | high
            2021-08-23 | alt         |            | 30    | 40
            2021-08-30 | alt         | >          | 500   | 40
            2021-08-30 | platelets   | >          | 150   |
            2021-08-30 | lymphocytes |            | 0.3   |
            2021-08-30 | urine_rbc   |            | 0     |
        """,
        person={"sex": "male"},
        expected={
            "2021-08-30": "act within 3 days: ALT above three times the laboratory's limit "
            "(ALT >500 U/L, was 30 U/L 7 days before)",
        },
    )
