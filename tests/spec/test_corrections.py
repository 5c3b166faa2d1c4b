"""Nothing is overwritten. A corrected or cancelled result is a new row; readers take the current
one, and a past morning still sees what it saw."""

title = "Corrections"


def test_corrected(spec_test):
    """The laboratory corrects 84 to 184."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | received   | analyte   | value | status    | result
            2021-09-06 | 2021-09-07 | platelets | 84    | final     | r1
            2021-09-06 | 2021-09-09 | platelets | 184   | corrected | r1
        """,
        expected={"2021-09-08": "met since 2021-09-06", "2021-09-09": "not met"},
    )


def test_corrected_without_an_identifier(spec_test):
    """Without an identifier, a correction replaces the result of the same laboratory, request and
    specimen."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | received   | analyte   | value | status    | provider | accession
            2021-09-06 | 2021-09-07 | platelets | 84    | final     | hospital | A17
            2021-09-06 | 2021-09-09 | platelets | 184   | corrected | hospital | A17
        """,
        expected={"2021-09-08": "met since 2021-09-06", "2021-09-09": "not met"},
    )


def test_cancelled(spec_test):
    """A cancelled result no longer satisfies the check it had satisfied."""
    spec_test(
        check="urine",
        labs="""
            specimen   | received   | analyte   | value | status    | result
            2021-04-08 | 2021-04-09 | urine_rbc | 2     | final     | r1
            2021-04-08 | 2021-04-20 | urine_rbc |       | cancelled | r1
        """,
        expected={
            "2021-04-19": "not yet due, due 2021-05-08",
            "2021-04-20": "overdue, due 2021-04-08",
        },
    )


def test_entered_in_error(spec_test):
    """So does a result entered in error, for instance of another person."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | received   | analyte   | value | status           | result
            2021-09-06 | 2021-09-07 | platelets | 84    | final            | r1
            2021-09-06 | 2021-09-08 | platelets | 84    | entered-in-error | r1
        """,
        expected={
            "2021-09-07": "met since 2021-09-06",
            "2021-09-08": "not assessable: Platelets",
        },
    )


def test_preliminary_then_final(spec_test):
    """A final result takes the place of its preliminary one."""
    spec_test(
        check="urine",
        labs="""
            specimen   | received   | analyte   | value | status      | provider
            2021-04-08 | 2021-04-09 | urine_rbc | 2     | preliminary | hospital
            2021-04-08 | 2021-04-12 | urine_rbc | 3     | final       | hospital
        """,
        expected={
            "2021-04-09": "due, due 2021-04-08, specimen of 2021-04-08 not received",
            "2021-04-12": "not yet due, due 2021-05-08",
        },
    )


def test_versions_received_on_one_day(spec_test):
    """Of two versions received on one day, the one further on is the current one, whichever stands
    first in the file."""
    spec_test(
        check="urine",
        labs="""
            specimen   | received   | analyte   | value | status      | provider | accession
            2021-04-08 | 2021-04-09 | urine_rbc | 3     | final       | hospital | A17
            2021-04-08 | 2021-04-09 | urine_rbc | 2     | preliminary | hospital | A17
        """,
        expected={"2021-04-09": "not yet due, due 2021-05-08"},
    )


def test_two_finals_of_one_day(spec_test):
    """Two final results of one day with nothing to tie them together may be two specimens. Neither
    replaces the other, and the lower one still raises its alert."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | received   | analyte   | value | provider
            2021-09-06 | 2021-09-07 | platelets | 84    | hospital
            2021-09-06 | 2021-09-08 | platelets | 210   | hospital
        """,
        expected={"2021-09-08": "met since 2021-09-06"},
    )
