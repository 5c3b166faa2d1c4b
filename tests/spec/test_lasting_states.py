"""Some results matter only when they last: lymphocytes below 0.5 for more than six months. Two
results or more show it, none more than four months after the one before. The drug was begun on
6 January 2020."""

title = "States that last"

_TAKEN = """
    first      | last
    2020-01-06 |
"""


def test_longer_than_six_months(spec_test):
    """More than six calendar months from the first low result to the newest. Six months to the day
    is not more."""
    spec_test(
        protocol="continuous",
        alert="below-0.5-lasting",
        courses=_TAKEN,
        labs="""
            specimen   | analyte     | value
            2020-04-06 | lymphocytes | 0.9
            2020-07-06 | lymphocytes | 0.4
            2020-10-06 | lymphocytes | 0.45
            2021-01-06 | lymphocytes | 0.4
            2021-01-07 | lymphocytes | 0.4
        """,
        expected={
            "2020-07-06": "not met",
            "2021-01-06": "not met",
            "2021-01-07": "met since 2021-01-07, confirmed 2021-01-07",
        },
    )


def test_recovery_begins_anew(spec_test):
    """One result outside the range ends the state; the next low one begins another."""
    spec_test(
        protocol="continuous",
        alert="below-0.5-lasting",
        courses=_TAKEN,
        labs="""
            specimen   | analyte     | value
            2020-04-06 | lymphocytes | 0.4
            2020-07-06 | lymphocytes | 0.4
            2020-09-07 | lymphocytes | 0.6
            2020-11-02 | lymphocytes | 0.4
            2021-02-01 | lymphocytes | 0.4
        """,
        expected={"2020-09-07": "not met", "2021-02-01": "not met"},
    )


def test_a_gap_is_not_an_answer(spec_test):
    """Between July and January nobody tested. The state may have lasted or not: the answer is *not
    assessable*, for *not met* would say that somebody had looked."""
    spec_test(
        protocol="continuous",
        alert="below-0.5-lasting",
        courses=_TAKEN,
        labs="""
            specimen   | analyte     | value
            2020-04-06 | lymphocytes | 0.9
            2020-07-06 | lymphocytes | 0.4
            2021-02-01 | lymphocytes | 0.4
        """,
        expected={
            "2021-02-01": ("not assessable: results of Lymphocytes not more than 4 months apart"),
        },
    )


def test_nobody_tested_since(spec_test):
    """Time since the newest result is a gap too. Three months below 0.5 and then no test: after six
    months nobody knows, and the worklist says so."""
    labs = """
        specimen   | analyte     | value
        2020-04-06 | lymphocytes | 0.9
        2020-07-06 | lymphocytes | 0.4
        2020-10-06 | lymphocytes | 0.4
    """
    spec_test(
        protocol="continuous",
        alert="below-0.5-lasting",
        courses=_TAKEN,
        labs=labs,
        expected={
            "2020-10-07": "not met",
            "2021-01-06": "not met",
            "2021-01-07": "not assessable: a result of Lymphocytes since 2020-10-06",
        },
    )


def test_the_first_result_comes_late(spec_test):
    """A first result that is low, ten months after the first dose: nobody knows for how long."""
    spec_test(
        protocol="continuous",
        alert="below-0.5-lasting",
        courses=_TAKEN,
        labs="""
            specimen   | analyte     | value
            2020-11-02 | lymphocytes | 0.4
        """,
        expected={
            "2020-11-02": ("not assessable: results of Lymphocytes not more than 4 months apart"),
        },
    )


def test_bounds(spec_test):
    """`<0.5` lies inside. `<0.8` may lie inside or not, so what it is part of is left open."""
    spec_test(
        protocol="continuous",
        alert="below-0.5-lasting",
        courses=_TAKEN,
        labs="""
            specimen   | analyte     | comparator | value
            2020-04-06 | lymphocytes | <          | 0.5
            2020-07-06 | lymphocytes | <          | 0.8
            2020-10-12 | lymphocytes |            | 0.4
            2021-01-11 | lymphocytes |            | 0.4
        """,
        expected={
            "2020-07-06": "not assessable: an exact value of Lymphocytes",
            "2020-10-12": ("not assessable: results of Lymphocytes not more than 4 months apart"),
        },
    )


def test_a_band(spec_test):
    """From 0.5 to below 0.8: 0.5 itself lies in the band, 0.8 does not, and a value that leaves it
    downwards ends the state of the band too."""
    spec_test(
        protocol="continuous",
        alert="below-0.8-lasting",
        courses=_TAKEN,
        labs="""
            specimen   | analyte     | value
            2020-04-06 | lymphocytes | 0.5
            2020-07-06 | lymphocytes | 0.7
            2020-10-12 | lymphocytes | 0.79
            2021-01-11 | lymphocytes | 0.8
            2021-04-12 | lymphocytes | 0.7
            2021-07-12 | lymphocytes | 0.4
        """,
        expected={
            "2020-10-12": "met since 2020-10-12, confirmed 2020-10-12",
            "2021-01-11": "not met",
            "2021-07-12": "not met",
        },
    )


def test_a_correction_can_end_it(spec_test):
    """A corrected result takes its place in the chain: what looked like a lasting state is none."""
    spec_test(
        protocol="continuous",
        alert="below-0.5-lasting",
        courses=_TAKEN,
        labs="""
            specimen   | received   | analyte     | value | status    | result
            2020-04-06 | 2020-04-07 | lymphocytes | 0.4   | final     | a
            2020-07-06 | 2020-07-07 | lymphocytes | 0.4   | final     | b
            2020-10-12 | 2020-10-13 | lymphocytes | 0.4   | final     | c
            2020-07-06 | 2020-10-20 | lymphocytes | 1.4   | corrected | b
        """,
        expected={
            "2020-10-19": "met since 2020-10-12, confirmed 2020-10-12",
            "2020-10-20": "not met",
        },
    )
