"""By what a team monitors, changed: everybody is made anew at once."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from tests.ingest.conftest import obx, oru

from afterdose.record.errors import ProtocolError, UsageError
from afterdose.web.accounts.models import Team, User
from afterdose.web.clinic.approving import approve, set_differently
from afterdose.web.clinic.models import Approval, Item, Site, Standing
from afterdose.web.record.models import Arrival, Lab
from support.simulated_team import assert_shown_as_asked, simulated_team

pytestmark = pytest.mark.django_db
OVERRIDE = """
[[overrides]]
protocol = "alemtuzumab-eu"
rule = "blood-count"
set = { window = "P10D" }
approved_by = "Dr Example"
approved_on = "2022-11-02"
why = "Our laboratory needs three days."
"""


@pytest.fixture
def neurologist() -> User:
    return User.objects.create_user("noel", "noel@clinic.example", "correct-horse-battery")


def test_an_approval_counts_at_once(tmp_path: Path, neurologist: User) -> None:
    team = simulated_team(tmp_path / "given", 20)
    made = approve(team, "alemtuzumab-eu", by=neurologist)
    assert (made.approved_by, made.approved_on) == (neurologist, team.today)
    assert_shown_as_asked(team, tmp_path / "first")
    set_differently(team, OVERRIDE)
    assert_shown_as_asked(team, tmp_path / "second")
    approve(team, "alemtuzumab-us", by=neurologist)
    assert_shown_as_asked(team, tmp_path / "third")
    assert not Item.objects.filter(protocol="alemtuzumab-eu").exists()
    assert Approval.objects.count() == 2


def test_what_cannot_be_read_changes_nothing(tmp_path: Path, neurologist: User) -> None:
    team = simulated_team(tmp_path / "given", 4)
    with pytest.raises(UsageError, match="There is no protocol 'aspirin-eu'"):
        approve(team, "aspirin-eu", by=neurologist)
    approve(team, "alemtuzumab-eu", by=neurologist)
    before = list(Standing.objects.order_by("pk").values("computed_at"))
    for wrong in ("nonsense", OVERRIDE.replace("P10D", "soon"), OVERRIDE.replace("2022", "2999")):
        with pytest.raises(ProtocolError):
            set_differently(team, wrong)
    assert not Site.objects.exists()
    assert list(Standing.objects.order_by("pk").values("computed_at")) == before


def test_files_by_command(
    tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.HOME = tmp_path / "home"
    Team.objects.create(slug="north", name="North", stands_on=date(2024, 3, 6))
    (tmp_path / "one.hl7").write_text(oru(obx()), newline="")
    (tmp_path / "two.hl7").write_text("hello")
    call_command("take_files", tmp_path / "one.hl7", tmp_path / "two.hl7", team="north")
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "one.hl7: 2 rows, 2 accepted, 0 duplicates, 0 set aside"
    assert said[1].startswith("two.hl7: refused. ")
    assert Lab.objects.count() == 1
    assert Arrival.objects.count() == 2
    with pytest.raises(CommandError, match="There is no team 'south'"):
        call_command("take_files", tmp_path / "one.hl7", team="south")
