"""The worklist for other programs: JSON with every reason, and lines for a spreadsheet."""

import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afterdose.cli.approvals import Approval
    from afterdose.engines.reference import Worklist
    from afterdose.monitoring import Entry, Item, Whereabouts


def as_json(
    found: "Worklist",
    approvals: "Sequence[Approval]",
    *,
    simulated: bool,
    named: "Sequence[Whereabouts] | None" = None,
) -> dict[str, Any]:
    """The whole list with its reasons, for other programs; those ``named`` beside it."""
    from afterdose.monitoring import Standing
    from afterdose.monitoring.written import item_as_json

    asked_for = {} if named is None else {"by_name": [_place_json(one) for one in named]}
    return asked_for | {
        "as_of": found.as_of.isoformat(),
        "simulated": simulated,
        "protocols": [
            {
                "id": protocol.id,
                "version": protocol.version,
                "approved_by": approval.approved_by,
                "approved_on": approval.approved_on,
                "changed_by_site": [asdict(override) for override in protocol.overrides],
            }
            for protocol, approval in zip(found.protocols, approvals, strict=True)
        ],
        "people": found.people,
        "standings": {str(standing): count for standing, count in found.standings.items()},
        "uncovered": [_place_json(one) for one in found.standing_at(Standing.UNCOVERED)],
        "not_answered": list(found.not_answered),
        "entries": [
            {
                "person_id": entry.person_id,
                "months_since_course": entry.months_since_course,
                "monitored_until": _iso(entry.monitored_until),
                "last_specimen": _iso(entry.last_specimen),
                "uncovered_drugs": list(entry.uncovered),
                "items": [item_as_json(item) for item in entry.items],
            }
            for entry in found.entries
        ],
    }


def _place_json(one: "Whereabouts") -> dict[str, Any]:
    return {
        "person_id": one.person_id,
        "standing": str(one.standing),
        "uncovered_drugs": list(one.uncovered),
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def write_csv(found: "Worklist", named: "Sequence[Whereabouts] | None" = None) -> None:
    """One line per thing to do, or per person ``named`` instead, for a spreadsheet."""
    writer = csv.writer(sys.stdout)
    if named is not None:
        writer.writerow(("person_id", "standing", "uncovered_drugs"))
        writer.writerows((one.person_id, one.standing, "; ".join(one.uncovered)) for one in named)
        return
    writer.writerow(_CSV)
    for entry in found.entries:
        for item in (one for first in entry.items for one in (first, *first.also)):
            writer.writerow(_csv_row(entry, item))


_CSV = (
    "person_id",
    "urgency",
    "rule",
    "protocol",
    "what",
    "why",
    "since",
    "days",
    "owner",
    "owner_state",
    "next",
    "changed_by_site",
    "uncovered_drugs",
)


def _csv_row(entry: "Entry", item: "Item") -> tuple[Any, ...]:
    from afterdose.monitoring.words import override_in_words

    return (
        entry.person_id,
        item.urgency,
        item.rule,
        item.protocol,
        item.what,
        item.why,
        item.since or "",
        item.days,
        item.owner.owner,
        item.owner.state,
        item.then,
        "; ".join(override_in_words(override) for override in item.overrides),
        "; ".join(entry.uncovered),
    )
