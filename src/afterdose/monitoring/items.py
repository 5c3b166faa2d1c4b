"""What needs doing for one person: a line for every open alert and every test that is due."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from afterdose.monitoring.alerts import AlertStatus, explained_by, open_alerts_of
from afterdose.monitoring.answers import Reason
from afterdose.monitoring.due import CheckState, CheckStatus, checks_of, left_observation
from afterdose.monitoring.findings import finding_words, value_words
from afterdose.monitoring.gravity import NOT_A_FINDING, Gravity, gravity_of
from afterdose.monitoring.known import Known
from afterdose.monitoring.model import Alert, Band, Check, Evidence, Override, Protocol
from afterdose.monitoring.ownership import Ownership, owner_of


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


_ORDER = {urgency: position for position, urgency in enumerate(Urgency)}
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
        Id of the check or alert; for a data problem ``data`` (the record contradicts itself) or
        ``set-aside`` (results that could not be read) or ``codes-not-mapped`` (results whose code
        nobody knows).
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
        The same beside, of the person's other drugs: tests that share a result with this one, or
        the same finding.
    then : str
        The next step the sources name for a finding; empty for a test.
    gravity : Gravity
        How grave it is among those of the same urgency.
    overrides : tuple of Override
        What the site changed in the rule, or in the check whose owner has to act.
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
    then: str = ""
    gravity: Gravity = NOT_A_FINDING
    overrides: tuple[Override, ...] = ()

    @property
    def rank(self) -> tuple[int, Gravity, int, str, str]:
        """Sorts items: most urgent, then gravest, then longest waiting."""
        return _ORDER[self.urgency], self.gravity, -self.days, self.rule, self.protocol


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
    """An item for every open alert that no other covers, and for what cannot be told.

    Alerts whose evidence is unverified are left out.
    """
    gone = left_observation(known) is not None
    found = [
        (alert, status)
        for alert, status in open_alerts_of(known, protocol)
        if alert.grounds.evidence is not Evidence.UNVERIFIED
    ]
    items = []
    standing = {alert.id for alert, status in found if status.open_episode is not None}
    for alert, status in found:
        episode = status.open_episode
        if episode is None or standing.intersection(alert.covered_by):
            continue
        late = 0 if gone else status.days_unanswered(known.as_of)
        check = protocol.check(alert.check)
        items.append(
            Item(
                urgency=_urgency(alert, status, gone=gone, is_late=late > 0),
                rule=alert.id,
                protocol=protocol.id,
                drug=protocol.drug,
                what=alert.title,
                why=finding_words(alert, status, known, late=late),
                since=episode.opened,
                days=(known.as_of - episode.opened).days,
                owner=owner_of(check, known),
                because=status.because,
                then=alert.then,
                gravity=gravity_of(alert, status, known, protocol),
                overrides=(*alert.grounds.overrides, *_of_owner(check)),
            )
        )
    uncovered = [pair for pair in found if not standing.intersection(pair[0].covered_by)]
    return items + _undecided_items(known, protocol, uncovered)


def _undecided_items(
    known: Known, protocol: Protocol, found: list[tuple[Alert, AlertStatus]]
) -> list[Item]:
    """An item for every reason for which results may be findings and nobody can tell; alerts left
    open for the same reason share it.
    """
    together: dict[tuple[str, ...], list[tuple[Alert, AlertStatus]]] = {}
    for alert, status in found:
        if status.is_undecided and not explained_by(alert, known):
            together.setdefault(status.missing, []).append((alert, status))
    return [_undecided(known, protocol, some) for some in together.values()]


def _undecided(known: Known, protocol: Protocol, some: list[tuple[Alert, AlertStatus]]) -> Item:
    first, status = some[0]
    newest = status.newest
    assert newest is not None  # an alert is undecided by a result
    titles = "; ".join(alert.title for alert, _ in some)
    check = protocol.check(first.check)
    return Item(
        urgency=Urgency.NOT_ASSESSABLE,
        rule=first.id,
        protocol=protocol.id,
        drug=protocol.drug,
        what=f"Cannot be told: {titles}",
        why=f"{value_words(newest)} on {newest.specimen_date}; needs {', '.join(status.missing)}",
        since=newest.specimen_date,
        days=(known.as_of - newest.specimen_date).days,
        owner=owner_of(check, known),
        because=tuple(why for _, one in some for why in one.because),
        overrides=(*first.grounds.overrides, *_of_owner(check)),
    )


def _of_owner(check: Check) -> tuple[Override, ...]:
    """Whose move a finding is comes from its check."""
    return tuple(one for one in check.grounds.overrides if one.field == "owner")


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
                overrides=check.grounds.overrides,
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
