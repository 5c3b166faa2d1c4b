"""An item with all its reasons as JSON holds it: for other programs, and for the database."""

from dataclasses import asdict
from typing import Any

from afterdose.monitoring.items import Item


def item_as_json(item: Item) -> dict[str, Any]:
    """Everything an item says, in types that JSON has.

    Examples
    --------
    >>> from afterdose.monitoring.items import Item, Urgency
    >>> from afterdose.monitoring.ownership import Ownership
    >>> item = Item(Urgency.DUE, "blood-count", "alemtuzumab-eu", "alemtuzumab", "Blood count",
    ...             "last 2024-02-01", None, 3, Ownership("gp", "accepted"), ())
    >>> item_as_json(item)["urgency"]
    'due'
    """
    return {
        "urgency": str(item.urgency),
        "rule": item.rule,
        "protocol": item.protocol,
        "drug": item.drug,
        "what": item.what,
        "why": item.why,
        "since": None if item.since is None else item.since.isoformat(),
        "days": item.days,
        "owner": item.owner.owner,
        "owner_state": item.owner.state,
        "next": item.then,
        "changed_by_site": [asdict(override) for override in item.overrides],
        "because": [
            {
                "text": reason.text,
                "rule": reason.rule,
                "evidence": str(reason.evidence),
                "rows": list(reason.rows),
                "sources": list(reason.sources),
            }
            for reason in item.because
        ],
        "also": [item_as_json(other) for other in item.also],
    }
