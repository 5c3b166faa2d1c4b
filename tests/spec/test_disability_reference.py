"""What a change is a change from, and when that moves."""

title = "The reference"

_COURSE = """
    day | edss
      0 | 4.0
    100 | 3.0
    200 | 3.0
    300 | 4.0
    400 | 4.0
    500 | 5.0
    600 | 5.0
"""


def test_fixed(disability_test):
    """Against the first visit the improvement is one event and the return to 4.0 is none."""
    disability_test(
        changes="""
            [events]
            report = "each"
            kinds = "both"
        """,
        visits=_COURSE,
        expected="""
            event | onset | reference
            cdi   | 100   | 0
            cdw   | 500   | 0
        """,
    )


def test_roving(disability_test):
    """The reference moves to the visit that confirms; the return is a worsening from there."""
    disability_test(
        changes="""
            [events]
            report = "each"
            kinds = "both"
            [reference]
            roves = "both"
        """,
        visits=_COURSE,
        expected="""
            event | onset | reference
            cdi   | 100   | 0
            cdw   | 300   | 200
            cdw   | 500   | 400
        """,
    )


def test_first_of_each_kind(disability_test):
    """One worsening and one improvement at most."""
    disability_test(
        changes="""
            [events]
            report = "first of a kind"
            kinds = "both"
            [reference]
            roves = "both"
        """,
        visits=_COURSE,
        expected="""
            event | onset | reference
            cdi   | 100   | 0
            cdw   | 300   | 200
        """,
    )


def test_less_than_a_step_moves_it(disability_test):
    """Half a point better, confirmed, lowers the reference without being an event."""
    disability_test(
        changes="""
            [reference]
            roves = "improvement"
            sub_threshold = "improvement"
        """,
        visits="""
            day | edss
              0 | 4.0
            100 | 3.5
            200 | 3.5
            300 | 4.5
            400 | 4.5
        """,
        expected="""
            event | onset | reference | score
            cdw   | 300   | 200       | 3.5
        """,
    )


def test_where_lower_is_worse_as_well(disability_test):
    """Fewer correct answers never read as an improvement: the worsening is found."""
    disability_test(
        changes="""
            measure = "sdmt"
            worse = "lower"
            step = [{ points = 4, percent = 20 }]
            [reference]
            roves = "both"
            sub_threshold = "improvement"
        """,
        visits="""
            day | sdmt
              0 | 50
            100 | 47
            200 | 47
            300 | 47
            400 | 43
            500 | 43
        """,
        expected="""
            event | onset | reference
            cdw   | 400   | 0
        """,
    )


def test_the_best_of_the_window(disability_test):
    """The reference may move to the best score until confirmation instead."""
    disability_test(
        changes="""
            [events]
            report = "each"
            [reference]
            roves = "worsening"
            moves_to = "best of window"
        """,
        visits="""
            day | edss
              0 | 2.0
            100 | 4.0
            150 | 3.0
            200 | 4.0
            300 | 4.0
            400 | 4.0
        """,
        expected="""
            event | onset | reference | score
            cdw   | 100   | 0         | 2
            cdw   | 200   | 150       | 3
        """,
    )


def test_the_new_reference_has_to_hold(disability_test):
    """Compared with the new reference, an improvement that is half lost again moves nothing."""
    disability_test(
        changes="""
            [reference]
            roves = "improvement"
            compared_with = "new reference"
        """,
        visits="""
            day | edss
              0 | 4.0
            100 | 2.0
            200 | 3.0
            300 | 4.0
            400 | 4.0
        """,
        expected="not met",
    )


def test_a_local_extremum_is_passed_over(disability_test):
    """A first visit cannot be one; after a move the next visit that is none becomes reference."""
    disability_test(
        changes="""
            [reference]
            roves = "improvement"
            extrema = "skip"
        """,
        visits="""
            day | edss
              0 | 4.0
            100 | 3.0
            200 | 2.5
            300 | 3.0
            400 | 3.5
            500 | 4.0
            600 | 4.0
        """,
        expected="""
            event | onset | reference | score
            cdw   | 500   | 300       | 3
        """,
    )
