"""What the frame of every page shows."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from afterdose.web.accounts.models import Membership
from afterdose.web.pages.navigation import links_for


def frame(request: HttpRequest) -> dict[str, Any]:
    """``page``: the team, the day it is there, what one is in it, where one can go."""
    return {"page": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"team": None, "nav": ()}
    memberships = list(Membership.objects.filter(user=user).select_related("team"))
    team = memberships[0].team if memberships else None
    return {
        "team": team,
        "today": team and team.today,
        "roles": ", ".join(m.get_role_display() for m in memberships if m.team == team),
        "has_teams": len({one.team_id for one in memberships}) > 1,
        "nav": tuple(links_for(lambda ability: bool(team), request.path)),
    }
