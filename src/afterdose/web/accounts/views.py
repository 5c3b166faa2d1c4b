"""Where one lands after signing in, and choosing the team to work in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from afterdose.web.accounts import access, rules

FIRST_PAGES = (
    ("worklist.view", "clinic:worklist"),
    ("chart.own", "chart:own"),
    ("study.view", "study:study"),
    ("team.manage", "accounts:users"),
)
"""What opens after signing in: the first of these that one may see."""


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Go to the first page one may see."""
    access.open_to_all(request)
    team = access.current_team(request)
    held = rules.abilities_of(request.user, team) if team else frozenset()
    for ability, page in FIRST_PAGES:
        if ability in held and (address := _address(page)):
            return redirect(address)
    return render(request, "accounts/nothing_here.html")


@require_POST
def switch_team(request: HttpRequest) -> HttpResponse:
    """Work in another team from now on."""
    access.open_to_all(request)
    chosen = request.POST.get("team", "")
    access.choose_team(request, int(chosen) if chosen.isdecimal() else 0)
    return redirect("home")


def _address(page: str) -> str | None:
    try:
        return reverse(page)
    except NoReverseMatch:
        return None
