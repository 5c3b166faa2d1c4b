"""Identifiers that mean somebody at their sender only: ``Patient/1``, a number nobody assigned.

Two senders both have a ``Patient/1``. Such an identifier gets its sender beside it, where somebody
has named the sender; else the file or bulk export it came in, and then nobody is taken in under it:
its rows wait until a person decides whose they are.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from afterdose.ingest.rows import Identifier

if TYPE_CHECKING:
    from afterdose.ingest.landing import Landed

REFERENCE = "reference"
"""The assigner of a FHIR reference."""
UNNAMED = "unnamed"
"""The assigner of a number that comes with neither an assigner nor a sender."""

_HOMELY = (".local", ".localhost", ".internal", ".lan", ".home.arpa")
"""Endings of hosts that mean another computer in every house."""
_AT, _IN = " at ", " in "


def is_at_home_only(identifier: Identifier) -> bool:
    """Whether an identifier says nothing outside the place it comes from.

    Examples
    --------
    >>> is_at_home_only(Identifier("reference", "Patient/1"))
    True
    >>> is_at_home_only(Identifier("reference", "https://fhir.north.example/Patient/1"))
    False
    >>> is_at_home_only(Identifier("https://north.example/mrn", "4711"))
    False
    """
    if identifier.assigner == REFERENCE:
        return not _is_absolute(identifier.value)
    return identifier.assigner.partition("/")[0] == UNNAMED


def with_sender(identifiers: Iterable[Identifier], landed: "Landed") -> tuple[Identifier, ...]:
    """Identifiers as the record holds them: ``reference at North Clinic``, ``reference in 2f2e``.

    One that means the same everywhere stays as it is. Of a sender that is named, what was decided
    of this one sending counts too.
    """
    found: list[Identifier] = []
    for one in identifiers:
        if not is_at_home_only(one):
            found.append(one)
            continue
        if landed.sender:
            found.append(replace(one, assigner=f"{one.assigner}{_AT}{landed.sender}"))
        sending = landed.sending or landed.short
        found.append(replace(one, assigner=f"{one.assigner}{_IN}{sending}"))
    return tuple(found)


def is_of_one_sending(identifier: Identifier) -> bool:
    """Whether all that is known of an identifier is the file or export it came in.

    Examples
    --------
    >>> is_of_one_sending(Identifier("reference in 2f2ebf3bfb17", "Patient/1"))
    True
    >>> is_of_one_sending(Identifier("reference at North Clinic", "Patient/1"))
    False
    """
    kind, within, _ = identifier.assigner.partition(_IN)
    return bool(within) and kind.partition("/")[0] in (REFERENCE, UNNAMED) and _AT not in kind


def _is_absolute(reference: str) -> bool:
    """Whether a reference names a server that is the same one for everybody."""
    try:
        parts = urlsplit(reference)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and _is_of_the_world(host)


def _is_of_the_world(host: str) -> bool:
    if "." not in host.strip(".") or host.endswith(_HOMELY):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True
