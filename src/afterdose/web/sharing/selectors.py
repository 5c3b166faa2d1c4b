"""Who may see a person's record besides their team."""

from django.db.models import Q, QuerySet
from django.utils.timezone import now

from afterdose.web.record.models import Person
from afterdose.web.sharing.models import Invitation, Sharing


def sharings_of(person: Person) -> QuerySet[Sharing]:
    """Those in force, the newest first."""
    in_force = Q(until=None) | Q(until__gt=now())
    return person.sharings.filter(in_force).select_related("user", "by").order_by("-since", "pk")


def invitations_for(person: Person) -> QuerySet[Invitation]:
    """Those that still stand, the newest first."""
    standing = person.invitations.filter(accepted_at=None, withdrawn_at=None, until__gt=now())
    return standing.order_by("-pk")
