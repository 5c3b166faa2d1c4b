"""Which rows are versions of one result, in which order they came, and which of them stand.

A laboratory releases a result more than once: preliminary, final, corrected, taken back, released
anew. Every release is a row. What is said here decides which of them a morning may believe.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from afterdose.record.tables import (
    CORRECTING_STATUSES,
    RESULT_STATUSES,
    USABLE_STATUSES,
    WITHDRAWING_STATUSES,
    Lab,
)


def current_results(labs: Iterable[Lab]) -> list[Lab]:
    """Of each result of one person the version that stands, by specimen.

    Where two versions stand level and differ, both are given; where the newest takes the result
    back, or corrects it and cannot be read, none is.

    Examples
    --------
    >>> first = Lab("p1", date(2024, 3, 1), date(2024, 3, 2), "platelets", 210.0, accession="A1")
    >>> again = first._replace(received_date=date(2024, 3, 4), value=20.0, status="corrected")
    >>> [lab.value for lab in current_results([first, again])]
    [20.0]
    >>> back = again._replace(received_date=date(2024, 3, 5), value=None, status="cancelled")
    >>> current_results([first, again, back])
    []
    """
    rows = list(labs)
    versions: dict[tuple[object, ...], list[Lab]] = {}
    for lab in rows:
        versions.setdefault(result_of(lab), []).append(lab)
    found = [
        lab
        for several in versions.values()
        # Most results have one version only.
        for lab in (after((), several) if len(several) == 1 else standing(several))
    ]
    place_of = {id(lab): place for place, lab in enumerate(rows)}
    found.sort(key=lambda lab: (*_in_turn(lab), place_of[id(lab)]))
    return found


def result_of(lab: Lab) -> tuple[object, ...]:
    """Which result of a person a row is a version of.

    Two codes in one request are two results, and so are two days under one identifier: senders use
    an identifier again.
    """
    named: tuple[object, ...] = (lab.result_id,)
    if lab.result_id is None:
        named = (None, lab.accession, lab.specimen_time)
    return lab.analyte, lab.original_code, lab.specimen_date, lab.provider, *named


def is_identified(lab: Lab) -> bool:
    """Whether anything ties versions together beside day and time.

    Without it two final rows may be two specimens, so that neither replaces the other.
    """
    return lab.result_id is not None or lab.accession is not None


def standing(versions: Iterable[Lab]) -> list[Lab]:
    """Of all versions of one result known so far, those that stand."""
    found: list[Lab] = []
    for level in levels(versions):
        found = after(found, level)
    return found


def levels(versions: Iterable[Lab]) -> list[list[Lab]]:
    """Versions of one result in order; those that nothing puts in an order stand together.

    By the day received. Within a day by the time of release, if every version of that day has one;
    else the one further on came later.
    """
    days: dict[date, list[Lab]] = {}
    for lab in versions:
        days.setdefault(lab.received_date, []).append(lab)
    found = []
    for day in sorted(days):
        has_times = all(lab.received_time is not None for lab in days[day])

        def turn(lab: Lab, *, has_times: bool = has_times) -> tuple[str, int]:
            time = lab.received_time or ""
            return time if has_times else "", RESULT_STATUSES.index(lab.status)

        rows = sorted(days[day], key=turn)
        found += [list(level) for _, level in groupby(rows, key=turn)]
    return found


def after(before: Sequence[Lab], level: Sequence[Lab]) -> list[Lab]:
    """What stands once versions of one level, and so of one status, have come.

    Parameters
    ----------
    before : sequence of Lab
        What stood: usable versions, or announced ones.
    level : sequence of Lab
        At least one.
    """
    status, valued = level[0].status, [lab for lab in level if lab.value is not None]
    usable = [lab for lab in before if lab.status in USABLE_STATUSES]
    if status in WITHDRAWING_STATUSES:
        return []
    if status not in USABLE_STATUSES:
        # Something that is only announced takes nothing away that was released.
        return usable or list(level)
    if status in CORRECTING_STATUSES or is_identified(level[0]):
        # Without a value it still says that what came before holds no more.
        return [_first_said(lab, usable) for lab in _different(valued)]
    return _different([*usable, *valued])


def _first_said(lab: Lab, before: Iterable[Lab]) -> Lab:
    """What a version says again: what was known stays known since the day it came first."""
    same = (one for one in before if _said(one) == _said(lab) and _adds_no_range(lab, one))
    return next(same, lab)


def _said(lab: Lab) -> tuple[object, ...]:
    return lab.value, lab.comparator, lab.status


def _adds_no_range(lab: Lab, one: Lab) -> bool:
    return not _has_range(lab) or _range(lab) == _range(one)


def _different(labs: Sequence[Lab]) -> list[Lab]:
    """Versions that differ in value, or in range; of those that do not, one: with a range."""
    ranged = {(lab.value, lab.comparator) for lab in labs if _has_range(lab)}
    found: dict[tuple[object, ...], Lab] = {}
    for lab in labs:
        said = (lab.value, lab.comparator)
        if _has_range(lab) or said not in ranged:
            found.setdefault((*said, *_range(lab)), lab)
    return list(found.values())


def _range(lab: Lab) -> tuple[float | None, float | None]:
    return lab.ref_low, lab.ref_high


def _has_range(lab: Lab) -> bool:
    return lab.ref_low is not None or lab.ref_high is not None


def _in_turn(lab: Lab) -> tuple[object, ...]:
    """Order of results: by specimen, then arrival; what is alike in both, by value.

    Which file was read first is no order.
    """
    return (
        lab.specimen_date,
        lab.specimen_time or "",
        lab.received_date,
        RESULT_STATUSES.index(lab.status),
        lab.value is not None,
        lab.value or 0.0,
    )
