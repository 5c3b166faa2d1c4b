"""What nobody answered in time goes to whoever is on duty, at weekends too."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.management import call_command

from afterdose.web.accounts.models import Role
from afterdose.web.clinic import actions
from afterdose.web.clinic.deputies import deputy_on, next_duties
from afterdose.web.clinic.models import Duty, Step, StepKind
from afterdose.web.clinic.overdue import Escalated, escalate_overdue
from afterdose.web.record.models import Lab
from support.clinic import make_user
from support.clinic_examples import TODAY, make_person, make_standing, make_team

pytestmark = pytest.mark.django_db

SATURDAY = date(2026, 3, 7)


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def deputy(team):
    user = make_user("dora", team=team, role=Role.NEUROLOGIST)
    Duty.objects.create(team=team, user=user, days=list(range(7)), starts=TODAY)
    return user


def _finding(team, *, urgency: int = 0, received: date = TODAY):
    person = make_person(team, team.people.count() + 1)
    lab = Lab.objects.create(
        person=person, specimen_date=received, received_date=received, analyte="platelets"
    )
    item = {"urgency": urgency, "newest_row": f"labs:{lab.pk}"}
    return make_standing(person, item).items.get()


@pytest.mark.parametrize(
    ("urgency", "days", "is_late"),
    [(0, 0, False), (0, 1, True), (1, 2, False), (1, 3, True), (2, 13, False), (2, 14, True)],
)
def test_when(team, deputy, urgency, days, is_late) -> None:
    _finding(team, urgency=urgency, received=TODAY - timedelta(days=days))
    assert escalate_overdue(team) == Escalated(passed=int(is_late), nobody=0)


def test_once_a_day_and_without_names(team, deputy, django_capture_on_commit_callbacks) -> None:
    item = _finding(team, received=TODAY - timedelta(days=2))
    with django_capture_on_commit_callbacks(execute=True):
        assert escalate_overdue(team).passed == 1
        assert escalate_overdue(team).passed == 0
    step = Step.objects.get(kind=StepKind.ESCALATED)
    assert (step.by, step.to, step.key) == (None, deputy, item.key)
    (letter,) = mail.outbox
    assert letter.to == [deputy.email]
    assert "1 finding of MS team North" in letter.body
    for private in ("Demo", "Person", "P0001", "84", "latelets"):
        assert private not in letter.body + letter.subject


def test_again_the_next_day(team, deputy) -> None:
    _finding(team, received=TODAY - timedelta(days=2))
    escalate_overdue(team)
    team.stands_on = TODAY + timedelta(days=1)
    team.save()
    assert escalate_overdue(team).passed == 1


@pytest.mark.parametrize("answer", ["acknowledge", "snooze", "resolve"])
def test_answered_is_not_passed(team, deputy, answer) -> None:
    item = _finding(team, received=TODAY - timedelta(days=2))
    if answer == "snooze":
        actions.snooze(item, by=deputy, reason="Away.", until=TODAY)
    elif answer == "resolve":
        actions.resolve(item, by=deputy, outcome="referred")
    else:
        actions.acknowledge(item, by=deputy)
    assert escalate_overdue(team).passed == 0


def test_nobody_on_duty_is_said(team, capsys) -> None:
    _finding(team, received=TODAY - timedelta(days=2))
    assert escalate_overdue(team) == Escalated(passed=0, nobody=1)
    call_command("escalate_overdue")
    said = capsys.readouterr()
    assert "1 late and nobody on duty" in said.err
    assert "0 passed" in said.out


def test_tests_that_are_overdue_are_not_findings(team, deputy) -> None:
    make_standing(make_person(team), {"urgency": 4, "days": 60})
    assert escalate_overdue(team).passed == 0


def test_who_is_on_duty(team) -> None:
    week = make_user("wanda", team=team, role=Role.NURSE)
    end = make_user("enno", team=team, role=Role.NEUROLOGIST)
    Duty.objects.create(team=team, user=week, days=[0, 1, 2, 3, 4], starts=TODAY)
    Duty.objects.create(team=team, user=end, days=[5, 6], starts=TODAY, ends=SATURDAY, place=1)
    assert deputy_on(team, TODAY) == week
    assert deputy_on(team, SATURDAY) == end
    assert deputy_on(team, SATURDAY + timedelta(days=1)) is None
    assert deputy_on(team, TODAY - timedelta(days=3)) is None
    shown = next_duties(team)
    assert [(one.day, one.user) for one in shown] == [
        (TODAY, week),
        (SATURDAY, end),
        (SATURDAY + timedelta(days=1), None),
    ]


def test_who_left_is_not_asked(team, deputy) -> None:
    deputy.is_active = False
    deputy.save()
    assert deputy_on(team, TODAY) is None
