"""One person's line on the worklist: what needs doing, why, since when, whose move.

People switch drugs. Monitoring of the old drug goes on for its tail beside that of the new, and one
draw serves both: its item carries the other reason with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from afterdose.monitoring.items import (
    Item,
    Urgency,
    alert_items,
    check_items,
    data_problems,
)
from afterdose.monitoring.known import Known, follow, known_on
from afterdose.monitoring.model import CheckKind, Protocol
from afterdose.monitoring.set_aside import SetAsideResult, set_aside_items
from afterdose.monitoring.spans import monitoring_spans
from afterdose.monitoring.whereabouts import Standing, Whereabouts, uncovered_drugs
from afterdose.record.history import History


@dataclass(frozen=True, slots=True)
class Entry:
    """One person on the worklist.

    Attributes
    ----------
    person_id : str
    items : tuple of Item
        Most dangerous first.
    months_since_course : int or None
        Whole months since the last infusion, or the last dose of a drug that was stopped.
    monitored_until : date or None
        The latest end of any repeated check.
    last_specimen : date or None
        The newest usable result of any analyte.
    uncovered : tuple of str
        Drugs the person is on that no protocol in force covers.
    """

    person_id: str
    items: tuple[Item, ...]
    months_since_course: int | None
    monitored_until: date | None
    last_specimen: date | None
    uncovered: tuple[str, ...] = ()

    @property
    def urgency(self) -> Urgency:
        """The urgency of the most dangerous item."""
        return self.items[0].urgency

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorts entries: most urgent first, then gravest, then longest waiting."""
        urgency, gravity, waiting, *_ = self.items[0].rank
        return urgency, gravity, waiting, self.person_id


def follow_person(
    history: History,
    protocols: Sequence[Protocol],
    *,
    as_of: date,
    set_aside: Sequence[SetAsideResult] = (),
) -> tuple[Whereabouts, Entry | None]:
    """Where one person stands on the morning of ``as_of``, and their line on the worklist.

    Parameters
    ----------
    history : History
    protocols : sequence of Protocol
        One per drug; those of drugs the person never had ask for nothing.
    as_of : date
    set_aside : sequence of SetAsideResult
        What reached us of the person and could not be read: it stands beside the record.

    Returns
    -------
    tuple of Whereabouts and (Entry or None)
        The entry is None unless something is due, overdue, open, contradictory, set aside or
        impossible to assess. Rules whose evidence is unverified never put anyone on the worklist;
        they are shown in the person's whole story.
    """
    if not protocols:
        raise ValueError("follow_person needs at least one protocol")
    known = known_on(history, protocols[0], as_of=as_of)
    followed = [(protocol, follow(known, history, protocol)) for protocol in protocols]
    items = _items(known, followed, set_aside)
    covered = {drug for protocol in protocols for drug in protocol.drugs}
    uncovered = uncovered_drugs(history, covered, as_of=as_of) if known.died_on is None else ()
    standing = Standing.LISTED if items else _standing(followed, uncovered)
    entry = _entry(history, followed, items, uncovered) if items else None
    return Whereabouts(history.person.person_id, standing, uncovered), entry


def _items(
    known: Known,
    followed: list[tuple[Protocol, Known]],
    set_aside: Sequence[SetAsideResult],
) -> list[Item]:
    items = data_problems(known)
    if known.died_on is None:
        watching = [protocol for protocol, seen in followed if seen.courses]
        items += set_aside_items(set_aside, watching, as_of=known.as_of)
        for protocol, seen in followed:
            items += alert_items(seen, protocol)
            items += check_items(seen, protocol)
    items.sort(key=lambda item: item.rank)
    return _merged(items)


def _merged(items: list[Item]) -> list[Item]:
    """What two drugs ask for alike becomes one item, the most urgent first.

    Tests that share a result are one draw; findings of the same title are one finding.
    """
    found: list[Item] = []
    for item in items:
        for place, standing in enumerate(found):
            protocols = {standing.protocol, *(other.protocol for other in standing.also)}
            if _are_alike(standing, item) and item.protocol not in protocols:
                needs = standing.needs | item.needs
                found[place] = replace(standing, needs=needs, also=(*standing.also, item))
                break
        else:
            found.append(item)
    return found


def _are_alike(one: Item, other: Item) -> bool:
    if one.needs or other.needs:
        return bool(one.needs & other.needs)
    return one.what == other.what


def _entry(
    history: History,
    followed: list[tuple[Protocol, Known]],
    items: list[Item],
    uncovered: tuple[str, ...],
) -> Entry:
    as_of = followed[0][1].as_of
    doses = [
        course.last_infusion
        for _, known in followed
        for course in known.courses
        if course.start <= as_of and not course.is_ongoing(as_of)
    ]
    ends = [_monitored_until(known, protocol) for protocol, known in followed if known.courses]
    specimens = [labs[-1].specimen_date for labs in followed[0][1].results.values()]
    return Entry(
        person_id=history.person.person_id,
        items=tuple(items),
        months_since_course=_whole_months(max(doses), as_of) if doses else None,
        monitored_until=max((end for end in ends if end), default=None),
        last_specimen=max(specimens, default=None),
        uncovered=uncovered,
    )


def _standing(followed: list[tuple[Protocol, Known]], uncovered: tuple[str, ...]) -> Standing:
    """Where somebody stands for whom nothing is listed."""
    first = followed[0][1]
    if first.died_on is not None:
        return Standing.DIED
    if "treatments" in first.absent:
        return Standing.NOT_RECORDED
    if uncovered:
        return Standing.UNCOVERED
    treated = [(protocol, known) for protocol, known in followed if known.courses]
    if not treated:
        return Standing.NOT_TREATED
    ends = [_monitored_until(known, protocol) for protocol, known in treated]
    if all(end is not None and end < first.as_of for end in ends):
        return Standing.ENDED
    return Standing.NOTHING_DUE


def _monitored_until(known: Known, protocol: Protocol) -> date | None:
    """The latest end of any repeated check; None while one has no end yet."""
    ends = [
        span.end
        for check in protocol.checks
        if check.kind is CheckKind.REPEATED
        for span in monitoring_spans(known.courses, check.until, as_of=known.as_of)
    ]
    if None in ends:
        return None
    return max((end for end in ends if end is not None), default=None)


def _whole_months(start: date, end: date) -> int:
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (end.day < start.day)
