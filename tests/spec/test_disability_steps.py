"""How far a score has to move depends on where it starts."""

title = "The step"


def test_one_point_and_a_half_from_zero(disability_test):
    """From 0 it takes one and a half points, from 1.0 to 5.0 a whole one."""
    disability_test(
        visits="""
            day | edss
              0 | 0
            100 | 1.0
            200 | 1.5
            300 | 1.5
        """,
        expected="""
            event | onset | confirmed
            cdw   | 200   | 300
        """,
    )


def test_half_a_point_above_five(disability_test):
    """By msprog's rule half a point counts above a reference of 5.0."""
    disability_test(
        visits="""
            day | edss
              0 | 5.5
            100 | 6.0
            200 | 6.0
        """,
        expected="""
            event | onset | confirmed
            cdw   | 100   | 200
        """,
    )


def test_a_trial_asks_for_more(disability_test):
    """ORATORIO asks for a whole point at 5.5: the same scores are no event by its definition."""
    disability_test(
        definition="oratorio-cdp12",
        visits="""
            day | edss
              0 | 5.5
            100 | 6.0
            200 | 6.0
        """,
        expected="not met",
    )


def test_lower_may_be_worse(disability_test):
    """For the SDMT fewer correct answers are worse, and the step is 4 points or a fifth."""
    disability_test(
        changes="""
            measure = "sdmt"
            worse = "lower"
            step = [{ points = 4, percent = 20 }]
        """,
        visits="""
            day | sdmt
              0 | 50
            100 | 46
            200 | 45
        """,
        expected="""
            event | onset | confirmed
            cdw   | 100   | 200
        """,
    )
