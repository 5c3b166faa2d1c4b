"""EDSS against baseline, and changes a later visit confirms."""

import pytest
from tests.outcomes.conftest import day

from afterdose.cohort import Cohort
from afterdose.outcomes.disability import (
    CARE_MS_CDI,
    CARE_MS_CDW,
    Against,
    edss_visits,
    evaluate_disability,
    evaluate_edss_at_year,
    evaluate_first_change,
)
from afterdose.outcomes.timeline import timeline_of
from afterdose.record.answers import Answer
from afterdose.simulate import simulate_cohort

START = "2010-01-01"


def at_year(person, year, as_of=None):
    line = person.timeline(as_of) if as_of else person.timeline()
    return evaluate_edss_at_year(line, edss_visits(line, person.history.assessments), year=year)


def confirmed(person, definition):
    line = person.timeline()
    visits = edss_visits(line, person.history.assessments)
    return evaluate_first_change(line, visits, definition)


@pytest.mark.parametrize(
    ("baseline", "score", "against"),
    [
        (2.0, 3.0, Against.WORSE),
        (2.0, 2.5, Against.SAME),
        (2.0, 1.5, Against.SAME),
        (2.0, 1.0, Against.BETTER),
        (0.0, 1.0, Against.SAME),
        (0.0, 1.5, Against.WORSE),
        (6.0, 6.5, Against.SAME),
        (1.0, 0.0, Against.BETTER),
    ],
)
def test_better_same_worse(someone, baseline, score, against):
    """One point either way; from a baseline of 0 it takes one and a half to be worse."""
    person = someone().edss(START, baseline).edss("2011-01-01", score)
    found = at_year(person, 1)
    assert found.against is against
    assert found.change == score - baseline


@pytest.mark.parametrize(
    ("visits", "change"),
    [
        ({"2010-10-03": 4.0}, 2.0),  # 90 days before the anniversary
        ({"2010-10-02": 4.0}, None),  # 91 days
        ({"2011-04-01": 4.0}, 2.0),  # 90 days after
        ({"2010-12-01": 4.0, "2011-01-15": 3.0}, 1.0),  # the nearer
        ({"2010-12-22": 4.0, "2011-01-11": 3.0}, 1.0),  # equally near: the later
    ],
)
def test_which_visit_stands_for_a_years_end(someone, visits, change):
    """The nearest to the anniversary, within 90 days; of two equally near, the later."""
    person = someone().edss(START, 2.0)
    for when, value in visits.items():
        person.edss(when, value)
    assert at_year(person, 1).change == change


@pytest.mark.parametrize(
    ("baselines", "change"),
    [
        ({"2009-07-01": 2.0}, 1.0),
        ({"2009-06-30": 2.0}, None),
        ({"2010-01-02": 2.0}, None),
        ({"2009-11-01": 2.0, "2009-12-20": 3.0}, 0.0),
    ],
)
def test_which_visit_is_the_baseline(someone, baselines, change):
    """The last on or before the first course, at most six months old; never one after it."""
    person = someone().edss("2011-01-01", 3.0)
    for when, value in baselines.items():
        person.edss(when, value)
    found = at_year(person, 1)
    assert found.change == change
    if change is None:
        assert found.because.missing == "an EDSS before the first course"


def test_no_visit_is_not_the_same_as_no_change(someone):
    found = at_year(someone().edss(START, 2.0), 1)
    assert found.against is Against.NOT_ASSESSABLE
    assert found.because.missing == "an EDSS near the day"


def test_of_two_scores_on_a_day_the_last_given_stands(someone):
    person = someone().edss(START, 2.0).edss("2011-01-01", 4.0).edss("2011-01-01", 2.0)
    assert at_year(person, 1).change == 0.0


def test_a_score_recorded_later_was_not_known(someone):
    person = someone().edss(START, 2.0).edss("2011-01-01", 4.0, recorded="2011-06-01")
    assert at_year(person, 1, as_of=day("2011-05-31")).change is None


CDW_CASES = [
    # Six months to the day, three months apart.
    (2.0, {"2010-07-01": 3.0, "2010-10-01": 3.0, "2011-01-01": 3.0}, "2010-07-01", "2011-01-01"),
    # A day short of six months: the next visit confirms.
    (2.0, {"2010-07-01": 3.0, "2010-12-31": 3.0, "2011-04-01": 3.0}, "2010-07-01", "2011-04-01"),
    # Recovery between: not this one; the later worsening is tried anew.
    (
        2.0,
        {"2010-04-01": 3.0, "2010-07-01": 2.0, "2010-10-01": 3.5, "2011-04-01": 3.0},
        "2010-10-01",
        "2011-04-01",
    ),
    # Reached, and not held until the visit that could have confirmed it.
    (2.0, {"2010-07-01": 3.0, "2010-10-01": 3.0, "2011-01-01": 2.0}, None, None),
    # Half a point is not enough.
    (2.0, {"2010-07-01": 2.5, "2011-01-01": 2.5}, None, None),
    # From 0 it takes one and a half.
    (0.0, {"2010-07-01": 1.0, "2011-01-01": 1.0}, None, None),
    (0.0, {"2010-07-01": 1.5, "2011-01-01": 1.5}, "2010-07-01", "2011-01-01"),
    # At 5.5 and above this definition still asks for a whole point.
    (5.5, {"2010-07-01": 6.0, "2011-01-01": 6.0}, None, None),
    # The first visit late enough has recovered, so a later one cannot confirm over it.
    (2.0, {"2010-07-01": 3.0, "2011-01-01": 2.0, "2011-07-01": 3.0}, None, None),
    # The baseline stays fixed: improvement first does not lower the bar.
    (3.0, {"2010-04-01": 1.0, "2010-07-01": 3.0, "2011-01-01": 3.0}, None, None),
]


@pytest.mark.parametrize(("baseline", "visits", "onset", "confirmed_on"), CDW_CASES)
def test_confirmed_worsening(someone, baseline, visits, onset, confirmed_on):
    """A point from the fixed baseline, held at every visit until one six months later or more."""
    person = someone().edss(START, baseline)
    for when, value in visits.items():
        person.edss(when, value)
    found = confirmed(person, CARE_MS_CDW)
    assert found.answer is (Answer.MET if onset else Answer.NOT_MET)
    assert found.onset == (day(onset) if onset else None)
    assert found.confirmed_on == (day(confirmed_on) if confirmed_on else None)


@pytest.mark.parametrize(("baseline", "answer"), [(2.0, Answer.MET), (1.5, Answer.NOT_ASSESSABLE)])
def test_improvement_asks_for_a_baseline_of_two(someone, baseline, answer):
    """People below 2.0 cannot have the event: they are not in the denominator."""
    person = someone().edss(START, baseline).edss("2010-07-01", 0.5).edss("2011-01-01", 0.5)
    assert confirmed(person, CARE_MS_CDI).answer is answer


def test_time_ends_at_the_last_visit_that_could_be_confirmed(someone):
    """The last two quarters could not have shown a confirmed change, so they are not counted."""
    person = someone().edss(START, 2.0)
    for when in ("2010-07-01", "2010-10-01", "2011-01-01", "2011-04-01"):
        person.edss(when, 2.0)
    assert confirmed(person, CARE_MS_CDW).censored_on == day("2010-10-01")


def test_without_a_later_visit_nothing_can_be_said(someone):
    found = confirmed(someone().edss(START, 2.0), CARE_MS_CDW)
    assert found.answer is Answer.NOT_ASSESSABLE
    assert found.because.missing == "an EDSS after the first course"


@pytest.mark.parametrize("definition", [CARE_MS_CDW, CARE_MS_CDI])
@pytest.mark.parametrize(("last", "answer"), [("2010-12-31", False), ("2011-01-01", True)])
def test_without_a_visit_late_enough_to_confirm_nothing_can_be_said(
    someone, definition, last, answer
):
    """Six months must lie between two later visits; a score that stayed the same says no more."""
    person = someone().edss(START, 2.0).edss("2010-07-01", 2.0).edss(last, 2.0)
    found = confirmed(person, definition)
    if answer:
        assert (found.answer, found.censored_on) == (Answer.NOT_MET, day("2010-07-01"))
        return
    assert found.answer is Answer.NOT_ASSESSABLE
    assert (found.onset, found.confirmed_on, found.censored_on) == (None, None, None)
    assert found.baseline == 2.0
    assert found.because.missing == "a visit late enough to confirm a change"


def test_a_step_that_nothing_could_confirm_is_neither_met_nor_not(someone):
    person = someone().edss(START, 2.0).edss("2010-07-01", 4.0)
    assert confirmed(person, CARE_MS_CDW).answer is Answer.NOT_ASSESSABLE


def test_definitions_name_their_source():
    """The numbers are those of the trial's report, and can be looked up."""
    for definition in (CARE_MS_CDW, CARE_MS_CDI):
        assert "10.1212/WNL.0000000000004313" in definition.source


def test_by_the_record_or_by_the_reports_clock_it_is_the_same_event():
    """The report's first change and the search by the preset find the same onsets."""
    as_of = day("2023-01-01")
    histories = Cohort.of(simulate_cohort(people=150, seed=5)).histories()
    found = 0
    for history in histories:
        line = timeline_of(history, "alemtuzumab", as_of=as_of)
        for definition in (CARE_MS_CDW, CARE_MS_CDI):
            change = evaluate_first_change(line, edss_visits(line, history.assessments), definition)
            by_record = evaluate_disability(history, definition, as_of=as_of)
            onsets = [(one.onset_date, one.confirmation_date) for one in by_record.events]
            wanted = [(change.onset, change.confirmed_on)] if change.onset else []
            assert onsets == wanted
            found += len(wanted)
    assert found > 30
