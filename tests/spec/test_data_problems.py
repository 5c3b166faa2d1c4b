"""A record that contradicts itself is a data problem: no schedule can be trusted until somebody has
corrected it. Results that need action are shown all the same."""

title = "Data that cannot be true"

_BLOOD_COUNT = """
    specimen   | analyte   | value
    2021-09-06 | platelets | 84
"""


def test_a_result_from_before_birth(spec_test):
    """Every check is *not assessable*, with the reason."""
    spec_test(
        check="blood-count",
        person={"sex": "female", "birth_date": "1990-05"},
        labs="""
            specimen   | received   | analyte   | value
            1989-03-01 | 2021-08-02 | platelets | 200
        """,
        expected={
            "2021-08-01": "overdue, due 2021-04-08",
            "2021-08-02": "not assessable: a laboratory result from before birth",
        },
    )


def test_a_year_of_birth_gets_the_benefit_of_the_doubt(spec_test):
    """Of a birth date known by its year only, the first day of the year counts."""
    spec_test(
        check="urine",
        person={"sex": "female", "birth_date": "2021"},
        labs=_BLOOD_COUNT,
        expected={"2021-09-06": "overdue, due 2021-04-08"},
    )


def test_course_2_before_course_1(spec_test):
    """A course with a higher number cannot have begun before the one with the lower."""
    spec_test(
        check="urine",
        courses="""
            number | first      | last
            1      | 2022-03-08 | 2022-03-12
            2      | 2021-03-08 | 2021-03-12
        """,
        expected={
            "2022-03-07": "overdue, due 2021-04-08",
            "2022-03-08": "not assessable: course 2 of alemtuzumab began before course 1",
        },
    )


def test_one_number_twice(spec_test):
    """Two courses of one number, begun on different days, are a data problem: one of the two is
    another course, or a date is wrong. The same row twice contradicts nothing."""
    spec_test(
        check="urine",
        courses="""
            number | first      | last
            1      | 2021-03-08 | 2021-03-12
            1      | 2022-03-08 | 2022-03-12
        """,
        expected={
            "2022-03-07": "overdue, due 2021-04-08",
            "2022-03-08": "not assessable: course 1 of alemtuzumab recorded on two dates",
        },
    )
    spec_test(
        check="urine",
        courses="""
            number | first      | last
            1      | 2021-03-08 | 2021-03-12
            1      | 2021-03-08 | 2021-03-12
        """,
        expected={"2021-05-01": "overdue, due 2021-04-08"},
    )


def test_on_the_worklist(spec_test):
    """One line says what contradicts; an open alert stands above it."""
    spec_test(
        person={"sex": "female", "birth_date": "2021-04-01"},
        labs=_BLOOD_COUNT,
        expected={
            "2021-09-06": (
                "act today: Platelets below 100 (Platelets 84 × 10⁹/L); "
                "data problem: Data problem (a treatment from before birth)"
            ),
        },
    )


def test_a_result_after_death(spec_test):
    """Somebody who died and was tested later is perhaps not dead: the line stays."""
    spec_test(
        person={"sex": "female", "death_date": "2021-08-01"},
        labs=_BLOOD_COUNT,
        expected={
            "2021-08-02": "not listed",
            "2021-09-06": ("data problem: Data problem (a laboratory result from after death)"),
        },
    )
