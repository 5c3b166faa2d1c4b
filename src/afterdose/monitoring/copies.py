"""One result by way of two laboratories: linked, never deleted, and counted once.

A hospital's result may reach us a second time from the GP's laboratory that had it copied. Counted
twice it would confirm itself, answer its own repeat, or stand in as the previous value that a fall
is measured from. Whether two rows are one result cannot be known; that they are alike can.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from afterdose.record.tables import Lab

WITHIN = timedelta(minutes=5)
"""How far apart the two times of one specimen may stand: policy."""

_OFFSET = re.compile(r"([+-])([01]\d|2[0-3]):([0-5]\d)\Z", re.ASCII)


class Link(NamedTuple):
    """Two rows that may be one result: the one that counts, and its copy."""

    counted: Lab
    copy: Lab


def links_of(results: Iterable[Lab]) -> list[Link]:
    """The rows of one person that may be one result.

    They are alike in analyte, canonical value and comparator, come from two laboratories, and their
    specimens were taken within five minutes: of one instant where both laboratories say how far
    their clocks are from UTC, else by the clocks alone. Of two, the one that reached us first
    counts; of two that came on one day, the one with a reference range.

    Parameters
    ----------
    results : iterable of Lab
        Usable results of one person, each in its current version, in order.

    Examples
    --------
    >>> from datetime import date
    >>> first = Lab("p1", date(2024, 3, 4), date(2024, 3, 5), "platelets", 84.0,
    ...             provider="North", specimen_time="08:30:00")
    >>> again = first._replace(
    ...     received_date=date(2024, 3, 9), provider="GP", specimen_time="08:33:00")
    >>> [(link.counted.provider, link.copy.provider) for link in links_of([first, again])]
    [('North', 'GP')]
    """
    alike: dict[tuple[object, ...], list[tuple[int, Lab]]] = {}
    for place, lab in enumerate(results):
        if lab.provider is not None and lab.specimen_time is not None and lab.value is not None:
            alike.setdefault((lab.analyte, lab.value, lab.comparator), []).append((place, lab))
    found: list[Link] = []
    for rows in alike.values():
        if len({lab.provider for _, lab in rows}) > 1:
            rows.sort(key=lambda row: (row[1].received_date, not _has_range(row[1]), row[0]))
            found += _linked([lab for _, lab in rows])
    return found


def counted_once(results: Sequence[Lab]) -> list[Lab]:
    """Usable results of one person without the copies among them; see `links_of`.

    A result that came without a reference range is judged by that of its copy: it is the same
    measurement.
    """
    links = links_of(results)
    if not links:
        return list(results)
    copies = {id(link.copy) for link in links}
    lent: dict[int, Lab] = {}
    for link in links:
        if not _has_range(link.counted) and _has_range(link.copy):
            lent.setdefault(id(link.counted), link.copy)
    return [
        lab._replace(ref_low=lender.ref_low, ref_high=lender.ref_high)
        if (lender := lent.get(id(lab))) is not None
        else lab
        for lab in results
        if id(lab) not in copies
    ]


def _linked(rows: list[Lab]) -> list[Link]:
    counted: list[Lab] = []
    found = []
    for lab in rows:
        first = next((one for one in counted if _is_copy(one, lab)), None)
        if first is None:
            counted.append(lab)
        else:
            found.append(Link(first, lab))
    return found


def _is_copy(one: Lab, other: Lab) -> bool:
    apart = _taken(one) - _taken(other)
    offset, others = _offset(one), _offset(other)
    if offset is not None and others is not None:
        apart -= offset - others
    return one.provider != other.provider and abs(apart) <= WITHIN


def _taken(lab: Lab) -> datetime:
    return datetime.fromisoformat(f"{lab.specimen_date}T{lab.specimen_time}")


def _offset(lab: Lab) -> timedelta | None:
    match = _OFFSET.match(lab.specimen_offset or "")
    if match is None:
        return None
    shift = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -shift if match[1] == "-" else shift


def _has_range(lab: Lab) -> bool:
    return lab.ref_low is not None or lab.ref_high is not None
