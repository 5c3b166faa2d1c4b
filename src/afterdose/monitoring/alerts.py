"""Which results need action: alerts as episodes, for one person on one morning.

An alert opens an episode at the first result that makes its predicate true. A later result that
meets it too confirms it. The episode stays open until a specimen taken later answers *not met*, or
meets the alert's own closing rule where it has one; a result that cannot be assessed closes
nothing. An episode closed before anything confirmed it was refuted by the repeat.
"""

from dataclasses import dataclass, replace
from datetime import date

from afterdose.monitoring.answers import Reason, cite_courses, cite_event, cite_lab, reason
from afterdose.monitoring.due import left_observation
from afterdose.monitoring.episodes import Episode, close, open_of, prolong, repeat, taken
from afterdose.monitoring.known import Known, known_on
from afterdose.monitoring.lasting import may_last_by
from afterdose.monitoring.model import Alert, Dosing, Lasting, Protocol, analytes_of
from afterdose.monitoring.predicates import judge
from afterdose.monitoring.spans import Span, monitoring_spans
from afterdose.monitoring.standing import alert_words
from afterdose.monitoring.verdicts import Verdict, undecided
from afterdose.monitoring.words import need_title
from afterdose.record.answers import Answer
from afterdose.record.dates import PartialDate
from afterdose.record.history import History
from afterdose.record.tables import Event, Lab


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
    repeat_due : date or None
        The last day on which a repeat of the open episode's newest result is in time.
    missing : tuple of str
    newest : Lab or None
        The newest result that was judged.
    is_undecided : bool
        The newest result may meet it and that cannot be told, while the alert's check goes on and
        the person is under observation.
    because : tuple of Reason
    """

    alert_id: str
    answer: Answer
    because: tuple[Reason, ...]
    episodes: tuple[Episode, ...] = ()
    expected: tuple[date, ...] = ()
    explained_by: str | None = None
    repeat_due: date | None = None
    missing: tuple[str, ...] = ()
    newest: Lab | None = None
    is_undecided: bool = False

    def days_unanswered(self, as_of: date) -> int:
        """Days since a repeat should have come; 0 while it is in time or the finding is known."""
        if self.repeat_due is None or self.explained_by is not None:
            return 0
        return max(0, (as_of - self.repeat_due).days)

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
    known = known_on(history, protocol, as_of=as_of)
    return alerts_of(known, protocol)


def alerts_of(known: Known, protocol: Protocol) -> tuple[AlertStatus, ...]:
    """As `evaluate_alerts`, from what is already `Known`."""
    return tuple(
        _judge_rows(alert, known, protocol, _rows_to_judge(alert, known))
        for alert in protocol.alerts
    )


def open_alerts_of(known: Known, protocol: Protocol) -> tuple[tuple[Alert, AlertStatus], ...]:
    """The alerts that are met now, or undecided; their earlier episodes are left out.

    The same answers as `alerts_of`, reached sooner: nothing before the newest specimen that
    answered *not met* can still be open.
    """
    found = []
    for alert in protocol.alerts:
        rows = _rows_to_judge(alert, known)
        rows = rows[_quiet_since(alert, known, rows) :]
        status = _judge_rows(alert, known, protocol, rows)
        if status.open_episode is not None or status.is_undecided:
            found.append((alert, status))
    return tuple(found)


def _quiet_since(alert: Alert, known: Known, rows: list[Lab]) -> int:
    """Place of the newest row that was not met and taken after every row before it."""
    for place in range(len(rows) - 1, 0, -1):
        row = rows[place]
        if taken(rows[place - 1]) == taken(row):
            continue
        verdict = _verdict(alert, known, row)
        if verdict.answer is not Answer.MET and _closes(alert, known, row, verdict):
            return place
    return 0


def _judge_rows(alert: Alert, known: Known, protocol: Protocol, rows: list[Lab]) -> AlertStatus:
    spans = monitoring_spans(known.courses, protocol.check(alert.check).until, as_of=known.as_of)
    is_continuous = protocol.dosing is Dosing.CONTINUOUS
    episodes: list[Episode] = []
    expected: list[date] = []
    verdict: Verdict | None = None
    newest: Lab | None = None
    for row in rows:
        # After courses of a drug the risk outlasts the schedule. After a drug that was taken until
        # stopped, a finding belongs to it only as long as the alert's own check goes on.
        if is_continuous and open_of(episodes) is None and not _holds(spans, row.specimen_date):
            continue
        verdict, newest = _verdict(alert, known, row), row
        if verdict.is_expected:
            expected.append(row.specimen_date)
        if verdict.answer is Answer.MET:
            prolong(episodes, verdict, row, is_confirmed=isinstance(alert.when, Lasting))
        elif _closes(alert, known, row, verdict):
            close(episodes, row)
        elif verdict.answer is Answer.NOT_MET:
            repeat(episodes, row)
    is_watched = (
        _holds(spans, known.as_of) and known.died_on is None and left_observation(known) is None
    )
    if verdict is not None and newest is rows[-1] and is_watched:
        verdict = _since(newest, alert, known, verdict)
    status = _sum_up(alert, known, episodes, expected, verdict)
    return replace(status, newest=newest, is_undecided=status.is_undecided and is_watched)


def _since(row: Lab, alert: Alert, known: Known, verdict: Verdict) -> Verdict:
    """The verdict about the newest result, ``row``, as it stands on the morning itself.

    *Not met* does not hold for ever where nobody tested since: a state that had not lasted long
    enough may have by now, and a finding that was expected no longer is.
    """
    if verdict.is_expected:
        is_open = not _is_expected(alert, known, known.as_of)
        text = f"a result of {need_title(row.analyte)} since the finding is no longer expected"
    elif verdict.answer is Answer.NOT_MET and isinstance(alert.when, Lasting):
        is_open = may_last_by(alert.when, known, row)
        text = f"a result of {need_title(row.analyte)} since {row.specimen_date}"
    else:
        return verdict
    return undecided(verdict.rows, text) if is_open else verdict


def _holds(spans: list[Span], day: date) -> bool:
    return any(span.start <= day and not span.is_over(day) for span in spans)


def _verdict(alert: Alert, known: Known, row: Lab) -> Verdict:
    """As `judge`; a finding that is expected after an infusion counts as not met, and says so."""
    verdict = judge(alert.when, known, row)
    if verdict.answer is Answer.MET and _is_expected(alert, known, row.specimen_date):
        return replace(verdict, answer=Answer.NOT_MET, is_expected=True)
    return verdict


def _closes(alert: Alert, known: Known, row: Lab, verdict: Verdict) -> bool:
    if alert.closes_when is None:
        return verdict.answer is Answer.NOT_MET
    return judge(alert.closes_when, known, row).answer is Answer.MET


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
    rows.sort(key=taken)
    return rows


def _is_expected(alert: Alert, known: Known, day: date) -> bool:
    if alert.expected_for is None:
        return False
    return any(
        course.start <= day <= alert.expected_for.after(course.last_infusion)
        for course in known.courses
    )


def _sum_up(
    alert: Alert,
    known: Known,
    episodes: list[Episode],
    expected: list[date],
    verdict: Verdict | None,
) -> AlertStatus:
    standing = open_of(episodes)
    missing: tuple[str, ...] = ()
    if standing is not None:
        answer = Answer.MET
    elif verdict is None:
        answer = Answer.NOT_ASSESSABLE
        missing = tuple(need_title(name) for name in sorted(analytes_of(alert.when)))
    else:
        answer, missing = verdict.answer, verdict.missing
    explanation = explained_by(alert, known) if standing is not None else None
    repeat_due = None
    if standing is not None:
        repeat_due = alert.respond_within.after(standing.answered.received_date)
    return AlertStatus(
        alert_id=alert.id,
        answer=answer,
        episodes=tuple(episodes),
        expected=tuple(expected),
        explained_by=explanation,
        repeat_due=repeat_due,
        missing=missing,
        is_undecided=standing is None and verdict is not None and verdict.is_undecided,
        because=(
            reason(
                alert_words(
                    alert,
                    standing,
                    episodes,
                    expected,
                    missing,
                    explanation,
                    repeat_due,
                    known.as_of,
                ),
                rule=alert.id,
                grounds=alert.grounds,
                rows=_cite(alert, known, standing, verdict),
            ),
        ),
    )


def explained_by(alert: Alert, known: Known) -> str | None:
    """The first recorded event of the category that explains the finding."""
    first = _explaining(alert, known)
    return None if first is None else f"{first.term or first.category} since {first.onset_date}"


def _explaining(alert: Alert, known: Known) -> Event | None:
    return min(
        (event for event in known.events if event.category == alert.known_as),
        key=lambda event: PartialDate.parse(event.onset_date).earliest(),
        default=None,
    )


def _cite(
    alert: Alert, known: Known, standing: Episode | None, verdict: Verdict | None
) -> tuple[str, ...]:
    """The results; and for an open alert the course before it, and the event that explains it."""
    if standing is None:
        return tuple(cite_lab(row) for row in verdict.rows) if verdict is not None else ()
    results = dict.fromkeys((*standing.rows, standing.latest))
    begun = [course for course in known.courses if course.start <= standing.opened]
    event = _explaining(alert, known)
    return (
        *(cite_lab(row) for row in results),
        *cite_courses(begun[-1:]),
        *((cite_event(event),) if event is not None else ()),
    )
