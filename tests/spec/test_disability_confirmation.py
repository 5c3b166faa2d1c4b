"""A change counts when a later visit still shows it."""

title = "Confirmation"

_ALL = """
    day | edss
      0 | 2.0
    100 | 3.0
    150 | 2.0
    200 | 3.0
    290 | 3.0
"""


def test_every_visit_between_has_to_hold(disability_test):
    """The first worsening recovers before it is confirmed; the next is tried anew."""
    disability_test(
        visits=_ALL,
        expected="""
            event | onset | confirmed | sustained
            cdw   | 200   | 290       | 90
        """,
    )


def test_or_the_confirming_visit_alone(disability_test):
    """Without looking between, the first visit late enough decides."""
    disability_test(
        changes="""
            [confirmation]
            intermediate = false
        """,
        visits=_ALL,
        expected="""
            event | onset | confirmed
            cdw   | 100   | 200
        """,
    )


def test_a_few_days_early_count(disability_test):
    """12 weeks less 7 days are 77: day 77 confirms, day 76 does not."""
    disability_test(
        visits="""
            day | edss
              0 | 2.0
            100 | 3.0
            177 | 3.0
        """,
        expected="""
            event | onset | confirmed
            cdw   | 100   | 177
        """,
    )
    disability_test(
        visits="""
            day | edss
              0 | 2.0
             50 | 2.0
            100 | 3.0
            176 | 3.0
        """,
        expected="not met",
    )


def test_several_windows(disability_test):
    """With 12 and 24 weeks either confirms; the earlier is reported."""
    disability_test(
        changes="""
            [confirmation]
            windows = [{ after = "P12W", late_days = 14 }, { after = "P24W", late_days = 14 }]
        """,
        visits="""
            day | edss
              0 | 2.0
            100 | 3.0
            270 | 3.0
            360 | 3.0
        """,
        expected="""
            event | onset | confirmed
            cdw   | 100   | 270
        """,
    )


def test_sustained_to_the_end(disability_test):
    """A confirmed change that recovers later is dropped where it has to last."""
    disability_test(
        changes="""
            [confirmation]
            sustained_days = inf
        """,
        visits="""
            day | edss
              0 | 2.0
            100 | 3.0
            200 | 3.0
            300 | 2.0
        """,
        expected="not met",
    )


def test_as_bad_as_at_onset(disability_test):
    """The step holds at the confirming visit, the score at onset does not."""
    disability_test(
        changes="""
            [confirmation]
            magnitude = "event score"
        """,
        visits="""
            day | edss
              0 | 2.0
            100 | 4.0
            200 | 3.0
            300 | 3.0
        """,
        expected="""
            event | onset | confirmed
            cdw   | 200   | 300
        """,
    )


def test_the_last_visit(disability_test):
    """A worsening at the last visit counts only where the definition says so."""
    disability_test(
        changes="""
            [confirmation]
            last_visit_within = 365
        """,
        visits="""
            day | edss
              0 | 2.0
            100 | 2.0
            200 | 4.0
        """,
        expected="""
            event | onset | confirmed
            cdw   | 200   | none
        """,
    )
