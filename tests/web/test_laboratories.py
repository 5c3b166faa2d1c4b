"""A laboratory that fell silent is seen."""

from datetime import UTC, datetime, timedelta

import pytest

from afterdose.web.clinic.laboratories import last_results, note_laboratories
from afterdose.web.clinic.models import Laboratory
from afterdose.web.record.models import Arrival, Lab
from support.clinic_examples import TODAY, make_person, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team()


def _result(person, provider: str | None, days: int) -> None:
    day = TODAY - timedelta(days=days)
    Lab.objects.create(
        person=person, specimen_date=day, received_date=day, analyte="alt", provider=provider
    )


def test_known_laboratories_are_those_heard_of_lately(team) -> None:
    person = make_person(team)
    for provider, days in (("City", 2), ("City", 40), ("Gone", 200), (None, 1)):
        _result(person, provider, days)
    _result(make_person(make_team("south"), 2), "South", 1)
    assert note_laboratories(team) == 1
    assert note_laboratories(team) == 0
    assert team.laboratories.get().provider == "City"


def test_silent_ones_first(team) -> None:
    person = make_person(team)
    Laboratory.objects.create(team=team, provider="Alpha")
    Laboratory.objects.create(team=team, provider="Beta")
    Laboratory.objects.create(team=team, provider="Gamma")
    Laboratory.objects.create(team=team, provider="Closed", is_watched=False)
    _result(person, "Alpha", 4)
    _result(person, "Beta", 5)
    found = last_results(team)
    assert [(one.laboratory.provider, one.is_silent, one.days) for one in found] == [
        ("Beta", True, 5),
        ("Gamma", True, 0),
        ("Alpha", False, 4),
    ]
    assert found[1].day is None


def test_a_feed_is_heard_to_the_minute(team) -> None:
    Laboratory.objects.create(team=team, provider="City", feed="city-hl7")
    landed = datetime(2026, 3, 2, 7, 12, tzinfo=UTC)
    for name, at in (("a", landed), ("b", landed - timedelta(days=2))):
        Arrival.objects.create(
            team=team, sha256=name, name=name, feed="city-hl7", landed_on=at.date(), landed_at=at
        )
    (one,) = last_results(team)
    assert (one.moment, one.day, one.is_silent) == (landed, TODAY, False)


def test_results_by_hand_do_not_hide_that_a_feed_stopped(team) -> None:
    Laboratory.objects.create(team=team, provider="City")
    _result(make_person(team), "City", 0)
    at = datetime(2026, 2, 20, 7, 12, tzinfo=UTC)
    Arrival.objects.create(
        team=team, sha256="a", name="a", feed="City", landed_on=at.date(), landed_at=at
    )
    (one,) = last_results(team)
    assert (one.is_silent, one.days) == (True, 10)


def test_another_teams_results_say_nothing(team) -> None:
    Laboratory.objects.create(team=team, provider="City")
    _result(make_person(make_team("south"), 2), "City", 0)
    assert last_results(team)[0].is_silent
