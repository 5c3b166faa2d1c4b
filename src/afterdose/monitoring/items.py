"""What needs doing for one person: a line for every open alert and every test that is due."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from afterdose.monitoring.alerts import AlertStatus, explained_by, open_alerts_of
from afterdose.monitoring.answers import Reason
from afterdose.monitoring.due import CheckState, CheckStatus, checks_of, left_observation
from afterdose.monitoring.known import Known
from afterdose.monitoring.model import Alert, Band, BaselineRise, Evidence, Protocol
from afterdose.monitoring.ownership import Ownership, owner_of
from afterdose.monitoring.predicates import baseline_of, previous_result
from afterdose.monitoring.words import need_title, quantity
from afterdose.record.tables import Lab


class Urgency(StrEnum):
    """Where an item stands on the list, most dangerous first."""

    ACT_TODAY = "act today"
    ACT_SOON = "act within 3 days"
    REVIEW = "review within 2 weeks"
    DATA_PROBLEM = "data problem"
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


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do or to know.

    Attributes
    ----------
    urgency : Urgency
    rule : str
        Id of the check or alert; ``data`` for a data problem.
    protocol, drug : str
        The protocol the rule belongs to, and its drug; empty for a data problem.
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
    needs : frozenset of str
        What the test of a check is made of; empty for an alert.
    also : tuple of Item
        What the same draw serves beside: tests of the person's other drugs that share a result.
    """

    urgency: Urgency
    rule: str
    protocol: str
    drug: str
    what: str
    why: str
    since: date | None
    days: int
    owner: Ownership
    because: tuple[Reason, ...]
    needs: frozenset[str] = frozenset()
    also: tuple["Item", ...] = ()


def data_problems(known: Known) -> list[Item]:
    """One item for everything that contradicts itself in the record."""
    if not known.contradictions:
        return []
    text = f"The record contradicts itself: {'; '.join(known.contradictions)}."
    return [
        Item(
            urgency=Urgency.DATA_PROBLEM,
            rule="data",
            protocol="",
            drug="",
            what="Data problem",
            why="; ".join(known.contradictions),
            since=None,
            days=0,
            owner=Ownership("ms_team", "default"),
            because=(
                Reason(
                    f"{text} No schedule can be trusted until it is corrected.",
                    rule="data",
                    evidence=Evidence.POLICY,
                ),
            ),
        )
    ]


def alert_items(known: Known, protocol: Protocol) -> list[Item]:
    """An item for every open alert whose evidence is not unverified and that no other covers."""
    items = []
    gone = left_observation(known) is not None
    found = _found(known, protocol)
    standing = {alert.id for alert, status in found if status.open_episode is not None}
    for alert, status in found:
        episode = status.open_episode
        if episode is None or standing.intersection(alert.covered_by):
            continue
        late = 0 if gone else status.days_unanswered(known.as_of)
        items.append(
            Item(
                urgency=_urgency(alert, status, gone=gone, is_late=late > 0),
                rule=alert.id,
                protocol=protocol.id,
                drug=protocol.drug,
                what=alert.title,
                why=_finding(alert, status, known) + _unanswered(status, late),
                since=episode.opened,
                days=(known.as_of - episode.opened).days,
                owner=owner_of(protocol.check(alert.check), known),
                because=status.because,
            )
        )
    return items


def _found(known: Known, protocol: Protocol) -> list[tuple[Alert, AlertStatus]]:
    """Alerts that are open or undecided, those whose evidence is unverified left out."""
    return [
        (alert, status)
        for alert, status in open_alerts_of(known, protocol)
        if alert.grounds.evidence is not Evidence.UNVERIFIED
    ]


def undecided_items(known: Known, protocol: Protocol) -> list[Item]:
    """An item for every reason for which results that are there may be findings, and nobody can
    tell; alerts left open for the same reason share it.
    """
    found = _found(known, protocol)
    standing = {alert.id for alert, status in found if status.open_episode is not None}
    together: dict[tuple[str, ...], list[tuple[Alert, AlertStatus]]] = {}
    for alert, status in found:
        is_covered = standing.intersection(alert.covered_by)
        if status.is_undecided and not is_covered and not explained_by(alert, known):
            together.setdefault(status.missing, []).append((alert, status))
    return [_undecided(known, protocol, some) for some in together.values()]


def _undecided(known: Known, protocol: Protocol, some: list[tuple[Alert, AlertStatus]]) -> Item:
    first, status = some[0]
    newest = status.newest
    assert newest is not None  # an alert is undecided by a result
    titles = "; ".join(alert.title for alert, _ in some)
    return Item(
        urgency=Urgency.NOT_ASSESSABLE,
        rule=first.id,
        protocol=protocol.id,
        drug=protocol.drug,
        what=f"Cannot be told: {titles}",
        why=f"{_value(newest)} on {newest.specimen_date}; needs {', '.join(status.missing)}",
        since=newest.specimen_date,
        days=(known.as_of - newest.specimen_date).days,
        owner=owner_of(protocol.check(first.check), known),
        because=tuple(why for _, one in some for why in one.because),
    )


def _urgency(alert: Alert, status: AlertStatus, *, gone: bool, is_late: bool) -> Urgency:
    """The alert's own; one step higher where no repeat came in time."""
    if gone:
        return Urgency.GONE
    if status.explained_by:
        return Urgency.KNOWN
    return _URGENCY_OF[_ESCALATED[alert.band] if is_late else alert.band]


_ESCALATED = {
    Band.ACT_TODAY: Band.ACT_TODAY,
    Band.ACT_SOON: Band.ACT_TODAY,
    Band.REVIEW: Band.ACT_SOON,
}


def _unanswered(status: AlertStatus, late: int) -> str:
    if not late:
        return ""
    return f"; no repeat since, {late} day{'' if late == 1 else 's'} late"


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


def check_items(known: Known, protocol: Protocol) -> list[Item]:
    """An item for every check that is due, overdue or not assessable for this person."""
    items: list[Item] = []
    if known.contradictions:
        return items
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
                protocol=protocol.id,
                drug=protocol.drug,
                what=check.title,
                why=_standing_words(status, protocol),
                since=status.due_date,
                days=status.days_late(known.as_of),
                owner=status.owner,
                because=status.because,
                needs=frozenset(name for need in check.needs for name in need.any_of),
            )
        )
    return items


def _lacks_only_tables(status: CheckStatus) -> bool:
    """True where the record cannot answer for anybody: said once for the list, not per person."""
    return bool(status.missing) and all(name.startswith("table ") for name in status.missing)


def _standing_words(status: CheckStatus, protocol: Protocol) -> str:
    if status.state is CheckState.NOT_ASSESSABLE:
        return f"not recorded: {', '.join(status.missing)}"
    if status.last_done is not None:
        text = f"last {status.last_done}"
    elif status.missing:
        text = f"no complete one since the first {protocol.dose_word}"
    else:
        text = f"none since the first {protocol.dose_word}"
    if status.awaiting:
        text += f", specimen of {status.awaiting} not received"
    if status.missing:
        text += f"; the newest lacks {' and '.join(status.missing)}"
    return text
