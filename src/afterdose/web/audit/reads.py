"""Noting who looked at what."""

from django.http import HttpRequest

from afterdose.web.accounts.models import Team
from afterdose.web.audit.models import Read
from afterdose.web.record.models import Person


def note_read(
    request: HttpRequest, team: Team, *, person: Person | None = None, count: int | None = None
) -> None:
    """Keep that the user of a request looked at a person, or at a list of so many."""
    match = request.resolver_match
    Read.objects.create(
        user_id=request.user.pk,
        team_id=team.pk,
        person_id=person.pk if person else None,
        count=count,
        page=(match.view_name if match else "")[:100],
        is_change=request.method not in ("GET", "HEAD"),
    )
