"""Who may do what in the clinic, from the table that decides it."""

import os
from pathlib import Path
from tempfile import mkdtemp

import django

from generators.markdown import escape, table

REACH_IN_WORDS = {
    "team": "the team's people",
    "shared": "people shared with them",
    "self": "themselves",
    "none": "nobody",
}


def pages(root: Path) -> dict[str, str]:
    """The table of roles by ability."""
    # Tests name settings of their own, which are nowhere to be found from here.
    os.environ["DJANGO_SETTINGS_MODULE"] = "afterdose.web.settings"
    os.environ.setdefault("AFTERDOSE_HOME", mkdtemp(prefix="afterdose-docs-"))
    django.setup()
    return {"fragments/roles.md": _render()}


def _render() -> str:
    from afterdose.web.accounts.models import Role
    from afterdose.web.accounts.rules import ABILITIES, REACH

    roles = list(Role)
    rows = [
        ("*whose records*", *(escape(REACH_IN_WORDS[REACH[role]]) for role in roles)),
        *(
            (escape(ability.words), *("yes" if role in ability.roles else "" for role in roles))
            for ability in ABILITIES.values()
        ),
    ]
    return table(("may", *(escape(role.label) for role in roles)), rows)
