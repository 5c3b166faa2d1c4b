"""By what a team monitors, changed: by a clinician who has signed in, and everybody made anew."""

from django.db import transaction

from afterdose.monitoring.site import apply_site
from afterdose.web.accounts.models import Team, User
from afterdose.web.clinic.in_force import approval_of, protocols_in_force
from afterdose.web.clinic.models import Approval, Site
from afterdose.web.clinic.state import recompute_team


def approve(team: Team, name: str, *, by: User) -> Approval:
    """Approve a protocol that comes with Afterdose, as it reads today, for a team.

    From now on it monitors the team's people who take its drug, in the place of any other for that
    drug.

    Raises
    ------
    UsageError
        There is no such protocol.
    ProtocolError
        What the site sets does not fit it.
    """
    with transaction.atomic():
        made = approval_of(team, name, by=by, clinician=str(by))
        made.save()
        protocols_in_force(team)
    recompute_team(team)
    return made


def set_differently(team: Team, toml: str) -> None:
    """Put a team's overrides in the place of those it had.

    Raises
    ------
    ProtocolError
        Lists every problem with its line; nothing is changed.
    """
    ever = set(team.approvals.values_list("protocol", flat=True))
    with transaction.atomic():
        Site.objects.update_or_create(team=team, defaults={"toml": toml})
        # Read as it will be each morning, and once more against the day: nothing is approved ahead.
        apply_site(protocols_in_force(team), toml, known=ever, today=team.today)
    recompute_team(team)
