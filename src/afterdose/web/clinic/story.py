"""Why an item is here, and what was done about it."""

from dataclasses import dataclass
from typing import Any

from afterdose.monitoring.model import Evidence, Override
from afterdose.monitoring.words import grade_in_words, override_in_words
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.in_force import approvals_in_force
from afterdose.web.clinic.models import Item, Step
from afterdose.web.record.models import Person


@dataclass(frozen=True)
class Why:
    """One statement with what it rests on.

    Attributes
    ----------
    text : str
    rule : str
    protocol : str
        Id and version, and who approved it; empty where no protocol is concerned.
    evidence : str
        The grade in words.
    sources, rows, changed : list of str
        Citations; the rows used; what the site set differently.
    """

    text: str
    rule: str
    protocol: str
    evidence: str
    sources: list[str]
    rows: list[str]
    changed: list[str]


def why_of(item: Item) -> list[Why]:
    """Every reason of an item, and of what stands beside it for another drug."""
    versions = _versions(item.team)
    said: list[dict[str, Any]] = [
        {"because": item.because, "protocol": item.protocol, "changed_by_site": item.overrides},
        *item.also,
    ]
    return [
        Why(
            text=reason["text"],
            rule=reason["rule"],
            protocol=versions.get(one["protocol"], one["protocol"]),
            evidence=grade_in_words(Evidence(reason["evidence"])),
            sources=reason["sources"],
            rows=reason["rows"],
            changed=[
                override_in_words(Override(**change)) for change in one.get("changed_by_site", ())
            ],
        )
        for one in said
        for reason in one["because"]
    ]


def item_story(person: Person, key: str) -> list[Step]:
    """What was done about an item, the newest first."""
    steps = Step.objects.filter(person=person, key=key).select_related("by", "to")
    return list(steps.order_by("-at", "-pk"))


def _versions(team: Team) -> dict[str, str]:
    return {
        one.protocol: f"{one.protocol}, version {one.version}, approved by {one.name} on "
        f"{one.approved_on}"
        for one in approvals_in_force(team)
    }
