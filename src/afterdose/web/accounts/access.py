"""How a view gets its team and its people: the one place that asks who may, and that logs reading.

Every view calls `team_of` or `person_or_404` (or `people_of` for a list) before it reads anything.
Who may not is answered 404, as if nothing were there. A view that answers without having asked is
stopped by `afterdose.web.accounts.middleware.EveryPageAsks`.
"""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from afterdose.web.accounts import rules
from afterdose.web.accounts.models import Team
from afterdose.web.audit.reads import note_read
from afterdose.web.record.models import Person


def team_of(request: HttpRequest, *, may: str) -> Team:
    """The team somebody works in now, if they may do ``may`` there.

    Parameters
    ----------
    request : HttpRequest
        Of somebody signed in.
    may : str
        A key of `afterdose.web.accounts.rules.ABILITIES`.

    Raises
    ------
    Http404
        They may not, or are in no team.
    """
    team = current_team(request)
    if team is None or not rules.may(request.user, may, team):
        raise Http404
    _asked(request)
    return team


def person_or_404(request: HttpRequest, pk: int, *, may: str) -> Person:
    """A person of the current team with whom somebody may do ``may``; that they looked is logged.

    Raises
    ------
    Http404
        There is no such person in this team, or they may not: the two look alike.
    """
    team = current_team(request)
    if team is None:
        raise Http404
    people = rules.people_within_reach(request.user, may, team)
    person = people.select_related("team", "contact").filter(pk=pk).first()
    if person is None:
        raise Http404
    _asked(request)
    note_read(request, team, person=person)
    return person


def people_of(request: HttpRequest, *, may: str) -> QuerySet[Person]:
    """The people of the current team with whom somebody may do ``may``. Log the list: `note_list`.

    Raises
    ------
    Http404
        They may do it with nobody, whoever is in the team.
    """
    team = team_of(request, may=may)
    return rules.people_within_reach(request.user, may, team)


def note_list(request: HttpRequest, count: int) -> None:
    """Log that somebody was shown, or took away, a list of so many people."""
    team = current_team(request)
    if team is not None:
        note_read(request, team, count=count)


def open_to_all(request: HttpRequest) -> None:
    """Say that a page holds nothing of any team or person."""
    _asked(request)


def teams_of(request: HttpRequest) -> QuerySet[Team]:
    """The teams somebody is in."""
    return Team.objects.filter(memberships__user=request.user).distinct().order_by("name", "pk")


def current_team(request: HttpRequest) -> Team | None:
    """The team chosen in this session, else their first; none if they are in none."""
    if not hasattr(request, "_team"):
        teams = teams_of(request)
        chosen = request.session.get("team")
        request._team = teams.filter(pk=chosen).first() or teams.first()
    return request._team


def choose_team(request: HttpRequest, pk: int) -> Team:
    """Work in another team of one's own from now on.

    Raises
    ------
    Http404
        They are not in it.
    """
    team = teams_of(request).filter(pk=pk).first()
    if team is None:
        raise Http404
    request.session["team"] = team.pk
    request._team = team
    return team


def _asked(request: HttpRequest) -> None:
    request.was_authorised = True
