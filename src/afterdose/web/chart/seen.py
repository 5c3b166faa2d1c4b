"""A person as known on a day: everything the pages about them show, from the plain code."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from afterdose.monitoring import CheckState, CheckStatus, Entry, Protocol, Whereabouts
from afterdose.monitoring.alerts import AlertStatus, alerts_of
from afterdose.monitoring.coverage import missed_tests
from afterdose.monitoring.due import checks_of
from afterdose.monitoring.known import Known, follow, known_on
from afterdose.monitoring.model import Alert, Check, Evidence
from afterdose.monitoring.set_aside import SetAsideResult
from afterdose.monitoring.whereabouts import recorded_treatments
from afterdose.monitoring.worklist import follow_person
from afterdose.record.dates import PartialDate
from afterdose.record.history import History
from afterdose.record.tables import Lab, Treatment
from afterdose.web.clinic.in_force import protocols_in_force
from afterdose.web.clinic.state import set_aside_of
from afterdose.web.record.history import keyed_history_of
from afterdose.web.record.models import Person


@dataclass(frozen=True)
class Followed:
    """A protocol in force whose drug the person had, and what it answers."""

    protocol: Protocol
    known: Known
    checks: tuple[tuple[Check, CheckStatus], ...]
    alerts: tuple[tuple[Alert, AlertStatus], ...]


@dataclass
class Seen:
    """A person on the morning of ``as_of``.

    Attributes
    ----------
    person : Person
    history : History
        Every row ever received; the answers use what had been received by ``as_of``.
    keys : mapping of str to tuple of int
        The keys of each table's rows, in the history's order.
    protocols : tuple of Protocol
        Those in force today: a past morning is judged by the rules of today.
    set_aside : list of SetAsideResult
    as_of : date
    """

    person: Person
    history: History
    keys: Mapping[str, tuple[int, ...]]
    protocols: tuple[Protocol, ...]
    set_aside: Sequence[SetAsideResult]
    as_of: date

    @cached_property
    def followed(self) -> tuple[Followed, ...]:
        """What each protocol of a drug the person had answers."""
        if not self.protocols:
            return ()
        known = known_on(self.history, self.protocols[0], as_of=self.as_of)
        return tuple(_followed(known, self.history, protocol) for protocol in self._concerning)

    @cached_property
    def known(self) -> Known | None:
        """What was known, without courses; None where no protocol is in force."""
        if self.followed:
            return self.followed[0].known
        if self.protocols:
            return known_on(self.history, self.protocols[0], as_of=self.as_of)
        return None

    @property
    def _concerning(self) -> list[Protocol]:
        drugs = {row.drug for row in self.treatments}
        return [one for one in self.protocols if drugs.intersection(one.drugs)]

    @cached_property
    def place(self) -> tuple[Whereabouts, Entry | None] | None:
        """Where they stand and what needs doing; None where no protocol is in force."""
        if not self.protocols:
            return None
        return follow_person(
            self.history, self.protocols, as_of=self.as_of, set_aside=self.set_aside
        )

    @cached_property
    def treatments(self) -> list[Treatment]:
        """Every treatment known by then, planned ones too, by first day."""
        return recorded_treatments(self.history, as_of=self.as_of)

    @cached_property
    def last_course(self) -> Treatment | None:
        """The newest that had begun."""
        begun = [row for row in self.treatments if row.start_date <= self.as_of]
        return begun[-1] if begun else None

    @cached_property
    def monitored_until(self) -> date | None:
        """The latest end of any repeated check; None: none, or no end yet."""
        ends = [status.ends for one in self.followed for _, status in one.checks if status.ends]
        return max(ends, default=None)

    @cached_property
    def next_tests(self) -> list[tuple[Check, CheckStatus]]:
        """What is due next, soonest first; rules that are not verified are left out."""
        waiting = (CheckState.OVERDUE, CheckState.DUE, CheckState.NOT_YET_DUE)
        found = [
            (check, status)
            for one in self.followed
            for check, status in one.checks
            if status.state in waiting
            and status.due_date is not None
            and check.grounds.evidence is not Evidence.UNVERIFIED
        ]
        return sorted(found, key=lambda pair: (pair[1].due_date or date.max, pair[0].id))

    @cached_property
    def missed(self) -> dict[str, list[date]]:
        """By analyte, the due dates that passed without a test that needs it."""
        found: dict[str, set[date]] = {}
        for one in self.followed:
            for check_id, days in missed_tests(one.known, one.protocol).items():
                check = one.protocol.check(check_id)
                if check.grounds.evidence is Evidence.UNVERIFIED:
                    continue
                for name in (name for need in check.needs for name in need.any_of):
                    found.setdefault(name, set()).update(days)
        return {name: sorted(days) for name, days in found.items()}

    @cached_property
    def labs(self) -> list[tuple[int, Lab]]:
        """Every row received by then, with its key."""
        pairs = zip(self.keys.get("labs", ()), self.history.labs, strict=True)
        return [(key, row) for key, row in pairs if row.received_date <= self.as_of]

    @cached_property
    def days_of_news(self) -> list[date]:
        """The days on which something became known, oldest first."""
        days = {row.received_date for row in self.history.labs}
        days |= {known_since(row) for table in _DATED for row in getattr(self.history, table)}
        return sorted(day for day in days if day <= self.person.team.today)

    def rows(self, table: str) -> Iterator[tuple[int, Any]]:
        """Rows of a table that were known by then, with their keys."""
        for key, row in zip(self.keys.get(table, ()), getattr(self.history, table), strict=True):
            if known_since(row) <= self.as_of:
                yield key, row


_DATED = ("treatments", "relapses", "assessments", "mri", "events", "examinations")


def known_since(row: Any) -> date:
    """The day a row of a dated table became known: as recorded, else its own first day."""
    if row.recorded_date is not None:
        return row.recorded_date
    own = next(getattr(row, n) for n in ("start_date", "onset_date", "date") if hasattr(row, n))
    return PartialDate.parse(own).earliest() if isinstance(own, str) else own


def see(person: Person, *, as_of: date | None = None) -> Seen:
    """A person as known on a day; today, unless told otherwise."""
    history, keys = keyed_history_of(person)
    return Seen(
        person=person,
        history=history,
        keys=keys,
        protocols=protocols_in_force(person.team),
        set_aside=set_aside_of([person.pk]).get(person.person_id, []),
        as_of=as_of or person.team.today,
    )


def _followed(known: Known, history: History, protocol: Protocol) -> Followed:
    known = follow(known, history, protocol)
    return Followed(
        protocol=protocol,
        known=known,
        checks=tuple((protocol.check(one.check_id), one) for one in checks_of(known, protocol)),
        alerts=tuple(zip(protocol.alerts, alerts_of(known, protocol), strict=True)),
    )
