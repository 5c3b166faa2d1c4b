"""Retreatment in a year, relapses in a year, and deaths."""

import pytest
from tests.outcomes.conftest import Someone, day

from afterdose.outcomes.deaths import evaluate_death
from afterdose.outcomes.relapses import count_relapses, counted_relapses
from afterdose.outcomes.retreatment import evaluate_retreatment, is_retreated_in_year
from afterdose.record.answers import Answer


def count(person, *, years):
    line = person.timeline()
    return count_relapses(line, counted_relapses(line, person.history.relapses), years=years)


@pytest.mark.parametrize(
    ("courses", "followed_until", "year", "answer"),
    [
        (["2011-01-01", "2012-06-01"], "2015-12-31", 3, Answer.MET),
        (["2011-01-01", "2012-06-01"], "2015-12-31", 4, Answer.NOT_MET),
        (["2011-01-01", "2013-01-01"], "2015-12-31", 3, Answer.NOT_MET),
        (["2011-01-01", "2013-01-01"], "2015-12-31", 4, Answer.MET),
        (["2011-01-01"], "2015-12-31", 3, Answer.NOT_MET),
        (["2011-01-01"], "2012-12-31", 3, Answer.NOT_MET),
        (["2011-01-01"], "2012-12-30", 3, Answer.NOT_ASSESSABLE),
        (["2011-01-01", "2012-06-01"], "2012-07-01", 4, Answer.NOT_MET),
        (["2011-01-01", "2012-06-01", "2013-06-01"], "2015-12-31", 4, Answer.NOT_MET),
    ],
)
def test_retreated_in_a_year(courses, followed_until, year, answer):
    """The first third-or-later course decides; without one, the year must have been seen out."""
    person = Someone().course("2010-01-01", 1).followed("2010-01-01", followed_until)
    for start in courses:
        person.course(start)
    assert is_retreated_in_year(person.timeline(), year)[0] is answer


def test_what_is_missing_is_said(someone):
    _, because = is_retreated_in_year(someone().timeline(), 8)
    assert because.missing == "observation to the end of year 8"


def test_the_course_behind_the_answer_is_named(someone):
    person = someone().course("2011-01-01", 2).course("2012-03-01", 3)
    found = evaluate_retreatment(person.timeline())
    assert (found.on, found.year) == (day("2012-03-01"), 3)
    assert [row.course_number for row in found.because.rows] == [3]


def test_a_third_course_before_the_first_is_a_contradiction(someone):
    """A slip in a course number makes nobody retreated before treatment."""
    assert evaluate_retreatment(someone().course("2009-06-01", 3).timeline()).on is None


def test_a_course_recorded_later_is_not_yet_known(someone):
    """What was known on a day does not change when more is learnt."""
    person = someone().course("2011-01-01", 2).course("2012-03-01", 3, recorded="2014-01-01")
    assert evaluate_retreatment(person.timeline(as_of=day("2013-12-31"))).on is None


def test_relapses_count_in_the_year_of_their_onset(someone):
    """A relapse on the anniversary belongs to the new year."""
    person = someone().relapse("2010-12-31").relapse("2011-01-01").relapse("2011-06-01")
    found = count(person, years=3)
    assert [(row.year, row.relapses) for row in found] == [(1, 1), (2, 2), (3, 0)]
    assert found[2].patient_years == pytest.approx(366 / 365.25)


@pytest.mark.parametrize(
    ("when", "confirmed", "relapses", "not_stated"),
    [
        ("2010-05-01", True, 1, 0),
        ("2010-05-01", None, 1, 1),
        ("2010-05-01", False, 0, 0),
        ("2009-12-15", True, 0, 0),
    ],
)
def test_which_relapses_count(someone, when, confirmed, relapses, not_stated):
    """Refuted ones never, unstated ones do and are shown, and none before the first course."""
    person = someone().relapse(when, confirmed=confirmed)
    (first, *_) = count(person, years=1)
    assert (first.relapses, first.not_stated) == (relapses, not_stated)


def test_a_relapse_outside_observation_has_no_patient_years_to_go_with():
    """Numerator and denominator come from the same days; unseen years are left out."""
    person = (
        Someone().course("2010-01-01", 1).followed("2010-01-01", "2010-06-30")
        .relapse("2010-09-01").relapse("2010-02-01")
    )  # fmt: skip
    found = count(person, years=5)
    assert [(row.year, row.relapses) for row in found] == [(1, 1)]


@pytest.mark.parametrize(
    ("died", "expected"),
    [(None, None), ("2009-12-31", None), ("2012-05-01", (3, True)), ("2017-05-01", (8, False))],
)
def test_deaths(someone, died, expected):
    """A death counts in the rate only while the person was under observation."""
    person = someone(died=died, cause="sepsis")
    found = evaluate_death(person.timeline(), person.person)
    assert (found and (found.year, found.is_observed)) == expected
