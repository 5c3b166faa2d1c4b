"""The small line beside a name: how the value behind the gravest finding went, and when infusions
were."""

from datetime import date
from typing import Any

from afterdose.monitoring import Entry, Protocol
from afterdose.monitoring.items import Item
from afterdose.monitoring.known import Known
from afterdose.monitoring.model import analytes_of
from afterdose.monitoring.whereabouts import recorded_treatments
from afterdose.monitoring.words import need_title
from afterdose.record.analytes import catalogue
from afterdose.record.dates import Period
from afterdose.record.history import History

_BACK = Period(months=24)
"""How far back it goes."""


def spark_of(
    history: History, known: Known, entry: Entry, protocols: tuple[Protocol, ...]
) -> dict[str, Any]:
    """The last 24 months of what the most dangerous item looks at.

    Returns
    -------
    dict
        ``analyte``, ``title``, ``unit``; ``since`` and ``until``, the days it spans; ``points``, of
        every usable result day, value, comparator and that laboratory's own limits; ``courses``,
        the days on which treatment was begun. Empty where the item looks at no result, or where
        nothing usable was received in that time.
    """
    since = _BACK.before(known.as_of)
    for analyte in _looked_at(entry.items[0], protocols):
        rows = [row for row in known.results.get(analyte, ()) if row.specimen_date >= since]
        if rows:
            return {
                "analyte": analyte,
                "title": need_title(analyte),
                "unit": catalogue()[analyte].unit,
                "since": since.isoformat(),
                "until": known.as_of.isoformat(),
                "points": [
                    [
                        row.specimen_date.isoformat(),
                        row.value,
                        row.comparator or "",
                        row.ref_low,
                        row.ref_high,
                    ]
                    for row in rows
                ],
                "courses": [day.isoformat() for day in _begun(history, since, known.as_of)],
            }
    return {}


def analytes_behind(item: Item, protocols: tuple[Protocol, ...]) -> list[str]:
    """Every analyte that an item, and what stands beside it, looks at; in the protocol's order."""
    found = [name for one in (item, *item.also) for name in _looked_at(one, protocols)]
    return list(dict.fromkeys(found))


def _looked_at(item: Item, protocols: tuple[Protocol, ...]) -> list[str]:
    for protocol in protocols:
        if protocol.id != item.protocol:
            continue
        for alert in protocol.alerts:
            if alert.id == item.rule:
                return sorted(analytes_of(alert.when))
        needs = [name for need in protocol.check(item.rule).needs for name in need.any_of]
        return [name for name in needs if name in catalogue()]
    return []


def _begun(history: History, since: date, until: date) -> list[date]:
    rows = recorded_treatments(history, as_of=until)
    return [row.start_date for row in rows if since <= row.start_date <= until]
