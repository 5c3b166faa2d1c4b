"""A person's chart, what can be entered there, and what it changes."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from afterdose.web.accounts.models import Role, Team
from afterdose.web.audit.models import Read
from afterdose.web.chart.picture import episodes_of, panels_of
from afterdose.web.chart.retreatment import retreatment_of
from afterdose.web.chart.seen import see
from afterdose.web.clinic.models import Item
from afterdose.web.record.models import Lab, Person, Relapse, Treatment
from afterdose.web.sharing.models import Sharing
from support.clinic import make_user, signed_in
from support.clinic_examples import TODAY, add_result, make_followed_team, make_person, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return make_followed_team()


@pytest.fixture
def person(team: Team) -> Person:
    return team.people.order_by("person_id")[0]


@pytest.fixture
def client(team: Team):
    return signed_in(make_user("nina", team=team, role=Role.NURSE))


def _to(name: str, person: Person, **more: object) -> str:
    return reverse(f"chart:{name}", kwargs={"pk": person.pk, **more})


def _result(**more: str) -> dict[str, str]:
    return {
        "analyte": "platelets",
        "specimen_date": "2026-03-01",
        "value": "240",
        "unit": "10*9/L",
        "range_text": "150-400",
        "provider": "Village Laboratory",
        **more,
    }


def test_the_page(client, person) -> None:
    text = client.get(_to("chart", person)).text
    assert "PERSON 0001, Demo" in text
    assert "Platelets: 3 rows" in text
    assert "150 to 400" in text
    assert "Monitored until" in text
    assert "<strong>open</strong>" in text


def test_pages_beside(client, person) -> None:
    assert "Results that need action" in client.get(_to("story", person)).text
    text = client.get(_to("retreatment", person)).text
    assert "Facts, not advice" in text
    assert "The record holds no table of relapses" in text


def test_nobody_treated(client, team) -> None:
    other = make_person(team, 9)
    for name in ("chart", "story", "retreatment"):
        assert client.get(_to(name, other)).status_code == 200


def test_no_protocol_is_in_force() -> None:
    team = make_team("bare")
    person = make_person(team)
    client = signed_in(make_user("nils", team=team, role=Role.NURSE))
    add_result(person, TODAY, "platelets", 100.0)
    for name in ("chart", "story", "retreatment"):
        assert client.get(_to(name, person)).status_code == 200
    assert "nobody is watched" in client.get(_to("chart", person)).text


def test_as_known_on_a_day(client, person) -> None:
    """The fall of yesterday is not known three days ago."""
    day = (TODAY - timedelta(days=3)).isoformat()
    text = client.get(_to("chart", person), {"known_on": day}).text
    assert "As known on" in text
    assert "Platelets: 2 rows" in text
    assert "<strong>open</strong>" not in text
    # What is no day, or lies ahead, is today.
    for asked in ("nonsense", "2090-01-01"):
        assert (
            "As known on</strong>" not in client.get(_to("chart", person), {"known_on": asked}).text
        )


def test_missed_tests_and_episodes(person) -> None:
    seen = see(person)
    (platelets,) = [one for one in panels_of(seen) if one.analyte == "platelets"]
    assert len(platelets.missed) >= 10
    assert all(day < TODAY for day in platelets.missed)
    assert next(one.opened for one in episodes_of(seen) if one.closed is None) == date(2026, 3, 1)
    creatinine = next(one for one in panels_of(seen) if one.analyte == "creatinine")
    assert creatinine.lines == []
    assert creatinine.missed


def test_enter_a_course(client, person) -> None:
    """The schedule starts anew, and the page says from when to when."""
    before = see(person).monitored_until
    sent = {"drug": "alemtuzumab", "start_date": "2026-02-23", "end_date": "2026-02-25"}
    answer = client.post(_to("enter", person, kind="course"), sent, follow=True)
    assert "Course of treatment entered. " in answer.text
    assert "Monitored until 2030-02-25 (before: " in answer.text
    assert see(person).monitored_until == date(2030, 2, 25) != before
    row = Treatment.objects.get(person=person, start_date="2026-02-23")
    assert row.recorded_date == TODAY
    again = client.post(_to("enter", person, kind="course"), sent)
    assert again.status_code == 422
    assert Treatment.objects.filter(person=person).count() == 2


@pytest.mark.parametrize(
    ("kind", "sent", "said"),
    [
        ("course", {"drug": "alemtuzumab"}, "First day: choose a day"),
        ("relapse", {"onset_date": "2026-03-09"}, "lies ahead of today"),
        (
            "relapse",
            {"onset_date": "2026-02-09", "end_date": "2026-02-01"},
            "is before the first day",
        ),
        ("score", {"date": "2026-02-09", "edss": "3.3"}, "by 0.5 up to 10"),
        ("score", {"date": "2026-02-09", "edss": "0.5"}, "by 0.5 up to 10"),
        ("score", {"date": "2026-02-09", "edss": "11"}, "a number from 0 to 10"),
        ("event", {"onset_date": "March", "category": "itp"}, "write 2026-03-12"),
        ("mri", {"date": "2026-02-09", "gd_lesions": "-1"}, "a whole number from 0"),
        ("result", _result(value="1,5"), "a number with a point"),
        ("result", _result(unit="kg"), "not known for Platelets"),
        ("result", _result(unit=""), "write it as printed"),
        ("result", _result(value="99999"), "outside what is possible"),
        ("result", _result(specimen_date="2026-03-05"), "lies ahead of today"),
    ],
)
def test_what_is_wrong_is_said(client, person, kind, sent, said) -> None:
    answer = client.post(_to("enter", person, kind=kind), sent)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert said in answer.text


@pytest.mark.parametrize(
    ("kind", "sent", "shown"),
    [
        ("relapse", {"onset_date": "2026-02-09", "confirmed": "yes"}, "confirmed"),
        ("score", {"date": "2026-02-09", "edss": "3.5", "kfss_visual": "2"}, "EDSS 3.5"),
        ("mri", {"date": "2026-02-09", "gd_lesions": "1"}, "enhancing 1"),
        ("event", {"onset_date": "2026-01", "category": "thyroid"}, "thyroid"),
    ],
)
def test_what_is_entered_is_shown(client, person, kind, sent, shown) -> None:
    answer = client.post(_to("enter", person, kind=kind), sent, follow=True)
    assert answer.status_code == 200
    assert shown in answer.text


def test_a_result_is_converted_once(client, person) -> None:
    sent = _result(
        analyte="creatinine", value="1", unit="mg/dL", range_text="0.5-1.1", specimen_time="08:15"
    )
    client.post(_to("enter", person, kind="result"), sent)
    lab = Lab.objects.get(person=person, analyte="creatinine")
    assert round(lab.value, 1) == 88.4
    assert lab.unit == "umol/L"
    assert (lab.original_value, lab.original_unit) == ("1", "mg/dL")
    assert round(lab.ref_high, 1) == 97.2
    assert lab.specimen_time == "08:15:00"
    assert lab.original_code is None
    assert lab.status == "final"
    assert "1 mg/dL" in client.get(_to("chart", person)).text


def test_a_result_corrected_and_withdrawn(client, person) -> None:
    """A slip raises an alert; its correction takes it off; each is a row of its own."""
    person = person.team.people.order_by("person_id")[2]
    client.post(_to("enter", person, kind="result"), _result(value="24"))
    assert Item.objects.filter(person=person, urgency=0).exists()
    lab = Lab.objects.get(person=person, value=24)
    answer = client.post(
        _to("correct", person, kind="result", row=lab.pk),
        {"value": "240", "unit": "10*9/L", "range_text": "150-400"},
        follow=True,
    )
    assert "No longer on the worklist: Platelets" in answer.text
    assert not Item.objects.filter(person=person, urgency=0).exists()
    assert "replaced by another row" in answer.text
    versions = Lab.objects.filter(person=person, result_id=lab.result_id)
    assert [one.status for one in versions.order_by("pk")] == ["final", "corrected"]
    page = client.get(_to("result", person, row=lab.pk)).text
    assert "Correct or withdraw" in page
    client.post(_to("withdraw", person, kind="result", row=lab.pk))
    assert versions.count() == 3
    counted = see(person).known.results["platelets"]
    assert [row.value for row in counted] == [240.0]
    assert "Correct or withdraw" not in client.get(_to("result", person, row=lab.pk)).text


def test_results_of_a_laboratory_are_its_own(client, person) -> None:
    lab = Lab.objects.filter(person=person).first()
    assert client.get(_to("correct", person, kind="result", row=lab.pk)).status_code == 404
    answer = client.post(_to("withdraw", person, kind="result", row=lab.pk), follow=True)
    assert "came from a laboratory" in answer.text
    assert Lab.objects.filter(person=person).count() == 3


def test_the_same_result_twice(client, person) -> None:
    client.post(_to("enter", person, kind="result"), _result())
    answer = client.post(_to("enter", person, kind="result"), _result())
    assert "stands in the record already" in answer.text
    assert Lab.objects.filter(person=person, provider="Village Laboratory").count() == 1


def test_a_relapse_changed_and_taken_out(client, person) -> None:
    client.post(_to("enter", person, kind="relapse"), {"onset_date": "2026-02-09"})
    row = Relapse.objects.get(person=person)
    page = client.get(_to("correct", person, kind="relapse", row=row.pk)).text
    assert 'value="2026-02-09"' in page
    sent = {"onset_date": "2026-02-10", "severity": "mild", "confirmed": "no"}
    client.post(_to("correct", person, kind="relapse", row=row.pk), sent)
    row.refresh_from_db()
    assert (row.onset_date, row.severity, row.confirmed) == (date(2026, 2, 10), "mild", False)
    (view,) = retreatment_of(see(person))
    assert view.activity[0].text == "1 recorded"
    client.post(_to("withdraw", person, kind="relapse", row=row.pk))
    assert not Relapse.objects.filter(person=person).exists()


def test_rows_of_somebody_else(client, person) -> None:
    other = person.team.people.order_by("person_id")[1]
    lab = Lab.objects.filter(person=other).first()
    assert client.get(_to("result", person, row=lab.pk)).status_code == 404
    assert client.get(_to("enter", person, kind="nothing")).status_code == 404


def test_before_another_course(person) -> None:
    add_result(person, TODAY - timedelta(days=5), "tsh", 2.0)
    (view,) = retreatment_of(see(person))
    states = {one.title: one.state for one in view.checks}
    assert states["Thyroid before a course"] == "in date"
    assert states["Creatinine before a course"] == "not in date"
    assert view.months == 16
    assert any("Open finding" in fact.title for fact in view.autoimmunity)


def test_ones_own_page_and_calendar(team, person) -> None:
    """In plain words; the calendar names tests and days, and holds no result."""
    user = make_user("pia", team=team, role=Role.PERSON)
    client = signed_in(user)
    assert client.get(reverse("chart:own")).status_code == 404
    Sharing.objects.create(person=person, user=user, kind=Sharing.Kind.SELF)
    text = client.get(reverse("chart:own")).text
    assert "Your next test" in text
    assert "has not reached your team" in text
    assert Read.objects.filter(person_id=person.pk, page="chart:own").count() == 1
    calendar = client.get(reverse("chart:own_calendar"))
    assert calendar["Content-Type"].startswith("text/calendar")
    assert "SUMMARY:Blood count: test due" in calendar.text
    assert "DTSTART;VALUE=DATE:20260302" in calendar.text
    assert "40" not in calendar.text.replace("2024", "")
    assert calendar.content == client.get(reverse("chart:own_calendar")).content
