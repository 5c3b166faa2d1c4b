"""How allauth behaves here: nobody signs up by themselves, and second factors are kept sealed."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def name_tried(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """Whom somebody tried to sign in as: failed attempts are counted by it and the address.

    Without a name axes would lock everybody at the address.
    """
    credentials = credentials or {}
    name = credentials.get("email") or credentials.get("username") or request.POST.get("login")
    return name.strip().lower() if name else None


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, past as many proxies as the settings say are the clinic's own.

    One that came by a socket comes from no address.
    """
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return "0.0.0.0"  # noqa: S104 - an address for none, not one to listen on


class ByInvitation(DefaultAccountAdapter):
    """Accounts come from invitations."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False


class KnownUsersOnly(DefaultSocialAccountAdapter):
    """A provider of identities signs in those whom the clinic knows already by their address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never."""
        return False


class Sealed(DefaultMFAAdapter):
    """Second factors are encrypted by the clinic's key: a copy of the database is not enough."""

    def encrypt(self, text: str) -> str:
        """As it is kept."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """As it was."""
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> Fernet:
    key = hashlib.sha256(b"second factors:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
