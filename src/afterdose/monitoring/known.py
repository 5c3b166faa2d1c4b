"""What was known about a person on a given morning.

Two clocks: ``specimen_date`` is when a result was true, ``received_date`` when we knew. Everything
downstream sees only rows received by ``as_of``, and of each result only its current version.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from afterdose.monitoring.copies import counted_once
from afterdose.monitoring.impossible import contradictions_of
from afterdose.monitoring.model import Dosing, Protocol
from afterdose.record.courses import Course, courses_of
from afterdose.record.dates import PartialDate
from afterdose.record.history import History
from afterdose.record.tables import (
    RESULT_STATUSES,
    USABLE_STATUSES,
    Event,
    Examination,
    FollowUp,
    Lab,
    Mri,
    Owner,
    Person,
)

_PENDING = frozenset({"registered", "preliminary"})
_REPLACES = frozenset({"amended", "corrected", "cancelled", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class Known:
    """One person's record as it stood on the morning of ``as_of``.

    Attributes
    ----------
    as_of : date
    person : Person
    courses : tuple of Course
        Courses of the protocol's drug, begun or planned, in order.
    results : dict of str to tuple of Lab
        Usable results by analyte, oldest specimen first; one that came by way of two laboratories
        stands there once.
    pending : dict of str to tuple of Lab
        Results announced but not final: registered or preliminary.
    examinations : dict of str to tuple of Examination
        By what was done, oldest first.
    scans : tuple of Mri
    events : tuple of Event
    follow_up : tuple of FollowUp
    owners : tuple of Owner
    died_on : date or None
    sex : str or None
    absent : frozenset of str
        Tables the record does not hold.
    contradictions : tuple of str
        What cannot be true in this record.
    """

    as_of: date
    person: Person
    courses: tuple[Course, ...]
    results: dict[str, tuple[Lab, ...]]
    pending: dict[str, tuple[Lab, ...]]
    examinations: dict[str, tuple[Examination, ...]]
    scans: tuple[Mri, ...]
    events: tuple[Event, ...]
    follow_up: tuple[FollowUp, ...]
    owners: tuple[Owner, ...]
    died_on: date | None
    sex: str | None
    absent: frozenset[str]
    contradictions: tuple[str, ...] = ()

    def dates_of(self, need: str) -> tuple[date, ...]:
        """The days on which a named analyte, examination or scan was done, oldest first."""
        rows = self.rows_of(need)
        return tuple(row.specimen_date if isinstance(row, Lab) else row.date for row in rows)

    def rows_of(self, need: str) -> tuple[Lab | Examination | Mri, ...]:
        """The rows of a named analyte, examination or scan, oldest first."""
        if need == "mri":
            return self.scans
        if need.startswith("examination:"):
            return self.examinations.get(need.removeprefix("examination:"), ())
        return self.results.get(need, ())


def known_on(history: History, protocol: Protocol, *, as_of: date) -> Known:
    """What was known about ``history``'s person on the morning of ``as_of``.

    Parameters
    ----------
    history : History
    protocol : Protocol
        Whose drug's courses to follow.
    as_of : date
        Rows received after this day do not exist yet.

    Returns
    -------
    Known
    """
    known = _undrugged(history, as_of)
    return follow(known, history, protocol)


def follow(known: Known, history: History, protocol: Protocol) -> Known:
    """``known`` with the courses of another protocol's drug."""
    courses = courses_of(
        history.treatments,
        protocol.drugs,
        as_of=known.as_of,
        continuous=protocol.dosing is Dosing.CONTINUOUS,
    )
    return replace(known, courses=courses)


def _undrugged(history: History, as_of: date) -> Known:
    """Everything but the courses."""
    current = current_results(lab for lab in history.labs if lab.received_date <= as_of)
    usable = [lab for lab in current if lab.status in USABLE_STATUSES and lab.value is not None]
    results = _by_analyte(counted_once(usable))
    death = history.person.death_date
    return Known(
        as_of=as_of,
        person=history.person,
        courses=(),
        results=results,
        pending=_by_analyte(lab for lab in current if lab.status in _PENDING),
        examinations=_examinations(history.examinations, as_of),
        scans=tuple(sorted((scan for scan in history.mri if _is_known(scan, as_of)), key=_day)),
        events=tuple(
            event
            for event in history.events
            if (event.recorded_date or PartialDate.parse(event.onset_date).earliest()) <= as_of
        ),
        follow_up=tuple(span for span in history.follow_up if span.start_date <= as_of),
        owners=tuple(owner for owner in history.owners if owner.since <= as_of),
        died_on=death if death is not None and death <= as_of else None,
        sex=history.person.sex,
        absent=history.absent,
        contradictions=contradictions_of(history, results, as_of=as_of),
    )


def current_results(labs: Iterable[Lab]) -> list[Lab]:
    """Of each result its current version, by specimen.

    A row replaces the earlier rows of the same result. The laboratory's ``result_id`` says which
    result a row belongs to; without one, provider, accession, analyte and specimen time do. With
    no accession either, two final rows may be two specimens of one day, so neither replaces the
    other: only a correction or withdrawal does.
    """
    versions: dict[tuple[object, ...], list[tuple[int, Lab]]] = {}
    arrived = sorted(enumerate(labs), key=lambda entry: _received(entry[1]))
    for entry in arrived:
        lab = entry[1]
        standing = versions.setdefault(_result(lab), [])
        is_identified = lab.result_id is not None or lab.accession is not None
        if is_identified or lab.status in _REPLACES:
            standing.clear()
        else:
            standing[:] = [row for row in standing if row[1].status in USABLE_STATUSES]
        standing.append(entry)
    found = [entry for standing in versions.values() for entry in standing]
    found.sort(key=lambda entry: (*_taken(entry[1]), *_received(entry[1]), entry[0]))
    return [lab for _, lab in found]


def _result(lab: Lab) -> tuple[object, ...]:
    """Which result a row is a version of."""
    if lab.result_id is not None:
        return lab.provider, lab.result_id
    return lab.provider, lab.accession, lab.analyte, lab.specimen_date, lab.specimen_time


def _taken(lab: Lab) -> tuple[date, str]:
    return lab.specimen_date, lab.specimen_time or ""


def _received(lab: Lab) -> tuple[date, int]:
    """Order of arrival. Of versions received on one day, the one further on came later."""
    return lab.received_date, RESULT_STATUSES.index(lab.status)


def _by_analyte(labs: Iterable[Lab]) -> dict[str, tuple[Lab, ...]]:
    grouped: dict[str, list[Lab]] = {}
    for lab in labs:
        grouped.setdefault(lab.analyte, []).append(lab)
    return {analyte: tuple(rows) for analyte, rows in grouped.items()}


def _examinations(rows: Iterable[Examination], as_of: date) -> dict[str, tuple[Examination, ...]]:
    grouped: dict[str, list[Examination]] = {}
    for row in rows:
        if _is_known(row, as_of):
            grouped.setdefault(row.examination, []).append(row)
    return {name: tuple(sorted(done, key=_day)) for name, done in grouped.items()}


def _day(row: Examination | Mri) -> date:
    return row.date


def _is_known(row: Examination | Mri, as_of: date) -> bool:
    return row.date <= as_of and (row.recorded_date or row.date) <= as_of
