"""Giving and taking roles."""

from collections.abc import Collection

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.timezone import now

from afterdose.record.errors import UsageError
from afterdose.web.accounts.models import Membership, Role, Team, Token, User


@transaction.atomic
def set_roles(
    user: User,
    team: Team,
    roles: Collection[Role],
    *,
    may_open_people: bool = False,
    by: User,
) -> None:
    """Give somebody in a team exactly these roles there.

    With none of them left their access to the team ends; with none in any team they can no longer
    sign in.

    Parameters
    ----------
    user : User
    team : Team
    roles : collection of Role
    may_open_people : bool
        Whether, as a researcher, they may open the people behind a number of the study.
    by : User
        Who gives and takes.

    Raises
    ------
    UsageError
        The team would be left without an administrator.
    """
    held = Membership.objects.select_for_update().filter(team=team)
    others = held.filter(role=Role.ADMINISTRATOR, user__is_active=True).exclude(user=user)
    if Role.ADMINISTRATOR not in roles and not others.exists():
        raise UsageError(
            f"{team.name} would be left without an administrator. Permitted: one or more. Give "
            "another user the role first."
        )
    held.filter(user=user).exclude(role__in=roles).delete()
    for role in roles:
        Membership.objects.update_or_create(
            user=user,
            team=team,
            role=role,
            defaults={"may_open_people": may_open_people and role == Role.RESEARCHER},
        )
    if not roles:
        user.sharings.filter(person__team=team, until=None).update(until=now())
        if not user.memberships.exists():
            user.is_active = False
            user.save(update_fields=["is_active"])


@transaction.atomic
def remove_second_factor(user: User) -> None:
    """Somebody lost theirs: they set up another when they next sign in with their password."""
    Authenticator.objects.filter(user=user).delete()


def revoke_token(token: Token) -> None:
    """A feed no longer signs in with it."""
    if token.revoked_at is None:
        token.revoked_at = now()
        token.save(update_fields=["revoked_at"])
