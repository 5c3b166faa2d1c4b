"""What the worklist's pages answer, without a browser."""

import csv
import io

import pytest
from django.urls import reverse

from afterdose.web.accounts.models import Role
from afterdose.web.audit.models import Read
from afterdose.web.clinic.in_force import approval_of
from afterdose.web.clinic.models import Item, SavedView, Step, StepKind
from afterdose.web.record.models import Contact, Owner, Treatment
from support.clinic import make_user, signed_in
from support.clinic_examples import make_person, make_standing, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def item(team) -> Item:
    return make_standing(make_person(team), {"urgency": 1}).items.get()


@pytest.fixture
def client(team):
    return signed_in(make_user("nina", team=team, role=Role.NURSE))


def _to(item: Item, name: str) -> str:
    return reverse(f"clinic:{name}", kwargs={"pk": item.person_id, "key": item.key})


def test_the_list_names_nobody_in_its_log(client, item) -> None:
    answer = client.get(reverse("clinic:worklist"))
    assert answer.status_code == 200
    assert "PERSON 0001, Demo" in answer.text
    read = Read.objects.get()
    assert (read.count, read.person_id, read.page) == (1, None, "clinic:worklist")


def test_a_page_made_on_another_morning_says_so(client, item, team) -> None:
    assert "Not today" not in client.get(reverse("clinic:worklist")).text
    team.stands_on = team.stands_on.replace(day=3)
    team.save()
    assert "Not today" in client.get(reverse("clinic:worklist")).text


def test_a_team_without_people(client) -> None:
    assert "Nobody is followed yet" in client.get(reverse("clinic:worklist")).text


def test_nothing_to_do_is_not_nothing_known(client, team) -> None:
    make_standing(make_person(team))
    text = client.get(reverse("clinic:worklist")).text
    assert "Nothing to do this morning" in text
    assert "No laboratory is known yet" in text


def test_csv(client, item) -> None:
    Contact.objects.update(family_name="=SUM(A1)")
    answer = client.get(reverse("clinic:worklist_csv"))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer["Content-Disposition"] == 'attachment; filename="worklist-north-2026-03-02.csv"'
    assert [row["what"] for row in rows] == ["Platelets below 100"]
    assert rows[0]["owner_state"] == "nobody accepted"
    assert rows[0]["name"].startswith("'=SUM")
    assert Read.objects.get().count == 1


def test_acknowledge_by_script_answers_with_the_row(client, item) -> None:
    answer = client.post(_to(item, "acknowledge"), HTTP_HX_REQUEST="true")
    assert answer.status_code == 200
    assert "has it in hand" in answer.text
    assert "<html" not in answer.text
    assert Step.objects.get().kind == StepKind.ACKNOWLEDGED


def test_acknowledge_without_scripts_goes_to_the_items_page(client, item) -> None:
    answer = client.post(_to(item, "acknowledge"), follow=True)
    assert "Acknowledged." in answer.text
    assert "has it in hand" in answer.text


@pytest.mark.parametrize(
    ("name", "data", "wrong"),
    [
        ("snooze", {"snooze-until": "2026-03-05"}, "Why it can wait: write a few words"),
        ("snooze", {"snooze-reason": "x"}, "Until: choose a day"),
        ("snooze", {"snooze-reason": "x", "snooze-until": "2027-01-01"}, "choose a day from"),
        ("resolve", {"resolve-reason": "x"}, "Outcome: choose one"),
        ("resolve", {"resolve-outcome": "other"}, "write which other outcome"),
        ("note", {}, "Note: write a few words"),
        ("escalate", {}, "Nobody is on duty today"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_done(client, item, name, data, wrong) -> None:
    answer = client.post(_to(item, name), data)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert wrong in answer.text
    assert not Step.objects.exists()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("snooze", {"snooze-reason": "Away.", "snooze-until": "2026-03-05"}, StepKind.SNOOZED),
        ("resolve", {"resolve-outcome": "referred"}, StepKind.RESOLVED),
        ("note", {"note-reason": "Called."}, StepKind.NOTED),
        ("wake", {}, StepKind.WOKEN),
        ("reopen", {}, StepKind.REOPENED),
    ],
)
def test_what_is_right_is_done(client, item, name, data, kind) -> None:
    answer = client.post(_to(item, name), data, follow=True)
    assert answer.status_code == 200
    assert Step.objects.get().kind == kind
    assert kind.label in answer.text


def test_an_item_that_is_gone_says_so_and_keeps_its_story(client, item) -> None:
    client.post(_to(item, "note"), {"note-reason": "Called."})
    address = _to(item, "item")
    item.delete()
    answer = client.get(address)
    assert answer.status_code == 200
    assert "No longer on the worklist" in answer.text
    assert "Called." in answer.text
    answer = client.post(_to(item, "snooze"), follow=True)
    assert "nothing was changed" in answer.text


def test_why(client, item, team) -> None:
    item.because = [
        {
            "text": "Open since the specimen of 2026-02-27.",
            "rule": "platelets-below-100",
            "evidence": "verified",
            "rows": ["Platelets 84 × 10⁹/L"],
            "sources": ["SmPC, 4.4"],
        }
    ]
    item.save()
    text = client.get(_to(item, "why")).text
    for part in ("Open since", "platelets-below-100", "Verified: the text", "SmPC, 4.4", "84 ×"):
        assert part in text


def test_saved_views_are_ones_own(client, team) -> None:
    client.post(reverse("clinic:save_view"), {"name": "Late", "query": "show=overdue&x=1"})
    assert SavedView.objects.get().query == "show=overdue"
    other = signed_in(make_user("otto", team=team, role=Role.NURSE))
    assert "Late" in client.get(reverse("clinic:worklist")).text
    assert "Late" not in other.get(reverse("clinic:worklist")).text
    other.post(reverse("clinic:forget_view"), {"name": "Late"})
    assert SavedView.objects.count() == 1
    client.post(reverse("clinic:forget_view"), {"name": "Late"})
    assert not SavedView.objects.exists()


def test_a_view_without_a_name(client) -> None:
    answer = client.post(reverse("clinic:save_view"), {"query": "show=overdue"}, follow=True)
    assert "needs a name" in answer.text


def test_duties_and_laboratories(client, team) -> None:
    nurse = team.memberships.get().user
    wrong = client.post(reverse("clinic:duties"), {"user": nurse.pk})
    assert wrong.status_code == 422
    assert "Days: choose at least one" in wrong.text
    sent = {"user": nurse.pk, "days": ["5", "6"], "starts": "2026-03-02"}
    assert "Sat, Sun" in client.post(reverse("clinic:duties"), sent, follow=True).text
    duty = team.duties.get()
    assert duty.days == [5, 6]
    client.post(reverse("clinic:end_duty", kwargs={"pk": duty.pk}))
    assert not team.duties.exists()
    lab = team.laboratories.create(provider="City")
    address = reverse("clinic:laboratory", kwargs={"pk": lab.pk})
    client.post(address, {f"lab-{lab.pk}-every_days": "7", f"lab-{lab.pk}-is_watched": "on"})
    lab.refresh_from_db()
    assert (lab.every_days, lab.is_watched) == (7, True)
    answer = client.post(address, {f"lab-{lab.pk}-every_days": "often"}, follow=True)
    assert "whole number" in answer.text
    client.post(address, {f"lab-{lab.pk}-every_days": "7"})
    assert "Not watched" in client.get(reverse("clinic:duties")).text


def test_handing_over_on_the_page(client, team) -> None:
    approval_of(team, "alemtuzumab-eu", by=None, clinician="Dr Example").save()
    person = make_person(team)
    Treatment.objects.create(person=person, drug="alemtuzumab", start_date="2025-03-03")
    address = reverse("clinic:owners", kwargs={"pk": person.pk})
    assert "Blood count" in client.get(address).text
    assert client.post(address, {"check": "no such", "owner": "gp"}).status_code == 422
    asked = client.post(address, {"check": "all", "owner": "gp", "said": "by letter"}, follow=True)
    assert "GP was asked on 2 Mar 2026" in asked.text
    proposal = Owner.objects.get()
    answer = reverse("clinic:answer", kwargs={"pk": person.pk, "proposal": proposal.pk})
    refused = client.post(answer, {f"answer-{proposal.pk}-answer": "declined"})
    assert refused.status_code == 422
    assert "Why not: write a few words" in refused.text
    sent = {f"answer-{proposal.pk}-answer": "declined", f"answer-{proposal.pk}-said": "No room."}
    assert "nobody owns it now" in client.post(answer, sent, follow=True).text
    assert client.post(answer, sent).status_code == 422
