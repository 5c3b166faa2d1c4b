"""The chart of a person, the pages beside it, and entering rows."""

from bisect import bisect_left, bisect_right
from datetime import date
from typing import Any

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterdose.monitoring.story import tell_story
from afterdose.record.errors import UsageError
from afterdose.web.accounts import access, rules
from afterdose.web.accounts.models import User
from afterdose.web.chart import actions
from afterdose.web.chart.calendar import calendar_of
from afterdose.web.chart.forms import FORMS, CorrectedForm, EntryForm, OneScoreForm, ScoreForm
from afterdose.web.chart.picture import FIRST, drawn, episodes_of, happenings_of, panels_of
from afterdose.web.chart.retreatment import retreatment_of
from afterdose.web.chart.seen import Seen, see
from afterdose.web.clinic.models import Item
from afterdose.web.record.models import MODELS, Arrival, Lab, Person

INVALID = 422


@require_GET
def chart(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about a person on one axis of time, as known on a day."""
    person = access.person_or_404(request, pk, may="chart.view")
    seen = see(person, as_of=_asked_day(request, person))
    panels, episodes = panels_of(seen), episodes_of(seen)
    context = {
        **_frame(request, seen, "chart"),
        "panels": [one for one in panels if one.analyte in FIRST],
        "others": [one for one in panels if one.analyte not in FIRST],
        "episodes": episodes,
        "happenings": happenings_of(seen),
        "drawn": drawn(seen, panels, episodes),
    }
    return render(request, "chart/chart.html", context)


@require_GET
def story(request: HttpRequest, pk: int) -> HttpResponse:
    """Every statement with its rule, its rows and its source."""
    person = access.person_or_404(request, pk, may="chart.view")
    seen = see(person, as_of=_asked_day(request, person))
    covered = {drug for one in seen.protocols for drug in one.drugs}
    stories = [
        tell_story(
            seen.history,
            one.protocol,
            as_of=seen.as_of,
            covered=covered,
            set_aside=seen.set_aside,
        )
        for one in seen.followed
    ]
    return render(
        request, "chart/story.html", {**_frame(request, seen, "story"), "stories": stories}
    )


@require_GET
def retreatment(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known before another course is considered."""
    person = access.person_or_404(request, pk, may="chart.view")
    seen = see(person, as_of=_asked_day(request, person))
    context = {**_frame(request, seen, "retreatment"), "parts": retreatment_of(seen)}
    return render(request, "chart/retreatment.html", context)


@require_GET
def result(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """One result: every column, every version of it, and where it came from."""
    person = access.person_or_404(request, pk, may="chart.view")
    lab = _lab(person, row)
    versions = [lab]
    if lab.result_id:
        same = Lab.objects.filter(person=person, provider=lab.provider, result_id=lab.result_id)
        versions = list(same.order_by("received_date", "pk"))
    digest, _, locator = (lab.source or "").partition(":")
    arrival = Arrival.objects.filter(team=person.team, sha256__startswith=digest[:12]).first()
    is_cited = len(digest) >= 12 and arrival is not None
    context = {
        **_frame(request, see(person), "chart"),
        "lab": lab,
        "versions": versions,
        "arrival": arrival if is_cited else None,
        "locator": locator if is_cited else "",
        "may_correct": rules.may(request.user, "chart.edit", person)
        and actions.is_typed(lab)
        and not actions.is_withdrawn(lab),
    }
    return render(request, "chart/result.html", context)


def enter(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """A new row."""
    person = access.person_or_404(request, pk, may="chart.edit")
    title, form_class = _form_of(kind)
    form = form_class(request.POST or None, today=person.team.today)
    if request.method == "POST" and form.is_valid():
        try:
            change = _entered(person, form, by=request.user)
        except UsageError as error:
            form.add_error(getattr(error, "field", None), str(error))
        else:
            return _done(request, person, f"{title} entered.", change)
    return _form_page(request, person, form, f"Enter: {title.lower()}")


def correct(request: HttpRequest, pk: int, kind: str, row: int) -> HttpResponse:
    """Another content of a row that stands there."""
    person = access.person_or_404(request, pk, may="chart.edit")
    title, _ = _form_of(kind)
    form = _correction(request, person, kind, row)
    if request.method == "POST" and form.is_valid():
        try:
            if kind == "result":
                lab = _lab(person, row)
                change = actions.correct_result(person, lab, form.cleaned_data, by=request.user)
            else:
                change = actions.change_row(person, form.table, row, form.row(), by=request.user)
        except UsageError as error:
            name = getattr(error, "field", None)
            form.add_error(name if name in form.fields else None, str(error))
        else:
            return _done(request, person, f"{title} corrected.", change)
    return _form_page(request, person, form, f"Correct: {title.lower()}", withdraws=(kind, row))


@require_POST
def withdraw(request: HttpRequest, pk: int, kind: str, row: int) -> HttpResponse:
    """A row was entered in error."""
    person = access.person_or_404(request, pk, may="chart.edit")
    title, form_class = _form_of(kind)
    try:
        if kind == "result":
            change = actions.withdraw_result(person, _lab(person, row), by=request.user)
        else:
            _row(person, form_class.table, row)
            change = actions.withdraw_row(person, form_class.table, row)
    except UsageError as error:
        messages.error(request, str(error))
        return redirect("chart:chart", pk=pk)
    return _done(request, person, f"{title} withdrawn: entered in error.", change)


@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """What a person reads about themselves, in plain words."""
    seen = see(_oneself(request))
    newest = [
        (panel.title, panel.lines[0])
        for panel in panels_of(seen)
        if panel.lines and panel.lines[0].standing == "counts"
    ]
    context = {
        "person": seen.person,
        "seen": seen,
        "newest": newest,
        "items": Item.objects.filter(person=seen.person).order_by("position"),
    }
    return render(request, "chart/own.html", context)


@require_GET
def own_calendar(request: HttpRequest) -> HttpResponse:
    """Their next tests, for the calendar of a phone."""
    seen = see(_oneself(request))
    response = HttpResponse(calendar_of(seen), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="next-tests.ics"'
    return response


# ------------------------------------------------------------------------------------------------


def _oneself(request: HttpRequest) -> Person:
    """The person whom somebody signed in is."""
    found = access.people_of(request, may="chart.own").order_by("pk").first()
    if found is None:
        raise Http404
    return access.person_or_404(request, found.pk, may="chart.own")


def _asked_day(request: HttpRequest, person: Person) -> date:
    """The day in the address, where it is one that has been; else today."""
    today = person.team.today
    try:
        return min(date.fromisoformat(request.GET.get("known_on", "")), today)
    except ValueError:
        return today


def _frame(request: HttpRequest, seen: Seen, tab: str) -> dict[str, Any]:
    """The header that all pages about a person have."""
    person, today = seen.person, seen.person.team.today
    is_today = seen.as_of == today
    days = seen.days_of_news
    before, after = bisect_left(days, seen.as_of), bisect_right(days, seen.as_of)
    items = Item.objects.filter(person=person).order_by("position") if is_today else ()
    return {
        "person": person,
        "seen": seen,
        "tab": tab,
        "is_today": is_today,
        "today": today,
        "known_on": "" if is_today else f"?known_on={seen.as_of.isoformat()}",
        "first_day": days[0] if days else today,
        "news_before": days[before - 1] if before else None,
        "news_after": days[after] if after < len(days) else None,
        "items": items,
        "past_items": (seen.place[1].items if seen.place and seen.place[1] else ())
        if not is_today
        else (),
        "next_tests": seen.next_tests[:6],
        "may_edit": is_today and rules.may(request.user, "chart.edit", person),
        "may_list": rules.may(request.user, "worklist.view", person),
        "entries": [(kind, title) for kind, (title, _) in FORMS.items()],
    }


def _entered(person: Person, form: EntryForm, *, by: User) -> actions.Change:
    if form.table == "labs":
        return actions.enter_result(person, form.cleaned_data, by=by)
    rows = form.scores() if isinstance(form, ScoreForm) else [form.row()]
    return actions.enter_rows(person, form.table, rows, by=by)


def _correction(request: HttpRequest, person: Person, kind: str, row: int) -> EntryForm:
    today, sent = person.team.today, request.POST or None
    if kind == "result":
        lab = _lab(person, row)
        if not actions.is_typed(lab):
            raise Http404
        given = {"value": lab.original_value, "unit": lab.original_unit}
        return CorrectedForm(sent, today=today, initial=given)
    _, form_class = _form_of(kind)
    found = _row(person, form_class.table, row)
    given = model_to_dict(found)
    if form_class is ScoreForm:
        return OneScoreForm(sent, today=today, initial=given, measure=found.measure)
    for name in ("confirmed", "serious"):
        if name in given:
            given[name] = {True: "yes", False: "no"}.get(given[name], "")
    return form_class(sent, today=today, initial=given)


def _form_page(
    request: HttpRequest,
    person: Person,
    form: EntryForm,
    title: str,
    *,
    withdraws: tuple[str, int] | None = None,
) -> HttpResponse:
    context = {"person": person, "form": form, "title": title, "withdraws": withdraws}
    status = INVALID if form.is_bound else 200
    return render(request, "chart/form.html", context, status=status)


def _done(request: HttpRequest, person: Person, text: str, change: actions.Change) -> HttpResponse:
    messages.success(request, " ".join([text, *change.said]))
    return redirect("chart:chart", pk=person.pk)


def _form_of(kind: str) -> tuple[str, type[EntryForm]]:
    if kind not in FORMS:
        raise Http404
    return FORMS[kind]


def _lab(person: Person, row: int) -> Lab:
    return _row(person, "labs", row)  # type: ignore[no-any-return]


def _row(person: Person, table: str, row: int) -> Any:
    found = MODELS[table]._default_manager.filter(person=person, pk=row).first()
    if found is None:
        raise Http404
    return found
