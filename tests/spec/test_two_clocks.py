"""The specimen date says when a result was true, the received date when we knew. Every question
takes a morning and sees only what had been received by then."""

title = "Two clocks"


def test_not_yet_received(spec_test):
    """A specimen taken in time whose result arrives late: on the morning in between, the check was
    overdue. Once it is received, it counts from the day of the specimen."""
    spec_test(
        check="blood-count",
        labs="""
            specimen   | received   | analyte     | value
            2021-04-07 | 2021-05-20 | platelets   | 240
            2021-04-07 | 2021-05-20 | lymphocytes | 0.2
        """,
        expected={
            "2021-05-19": "overdue, due 2021-04-08",
            "2021-05-20": "overdue, due 2021-05-07",
        },
    )


def test_alert_of_a_past_morning(spec_test):
    """An alert exists from the morning its result was received."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | received   | analyte   | value
            2021-09-03 | 2021-09-06 | platelets | 84
        """,
        expected={
            "2021-09-05": "not assessable: Platelets",
            "2021-09-06": "met since 2021-09-03",
        },
    )


def test_course_known_later(spec_test):
    """A course recorded late did not exist before it was recorded."""
    spec_test(
        check="blood-count",
        courses="""
            number | first      | last       | recorded
            1      | 2021-03-08 | 2021-03-12 | 2021-06-01
        """,
        expected={"2021-05-31": "not started", "2021-06-01": "overdue, due 2021-04-08"},
    )
