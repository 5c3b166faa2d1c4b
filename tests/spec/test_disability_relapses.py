"""A score near a relapse may recover; a worsening near one may be its doing."""

title = "Relapses"

_WORSE = """
    day | edss
      0 | 2.0
    100 | 3.0
    200 | 3.0
    300 | 3.0
"""


def test_a_visit_near_a_relapse_does_not_confirm(disability_test):
    """A visit within 30 days of a relapse is passed over; the next one confirms."""
    disability_test(
        visits=_WORSE,
        relapses="day 180",
        expected="""
            event | onset | confirmed
            cdw   | 100   | 300
        """,
    )


def test_nor_is_it_a_reference(disability_test):
    """The first visit 30 days or more after a relapse is the reference."""
    disability_test(
        visits=_WORSE,
        relapses="day -10",
        expected="not met",
    )


def test_raw(disability_test):
    """A relapse in the 90 days before the onset makes it RAW; day 90 is one of them."""
    disability_test(
        changes="attribution = {}",
        visits=_WORSE,
        relapses="day 10",
        expected="""
            event | class | onset
            cdw   | raw   | 100
        """,
    )


def test_pira(disability_test):
    """No relapse near the onset or the confirmation: PIRA."""
    disability_test(
        changes="attribution = {}",
        visits=_WORSE,
        relapses="day 395",
        expected="""
            event | class | onset
            cdw   | pira  | 100
        """,
    )


def test_undefined(disability_test):
    """Not RAW, but a relapse within 30 days after the onset: neither can be said."""
    disability_test(
        changes="attribution = {}",
        visits=_WORSE,
        relapses="day 120",
        expected="""
            event | class     | onset
            cdw   | undefined | 100
        """,
    )


def test_a_later_confirmation_may_make_it_pira(disability_test):
    """A relapse near the first confirmation leaves the second free of one."""
    disability_test(
        changes="attribution = {}",
        visits="""
            day | edss
              0 | 2.0
            100 | 3.0
            200 | 3.0
            320 | 3.0
        """,
        relapses="day 220",
        expected="""
            event | class | confirmed
            cdw   | pira  | 200
        """,
    )


def test_pirma_needs_a_scan(disability_test):
    """PIRA without MRI activity is PIRMA, and only if somebody looked."""
    changes = """
        [attribution]
        mri_free = [{ start = "preceding", before_days = 0, end = "confirmation", after_days = 0 }]
    """
    disability_test(
        changes=changes,
        visits=_WORSE,
        scans="""
            day | new T2
            150 | 0
        """,
        expected="""
            event | class | onset
            cdw   | pirma | 100
        """,
    )
    disability_test(
        changes=changes,
        visits=_WORSE,
        scans="""
            day | new T2
            150 | 1
        """,
        expected="""
            event | class | onset
            cdw   | pira  | 100
        """,
    )
    disability_test(
        changes=changes,
        visits=_WORSE,
        expected="""
            event | class | onset
            cdw   | pira  | 100
        """,
    )


def test_a_new_reference_after_each_relapse(disability_test):
    """What a relapse left behind is not counted: the first visit clear of it is compared with."""
    disability_test(
        changes="""
            [reference]
            after_relapse = true
        """,
        visits="""
            day | edss
              0 | 2.0
            100 | 2.0
            200 | 3.0
            300 | 4.0
            400 | 4.0
        """,
        relapses="day 90",
        expected="""
            event | onset | reference | score
            cdw   | 300   | 200       | 3
        """,
    )


def test_first_pira_only(disability_test):
    """By a definition of PIRA a worsening of another class is passed over."""
    disability_test(
        definition="mueller-2023-pira",
        visits="""
            day | edss
              0 | 2.0
            100 | 3.0
            200 | 3.0
            400 | 4.0
            500 | 4.0
        """,
        relapses="day 60",
        expected="""
            event | class | onset | reference
            cdw   | pira  | 400   | 200
        """,
    )


def test_a_relapse_may_last_to_its_end(disability_test):
    """Counted from its end, a long relapse is still near when it would have been left behind."""
    disability_test(
        visits=_WORSE,
        relapses="day 160-190",
        expected="""
            event | onset | confirmed
            cdw   | 100   | 200
        """,
    )
    disability_test(
        changes="""
            [relapses]
            measured_from = "end"
        """,
        visits=_WORSE,
        relapses="day 160-190",
        expected="""
            event | onset | confirmed
            cdw   | 100   | 300
        """,
    )
