"""The log's pages: what was changed, who looked."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from afterdose.web.accounts import access, rules
from afterdose.web.accounts.models import Team
from afterdose.web.audit.forms import LogForm
from afterdose.web.audit.selectors import changes_of, lines, looks, reads_of
from afterdose.web.record.models import Person

_A_PAGE = 50


@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """What was changed, by whom, when; values only for those who may open charts."""
    team = access.team_of(request, may="audit.view")
    form = LogForm(request.GET or None, team=team)
    slice_ = _slice(request, changes_of(team, form.asked()))
    may_see = rules.may(request.user, "chart.view", team)
    shown_lines = lines(list(slice_), with_values=may_see)
    people = _people(team, [line.change.person_id for line in shown_lines])
    access.note_list(request, len(people))
    shown = {
        "form": form,
        "slice": slice_,
        "lines": [(line, people.get(line.change.person_id)) for line in shown_lines],
        "may_see": may_see,
    }
    return render(request, "audit/changes.html", shown, status=422 if form.errors else 200)


@require_GET
def reads(request: HttpRequest) -> HttpResponse:
    """Who looked at whom, or at lists of how many."""
    team = access.team_of(request, may="audit.view")
    form = LogForm(request.GET or None, team=team)
    slice_ = _slice(request, reads_of(team, form.asked()))
    found = looks(slice_)
    people = _people(team, [look.read.person_id for look in found])
    access.note_list(request, len(people))
    shown = {
        "form": form,
        "slice": slice_,
        "looks": [(look, people.get(look.read.person_id)) for look in found],
        "may_see": rules.may(request.user, "chart.view", team),
    }
    return render(request, "audit/reads.html", shown, status=422 if form.errors else 200)


def _slice(request: HttpRequest, found: object) -> object:
    return Paginator(found, _A_PAGE).get_page(request.GET.get("page"))


def _people(team: Team, keys: list[int | None]) -> dict[int, Person]:
    return team.people.select_related("contact").in_bulk([key for key in keys if key])
