"""The laboratory of the GP may send on what the hospital's measured. Two rows with one analyte and
an equal value, of two laboratories and taken within five minutes, may be one result: both are kept,
one counts. Lymphocytes are followed here, from 4 January 2021 on."""

title = "One result by way of two laboratories"

_TAKEN = """
    first      | last
    2021-01-04 |
"""


def test_a_copy_confirms_nothing(spec_test):
    """Three minutes apart by their clocks: one result, not a result and its repeat."""
    spec_test(
        protocol="continuous",
        alert="below-0.5",
        courses=_TAKEN,
        labs="""
            specimen   | specimen_time | received   | analyte     | value | provider
            2021-03-01 | 08:30:00      | 2021-03-01 | lymphocytes | 0.4   | hospital
            2021-03-01 | 08:33:00      | 2021-03-09 | lymphocytes | 0.4   | gp
        """,
        expected={
            "2021-03-01": "met since 2021-03-01",
            "2021-03-09": "met since 2021-03-01",
        },
    )


def test_a_little_later_it_is_another_result(spec_test):
    """Six minutes apart they are taken for two specimens, and the second confirms the first."""
    spec_test(
        protocol="continuous",
        alert="below-0.5",
        courses=_TAKEN,
        labs="""
            specimen   | specimen_time | received   | analyte     | value | provider
            2021-03-01 | 08:30:00      | 2021-03-01 | lymphocytes | 0.4   | hospital
            2021-03-01 | 08:36:00      | 2021-03-09 | lymphocytes | 0.4   | gp
        """,
        expected={"2021-03-09": "met since 2021-03-01, confirmed 2021-03-01"},
    )


def test_once_one_is_corrected_both_stand(spec_test):
    """The hospital takes its 0.4 back. The GP's may be a result of its own: it is not lost."""
    spec_test(
        protocol="continuous",
        alert="below-0.5",
        courses=_TAKEN,
        labs="""
            specimen   | specimen_time | received   | analyte     | value | provider | status
            2021-03-01 | 08:30:00      | 2021-03-01 | lymphocytes | 0.4   | hospital | final
            2021-03-01 | 08:33:00      | 2021-03-09 | lymphocytes | 0.4   | gp       | final
            2021-03-01 | 08:30:00      | 2021-03-12 | lymphocytes |       | hospital | cancelled
        """,
        expected={"2021-03-12": "met since 2021-03-01"},
    )
