"""By which protocols a team monitors: those a named clinician has approved, with the team's own
overrides.
"""

from functools import lru_cache
from hashlib import sha256

from afterdose.monitoring import Protocol
from afterdose.monitoring.load import find_protocol, parse_protocol
from afterdose.monitoring.site import apply_site
from afterdose.web.accounts.models import Team, User
from afterdose.web.clinic.models import Approval, Site


def protocols_in_force(team: Team) -> tuple[Protocol, ...]:
    """The protocols a team monitors by, one per drug, by id.

    Of the approvals of one protocol, or of two protocols for one drug, the newest counts. What is
    approved is the text that was read then: a later version of Afterdose changes nothing.

    Raises
    ------
    ProtocolError
        A text, or what the site sets in it, can no longer be read.
    """
    approvals = tuple((one.protocol, one.text) for one in approvals_in_force(team))
    toml = Site.objects.filter(team=team).values_list("toml", flat=True).first() or ""
    ever = tuple(sorted(set(team.approvals.values_list("protocol", flat=True)))) if toml else ()
    return _with_site(approvals, toml, ever)


def approvals_in_force(team: Team) -> list[Approval]:
    """The approvals that count, by protocol."""
    found: dict[str, Approval] = {}
    watched: set[str] = set()
    for one in team.approvals.order_by("-approved_on", "-id"):
        drugs = set(_read(one.text, one.protocol).drugs)
        if one.protocol not in found and not watched & drugs:
            found[one.protocol] = one
            watched |= drugs
    return [found[name] for name in sorted(found)]


def approval_of(team: Team, name: str, *, by: User | None, clinician: str) -> Approval:
    """A new approval of a protocol that comes with Afterdose, not yet saved.

    Raises
    ------
    UsageError
        There is none of that id.
    """
    found = find_protocol(name)
    protocol = parse_protocol(found.text, where=found.where)
    return Approval(
        team=team,
        protocol=protocol.id,
        version=protocol.version,
        sha256=sha256(found.text.encode()).hexdigest(),
        text=found.text,
        approved_by=by,
        name=clinician,
        approved_on=team.today,
    )


@lru_cache(maxsize=256)
def _read(text: str, name: str) -> Protocol:
    return parse_protocol(text, where=name)


@lru_cache(maxsize=64)
def _with_site(
    approvals: tuple[tuple[str, str], ...], toml: str, ever: tuple[str, ...]
) -> tuple[Protocol, ...]:
    protocols = [_read(text, name) for name, text in approvals]
    return tuple(apply_site(protocols, toml, known=ever) if toml else protocols)
