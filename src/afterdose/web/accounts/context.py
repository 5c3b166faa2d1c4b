"""What every page's frame shows: the team, the others one may switch to, and what one may do."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from afterdose.web.accounts import access, rules


class Abilities:
    """Asked from templates by group and name: ``{% if may.worklist.view %}``."""

    def __init__(self, held: frozenset[str]) -> None:
        self._held = held

    def __getitem__(self, group: str) -> dict[str, bool]:
        """What may be done of a group."""
        names = [name for name in rules.ABILITIES if name.startswith(f"{group}.")]
        if not names:
            raise KeyError(group)
        return {name.split(".", 1)[1]: name in self._held for name in names}


def who_and_where(request: HttpRequest) -> dict[str, Any]:
    """``team``, ``teams`` and ``may``, each read from the database only where a template asks."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"team": None, "teams": [], "may": Abilities(frozenset())}

    def held() -> Abilities:
        team = access.current_team(request)
        return Abilities(rules.abilities_of(user, team) if team else frozenset())

    return {
        "team": access.current_team(request),
        "teams": SimpleLazyObject(lambda: list(access.teams_of(request))),
        "may": SimpleLazyObject(held),
    }
