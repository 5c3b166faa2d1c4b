"""Events of any category: the first one, and all of them."""

import pytest
from tests.outcomes.conftest import Someone

from afterdose.outcomes.events import (
    SAFETY_EVENTS,
    evaluate_first_event,
    events_seen,
    known_events,
)
from afterdose.outcomes.first_events import Ending


def seen(person, *categories):
    line = person.timeline()
    return events_seen(line, known_events(line, person.history.events), categories)


def test_every_event_counts_not_only_the_first(someone):
    """Three infections of one person are three events; another category is none of them."""
    person = someone()
    for onset in ("2012-03-01", "2010-05", "2011"):
        person.event(onset, "infection")
    person.event("2012-01-01", "malignancy")
    found = seen(person, "infection")
    assert [row.onset_date for row in found.rows] == ["2010-05", "2011", "2012-03-01"]
    assert found.unplaced == 0


@pytest.mark.parametrize(
    ("onset", "rows", "unplaced"),
    [
        ("2009-12-31", 0, 0),
        ("2009", 0, 0),
        ("2010", 1, 0),
        ("2010-01", 1, 0),
        ("2015-12-31", 1, 0),
        ("2016-01-01", 0, 0),
    ],
)
def test_onset_and_observation(someone, onset, rows, unplaced):
    """Before the first course and after observation nothing counts."""
    found = seen(someone().event(onset, "infection"), "infection")
    assert (len(found.rows), found.unplaced) == (rows, unplaced)


def test_an_onset_that_may_lie_before_the_first_course_is_counted_apart():
    person = Someone().course("2010-03-15", 1).followed("2010-03-15", "2015-12-31")
    person.event("2010-03", "infection")
    found = seen(person, "infection")
    assert (len(found.rows), found.unplaced) == (0, 1)
    line = person.timeline()
    first = evaluate_first_event(
        line, known_events(line, person.history.events), ("infection",), definition=SAFETY_EVENTS
    )
    assert first.ending is None
    assert first.because.definition == "safety-events"


def test_no_event_leaves_all_of_observation_at_risk(someone):
    line = someone().timeline()
    found = evaluate_first_event(line, [], ("malignancy",), definition=SAFETY_EVENTS)
    assert (found.ending, found.days_at_risk) == (Ending.OBSERVATION, 2191)
