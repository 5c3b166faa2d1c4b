"""Which database, from one address."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from afterdose.record.errors import UsageError

_SQLITE: dict[str, Any] = {
    # Default transactions read first and fail when they come to write; these wait their turn.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
    "PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456",
}


def database_of(address: str) -> dict[str, Any]:
    """What Django wants to know of a database.

    Parameters
    ----------
    address : str
        ``sqlite:///path/to/file``, or ``postgresql://user:password@host:port/name``; for a socket
        ``postgresql://user@/name?host=/folder``.

    Returns
    -------
    dict
        An entry of Django's ``DATABASES``.

    Raises
    ------
    UsageError
        The address is of no such form. It is not repeated: it may hold a password.

    Examples
    --------
    >>> database_of("postgresql://clinic:secret@db.example:5432/afterdose")["NAME"]
    'afterdose'
    >>> database_of("sqlite:////var/lib/afterdose/clinic.db")["OPTIONS"]["transaction_mode"]
    'IMMEDIATE'
    """
    parts = urlsplit(address)
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme == "sqlite" and name:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(name),
            "OPTIONS": dict(_SQLITE),
            # On a file of its own, tests can write from several processes.
            "TEST": {"NAME": f"{name}.test"},
        }
    if parts.scheme in ("postgresql", "postgres") and name:
        socket = unquote(parts.query.removeprefix("host=")) if parts.query else ""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or socket,
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise UsageError(
        f"AFTERDOSE_DATABASE begins with '{parts.scheme[:20]}'. Permitted: sqlite:///FILE or "
        "postgresql://USER:PASSWORD@HOST:PORT/NAME. Correct it."
    )
