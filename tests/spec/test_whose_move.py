"""Each check has an owner. An owner counts only once accepted."""

title = "Whose move"


def test_nobody_asked(spec_test):
    """Until somebody is asked, the protocol's owner (a local policy) is named."""
    spec_test(check="blood-count", expected={"2021-04-08": "due, due 2021-04-08"})


def test_proposed_accepted(spec_test):
    """A hand-over is proposed, then accepted; both are visible."""
    spec_test(
        check="blood-count",
        owners="""
            check       | owner | state    | since
            blood-count | gp    | proposed | 2021-03-15
            blood-count | gp    | accepted | 2021-04-10
        """,
        expected={
            "2021-04-09": "due, due 2021-04-08, gp (proposed)",
            "2021-04-10": "due, due 2021-04-08, gp (accepted)",
        },
    )


def test_declined(spec_test):
    """Declined, it falls back to the protocol's owner and says that it was declined."""
    spec_test(
        check="blood-count",
        owners="""
            check       | owner | state    | since
            blood-count | gp    | proposed | 2021-03-15
            blood-count | gp    | declined | 2021-04-01
        """,
        expected={"2021-04-09": "due, due 2021-04-08, ms_team (declined)"},
    )


def test_all_checks(spec_test):
    """One entry may cover all checks; an entry for the check itself outweighs it."""
    spec_test(
        check="blood-count",
        owners="""
            check       | owner  | state    | since
            blood-count | person | accepted | 2021-03-15
            all         | gp     | accepted | 2021-04-01
        """,
        expected={"2021-04-09": "due, due 2021-04-08, person (accepted)"},
    )


def test_one_day(spec_test):
    """Of two words of one day the one written last counts."""
    spec_test(
        check="blood-count",
        owners="""
            check       | owner | state    | since
            blood-count | gp    | proposed | 2021-03-15
            blood-count | gp    | accepted | 2021-03-15
        """,
        expected={"2021-04-09": "due, due 2021-04-08, gp (accepted)"},
    )
