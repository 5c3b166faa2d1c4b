"""Free of relapses in a year and since the first course; relapses before treatment."""

import pytest
from tests.outcomes.conftest import Someone, day

from afterdose.outcomes.first_events import Ending
from afterdose.outcomes.relapse_free import (
    count_relapses_before,
    evaluate_first_relapse,
    is_relapse_free_in_year,
)
from afterdose.outcomes.relapses import counted_relapses
from afterdose.record.answers import Answer


def free(person, year):
    line = person.timeline()
    return is_relapse_free_in_year(line, counted_relapses(line, person.history.relapses), year)[0]


def first(person):
    line = person.timeline()
    return evaluate_first_relapse(line, counted_relapses(line, person.history.relapses))


@pytest.mark.parametrize(
    ("followed_until", "relapse", "year", "expected"),
    [
        ("2011-12-31", None, 2, Answer.MET),
        ("2011-12-30", None, 2, Answer.NOT_ASSESSABLE),
        ("2011-06-30", "2011-03-01", 2, Answer.NOT_MET),
        ("2011-12-31", "2010-12-31", 2, Answer.MET),
        ("2011-06-30", "2011-09-01", 2, Answer.NOT_ASSESSABLE),
        ("2010-12-31", None, 2, Answer.NOT_ASSESSABLE),
    ],
)
def test_a_quiet_year_must_have_been_seen_out(followed_until, relapse, year, expected):
    """A relapse under observation decides; without one every day must have been seen."""
    person = Someone().course("2010-01-01", 1).followed("2010-01-01", followed_until)
    if relapse:
        person.relapse(relapse)
    assert free(person, year) is expected


def test_a_gap_in_the_year_leaves_it_open():
    person = Someone().course("2010-01-01", 1)
    person.followed("2010-01-01", "2010-05-31").followed("2010-07-01", "2011-12-31")
    assert free(person, 1) is Answer.NOT_ASSESSABLE
    assert free(person, 2) is Answer.MET


def test_time_to_the_first_relapse(someone):
    """The earliest counts, whichever row comes first; a refuted one is none."""
    person = someone().relapse("2012-05-01").relapse("2011-03-01")
    person.relapse("2010-02-01", confirmed=False)
    found = first(person)
    assert (found.ending, found.last_day) == (Ending.EVENT, day("2011-03-01"))
    assert found.days_at_risk == 425


def test_without_a_relapse_time_ends_with_death_or_observation(someone):
    assert first(someone()).ending is Ending.OBSERVATION
    found = first(someone(died="2012-01-01"))
    assert (found.ending, found.last_day) == (Ending.DEATH, day("2012-01-01"))


def test_a_relapse_after_a_gap_is_not_seen_from_the_start():
    """Observation broke off before it, so the time ends there."""
    person = Someone().course("2010-01-01", 1).relapse("2011-03-01")
    person.followed("2010-01-01", "2010-05-31").followed("2010-07-01", "2011-12-31")
    assert first(person).last_day == day("2010-05-31")


def test_nobody_watched_from_the_start_is_not_assessable():
    found = first(Someone().course("2010-01-01", 1).followed("2010-02-01", "2012-01-01"))
    assert found.ending is found.days_at_risk is None
    assert found.because.missing == "observation from the first course on"


@pytest.mark.parametrize(
    ("since", "relapses", "days"),
    [("2009-01-01", 2, 365), ("2008-01-01", 2, 365), ("2009-01-02", None, 0)],
)
def test_relapses_before_treatment_need_observation(since, relapses, days):
    """What is recalled of a year nobody watched is no rate."""
    person = Someone().course("2010-01-01", 1).followed(since, "2012-01-01")
    for when in ("2008-12-31", "2009-01-01", "2009-12-31", "2010-01-01"):
        person.relapse(when)
    found = count_relapses_before(person.timeline(), person.history, person.history.relapses)
    assert (found.relapses, found.days) == (relapses, days)
    assert bool(found.because.missing) == (relapses is None)
