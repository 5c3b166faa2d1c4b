"""An alert is an episode: it opens at the first result that makes it true and closes at the first
specimen taken later that answers *not met*."""

title = "Episodes"


def test_opens_and_closes(spec_test):
    """A repeat above the limit closes it; the next fall opens another."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | analyte   | value
            2021-09-06 | platelets | 84
            2021-09-08 | platelets | 71
            2021-09-20 | platelets | 160
            2021-12-06 | platelets | 92
        """,
        expected={
            "2021-09-06": "met since 2021-09-06",
            "2021-09-19": "met since 2021-09-06, confirmed 2021-09-08",
            "2021-09-20": "not met",
            "2021-12-06": "met since 2021-12-06",
        },
    )


def test_silence_closes_nothing(spec_test):
    """No further result leaves the episode open, however long."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | analyte   | value
            2021-09-06 | platelets | 84
        """,
        expected={"2023-09-06": "met since 2021-09-06"},
    )


def test_contradiction_on_one_day(spec_test):
    """Two laboratories contradict each other on one day (clumped platelets, perhaps): without
    times nobody can say which came later, so the episode stays open for a repeat."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | analyte   | value | provider
            2021-09-06 | platelets | 84    | hospital
            2021-09-06 | platelets | 210   | GP laboratory
        """,
        expected={"2021-09-06": "met since 2021-09-06"},
    )


def test_repeat_on_one_day(spec_test):
    """With times, a repeat later on the same day closes it: nothing confirmed it, so it was
    refuted."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | specimen_time | analyte   | value
            2021-09-06 | 08:30:00      | platelets | 84
            2021-09-06 | 11:15:00      | platelets | 210
        """,
        expected={"2021-09-06": "not met, refuted 2021-09-06"},
    )


def test_undecidable_closes_nothing(spec_test):
    """A result that cannot be judged does not close an episode."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | analyte   | comparator | value
            2021-09-06 | platelets |            | 84
            2021-09-13 | platelets | <          | 150
        """,
        expected={"2021-09-20": "met since 2021-09-06"},
    )


def test_known_finding(spec_test):
    """A recorded diagnosis explains its finding: the episode stays open and says since when it is
    known."""
    spec_test(
        alert="tsh-low",
        labs="""
            specimen   | analyte | value | low
            2021-09-06 | tsh     | 0.05  | 0.4
        """,
        events="""
            onset_date | category | term           | recorded
            2021-09    | thyroid  | Graves disease | 2021-09-20
        """,
        expected={
            "2021-09-19": "met since 2021-09-06",
            "2021-09-20": "met since 2021-09-06, known: Graves disease since 2021-09",
        },
    )


def test_before_the_first_infusion(spec_test):
    """Results from before the first infusion are compared with, never judged."""
    spec_test(
        alert="platelets-below-100",
        labs="""
            specimen   | analyte   | value
            2021-03-01 | platelets | 84
        """,
        expected={"2021-03-20": "not assessable: Platelets"},
    )
