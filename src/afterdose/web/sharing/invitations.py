"""Asking somebody to sign in: the only way into the clinic."""

import secrets
from datetime import timedelta
from hashlib import sha256

from allauth.account.models import EmailAddress
from django.core.mail import send_mail
from django.db import transaction
from django.utils.timezone import now

from afterdose.record.errors import UsageError
from afterdose.web.accounts.models import Membership, Role, Team, User
from afterdose.web.record.models import Person
from afterdose.web.sharing.models import Invitation, Sharing

VALID_FOR = timedelta(days=7)
"""Policy: long enough for a holiday's start, short enough for a mailbox read by another."""

KIND_OF_ROLE = {Role.PERSON: Sharing.Kind.SELF, Role.GP: Sharing.Kind.GP}
"""Roles that see only people whose records are opened to them, and by which kind of sharing."""

_TEXT = """You are invited to Afterdose, in which {team} follows people with multiple sclerosis.

Open this address within seven days and choose a password:

{address}

If you did not expect this, leave it: without your password nothing opens.
"""


@transaction.atomic
def invite(
    team: Team, email: str, role: Role, *, by: User | None, person: Person | None = None
) -> tuple[Invitation, str]:
    """Invite somebody into a team.

    Parameters
    ----------
    team : Team
    email : str
        Where the invitation goes, and how they sign in.
    role : Role
    by : User or None
        Who invites; None for the first administrator, invited from the command line.
    person : Person, optional
        Whose record opens to them. A person with MS needs one; a GP may have more later.

    Returns
    -------
    Invitation, str
        And the secret its address ends in, which cannot be had again.

    Raises
    ------
    UsageError
        A person with MS is invited without their record; or a role that sees the whole team, or
        nobody, with one; or the record is another team's.
    """
    if (person is not None) > (role in KIND_OF_ROLE) or (role == Role.PERSON and person is None):
        raise UsageError(
            f"Role '{role.label}' with{'' if person else 'out'} a record. Permitted: a person with "
            "MS with their own, a GP with or without one, others without. Invite from the chart."
        )
    if person is not None and person.team_id != team.pk:
        raise UsageError("The record is another team's. Permitted: one of the team's own.")
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        team=team,
        email=email.strip().lower(),
        role=role,
        person=person,
        digest=_digest_of(secret),
        by=by,
        until=now() + VALID_FOR,
    )
    return invitation, secret


def send(invitation: Invitation, address: str) -> None:
    """Send the address once the invitation is kept. Nothing of a person's record is in it."""
    text = _TEXT.format(team=invitation.team.name, address=address)
    subject = f"Afterdose: an invitation from {invitation.team.name}"
    transaction.on_commit(lambda: send_mail(subject, text, None, [invitation.email]))


def open_invitation(secret: str) -> Invitation | None:
    """The invitation with a secret, if it still stands."""
    standing = Invitation.objects.select_related("team", "person").filter(
        digest=_digest_of(secret), accepted_at=None, withdrawn_at=None, until__gt=now()
    )
    return standing.first()


def user_invited(invitation: Invitation) -> User | None:
    """Whoever has the invitation's address already, signed in or deactivated."""
    return User.objects.filter(email__iexact=invitation.email).first()


@transaction.atomic
def accept_as_new(invitation: Invitation, *, name: tuple[str, str], password: str) -> User:
    """Make the user the invitation is for, or bring back one whose access was ended.

    Raises
    ------
    UsageError
        Somebody who may sign in has the address: they accept by signing in, `accept_as_known`.
    """
    user = user_invited(invitation)
    if user is not None and user.is_active:
        raise UsageError("Somebody signs in by this address. Sign in, then open the invitation.")
    user = user or User(username=invitation.email[:150], email=invitation.email)
    user.first_name, user.last_name = name
    user.is_active = True
    user.set_password(password)
    user.save()
    # They read what was sent to the address, so it is theirs.
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    _take_in(invitation, user)
    return user


@transaction.atomic
def accept_as_known(invitation: Invitation, *, by: User) -> None:
    """Take a user who has signed in into the team.

    Raises
    ------
    UsageError
        The invitation is for another address.
    """
    if by.email.lower() != invitation.email:
        raise UsageError("The invitation is for another address. Sign in as the one invited.")
    _take_in(invitation, by)


def withdraw(invitation: Invitation) -> None:
    """An invitation no longer stands."""
    invitation.withdrawn_at = now()
    invitation.save(update_fields=["withdrawn_at"])


def _take_in(invitation: Invitation, user: User) -> None:
    Membership.objects.get_or_create(user=user, team=invitation.team, role=invitation.role)
    kind = KIND_OF_ROLE.get(Role(invitation.role))
    if invitation.person and kind:
        Sharing.objects.update_or_create(
            person=invitation.person,
            user=user,
            kind=kind,
            defaults={"until": None, "by": invitation.by},
        )
    invitation.accepted_at = now()
    invitation.save(update_fields=["accepted_at"])


def _digest_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
