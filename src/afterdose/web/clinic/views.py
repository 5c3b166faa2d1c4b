"""The worklist, one item of it, and who owns what."""

import csv
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from afterdose.record.errors import UsageError
from afterdose.web.accounts import access, rules
from afterdose.web.clinic import actions
from afterdose.web.clinic.board import SHOWN
from afterdose.web.clinic.deputies import next_duties
from afterdose.web.clinic.forms import (
    AnswerForm,
    DutyForm,
    EscalateForm,
    LaboratoryForm,
    NoteForm,
    ProposeForm,
    ResolveForm,
    SaveViewForm,
    SnoozeForm,
)
from afterdose.web.clinic.laboratories import last_results
from afterdose.web.clinic.listing import Filters, Worklist
from afterdose.web.clinic.models import Item, SavedView
from afterdose.web.clinic.ownership import ownership_of
from afterdose.web.clinic.story import item_story, why_of
from afterdose.web.clinic.table import COLUMNS, cells_of
from afterdose.web.pages.shapes import person_name
from afterdose.web.record.models import Owner, Person

INVALID = 422


@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    """Who needs action, why, whose move it is."""
    listing = _listing(request)
    page = listing.page(request.GET.get("page"))
    access.note_list(request, len(page.object_list))
    team = listing.team
    views = SavedView.objects.filter(team=team, user=request.user).order_by("name")
    laboratories = last_results(team)
    context = {
        "listing": listing,
        "slice": page,
        "shown": [(key, label, listing.counts[key]) for key, label in SHOWN.items()],
        "laboratories": laboratories,
        "silent": any(one.is_silent for one in laboratories),
        "duties": next_duties(team),
        "views": views,
    }
    return render(request, "clinic/worklist.html", context)


@require_GET
def worklist_csv(request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed now, a line an item, for a spreadsheet."""
    listing = _listing(request)
    rows = listing.rows(listing.ordered)
    access.note_list(request, len(rows))
    name = f"worklist-{listing.team.slug}-{listing.today}.csv"
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerows(cells_of(row))
    return response


@require_GET
def why(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Why an item is here: rule, version, evidence, source, rows."""
    person = access.person_or_404(request, pk, may="worklist.view")
    item = _item(person, key)
    if item is None:
        raise Http404
    return render(request, "clinic/why.html", {"reasons": why_of(item), "item": item})


@require_GET
def item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One item: what it is, what was done, what can be done."""
    person = access.person_or_404(request, pk, may="worklist.view")
    return _item_page(request, person, key)


def _item_page(request: HttpRequest, person: Person, key: str, **bound: forms.Form) -> HttpResponse:
    team = person.team
    rows = Worklist(team).rows([person.pk])
    shown = rows[0].items if rows else []
    one = next((one for one in shown if one.item.key == key), None)
    context = {
        "person": person,
        "key": key,
        "row": rows[0] if rows else None,
        "shown": one,
        "others": [other for other in shown if other is not one],
        "reasons": why_of(one.item) if one else [],
        "story": item_story(person, key),
        "may_act": rules.may(request.user, "worklist.act", person),
        "may_hand_over": rules.may(request.user, "owners.hand_over", person),
        "snooze_form": SnoozeForm(today=team.today, prefix="snooze"),
        "resolve_form": ResolveForm(prefix="resolve"),
        "escalate_form": EscalateForm(team=team, prefix="escalate"),
        "note_form": NoteForm(prefix="note"),
        "forms": bound.values(),
        **bound,
    }
    status = INVALID if bound else 200
    return render(request, "clinic/item.html", context, status=status)


@require_POST
def acknowledge(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Take an item in hand, from the list or from its page."""
    person = access.person_or_404(request, pk, may="worklist.act")
    found = _item(person, key)
    if found is not None:
        said = request.POST.get("acknowledge-reason", "")[:1000]
        actions.acknowledge(found, by=request.user, reason=said)
    if request.htmx:
        # The row as it stands now, in its place.
        listing = Worklist(person.team)
        rows = listing.rows([person.pk])
        return render(request, "clinic/row.html", {"row": rows[0], "listing": listing})
    return _done(request, person, key, found, "Acknowledged.")


@require_POST
def snooze(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Keep it off the list for a while."""
    person = access.person_or_404(request, pk, may="worklist.act")
    form = SnoozeForm(request.POST, today=person.team.today, prefix="snooze")
    return _act(request, person, key, "snooze", form, actions.snooze, "Snoozed.")


@require_POST
def wake(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """End a snooze early."""
    person = access.person_or_404(request, pk, may="worklist.act")
    return _act(request, person, key, "wake", forms.Form(request.POST), actions.wake, "Awake.")


@require_POST
def escalate(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Pass it to somebody else."""
    person = access.person_or_404(request, pk, may="worklist.act")
    form = EscalateForm(request.POST, team=person.team, prefix="escalate")
    return _act(request, person, key, "escalate", form, actions.escalate, "Passed on.")


@require_POST
def resolve(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Say how it was settled."""
    person = access.person_or_404(request, pk, may="worklist.act")
    form = ResolveForm(request.POST, prefix="resolve")
    return _act(request, person, key, "resolve", form, actions.resolve, "Resolved.")


@require_POST
def reopen(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Put it back on the list."""
    person = access.person_or_404(request, pk, may="worklist.act")
    form = forms.Form(request.POST)
    return _act(request, person, key, "reopen", form, actions.reopen, "Back on the list.")


@require_POST
def note(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Write something down beside it."""
    person = access.person_or_404(request, pk, may="worklist.act")
    form = NoteForm(request.POST, prefix="note")
    return _act(request, person, key, "note", form, actions.note, "Noted.")


def _act(
    request: HttpRequest,
    person: Person,
    key: str,
    name: str,
    form: forms.Form,
    action: Callable[..., Any],
    done: str,
) -> HttpResponse:
    """Do it, or show the form again with what is wrong."""
    found = _item(person, key)
    if found is None:
        return _done(request, person, key, None, done)
    if form.is_valid():
        try:
            action(found, by=request.user, **form.cleaned_data)
        except UsageError as error:
            form.add_error(None, str(error))
        else:
            return _done(request, person, key, found, done)
    return _item_page(request, person, key, **{f"{name}_form": form})


def _done(
    request: HttpRequest, person: Person, key: str, found: Item | None, done: str
) -> HttpResponse:
    if found is None:
        messages.warning(request, "This is no longer on the worklist: nothing was changed.")
    else:
        messages.success(request, f"{done} {found.what}, {person_name(person)}.")
    return redirect("clinic:item", pk=person.pk, key=key)


def owners(request: HttpRequest, pk: int) -> HttpResponse:
    """Who owns which check of a person; ask somebody to take one over."""
    person = access.person_or_404(request, pk, may="owners.hand_over")
    ownership = ownership_of(person)
    checks = [(one.check, one.title) for one in ownership if one.check != "all"]
    form = ProposeForm(request.POST or None, checks=checks)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        actions.propose_owner(
            person, sent["check"], sent["owner"], by=request.user, said=sent["said"]
        )
        messages.success(request, "Asked. Until they accept, nobody has accepted.")
        return redirect("clinic:owners", pk=pk)
    return _owners_page(request, person, form)


@require_POST
def answer(request: HttpRequest, pk: int, proposal: int) -> HttpResponse:
    """Accept a check, or hand it back."""
    person = access.person_or_404(request, pk, may="owners.hand_over")
    asked = Owner.objects.filter(person=person, pk=proposal).first()
    if asked is None:
        raise Http404
    form = AnswerForm(request.POST, prefix=f"answer-{proposal}")
    if form.is_valid():
        is_yes = form.cleaned_data["answer"] == "accepted"
        do = actions.accept_owner if is_yes else actions.decline_owner
        try:
            do(person, asked, by=request.user, said=form.cleaned_data["said"])
        except UsageError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Accepted." if is_yes else "Declined: nobody owns it now.")
            return redirect("clinic:owners", pk=pk)
    return _owners_page(request, person, None, answered=(proposal, form))


def _owners_page(
    request: HttpRequest,
    person: Person,
    form: forms.Form | None,
    *,
    answered: tuple[int, forms.Form] | None = None,
) -> HttpResponse:
    ownership = ownership_of(person)
    checks = [(one.check, one.title) for one in ownership if one.check != "all"]
    waiting = [
        (one, AnswerForm(prefix=f"answer-{one.proposal}")) for one in ownership if one.proposal
    ]
    if answered:
        waiting = [
            (one, answered[1] if one.proposal == answered[0] else empty) for one, empty in waiting
        ]
    is_wrong = answered is not None or (form is not None and form.is_bound)
    context = {
        "person": person,
        "ownership": ownership,
        "waiting": waiting,
        "wrong": answered[1] if answered else form,
        "form": form or ProposeForm(checks=checks),
        "words": Owner.objects.filter(person=person).order_by("-since", "-pk"),
    }
    return render(request, "clinic/owners.html", context, status=INVALID if is_wrong else 200)


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters under a name."""
    team = access.team_of(request, may="worklist.view")
    form = SaveViewForm(request.POST)
    query = Filters.of(dict(parse_qsl(request.POST.get("query", "")))).query
    if form.is_valid():
        actions.save_view(team, form.cleaned_data["name"], query, by=request.user)
        messages.success(request, f"Saved as {form.cleaned_data['name']}.")
    else:
        messages.error(request, "The view needs a name.")
    return redirect(f"{reverse('clinic:worklist')}?{query}")


@require_POST
def forget_view(request: HttpRequest) -> HttpResponse:
    """Drop a saved view of one's own."""
    team = access.team_of(request, may="worklist.view")
    name = request.POST.get("name", "")[:60]
    gone, _ = SavedView.objects.filter(team=team, user=request.user, name=name).delete()
    if gone:
        messages.success(request, f"{name} is forgotten.")
    return redirect("clinic:worklist")


def duties(request: HttpRequest) -> HttpResponse:
    """Who steps in on which days, and how long each laboratory may be silent."""
    team = access.team_of(request, may="duties.manage")
    form = DutyForm(request.POST or None, team=team)
    if request.method == "POST" and form.is_valid():
        duty = form.save(commit=False)
        duty.team = team
        duty.place = team.duties.count()
        duty.save()
        messages.success(request, f"{duty.user} is on duty.")
        return redirect("clinic:duties")
    context = {
        "form": form,
        "duties": team.duties.select_related("user"),
        "next": next_duties(team),
        "laboratories": [
            (one, LaboratoryForm(instance=one.laboratory, prefix=f"lab-{one.laboratory.pk}"))
            for one in last_results(team)
        ],
        "unwatched": team.laboratories.filter(is_watched=False).order_by("provider"),
    }
    status = INVALID if form.is_bound else 200
    return render(request, "clinic/duties.html", context, status=status)


@require_POST
def end_duty(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody is not on duty any more."""
    team = access.team_of(request, may="duties.manage")
    duty = team.duties.filter(pk=pk).first()
    if duty is None:
        raise Http404
    duty.delete()
    messages.success(request, f"{duty.user} is on duty no more.")
    return redirect("clinic:duties")


@require_POST
def laboratory(request: HttpRequest, pk: int) -> HttpResponse:
    """How long a laboratory may be silent."""
    team = access.team_of(request, may="duties.manage")
    found = team.laboratories.filter(pk=pk).first()
    if found is None:
        raise Http404
    form = LaboratoryForm(request.POST, instance=found, prefix=f"lab-{pk}")
    if form.is_valid():
        form.save()
        messages.success(request, f"{found.provider}: saved.")
    else:
        messages.error(request, f"{found.provider}: write a whole number of days.")
    return redirect("clinic:duties")


def _listing(request: HttpRequest) -> Worklist:
    people = access.people_of(request, may="worklist.view")
    team = access.team_of(request, may="worklist.view")
    is_whole = rules.reaches_whole_team(request.user, "worklist.view", team)
    return Worklist(team, None if is_whole else people, Filters.of(request.GET.dict()))


def _item(person: Person, key: str) -> Item | None:
    return Item.objects.select_related("team").filter(person=person, key=key).first()
