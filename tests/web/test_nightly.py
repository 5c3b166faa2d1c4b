"""A new day: everybody's state is made anew; what was not is said to be of an earlier day."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import localdate

from afterdose.web.accounts.models import Team
from afterdose.web.clinic.in_force import approval_of
from afterdose.web.clinic.models import Approval, Standing
from afterdose.web.record.models import Person
from support.simulated_team import approve, assert_shown_as_asked, simulated_team

pytestmark = pytest.mark.django_db


def test_every_team_has_its_new_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    team = simulated_team(tmp_path / "given", 20)
    approve(team, "alemtuzumab-eu")
    other = Team.objects.create(slug="south", name="South")
    Person.objects.create(team=other, person_id="p1")
    call_command("nightly")
    first = capsys.readouterr().out
    assert first == (
        f"north: 20 people, as of {team.today}\nsouth: 1 people, as of {localdate()}\n"
    )
    assert_shown_as_asked(team, tmp_path / "today")
    assert team.stands_on is not None
    team.stands_on += timedelta(days=40)
    team.save()
    assert all(one.is_stale for one in Standing.objects.filter(team=team))
    call_command("nightly")
    assert_shown_as_asked(team, tmp_path / "later")


def test_a_team_that_fails_keeps_no_other_from_its_day(tmp_path: Path) -> None:
    broken = simulated_team(tmp_path / "given", 3)
    other = Team.objects.create(slug="south", name="South")
    Person.objects.create(team=other, person_id="p1")
    approval: Approval = approval_of(broken, "alemtuzumab-eu", by=None, clinician="Dr Example")
    approval.text = "no protocol"
    approval.save()
    with pytest.raises(CommandError, match="1 teams were not done"):
        call_command("nightly")
    assert Standing.objects.get().team == other
