"""Tokens that feeds sign in with: made once, shown once, kept as a digest."""

import secrets
from datetime import timedelta
from hashlib import sha256

from django.utils.timezone import now

from afterdose.web.accounts.models import Team, Token, User

_SELDOM = timedelta(minutes=1)
"""That a token is used is noted no more often than this."""


def make_token(team: Team, feed: str, *, by: User) -> str:
    """A new token for a feed of a team. What is returned cannot be had again."""
    token = f"ad_{secrets.token_urlsafe(32)}"
    Token.objects.create(team=team, feed=feed, digest=digest_of(token), made_by=by)
    return token


def token_of(given: str) -> Token | None:
    """The token somebody signs in with, if it is one and was not revoked."""
    found = Token.objects.select_related("team").filter(digest=digest_of(given), revoked_at=None)
    token = found.first()
    if token is not None and (token.used_at is None or token.used_at < now() - _SELDOM):
        Token.objects.filter(pk=token.pk).update(used_at=now())
    return token


def digest_of(token: str) -> str:
    """What is kept of a token.

    Examples
    --------
    >>> digest_of("ad_x")[:12]
    'a12863156ca1'
    """
    return sha256(token.encode()).hexdigest()
