"""On whose behalf the clinic writes: what the log says beside every change."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:  # a command names itself before Django has loaded its models
    from django.db.backends.base.base import BaseDatabaseWrapper

    from afterdose.web.accounts.models import User

_ACTOR: ContextVar[str] = ContextVar("actor")
_OF_PROCESS = [""]


def current_actor() -> str:
    """``user:12``, ``feed:3``, ``command:nightly``; empty where nobody said."""
    return _ACTOR.get(_OF_PROCESS[0])


@contextmanager
def acting(by: "User | str") -> Iterator[None]:
    """Write on somebody's behalf.

    A request does it by itself; a job, a feed and a command say it.

    Parameters
    ----------
    by : User or str
        A user, or what writes: ``feed:3``, ``command:nightly``.

    Examples
    --------
    >>> with acting("command:nightly"):
    ...     current_actor()
    'command:nightly'
    """
    token = _ACTOR.set(by if isinstance(by, str) else f"user:{by.pk}")
    try:
        tell(connection)
        yield
    finally:
        _ACTOR.reset(token)
        # A transaction that failed takes back by itself what was told within it.
        if not connection.needs_rollback:
            tell(connection)


def begin(name: str) -> None:
    """Say it once for a whole process and all its threads, such as a command."""
    _OF_PROCESS[0] = name


def tell(connection: "BaseDatabaseWrapper") -> None:
    """Tell the database who acts. SQLite asks by itself, through a function it calls."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('afterdose.actor', %s, false)", [current_actor()])
