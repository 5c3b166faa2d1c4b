"""Some tests belong to a course: before it, or on its days."""

title = "Before and during a course"

_PLANNED = """
    number | first      | last       | recorded
    1      | 2021-03-08 | 2021-03-12 | 2021-01-15
"""


def test_before_a_planned_course(spec_test):
    """A course known beforehand opens its baseline tests a stated time before it."""
    spec_test(
        check="baseline-creatinine",
        courses=_PLANNED,
        expected={
            "2021-01-14": "not started",
            "2021-02-05": "not yet due, due 2021-02-06",
            "2021-02-06": "due, due 2021-02-06",
            "2021-03-07": "due, due 2021-02-06",
        },
    )


def test_done_in_time(spec_test):
    """Done within that time, nothing is due; done earlier, it is too old to count."""
    spec_test(
        check="baseline-creatinine",
        courses=_PLANNED,
        labs="""
            specimen   | analyte    | value
            2021-01-20 | creatinine | 70
            2021-02-20 | creatinine | 71
        """,
        expected={
            "2021-02-10": "due, due 2021-02-06",
            "2021-02-20": "not yet due",
        },
    )


def test_after_the_course_began(spec_test):
    """Once a course has begun its baseline can no longer be taken: the check has ended, and the
    reasons say whether it was done."""
    spec_test(check="baseline-creatinine", expected={"2021-03-09": "ended"})


def test_during_a_course(spec_test):
    """On stated days of a course, each day needs its own result."""
    spec_test(
        check="platelets-during-course",
        labs="""
            specimen   | analyte   | value
            2021-03-10 | platelets | 140
        """,
        expected={
            "2021-03-09": "not yet due, due 2021-03-10",
            "2021-03-11": "not yet due, due 2021-03-12",
            "2021-03-12": "due, due 2021-03-12",
            "2021-03-13": "ended",
        },
    )


def test_only_some_courses(spec_test):
    """A rule may concern only some courses."""
    spec_test(
        check="platelets-during-course",
        courses="""
            number | first      | last
            2      | 2022-03-14 | 2022-03-16
        """,
        expected={"2022-03-16": "not started"},
    )
