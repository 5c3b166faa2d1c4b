"""A grade without its version means nothing: version 6 of CTCAE grades the same count differently.
The tables of both are data."""

title = "CTCAE grades"

_TAKEN = """
    first      | last
    2021-01-04 |
"""
_COUNT = """
    specimen   | analyte     | value
    2021-03-01 | neutrophils | 0.3
"""


def test_version_5(spec_test):
    """Neutrophils of 0.3 are grade 4 in version 5, which begins below 0.5."""
    spec_test(
        protocol="continuous",
        alert="neutrophils-grade-4",
        courses=_TAKEN,
        labs=_COUNT,
        expected={"2021-03-01": "met since 2021-03-01"},
    )


def test_version_6(spec_test):
    """In version 6 the same count is grade 3: grade 4 begins below 0.1."""
    spec_test(
        protocol="continuous",
        alert="neutrophils-grade-4-v6",
        courses=_TAKEN,
        labs=_COUNT,
        expected={"2021-03-01": "not met"},
    )


def test_by_the_baseline(spec_test):
    """ALT is held to the laboratory's limit where the person's baseline was normal, and to the
    baseline where it was raised."""
    spec_test(
        protocol="continuous",
        alert="alt-grade-2",
        courses=_TAKEN,
        labs="""
            specimen   | analyte | value | high
            2020-12-14 | alt     | 60    | 40
            2021-03-01 | alt     | 150   | 40
            2021-06-07 | alt     | 190   | 40
        """,
        expected={"2021-03-01": "not met", "2021-06-07": "met since 2021-06-07"},
    )


def test_a_baseline_nobody_knows(spec_test):
    """Without a range for the baseline, both readings have to agree: 150 is beyond three times the
    limit, but not beyond three times a baseline of 60."""
    spec_test(
        protocol="continuous",
        alert="alt-grade-2",
        courses=_TAKEN,
        labs="""
            specimen   | analyte | value | high
            2020-12-14 | alt     | 60    |
            2021-03-01 | alt     | 150   | 40
            2021-06-07 | alt     | 190   | 40
        """,
        expected={
            "2021-03-01": "not assessable: whether the baseline of ALT was normal",
            "2021-06-07": "met since 2021-06-07",
        },
    )
