"""How grave a finding is among those of the same urgency.

First the alert's own urgency: what cannot wait stands above what only waited too long. Then how far
the newest result lies beyond the limit, as a multiple. So that two alerts about one analyte compare,
the multiple is of the mildest limit the protocol has for it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from afterdose.monitoring.alerts import AlertStatus
from afterdose.monitoring.findings import rows_behind
from afterdose.monitoring.known import Known
from afterdose.monitoring.model import (
    Alert,
    Band,
    BaselineRise,
    Fall,
    Lasting,
    Limit,
    Predicate,
    Protocol,
    RangeMultiple,
    Single,
    parts_of,
)
from afterdose.monitoring.predicates import baseline_of, previous_result
from afterdose.monitoring.verdicts import bounds_of
from afterdose.record.tables import Lab

_BANDS = tuple(Band)


class Gravity(NamedTuple):
    """Sorts findings of one urgency: the graver is the smaller.

    ``band`` is the place of the alert's own urgency, 0 the most urgent; ``nearness`` is the limit
    as a share of the value's distance, so 0 is endlessly far beyond it and 1 at it.
    """

    band: int = 0
    nearness: float = 1.0


def gravity_of(alert: Alert, status: AlertStatus, known: Known, protocol: Protocol) -> Gravity:
    """How grave an open episode is, by the newest result that meets it."""
    episode = status.open_episode
    assert episode is not None
    near = [
        share
        for row in rows_behind(alert, known, episode.latest)
        for part in _singles(alert.when)
        if part.analyte == row.analyte
        for share in _nearness(part, row, known, protocol)
    ]
    return Gravity(_BANDS.index(alert.band), min(near, default=1.0))


def _singles(predicate: Predicate) -> Iterator[Single]:
    if isinstance(predicate, Single):
        yield predicate
    for part in parts_of(predicate):
        yield from _singles(part)


def _nearness(part: Single, row: Lab, known: Known, protocol: Protocol) -> Iterator[float]:
    """The limit over the value, or the value over the limit, whichever is a share."""
    value = bounds_of(row)
    match part:
        case Lasting() | Limit(relation="below" | "at_most"):
            mildest = max(_limits(part.analyte, protocol, is_low=True))
            yield from [value.high / mildest] if mildest > 0 else []
        case Limit():
            mildest = min(_limits(part.analyte, protocol, is_low=False))
            yield from [mildest / value.low] if value.low > 0 else []
        case RangeMultiple(relation="below"):
            yield from [value.high / row.ref_low] if row.ref_low else []
        case RangeMultiple():
            yield from [row.ref_high / value.low] if row.ref_high and value.low > 0 else []
        case BaselineRise():
            baseline, _ = baseline_of(part.analyte, known)
            if baseline is not None and value.low > 0:
                yield bounds_of(baseline).high / value.low
        case Fall():
            previous = previous_result(known, row)
            if previous is not None and bounds_of(previous).low > 0:
                yield value.high / bounds_of(previous).low


def _limits(analyte: str, protocol: Protocol, *, is_low: bool) -> list[float]:
    """Every absolute limit of the protocol's alerts for an analyte, on one side."""
    found = []
    for alert in protocol.alerts:
        for part in _singles(alert.when):
            if part.analyte != analyte:
                continue
            if isinstance(part, Lasting) and is_low:
                found.append(part.below)
            elif isinstance(part, Limit) and (part.relation in ("below", "at_most")) is is_low:
                found.append(part.value)
    return found
