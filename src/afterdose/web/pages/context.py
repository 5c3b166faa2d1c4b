"""What the frame of every page shows beside the team and the abilities."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from afterdose.web.accounts import access, rules
from afterdose.web.accounts.models import Membership
from afterdose.web.pages.navigation import links_for


def frame(request: HttpRequest) -> dict[str, Any]:
    """``page``: the day it is in the team, what one is there, where one can go."""
    return {"page": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    team = access.current_team(request) if user and user.is_authenticated else None
    if team is None:
        return {"today": None, "roles": "", "nav": ()}
    held = rules.abilities_of(user, team)
    roles = Membership.objects.filter(user=user, team=team).order_by("pk")
    return {
        "today": team.today,
        "roles": ", ".join(role.get_role_display() for role in roles),
        "nav": tuple(links_for(held, request.path)),
    }
