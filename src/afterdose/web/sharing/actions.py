"""Opening one person's record to somebody, and closing it."""

from django.db import transaction
from django.utils.timezone import now

from afterdose.record.errors import UsageError
from afterdose.web.accounts.models import Membership, Role, User
from afterdose.web.record.models import Person
from afterdose.web.sharing.invitations import KIND_OF_ROLE
from afterdose.web.sharing.models import Sharing


@transaction.atomic
def share_with_gp(person: Person, gp: User, *, by: User) -> Sharing:
    """Open a person's record to a GP the team has already.

    Raises
    ------
    UsageError
        They are no GP of the person's team.
    """
    kind = KIND_OF_ROLE[Role.GP]
    if not Membership.objects.filter(user=gp, team=person.team, role=Role.GP).exists():
        raise UsageError("They are no GP of this team. Permitted: its GPs. Invite them first.")
    sharing, _ = Sharing.objects.update_or_create(
        person=person, user=gp, kind=kind, defaults={"until": None, "by": by}
    )
    return sharing


def end_sharing(sharing: Sharing) -> None:
    """Close it from now on."""
    sharing.until = now()
    sharing.save(update_fields=["until"])
