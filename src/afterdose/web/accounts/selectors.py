"""Who is in a team, who is invited, which feeds may send."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.utils.timezone import now

from afterdose.web.accounts import rules
from afterdose.web.accounts.models import Role, Team, Token, User
from afterdose.web.sharing.models import Invitation


@dataclass(frozen=True)
class Member:
    """A user as the team's page shows them.

    Attributes
    ----------
    user : User
    roles : tuple of str
        In words.
    second_factor : str
        ``set up``, ``not set up yet`` or ``not needed``.
    """

    user: User
    roles: tuple[str, ...]
    second_factor: str


def members_of(team: Team) -> list[Member]:
    """Everybody in a team, by name."""
    users: dict[int, tuple[User, list[Role]]] = {}
    for membership in team.memberships.select_related("user").order_by("pk"):
        users.setdefault(membership.user_id, (membership.user, []))[1].append(Role(membership.role))
    with_factor = set(
        Authenticator.objects.filter(user__in=users)
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .values_list("user", flat=True)
    )
    found = [
        Member(
            user=user,
            roles=tuple(role.label for role in roles),
            second_factor=_second_factor(has_one=pk in with_factor, roles=roles),
        )
        for pk, (user, roles) in users.items()
    ]
    return sorted(found, key=lambda member: (str(member.user).lower(), member.user.pk))


def _second_factor(*, has_one: bool, roles: list[Role]) -> str:
    if has_one:
        return "set up"
    return "not set up yet" if rules.STAFF & set(roles) else "not needed"


def roles_of(user: User, team: Team) -> frozenset[Role]:
    """What somebody is in a team."""
    roles = team.memberships.filter(user=user).values_list("role", flat=True)
    return frozenset(Role(role) for role in roles)


def invitations_to(team: Team) -> QuerySet[Invitation]:
    """Those that still stand, the newest first. Whose record opens is not told here."""
    standing = team.invitations.filter(accepted_at=None, withdrawn_at=None, until__gt=now())
    return standing.select_related("by").order_by("-pk")


def tokens_of(team: Team) -> QuerySet[Token]:
    """Those in force first, then by feed."""
    return team.tokens.select_related("made_by").order_by("revoked_at", "feed", "pk")
