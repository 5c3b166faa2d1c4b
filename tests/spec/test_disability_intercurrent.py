"""Treatment changes and death between onset and confirmation (ICH E9(R1))."""

title = "Switch, retreatment, death"

_WORSE = """
    day | edss
      0 | 2.0
    100 | 3.0
    200 | 3.0
    300 | 3.0
"""


def test_treatment_policy(disability_test):
    """What happened is counted whatever was given in between."""
    disability_test(
        changes='drug = "example"',
        visits=_WORSE,
        happens={"switch": 150},
        expected="""
            event | onset | confirmed
            cdw   | 100   | 200
        """,
    )


def test_while_on_treatment(disability_test):
    """Observation ends on the day of the switch: nothing after it can confirm."""
    disability_test(
        changes="""
            drug = "example"
            [intercurrent]
            switch = "while on treatment"
        """,
        visits=_WORSE,
        happens={"switch": 150},
        expected="not assessable: a visit late enough to confirm a change",
    )


def test_composite(disability_test):
    """Retreatment while worse counts as confirmation, on its own day."""
    disability_test(
        changes="""
            drug = "example"
            [intercurrent]
            retreatment = "composite"
        """,
        visits=_WORSE,
        happens={"retreatment": 150},
        expected="""
            event | onset | confirmed | sustained
            cdw   | 100   | 150       | 50
        """,
    )


def test_composite_asks_for_a_worsening_that_still_holds(disability_test):
    """Recovered before retreatment: no event."""
    disability_test(
        changes="""
            drug = "example"
            [intercurrent]
            retreatment = "composite"
        """,
        visits="""
            day | edss
              0 | 2.0
            100 | 3.0
            140 | 2.0
            250 | 2.0
        """,
        happens={"retreatment": 150},
        expected="not met",
    )


def test_death_ends_observation(disability_test):
    """While alive: an onset that death leaves unconfirmed is none."""
    disability_test(
        visits="""
            day | edss
              0 | 2.0
            100 | 2.0
            200 | 4.0
        """,
        happens={"death": 220},
        expected="not met",
    )


def test_death_as_a_part_of_the_event(disability_test):
    """Composite: death while worse confirms the worsening."""
    disability_test(
        changes="""
            [intercurrent]
            death = "composite"
        """,
        visits="""
            day | edss
              0 | 2.0
            100 | 2.0
            200 | 4.0
        """,
        happens={"death": 220},
        expected="""
            event | onset | confirmed
            cdw   | 200   | 220
        """,
    )
