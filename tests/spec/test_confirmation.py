"""An abnormal result opens an episode at once. A repeat confirms or refutes it, and if no repeat
comes in time, that is a finding of its own. The drug was begun on 4 January 2021."""

title = "Confirmed, refuted, unanswered"

_TAKEN = """
    first      | last
    2021-01-04 |
"""


def test_confirmed(spec_test):
    """A result of a later moment that meets the alert too confirms it."""
    spec_test(
        protocol="continuous",
        alert="below-0.5",
        courses=_TAKEN,
        labs="""
            specimen   | analyte     | value
            2021-03-01 | lymphocytes | 0.4
            2021-03-22 | lymphocytes | 0.3
        """,
        expected={
            "2021-03-21": "met since 2021-03-01",
            "2021-03-22": "met since 2021-03-01, confirmed 2021-03-22",
        },
    )


def test_refuted(spec_test):
    """One that does not meet it closes the episode; nothing had confirmed it, so it was refuted."""
    spec_test(
        protocol="continuous",
        alert="below-0.5",
        courses=_TAKEN,
        labs="""
            specimen   | analyte     | value
            2021-03-01 | lymphocytes | 0.4
            2021-03-22 | lymphocytes | 1.1
        """,
        expected={"2021-03-22": "not met, refuted 2021-03-22"},
    )


def test_a_lasting_state_needs_no_confirmation(spec_test):
    """Several results had to agree for it to open: it is confirmed at once, and recovery later is
    no refutation."""
    spec_test(
        protocol="continuous",
        alert="below-0.5-lasting",
        courses="""
            first      | last
            2020-01-06 |
        """,
        labs="""
            specimen   | analyte     | value
            2020-04-06 | lymphocytes | 0.4
            2020-07-06 | lymphocytes | 0.4
            2020-10-12 | lymphocytes | 0.4
            2020-12-14 | lymphocytes | 1.2
        """,
        expected={
            "2020-10-12": "met since 2020-10-12, confirmed 2020-10-12",
            "2020-12-14": "not met",
        },
    )


def test_a_closing_rule(spec_test):
    """Below 0.2 the drug is interrupted until 0.6: a count of 0.4 no longer meets the alert and
    does not close it either."""
    spec_test(
        protocol="continuous",
        alert="below-0.2",
        courses=_TAKEN,
        labs="""
            specimen   | analyte     | value
            2021-03-01 | lymphocytes | 0.15
            2021-03-03 | lymphocytes | 0.1
            2021-04-05 | lymphocytes | 0.4
            2021-05-03 | lymphocytes | 0.6
        """,
        expected={
            "2021-04-05": "met since 2021-03-01, confirmed 2021-03-03",
            "2021-05-03": "not met",
        },
    )


def test_no_repeat(spec_test):
    """The response time runs from the day the result was received. After it the alert moves up one
    step and says how late the repeat is."""
    spec_test(
        protocol="continuous",
        courses=_TAKEN,
        labs="""
            specimen   | received   | analyte     | value
            2021-03-01 | 2021-03-04 | lymphocytes | 0.4
            2021-03-01 | 2021-03-04 | alt         | 20
            2021-03-01 | 2021-03-04 | creatinine  | 70
            2021-03-29 | 2021-03-29 | creatinine  | 70
        """,
        expected={
            "2021-04-04": (
                "review within 2 weeks: Lymphocytes below 0.5 (Lymphocytes 0.4 × 10⁹/L); "
                "due: Liver (last 2021-03-01)"
            ),
            "2021-04-05": (
                "act within 3 days: Lymphocytes below 0.5 (Lymphocytes 0.4 × 10⁹/L; no repeat "
                "since, 1 day late); due: Liver (last 2021-03-01)"
            ),
        },
    )


def test_the_graver_alert_covers_the_milder(spec_test):
    """Where one alert says the same and more, the milder one is not listed beside it."""
    spec_test(
        protocol="continuous",
        courses=_TAKEN,
        labs="""
            specimen   | analyte     | value
            2021-01-25 | lymphocytes | 0.15
            2021-01-25 | creatinine  | 70
        """,
        expected={
            "2021-01-25": ("act within 3 days: Lymphocytes below 0.2 (Lymphocytes 0.15 × 10⁹/L)"),
        },
    )


def test_after_the_drug(spec_test):
    """A finding opens an episode only as long as the drug's own check goes on: a low count a year
    after the last dose is not the drug's."""
    spec_test(
        protocol="continuous",
        alert="below-0.5",
        courses="""
            first      | last
            2021-01-04 | 2021-06-30
        """,
        labs="""
            specimen   | analyte     | value
            2021-05-03 | lymphocytes | 0.9
            2022-06-06 | lymphocytes | 0.4
        """,
        expected={"2022-06-06": "not met"},
    )
