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


def test_released_at_a_time(spec_test):
    """Versions of one day stand in the order in which the laboratory released them: 210 at eight,
    taken back at nine as another person's, 84 at ten. Which file was read first does not matter."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | received   | at       | analyte   | value | status           | result
            2021-09-06 | 2021-09-07 | 10:00:00 | platelets | 84    | final            | r1
            2021-09-06 | 2021-09-07 | 08:00:00 | platelets | 210   | final            | r1
            2021-09-06 | 2021-09-07 | 09:00:00 | platelets |       | entered-in-error | r1
        """,
        expected={"2021-09-07": "met since 2021-09-06"},
    )


def test_versions_received_on_one_day(spec_test):
    """Where one of the day has no time, the version further on counts as the later one, whichever
    stands first in the file."""
    spec_test(
        check="urine",
        labs="""
            specimen   | received   | at       | analyte   | value | status      | accession
            2021-04-08 | 2021-04-09 |          | urine_rbc | 3     | final       | A17
            2021-04-08 | 2021-04-09 | 09:00:00 | urine_rbc | 2     | preliminary | A17
        """,
        expected={"2021-04-09": "not yet due, due 2021-05-08"},
    )


def test_level_versions(spec_test):
    """Two corrections of one day without times: nobody can say which is the later one. Both count,
    so that the lower one speaks."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | received   | analyte   | value | status    | provider | accession
            2021-09-06 | 2021-09-07 | platelets | 210   | final     | hospital | A17
            2021-09-06 | 2021-09-08 | platelets | 84    | corrected | hospital | A17
            2021-09-06 | 2021-09-08 | platelets | 205   | corrected | hospital | A17
        """,
        expected={"2021-09-07": "not met", "2021-09-08": "met since 2021-09-06"},
    )


def test_a_preliminary_after_the_final(spec_test):
    """What is only announced takes nothing away that was released."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | received   | analyte   | value | status      | provider | accession
            2021-09-06 | 2021-09-07 | platelets | 84    | final       | hospital | A17
            2021-09-06 | 2021-09-08 | platelets | 210   | preliminary | hospital | A17
        """,
        expected={"2021-09-08": "met since 2021-09-06"},
    )


def test_released_anew(spec_test):
    """A result that was taken back and is released again stands again, with the same value too."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | received   | analyte   | value | status           | result
            2021-09-06 | 2021-09-07 | platelets | 84    | final            | r1
            2021-09-06 | 2021-09-08 | platelets |       | entered-in-error | r1
            2021-09-06 | 2021-09-09 | platelets | 84    | final            | r1
        """,
        expected={
            "2021-09-08": "not assessable: Platelets",
            "2021-09-09": "met since 2021-09-06",
        },
    )


def test_a_correction_that_cannot_be_read(spec_test):
    """The laboratory corrects a count, and what it says now is no number: `clumped`. The row has no
    value. What is known to be wrong counts neither as done nor as normal, until somebody has
    entered what holds."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | received   | analyte   | value | status    | result
            2021-09-06 | 2021-09-07 | platelets | 210   | final     | r1
            2021-09-06 | 2021-09-08 | platelets |       | corrected | r1
            2021-09-06 | 2021-09-10 | platelets | 84    | corrected | r1
        """,
        expected={
            "2021-09-07": "not met",
            "2021-09-08": "not assessable: Platelets",
            "2021-09-10": "met since 2021-09-06",
        },
    )


def test_a_check_after_a_correction_that_cannot_be_read(spec_test):
    """And the check it had satisfied is due again."""
    spec_test(
        check="urine",
        labs="""
            specimen   | received   | analyte   | value | status  | result
            2021-04-08 | 2021-04-09 | urine_rbc | 2     | final   | r1
            2021-04-08 | 2021-04-20 | urine_rbc |       | amended | r1
        """,
        expected={
            "2021-04-19": "not yet due, due 2021-05-08",
            "2021-04-20": "overdue, due 2021-04-08",
        },
    )


def test_two_codes_in_one_request(spec_test):
    """One request holds the platelets by two methods, each with its own code: two results. Neither
    replaces the other."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | received   | analyte   | code    | value | provider | accession
            2021-09-06 | 2021-09-07 | platelets | 777-3   | 84    | hospital | A17
            2021-09-06 | 2021-09-07 | platelets | 26515-7 | 210   | hospital | A17
        """,
        expected={"2021-09-07": "met since 2021-09-06"},
    )


def test_an_identifier_used_again(spec_test):
    """A sender uses a result's identifier again on another day: that is another result."""
    spec_test(
        check="urine",
        labs="""
            specimen   | received   | analyte   | value | status    | result
            2021-04-08 | 2021-04-09 | urine_rbc | 2     | final     | 1
            2021-04-12 | 2021-04-13 | urine_rbc |       | cancelled | 1
        """,
        expected={"2021-04-20": "not yet due, due 2021-05-08"},
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
