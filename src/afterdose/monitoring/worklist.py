"""One person's line on the worklist: what needs doing, why, since when, whose move."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from afterdose.monitoring.alerts import AlertStatus, open_alerts_of
from afterdose.monitoring.answers import Reason
from afterdose.monitoring.due import CheckState, CheckStatus, checks_of, left_observation
from afterdose.monitoring.known import Known, known_on
from afterdose.monitoring.model import Alert, Band, BaselineRise, Evidence, Protocol
from afterdose.monitoring.ownership import Ownership, owner_of
from afterdose.monitoring.predicates import baseline_of, previous_result
from afterdose.monitoring.spans import monitoring_spans
from afterdose.monitoring.words import need_title, quantity
from afterdose.record.history import History
from afterdose.record.tables import Lab


class Urgency(StrEnum):
    """Where an item stands on the list, most dangerous first."""

    ACT_TODAY = "act today"
    ACT_SOON = "act within 3 days"
    REVIEW = "review within 2 weeks"
    OVERDUE = "overdue"
    DUE = "due"
    KNOWN = "known finding"
    GONE = "open when they left"
    NOT_ASSESSABLE = "not assessable"


_URGENCY_OF = {
    Band.ACT_TODAY: Urgency.ACT_TODAY,
    Band.ACT_SOON: Urgency.ACT_SOON,
    Band.REVIEW: Urgency.REVIEW,
}
_ORDER = {urgency: position for position, urgency in enumerate(Urgency)}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do or to know.

    Attributes
    ----------
    urgency : Urgency
    rule : str
        Id of the check or alert.
    what : str
        What it is, in a few words: ``Blood count`` or ``Platelets below 100``.
    why : str
        The finding in a few words: ``platelets 84, down 52 % in 28 days``.
    since : date or None
        Due date, or specimen date that opened the episode.
    days : int
        Days since then on the morning of the worklist.
    owner : Ownership
        Whose move.
    because : tuple of Reason
    """

    urgency: Urgency
    rule: str
    what: str
    why: str
    since: date | None
    days: int
    owner: Ownership
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One person on the worklist.

    Attributes
    ----------
    person_id : str
    items : tuple of Item
        Most dangerous first.
    months_since_course : int or None
        Whole months since the last infusion.
    monitored_until : date or None
        The latest end of any repeated check.
    last_specimen : date or None
        The newest usable result of any analyte.
    """

    person_id: str
    items: tuple[Item, ...]
    months_since_course: int | None
    monitored_until: date | None
    last_specimen: date | None

    @property
    def urgency(self) -> Urgency:
        """The urgency of the most dangerous item."""
        return self.items[0].urgency

    @property
    def rank(self) -> tuple[int, int, str]:
        """Sorts entries: most dangerous first, then longest waiting."""
        return _ORDER[self.urgency], -self.items[0].days, self.person_id


def worklist_entry(history: History, protocol: Protocol, *, as_of: date) -> Entry | None:
    """One person's line on the worklist of the morning of ``as_of``, or None.

    Parameters
    ----------
    history : History
    protocol : Protocol
    as_of : date

    Returns
    -------
    Entry or None
        None when nothing is due, overdue, open or impossible to assess. Rules whose evidence is
        unverified never put anyone on the worklist; they are shown in the person's whole story.
    """
    known = known_on(history, protocol.drug, as_of=as_of)
    if known.died_on is not None:
        return None
    items = [
        *_alert_items(known, protocol),
        *_check_items(known, protocol),
    ]
    if not items:
        return None
    items.sort(key=lambda item: (_ORDER[item.urgency], -item.days, item.rule))
    given = [course for course in known.courses if course.start <= as_of]
    return Entry(
        person_id=history.person.person_id,
        items=tuple(items),
        months_since_course=_whole_months(given[-1].last_infusion, as_of) if given else None,
        monitored_until=_monitored_until(known, protocol),
        last_specimen=max(
            (labs[-1].specimen_date for labs in known.results.values()), default=None
        ),
    )


def _alert_items(known: Known, protocol: Protocol) -> list[Item]:
    items = []
    gone = left_observation(known) is not None
    for alert, status in open_alerts_of(known, protocol):
        episode = status.open_episode
        assert episode is not None
        if alert.grounds.evidence is Evidence.UNVERIFIED:
            continue
        items.append(
            Item(
                urgency=_urgency(alert, status, gone=gone),
                rule=alert.id,
                what=alert.title,
                why=_finding(alert, status, known),
                since=episode.opened,
                days=(known.as_of - episode.opened).days,
                owner=owner_of(protocol.check(alert.check), known),
                because=status.because,
            )
        )
    return items


def _urgency(alert: Alert, status: AlertStatus, *, gone: bool) -> Urgency:
    if gone:
        return Urgency.GONE
    return Urgency.KNOWN if status.explained_by else _URGENCY_OF[alert.band]


def _finding(alert: Alert, status: AlertStatus, known: Known) -> str:
    """The newest result behind an open episode, and how it moved."""
    episode = status.open_episode
    assert episode is not None
    text = _value(episode.latest)
    baseline = _baseline(alert, known)
    previous = previous_result(known, episode.latest)
    if baseline is not None:
        text += f", baseline {_amount(baseline)} on {baseline.specimen_date}"
    elif previous is not None:
        text += _change(previous, episode.latest)
    if status.explained_by:
        text += f"; {status.explained_by}"
    return text


def _baseline(alert: Alert, known: Known) -> Lab | None:
    """What the finding is held to, where that is the person's own baseline."""
    if not isinstance(alert.when, BaselineRise):
        return None
    return baseline_of(alert.when.analyte, known)[0]


def _value(row: Lab) -> str:
    return f"{need_title(row.analyte)} {_amount(row)}"


def _amount(row: Lab) -> str:
    assert row.value is not None  # only usable results are looked at
    return f"{row.comparator or ''}{quantity(row.value, row.analyte)}"


def _change(previous: Lab, latest: Lab) -> str:
    """How a value moved: in percent where that is how clinicians speak of it."""
    assert previous.value is not None
    assert latest.value is not None
    days = (latest.specimen_date - previous.specimen_date).days
    fall = round(100 * (1 - latest.value / previous.value)) if previous.value else 0
    if fall >= _NOTABLE_FALL and latest.analyte in _COUNTED:
        return f", down {fall} % in {days} days"
    if latest.value == previous.value:
        return ", unchanged"
    return f", was {_amount(previous)} {days} days before"


_NOTABLE_FALL = 10
_COUNTED = frozenset({"platelets", "neutrophils", "haemoglobin", "leukocytes"})


_LISTED = {
    CheckState.OVERDUE: Urgency.OVERDUE,
    CheckState.DUE: Urgency.DUE,
    CheckState.NOT_ASSESSABLE: Urgency.NOT_ASSESSABLE,
}


def _check_items(known: Known, protocol: Protocol) -> list[Item]:
    items = []
    statuses = {status.check_id: status for status in checks_of(known, protocol)}
    for check in protocol.checks:
        status = statuses.get(check.id)
        if (
            status is None
            or status.state not in _LISTED
            or check.grounds.evidence is Evidence.UNVERIFIED
            or _lacks_only_tables(status)
        ):
            continue
        items.append(
            Item(
                urgency=_LISTED[status.state],
                rule=check.id,
                what=check.title,
                why=_standing(status),
                since=status.due_date,
                days=status.days_late(known.as_of),
                owner=status.owner,
                because=status.because,
            )
        )
    return items


def _lacks_only_tables(status: CheckStatus) -> bool:
    """True where the record cannot answer for anybody: said once for the list, not per person."""
    return bool(status.missing) and all(name.startswith("table ") for name in status.missing)


def _standing(status: CheckStatus) -> str:
    if status.state is CheckState.NOT_ASSESSABLE:
        return f"not recorded: {', '.join(status.missing)}"
    if status.last_done is not None:
        text = f"last {status.last_done}"
    elif status.missing:
        text = "no complete one since the first infusion"
    else:
        text = "none since the first infusion"
    if status.awaiting:
        text += f", specimen of {status.awaiting} not received"
    if status.missing:
        text += f"; the newest lacks {' and '.join(status.missing)}"
    return text


def _monitored_until(known: Known, protocol: Protocol) -> date | None:
    ends = [
        span.end
        for check in protocol.checks
        if check.until.months or check.until.days
        for span in monitoring_spans(known.courses, check.until)
    ]
    return max(ends, default=None)


def _whole_months(start: date, end: date) -> int:
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (end.day < start.day)
