"""Which results need action: alerts as episodes, for one person on one morning.

An alert opens an episode at the first result that makes its predicate true. The episode stays
open until a specimen taken later answers *not met*; a result that cannot be assessed closes
nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from afterdose.monitoring.answers import Reason, cite_lab, reason
from afterdose.monitoring.known import Known, known_on
from afterdose.monitoring.model import Alert, Protocol, analytes_of
from afterdose.monitoring.predicates import Verdict, judge
from afterdose.monitoring.words import need_title
from afterdose.record.answers import Answer
from afterdose.record.dates import PartialDate
from afterdose.record.history import History
from afterdose.record.tables import Lab


@dataclass(frozen=True, slots=True)
class Episode:
    """One stretch during which an alert holds.

    Attributes
    ----------
    opened : date
        Specimen date of the first result that made the alert true.
    known_since : date
        When the last row that was needed to see it had been received.
    rows : tuple of Lab
        The rows that opened it.
    latest : Lab
        The newest result that still met it.
    closed : date or None
        Specimen date of the result that closed it; None while it is open.
    note : str
    """

    opened: date
    known_since: date
    rows: tuple[Lab, ...]
    latest: Lab
    closed: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class AlertStatus:
    """Where one alert stands for one person.

    Attributes
    ----------
    alert_id : str
    answer : Answer
        Met: an episode is open. Not assessable: no result could be judged, or the newest could not
        and no episode is open.
    episodes : tuple of Episode
        Every episode, oldest first.
    expected : tuple of date
        Specimen dates on which the finding was expected and raised nothing.
    explained_by : str or None
        A recorded event that explains the open episode.
    missing : tuple of str
    because : tuple of Reason
    """

    alert_id: str
    answer: Answer
    because: tuple[Reason, ...]
    episodes: tuple[Episode, ...] = ()
    expected: tuple[date, ...] = ()
    explained_by: str | None = None
    missing: tuple[str, ...] = ()

    @property
    def open_episode(self) -> Episode | None:
        """The episode that is open now, if any."""
        if self.episodes and self.episodes[-1].closed is None:
            return self.episodes[-1]
        return None


def evaluate_alerts(
    history: History, protocol: Protocol, *, as_of: date
) -> tuple[AlertStatus, ...]:
    """Every alert of ``protocol`` for one person on the morning of ``as_of``.

    Parameters
    ----------
    history : History
    protocol : Protocol
    as_of : date
        Only what had been received by this day counts.

    Returns
    -------
    tuple of AlertStatus
        One per alert, in the protocol's order. Results from before the first infusion are never
        judged, only compared with.

    Examples
    --------
    >>> from datetime import date
    >>> from afterdose.monitoring import load_protocol
    >>> from afterdose.record.tables import Lab, Person, Treatment
    >>> history = History(
    ...     Person("p1"),
    ...     treatments=(Treatment("p1", "alemtuzumab", date(2021, 3, 8), 1, date(2021, 3, 12)),),
    ...     labs=(
    ...         Lab("p1", date(2021, 9, 6), date(2021, 9, 7), "platelets", 84.0, unit="10*9/L"),
    ...     ),
    ... )
    >>> statuses = evaluate_alerts(
    ...     history, load_protocol("alemtuzumab-eu"), as_of=date(2021, 9, 7)
    ... )
    >>> [s.answer.value for s in statuses if s.alert_id == "platelets-below-100"]
    ['met']
    """
    known = known_on(history, protocol.drug, as_of=as_of)
    return alerts_of(known, protocol)


def alerts_of(known: Known, protocol: Protocol) -> tuple[AlertStatus, ...]:
    """As `evaluate_alerts`, from what is already `Known`."""
    return tuple(_status(alert, known) for alert in protocol.alerts)


def open_alerts_of(known: Known, protocol: Protocol) -> tuple[tuple[Alert, AlertStatus], ...]:
    """The alerts that are met now; their earlier episodes are left out.

    The same answers as `alerts_of`, reached sooner: nothing before the newest specimen that
    answered *not met* can still be open.
    """
    found = []
    for alert in protocol.alerts:
        rows = _rows_to_judge(alert, known)
        status = _judge_rows(alert, known, rows[_quiet_since(alert, known, rows) :])
        if status.open_episode is not None:
            found.append((alert, status))
    return tuple(found)


def _quiet_since(alert: Alert, known: Known, rows: list[Lab]) -> int:
    """Place of the newest row that was not met and taken after every row before it."""
    for place in range(len(rows) - 1, 0, -1):
        row = rows[place]
        if _taken(rows[place - 1]) == _taken(row):
            continue
        verdict = judge(alert.when, known, row)
        if verdict.answer is Answer.NOT_MET or (
            verdict.answer is Answer.MET and _is_expected(alert, known, row)
        ):
            return place
    return 0


def _status(alert: Alert, known: Known) -> AlertStatus:
    return _judge_rows(alert, known, _rows_to_judge(alert, known))


def _judge_rows(alert: Alert, known: Known, rows: list[Lab]) -> AlertStatus:
    episodes: list[Episode] = []
    expected: list[date] = []
    verdict: Verdict | None = None
    for row in rows:
        verdict = judge(alert.when, known, row)
        if verdict.answer is Answer.MET and _is_expected(alert, known, row):
            expected.append(row.specimen_date)
            verdict = replace(verdict, answer=Answer.NOT_MET)
        _follow(episodes, verdict, row)
    return _sum_up(alert, known, episodes, expected, verdict)


def _rows_to_judge(alert: Alert, known: Known) -> list[Lab]:
    """Usable results of the alert's analytes since the first infusion, oldest first."""
    if not known.courses:
        return []
    first = known.courses[0].start
    rows = [
        lab
        for analyte in sorted(analytes_of(alert.when))
        for lab in known.results.get(analyte, ())
        if lab.specimen_date >= first
    ]
    rows.sort(key=_taken)
    return rows


def _taken(row: Lab) -> tuple[date, str]:
    return row.specimen_date, row.specimen_time or ""


def _is_expected(alert: Alert, known: Known, row: Lab) -> bool:
    if alert.expected_for is None:
        return False
    return any(
        course.start <= row.specimen_date <= alert.expected_for.after(course.last_infusion)
        for course in known.courses
    )


def _follow(episodes: list[Episode], verdict: Verdict, row: Lab) -> None:
    """Open, prolong or close the newest episode by one more verdict."""
    standing = episodes[-1] if episodes and episodes[-1].closed is None else None
    if verdict.answer is Answer.MET:
        if standing is not None:
            episodes[-1] = replace(standing, latest=row)
        else:
            episodes.append(
                Episode(
                    opened=row.specimen_date,
                    known_since=max(used.received_date for used in verdict.rows),
                    rows=verdict.rows,
                    latest=row,
                    note=verdict.note,
                )
            )
    elif (
        verdict.answer is Answer.NOT_MET
        and standing is not None
        and _taken(row) > _taken(standing.latest)
    ):
        # Two results of one moment contradict each other: only a later specimen settles it.
        episodes[-1] = replace(standing, closed=row.specimen_date)


def _sum_up(
    alert: Alert,
    known: Known,
    episodes: list[Episode],
    expected: list[date],
    verdict: Verdict | None,
) -> AlertStatus:
    standing = episodes[-1] if episodes and episodes[-1].closed is None else None
    missing: tuple[str, ...] = ()
    if standing is not None:
        answer = Answer.MET
    elif verdict is None:
        answer = Answer.NOT_ASSESSABLE
        missing = tuple(need_title(name) for name in sorted(analytes_of(alert.when)))
    else:
        answer, missing = verdict.answer, verdict.missing
    explained_by = _explained_by(alert, known) if standing is not None else None
    return AlertStatus(
        alert_id=alert.id,
        answer=answer,
        episodes=tuple(episodes),
        expected=tuple(expected),
        explained_by=explained_by,
        missing=missing,
        because=(
            reason(
                _words(alert, standing, episodes, expected, missing, explained_by),
                rule=alert.id,
                grounds=alert.grounds,
                rows=_cite(standing, verdict),
            ),
        ),
    )


def _explained_by(alert: Alert, known: Known) -> str | None:
    """The first recorded event of the category that explains the finding."""
    events = [event for event in known.events if event.category == alert.known_as]
    if not events:
        return None
    first = min(events, key=lambda event: PartialDate.parse(event.onset_date).earliest())
    return f"{first.term or first.category} since {first.onset_date}"


def _cite(standing: Episode | None, verdict: Verdict | None) -> tuple[str, ...]:
    if standing is not None:
        rows: Sequence[Lab] = tuple(dict.fromkeys((*standing.rows, standing.latest)))
    else:
        rows = verdict.rows if verdict is not None else ()
    return tuple(cite_lab(row) for row in rows)


def _words(
    alert: Alert,
    standing: Episode | None,
    episodes: list[Episode],
    expected: list[date],
    missing: tuple[str, ...],
    explained_by: str | None,
) -> str:
    if standing is not None:
        text = f"Open since the specimen of {standing.opened}, known since {standing.known_since}."
        if standing.note:
            text += f" {standing.note}"
        if explained_by:
            text += f" Recorded: {explained_by}."
        return text + f" Next: {alert.then}"
    text = f"Missing: {', '.join(missing)}." if missing else "Not met by the newest result."
    closed = [f"{episode.opened} to {episode.closed}" for episode in episodes]
    if closed:
        text += f" Earlier episodes: {'; '.join(closed)}."
    if expected:
        text += f" Expected after an infusion, raised nothing: {len(expected)} results."
    return text
