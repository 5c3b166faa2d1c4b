"""A snooze hides nothing worse and nothing newer."""

from datetime import timedelta

import pytest

from afterdose.record.errors import UsageError
from afterdose.web.accounts.models import Role
from afterdose.web.clinic import actions
from afterdose.web.clinic.effects import LONGEST_SNOOZE, OUTCOME_HOLDS, effect_of
from afterdose.web.clinic.models import Item, Step, StepKind
from support.clinic import make_user
from support.clinic_examples import TODAY, make_person, make_standing, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def item() -> Item:
    standing = make_standing(make_person(make_team()), {"urgency": 1})
    return standing.items.get()


@pytest.fixture
def nurse(item: Item):
    return make_user("nina", team=item.team, role=Role.NURSE)


def _effect(item: Item, *, days: int = 0):
    steps = Step.objects.filter(key=item.key).order_by("at", "pk")
    return effect_of(item, steps, today=TODAY + timedelta(days=days))


def _snooze(item: Item, nurse, days: int = 7) -> Step:
    until = TODAY + timedelta(days=days)
    return actions.snooze(item, by=nurse, reason="On holiday.", until=until)


def test_a_snooze_holds_through_its_last_day(item, nurse) -> None:
    step = _snooze(item, nurse, days=7)
    assert _effect(item, days=7).quiet == step
    assert _effect(item, days=8).quiet is None


def test_a_newer_result_ends_it(item, nurse) -> None:
    _snooze(item, nurse)
    item.newest_row = "labs:2"
    assert _effect(item).quiet is None


def test_more_urgent_ends_it_and_less_urgent_does_not(item, nurse) -> None:
    step = _snooze(item, nurse)
    item.urgency = 2
    assert _effect(item).quiet == step
    item.urgency = 0
    assert _effect(item).quiet is None


def test_woken_by_somebody(item, nurse) -> None:
    _snooze(item, nurse)
    actions.wake(item, by=nurse)
    assert _effect(item).quiet is None


@pytest.mark.parametrize("days", [-1, LONGEST_SNOOZE.days + 1])
def test_a_snooze_ends_within_bounds(item, nurse, days) -> None:
    with pytest.raises(UsageError, match="Permitted: 2026-03-02 to 2026-05-31"):
        _snooze(item, nurse, days=days)
    assert not Step.objects.exists()


def test_a_snooze_has_a_reason(item, nurse) -> None:
    with pytest.raises(UsageError, match="Say why"):
        actions.snooze(item, by=nurse, reason=" ", until=TODAY)


def test_acknowledged_until_a_newer_result(item, nurse) -> None:
    step = actions.acknowledge(item, by=nurse)
    assert _effect(item).acknowledged == step
    item.newest_row = "labs:2"
    assert _effect(item).acknowledged is None


def test_resolved_for_a_time_and_not_beyond_a_newer_result(item, nurse) -> None:
    step = actions.resolve(item, by=nurse, outcome="referred")
    assert _effect(item).quiet == step
    assert _effect(item, days=OUTCOME_HOLDS.days).quiet == step
    assert _effect(item, days=OUTCOME_HOLDS.days + 1).quiet is None
    item.newest_row = "labs:2"
    assert _effect(item).quiet is None


def test_reopened_stands_as_if_nobody_had_taken_it(item, nurse) -> None:
    actions.acknowledge(item, by=nurse)
    actions.resolve(item, by=nurse, outcome="referred")
    actions.reopen(item, by=nurse)
    effect = _effect(item)
    assert effect.quiet is None
    assert effect.acknowledged is None


@pytest.mark.parametrize(("outcome", "why"), [("cured", "Choose one"), ("other", "Say which")])
def test_an_outcome_is_known_or_written_out(item, nurse, outcome, why) -> None:
    with pytest.raises(UsageError, match=why):
        actions.resolve(item, by=nurse, outcome=outcome)


def test_passed_on_until_somebody_answers(item, nurse) -> None:
    step = actions.escalate(item, by=None, to=nurse)
    assert _effect(item).escalated == step
    actions.acknowledge(item, by=nurse)
    assert _effect(item).escalated is None


def test_nobody_on_duty_cannot_be_asked(item, nurse) -> None:
    with pytest.raises(UsageError, match="Nobody is on duty"):
        actions.escalate(item, by=nurse)


def test_a_note_changes_nothing_and_stays(item, nurse) -> None:
    actions.note(item, by=nurse, reason="Left a message.")
    effect = _effect(item)
    assert (effect.acknowledged, effect.quiet, effect.escalated) == (None, None, None)
    assert Step.objects.get().kind == StepKind.NOTED
    with pytest.raises(UsageError, match="note is empty"):
        actions.note(item, by=nurse, reason="")


def test_a_step_is_dated_by_the_teams_clock(item, nurse) -> None:
    assert actions.acknowledge(item, by=nurse).at.date() == TODAY
