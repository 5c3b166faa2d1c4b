"""First autoimmune disease by type, earlier autoimmunity apart."""

import pytest
from tests.outcomes.conftest import Someone, day

from afterdose.outcomes.autoimmunity import (
    AUTOIMMUNE_TYPES,
    Earlier,
    autoimmune_events,
    earlier_autoimmunity,
)
from afterdose.outcomes.events import evaluate_first_event
from afterdose.outcomes.first_events import Ending
from afterdose.record.tables import EVENT_CATEGORIES


def first(person, *categories, as_of=None):
    line = person.timeline(as_of) if as_of else person.timeline()
    events = autoimmune_events(line, person.history.events)
    return evaluate_first_event(line, events, categories or ("thyroid",))


@pytest.mark.parametrize(
    ("onsets", "ending", "last_day"),
    [
        ([], Ending.OBSERVATION, "2015-12-31"),
        (["2012-05-04"], Ending.EVENT, "2012-05-04"),
        (["2013-01-01", "2011-01-01"], Ending.EVENT, "2011-01-01"),
        (["2010-01-01"], Ending.EVENT, "2010-01-01"),  # the first day is after treatment began
        (["2009-12-31"], Ending.OBSERVATION, "2015-12-31"),  # before: earlier disease
        (["2012-05"], Ending.EVENT, "2012-05-01"),  # a month takes its first day
        (["2012"], Ending.EVENT, "2012-01-01"),
        (["2016-02-01"], Ending.OBSERVATION, "2015-12-31"),  # nobody was looking any more
    ],
)
def test_first_event_of_a_type(someone, onsets, ending, last_day):
    """The first one on or after the first course, while under observation."""
    person = someone()
    for onset in onsets:
        person.event(onset)
    found = first(person)
    assert (found.ending, found.last_day) == (ending, day(last_day))
    assert found.days_at_risk == (day(last_day) - day("2010-01-01")).days + 1


def test_an_onset_that_may_precede_treatment_decides_nothing(someone):
    """Known only to 2010, with treatment in March 2010: before or after cannot be told."""
    person = Someone().course("2010-03-01", 1).followed("2010-01-01", "2015-12-31").event("2010")
    found = first(person)
    assert found.ending is None
    assert found.because.missing == "whether the onset lies before or after the first course"


def test_death_competes(someone):
    """Who died without the disease is not at risk of it any more, and is not a survivor."""
    assert first(someone(died="2012-01-01")).ending is Ending.DEATH
    person = someone(died="2012-01-01").event("2011-05-01")
    assert first(person).ending is Ending.EVENT


def test_types_are_counted_apart(someone):
    """One person may have several diseases: each type has its own first."""
    person = someone().event("2011-01-01", "thyroid").event("2012-01-01", "itp")
    assert first(person, "itp").last_day == day("2012-01-01")
    assert first(person, *AUTOIMMUNE_TYPES).last_day == day("2011-01-01")
    assert first(person, "nephropathy").ending is Ending.OBSERVATION


def test_other_events_are_not_autoimmune(someone):
    assert (
        autoimmune_events(
            someone().timeline(), someone().event("2011-01-01", "infection").history.events
        )
        == []
    )


def test_an_event_recorded_later_was_not_known(someone):
    person = someone().event("2011-01-01", recorded="2012-01-01")
    assert first(person, as_of=day("2011-12-31")).ending is Ending.OBSERVATION


def test_observation_has_to_begin_with_treatment():
    """Who came under observation years later may have fallen ill unseen."""
    found = first(Someone().course("2010-01-01", 1).followed("2012-01-01", "2015-12-31"))
    assert found.ending is None
    assert found.because.missing == "observation from the first course on"


@pytest.mark.parametrize(
    ("said", "onset", "earlier"),
    [
        ("none", None, Earlier.NONE),
        ("thyroid", None, Earlier.YES),
        ("several", None, Earlier.YES),
        (None, None, Earlier.NEVER_ASKED),
        (None, "2008-05", Earlier.YES),
        ("none", "2008-05", Earlier.YES),
        ("none", "2011-05", Earlier.NONE),
        (None, "2010", Earlier.NEVER_ASKED),
    ],
)
def test_earlier_autoimmunity(someone, said, onset, earlier):
    """Said or recorded as an event before treatment; never asked is not none."""
    person = someone(prior=said)
    if onset:
        person.event(onset)
    line = person.timeline()
    events = autoimmune_events(line, person.history.events)
    assert earlier_autoimmunity(line, person.history, events)[0] is earlier


def test_every_type_is_a_category_of_the_record():
    assert set(AUTOIMMUNE_TYPES) <= set(EVENT_CATEGORIES)
