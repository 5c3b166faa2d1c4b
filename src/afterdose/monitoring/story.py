"""The whole story of one person: every statement with its rule, its rows and its source."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from afterdose.monitoring.alerts import AlertStatus, alerts_of
from afterdose.monitoring.answers import Reason, cite_lab, cite_source
from afterdose.monitoring.copies import links_of
from afterdose.monitoring.due import CheckState, CheckStatus, checks_of
from afterdose.monitoring.items import data_problems
from afterdose.monitoring.known import Known, current_results, known_on
from afterdose.monitoring.model import Alert, Check, Evidence, Protocol
from afterdose.monitoring.set_aside import SetAsideResult, known_by, unread_in_words
from afterdose.monitoring.whereabouts import recorded_treatments
from afterdose.monitoring.words import need_title, owner_in_words
from afterdose.record.answers import Answer
from afterdose.record.courses import Course
from afterdose.record.history import History
from afterdose.record.tables import USABLE_STATUSES, Mri, Treatment


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of the story.

    Attributes
    ----------
    headline : str
        What is stated, in a few words.
    because : tuple of Reason
        Empty for a plain fact of the record.
    """

    headline: str
    because: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its statements; ``empty`` is said where there are none."""

    heading: str
    statements: tuple[Statement, ...]
    empty: str = "Nothing recorded."


@dataclass(frozen=True, slots=True)
class Story:
    """One person as known on the morning of ``as_of``, under one protocol."""

    person_id: str
    as_of: date
    protocol: str
    sections: tuple[Section, ...]


def tell_story(
    history: History,
    protocol: Protocol,
    *,
    as_of: date,
    covered: Collection[str] | None = None,
    set_aside: Sequence[SetAsideResult] = (),
) -> Story:
    """Everything Afterdose can say about one person on the morning of ``as_of``.

    Parameters
    ----------
    history : History
    protocol : Protocol
    as_of : date
    covered : collection of str, optional
        The drugs of every protocol in force; without it, those of ``protocol`` alone.
    set_aside : sequence of SetAsideResult
        What reached us of the person and could not be read.

    Returns
    -------
    Story
        That a record contradicts itself is said first. Rules whose evidence is unverified stand
        in a section of their own.
    """
    known = known_on(history, protocol, as_of=as_of)
    checks = [(protocol.check(status.check_id), status) for status in checks_of(known, protocol)]
    alerts = list(zip(protocol.alerts, alerts_of(known, protocol), strict=True))
    return Story(
        person_id=history.person.person_id,
        as_of=as_of,
        protocol=f"{protocol.title}, version {protocol.version}",
        sections=(
            *_data_problem(known),
            Section("The person", _person(history, known)),
            Section(
                "Courses",
                tuple(_course(course, known) for course in known.courses),
                "None of the drugs of this protocol.",
            ),
            Section(
                "Every treatment in the record",
                _treatments(history, known, protocol.drugs if covered is None else covered),
                "The record holds no table of treatments."
                if "treatments" in known.absent
                else "Nothing recorded.",
            ),
            Section(
                "Results that need action",
                _alerts(alerts, {Answer.MET}),
                "None among the results received.",
            ),
            Section("Tests", _checks(checks)),
            *_set_aside(known_by(set_aside, as_of), as_of),
            *_links(history, as_of),
            Section(
                "Results looked at that need no action",
                _alerts(alerts, {Answer.NOT_MET}),
                "None.",
            ),
            Section(
                "What could not be assessed", _alerts(alerts, {Answer.NOT_ASSESSABLE}), "None."
            ),
            Section("Relapses, scores, scans and events", _events(history, known)),
            Section(
                "Rules that are not verified: for information, not for action",
                _unverified(checks, alerts),
                "None.",
            ),
        ),
    )


def _person(history: History, known: Known) -> tuple[Statement, ...]:
    person = history.person
    facts = [
        f"Sex {person.sex or 'not recorded'}",
        f"Born {person.birth_date or 'not recorded'}",
        f"First symptom of MS {person.ms_onset_date or 'not recorded'}",
        f"Course of the disease {(person.ms_phenotype or 'not recorded').upper()}"
        if person.ms_phenotype
        else "Course of the disease not recorded",
        "Autoimmune disease before the first course: "
        + (person.prior_autoimmunity or "never asked, which is not the same as none"),
    ]
    if known.died_on:
        facts.append(f"Died {known.died_on}, {person.death_cause or 'cause not recorded'}")
    if person.source:
        facts.append(f"As told in{cite_source(person.source)}")
    return tuple(Statement(fact) for fact in facts)


def _data_problem(known: Known) -> tuple[Section, ...]:
    """What contradicts itself stands at the top: it decides what the rest is worth."""
    problems = data_problems(known)
    if not problems:
        return ()
    statements = tuple(Statement(problem.why, problem.because) for problem in problems)
    return (Section("Data problem: the record contradicts itself", statements),)


def _set_aside(rows: list[SetAsideResult], as_of: date) -> tuple[Section, ...]:
    """What no answer rests on: each result by name, the rest by reason."""
    if not rows:
        return ()
    results = tuple(
        Statement(
            f"{row.title}. Settled on {row.settled_on} by {row.settled}"
            if row.is_settled(as_of)
            else row.title,
            (row.because,),
        )
        for row in rows
        if row.analyte
    )
    others = unread_in_words([row for row in rows if not row.analyte])
    return (Section("Set aside: in none of the answers here", (*results, *map(Statement, others))),)


def _links(history: History, as_of: date) -> tuple[Section, ...]:
    """Results that may be one by way of two laboratories; both are kept, one counts."""
    current = current_results(lab for lab in history.labs if lab.received_date <= as_of)
    links = links_of(lab for lab in current if lab.status in USABLE_STATUSES)
    if not links:
        return ()
    statements = tuple(
        Statement(
            f"{need_title(link.copy.analyte)} of {link.counted.specimen_date}: from "
            f"{link.counted.provider} and from {link.copy.provider}",
            (
                Reason(
                    "The same value within five minutes from two laboratories. Both rows are kept; "
                    "the first counts.",
                    rule="linked",
                    evidence=Evidence.POLICY,
                    rows=(cite_lab(link.counted), cite_lab(link.copy)),
                ),
            ),
        )
        for link in links
    )
    return (Section("May be one result by way of two laboratories: counted once", statements),)


def _course(course: Course, known: Known) -> Statement:
    span = _span(course.row, known, is_continuous=course.is_continuous)
    if not course.is_continuous:
        return Statement(f"Course {course.number}: {span}")
    return Statement(f"{'' if course.start > known.as_of else 'taken '}{span}".capitalize())


def _span(row: Treatment, known: Known, *, is_continuous: bool) -> str:
    """From when to when, and what is not known of it."""
    start, end = row.start_date, row.end_date
    if start > known.as_of:
        return f"planned from {start}" + (f" to {end}" if end else "")
    if end is not None:
        lies_ahead = end > known.as_of
        return f"{start} to {end}" + (" (planned), going on" if lies_ahead else "")
    if is_continuous:
        return f"since {start}, going on: no last dose is recorded"
    return f"{start} to {start} (last day not recorded; the first stands in for it)"


def _treatments(history: History, known: Known, covered: Collection[str]) -> tuple[Statement, ...]:
    """Whatever drug it is of, and whether anybody's rules watch over it here."""
    found = []
    for row in recorded_treatments(history, as_of=known.as_of):
        text = f"{row.drug}: {row.start_date} to {row.end_date or '(no last day recorded)'}"
        if row.start_date > known.as_of:
            text += ", planned"
        if row.drug not in covered:
            text += ". No approved protocol covers it: nothing here watches over it"
        found.append(Statement(text + cite_source(row.source)))
    return tuple(found)


def _checks(checks: list[tuple[Check, CheckStatus]]) -> tuple[Statement, ...]:
    shown = [
        (check, status)
        for check, status in checks
        if check.grounds.evidence is not Evidence.UNVERIFIED
    ]
    order = list(CheckState)
    urgent_first = [CheckState.OVERDUE, CheckState.DUE, CheckState.NOT_ASSESSABLE]
    order.sort(key=lambda state: urgent_first.index(state) if state in urgent_first else 9)
    shown.sort(key=lambda pair: order.index(pair[1].state))
    return tuple(_check(check, status) for check, status in shown)


def _check(check: Check, status: CheckStatus) -> Statement:
    headline = f"{check.title}: {status.state}"
    if status.due_date is not None and status.state is not CheckState.ENDED:
        headline += f", due {status.due_date}"
    headline += f". {describe_owner(status)}"
    return Statement(headline, status.because)


def describe_owner(status: CheckStatus) -> str:
    """Whose move, and whether they have accepted, as a sentence."""
    name = owner_in_words(status.owner.owner)
    return {
        "accepted": f"Owner: {name}, accepted.",
        "proposed": f"Proposed to {name}, not accepted yet.",
        "declined": f"Hand-over declined; back with {name}.",
        "default": f"Owner by policy: {name}; nobody has accepted it.",
    }[status.owner.state]


def _alerts(alerts: list[tuple[Alert, AlertStatus]], answers: set[Answer]) -> tuple[Statement, ...]:
    return tuple(
        Statement(_alert_headline(alert, status), status.because)
        for alert, status in alerts
        if status.answer in answers and alert.grounds.evidence is not Evidence.UNVERIFIED
    )


def _alert_headline(alert: Alert, status: AlertStatus) -> str:
    if status.open_episode is None:
        return alert.title
    urgency = "known finding" if status.explained_by else str(alert.band)
    return f"{alert.title}: {urgency}, since {status.open_episode.opened}"


def _unverified(
    checks: list[tuple[Check, CheckStatus]], alerts: list[tuple[Alert, AlertStatus]]
) -> tuple[Statement, ...]:
    return tuple(
        _check(check, status)
        for check, status in checks
        if check.grounds.evidence is Evidence.UNVERIFIED
    ) + tuple(
        Statement(f"{_alert_headline(alert, status)} ({status.answer})", status.because)
        for alert, status in alerts
        if alert.grounds.evidence is Evidence.UNVERIFIED
    )


def _events(history: History, known: Known) -> tuple[Statement, ...]:
    as_of = known.as_of
    dated: list[tuple[str, str, str | None]] = []
    dated += [
        (
            str(row.onset_date),
            "Relapse" + (f", {row.severity}" if row.severity else ""),
            row.source,
        )
        for row in history.relapses
        if (row.recorded_date or row.onset_date) <= as_of
    ]
    dated += [
        (str(row.date), f"{row.measure.upper()} {row.value:g}", row.source)
        for row in history.assessments
        if (row.recorded_date or row.date) <= as_of
    ]
    dated += [
        (str(row.date), _scan(row), row.source)
        for row in history.mri
        if (row.recorded_date or row.date) <= as_of
    ]
    dated += [
        (
            row.onset_date,
            f"{row.term or row.category}" + (", serious" if row.serious else ""),
            row.source,
        )
        for row in known.events
    ]
    dated.sort(key=lambda entry: entry[:2])
    return tuple(Statement(f"{day}  {what}{cite_source(source)}") for day, what, source in dated)


def _scan(row: Mri) -> str:
    text = f"MRI: {_count(row.new_t2_lesions)} new T2, {_count(row.gd_lesions)} enhancing lesions"
    if row.brain_volume_ml is None:
        return text
    return f"{text}, brain volume {row.brain_volume_ml:.0f} mL by {row.method or 'no method named'}"


def _count(number: int | None) -> str:
    return "not reported" if number is None else str(number)
