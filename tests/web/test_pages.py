"""What all pages share: the frame, forms, small parts."""

import re
from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import engines

from afterdose.monitoring import Urgency
from afterdose.web.accounts.models import Role
from afterdose.web.pages.forms import DayInput
from afterdose.web.pages.navigation import PLACES, links_for
from afterdose.web.pages.shapes import OWNER_LOOKS, SHAPES, URGENCY_LOOKS
from support.clinic import World, signed_in
from support.clinic_examples import make_standing


class Everything(forms.Form):
    """One field of every kind."""

    text = forms.CharField(label="Text", help_text="A few words.")
    area = forms.CharField(label="Area", widget=forms.Textarea, required=False)
    day = forms.DateField(label="Day", widget=DayInput, initial=date(2026, 3, 2))
    one = forms.ChoiceField(label="One", choices=[("a", "A"), ("b", "B")])
    radio = forms.ChoiceField(
        label="Radio", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect
    )
    many = forms.MultipleChoiceField(
        label="Many", choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple
    )
    yes = forms.BooleanField(label="Yes", help_text="Say it.")
    file = forms.FileField(label="File")
    secret = forms.CharField(widget=forms.HiddenInput)


def _render(text: str, **context: object) -> str:
    return engines["django"].from_string(text).render(context)


def test_every_control_has_its_label_and_the_kits_class() -> None:
    html = _render("{{ form }}", form=Everything())
    for kind in ("input", "textarea", "select", "file-upload"):
        assert f"nhsuk-{kind}" in html
    ids = set(re.findall(r' id="([^"]+)"', html))
    for target in re.findall(r'<label[^>]* for="([^"]+)"', html):
        assert target in ids
    assert html.count("<legend") == 2
    assert 'type="date" name="day" value="2026-03-02"' in html
    assert "(optional)" in html
    assert "There is a problem" not in html


def test_every_error_is_said_twice_and_linked() -> None:
    form = Everything({})
    html = _render("{{ form }}", form=form)
    summary = html[: html.index("nhsuk-form-group")]
    links = re.findall(r'href="#([^"]+)"', summary)
    assert len(links) == len([f for f in form.visible_fields() if f.errors]) == 7
    ids = set(re.findall(r' id="([^"]+)"', html))
    assert set(links) <= ids
    assert "nhsuk-input--error" in html
    described = re.findall(r'aria-describedby="([^"]+)"', html)
    for target in " ".join(described).split():
        assert target in ids
    assert "There is a problem" not in _render("{{ form|fields }}", form=form)


@pytest.mark.parametrize("number", [*range(len(Urgency)), None])
def test_every_urgency_has_a_word_and_a_shape(number: int | None) -> None:
    html = _render("{% urgency number %}", number=number)
    word = re.sub("<[^>]+>", "", html).strip()
    assert word[0].isupper()
    assert "<svg" in html


def test_looks_differ_by_more_than_colour() -> None:
    for looks in (URGENCY_LOOKS, OWNER_LOOKS):
        assert len({look.shape for look in looks.values()}) == len(looks)
        assert len({look.word for look in looks.values()}) == len(looks)
        assert {look.shape for look in looks.values()} <= set(SHAPES)
    assert set(URGENCY_LOOKS) == set(Urgency)


def test_days_and_moments() -> None:
    at = datetime(2026, 7, 2, 6, 5, tzinfo=UTC)
    assert _render("{{ at|moment }}", at=at) == "2 Jul 2026, 07:05"
    assert _render("{{ none|moment }} {{ none|day }}", none=None) == "– –"


def test_a_person_without_a_name_goes_by_their_number(world: World) -> None:
    world.own.person.contact.delete()
    person = type(world.own.person).objects.get(pk=world.own.person.pk)
    assert _render("{{ person|person_name }}", person=person) == person.person_id


def test_places_need_their_ability() -> None:
    (worklist,) = links_for({"worklist.view"}, "/worklist")
    assert (worklist.label, worklist.is_here) == ("Worklist", True)
    assert not list(links_for(set(), "/"))
    assert len({place.name for place in PLACES}) == len(PLACES)


@pytest.mark.parametrize("role", Role)
def test_everybody_has_a_frame_that_leads_only_where_they_may(world: World, role: Role) -> None:
    client = signed_in(world.own.users[role])
    html = client.get("/help/accessibility").text
    nav = re.search(r'<nav class="app-nav".*?</nav>', html, re.DOTALL)
    for address in re.findall(r'href="([^"]+)"', nav[0] if nav else ""):
        assert client.get(address).status_code == 200
    assert "SIMULATED DATA" not in html
    assert "North" in html


def test_who_may_only_look_is_offered_nothing_to_do(world: World) -> None:
    person = world.own.person
    item = make_standing(person, {}, as_of=world.own.team.today).items.get()
    client = signed_in(world.own.users[Role.DATA_MANAGER])
    listed = client.get("/worklist").text
    assert item.what in listed
    assert "Acknowledge" not in listed
    page = client.get(f"/people/{person.pk}/items/{item.key}").text
    assert "What to do" not in page
    assert "Owners…" not in page


def test_a_gp_sees_those_shared_with_them(world: World) -> None:
    for person in world.own.people:
        make_standing(person, {}, as_of=world.own.team.today)
    listed = signed_in(world.own.users[Role.GP]).get("/worklist").text
    assert "NORTH, Demo 1" in listed
    assert "NORTH, Demo 2" not in listed
    assert "1 person needs" in listed
