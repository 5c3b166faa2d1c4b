"""Some findings matter together: each part has to be met by a result taken within a stated time of
the newest."""

title = "Combinations"


def test_both(spec_test):
    """Creatinine up and blood in the urine within a month."""
    spec_test(
        alert="creatinine-rise-with-blood",
        labs="""
            specimen   | received   | analyte    | value
            2021-03-01 | 2021-03-02 | creatinine | 70
            2021-09-06 | 2021-09-07 | creatinine | 120
            2021-09-20 | 2021-09-22 | urine_rbc  | 25
        """,
        expected={
            "2021-09-07": "not assessable: a result of Urine red blood cells in time, "
            "a result of Urine blood (dipstick) in time",
            "2021-09-21": "not assessable: a result of Urine red blood cells in time, "
            "a result of Urine blood (dipstick) in time",
            "2021-09-22": "met since 2021-09-20",
        },
    )


def test_one_part_not_met(spec_test):
    """One part that is not met settles it."""
    spec_test(
        alert="creatinine-rise-with-blood",
        labs="""
            specimen   | analyte              | value
            2021-03-01 | creatinine           | 70
            2021-09-06 | creatinine           | 120
            2021-09-06 | urine_blood_dipstick | 0
        """,
        expected={"2021-09-07": "not met"},
    )


def test_too_far_apart(spec_test):
    """Parts further apart than the stated time do not combine."""
    spec_test(
        alert="creatinine-rise-with-blood",
        labs="""
            specimen   | analyte    | value
            2021-03-01 | creatinine | 70
            2021-07-05 | urine_rbc  | 25
            2021-09-06 | creatinine | 120
        """,
        expected={
            "2021-09-07": "not assessable: a result of Urine red blood cells in time, "
            "a result of Urine blood (dipstick) in time",
        },
    )


def test_either_method(spec_test):
    """Where either method will do, the one that was measured decides."""
    spec_test(
        alert="creatinine-rise-with-blood",
        labs="""
            specimen   | analyte              | value
            2021-03-01 | creatinine           | 70
            2021-09-06 | creatinine           | 120
            2021-09-06 | urine_blood_dipstick | 2
        """,
        expected={"2021-09-07": "met since 2021-09-06"},
    )


def test_a_normal_result_hides_none_that_cannot_be_judged(spec_test):
    """More than 3 red cells on 1 September may be more than 5. A normal urine after it does not say
    what the first was."""
    spec_test(
        alert="creatinine-rise-with-blood",
        labs="""
            specimen   | analyte    | comparator | value
            2021-03-01 | creatinine |            | 70
            2021-09-01 | urine_rbc  | >          | 3
            2021-09-20 | urine_rbc  |            | 1
            2021-09-25 | creatinine |            | 120
        """,
        expected={"2021-09-26": "not assessable: an exact value of Urine red blood cells"},
    )
