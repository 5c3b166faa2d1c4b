"""Scores that are missing, doubled or out of order have a stated answer."""

title = "Scores that are missing or odd"


def test_no_score(disability_test):
    """Nobody looked: not assessable, never free of the event."""
    disability_test(
        changes='measure = "nhpt_s"',
        visits="""
            day | edss
              0 | 2.0
            100 | 3.0
        """,
        expected="not assessable: a score of nhpt_s",
    )


def test_one_visit(disability_test):
    """A single score is no course."""
    disability_test(
        visits="""
            day | edss
              0 | 2.0
        """,
        expected="not assessable: a second score of edss",
    )


def test_never_confirmable(disability_test):
    """Two visits too near to each other: a worsening could not have been confirmed."""
    disability_test(
        visits="""
            day | edss
              0 | 2.0
             30 | 4.0
             60 | 4.0
        """,
        expected="not assessable: a visit late enough to confirm a change",
    )


def test_no_baseline_before_treatment(disability_test):
    """The trial's baseline is a visit before the first course; one after it does not stand in."""
    disability_test(
        definition="care-ms-cdw-6m",
        visits="""
            day | edss
             10 | 2.0
            200 | 4.0
            400 | 4.0
        """,
        expected="not assessable: a score of edss before the first course",
    )


def test_no_reference_away_from_relapses(disability_test):
    """Every visit is too near to a relapse to be compared with."""
    disability_test(
        visits="""
            day | edss
              0 | 2.0
             20 | 2.0
        """,
        relapses="day -5 day 15",
        expected="not assessable: a reference visit far enough from relapses",
    )


def test_the_last_of_a_day_stands_and_order_does_not_matter(disability_test):
    """Rows may come in any order; of two scores on a day the later row counts."""
    disability_test(
        visits="""
            day | edss
            200 | 3.0
            100 | 2.0
              0 | 2.0
            100 | 3.0
        """,
        expected="""
            event | onset | confirmed
            cdw   | 100   | 200
        """,
    )


def test_who_begins_too_low(disability_test):
    """The trial looks for improvement in people with a baseline of at least 2.0."""
    disability_test(
        definition="care-ms-cdi-6m",
        visits="""
            day | edss
              0 | 1.5
            100 | 0
            400 | 0
        """,
        expected="not assessable: a reference of at least 2",
    )
