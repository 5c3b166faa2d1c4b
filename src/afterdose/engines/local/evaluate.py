"""Every check and every alert of every protocol, for everybody, in one pass."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from afterdose.cohort import Cohort
from afterdose.engines.local.compile import EXAMINATIONS, Rules, compile_rules
from afterdose.engines.local.days import FIRST, NEVER, NONE, day_of, number_of
from afterdose.engines.local.frozen import all_frozen, frozen
from afterdose.engines.local.kernels.alerts import ALERT_RESULT, EPISODE, Episodes, alerts_of_all
from afterdose.engines.local.kernels.checks import CHECK_RESULT, checks_of_all
from afterdose.engines.local.kernels.folk import PERSON, SEEN, Folk
from afterdose.engines.local.kernels.judging import MET
from afterdose.engines.local.kernels.lives import results_outside_life
from afterdose.engines.local.kernels.room import Room, room_for
from afterdose.engines.local.kernels.spans import CourseRows
from afterdose.engines.local.kernels.timelines import STRETCH, Stretches, timelines_of_all
from afterdose.engines.local.labs import Labs, PackedLabs, pack_labs
from afterdose.engines.local.people import People, Spans, courses_of_protocol, pack_people
from afterdose.engines.local.shares import in_shares
from afterdose.monitoring.model import Protocol

_SHARE = 512
"""People a thread takes at a time: few, so that all are done at about the same time."""


@dataclass(frozen=True)
class Packed:
    """A cohort as the kernels read it."""

    people: People
    labs: PackedLabs

    @classmethod
    def of(cls, cohort: Cohort) -> "Packed":
        """Pack a cohort; done once, however many mornings are asked about."""
        return cls(pack_people(cohort), pack_labs(cohort))


@dataclass(frozen=True)
class Evaluation:
    """Where everybody stood on one morning.

    Attributes
    ----------
    as_of : date
    protocols : tuple of Protocol
    labs : Labs
        The results known on that morning; episodes point into it.
    checks : numpy.ndarray
        `CHECK_RESULT` records: a row a person, a column a check, protocol after protocol.
    alerts : numpy.ndarray
        `ALERT_RESULT` records: a row a person, a column an alert.
    episodes : numpy.ndarray
        `EPISODE` records: every episode up to that morning, by person, alert and time.
    broken : numpy.ndarray
        bool a person: whose record contradicts itself.
    events : numpy.ndarray
        int64 a person: a bit a category of event that is recorded.
    rules : Rules
        What the protocols were compiled to.
    """

    as_of: date
    protocols: tuple[Protocol, ...]
    labs: Labs
    checks: np.ndarray
    alerts: np.ndarray
    episodes: np.ndarray
    broken: np.ndarray
    events: np.ndarray
    rules: Rules

    def known_findings(self) -> np.ndarray:
        """bool, a row a person, a column an alert: an event is recorded that explains it."""
        known_as = self.rules.alerts["known_as"]
        bits = (self.events[:, None] >> np.maximum(known_as, 0)[None, :]) & 1
        return (bits == 1) & (known_as >= 0)[None, :]

    def explained(self) -> np.ndarray:
        """bool, a row a person, a column an alert: an open episode that an event explains."""
        return self.known_findings() & (self.alerts["answer"] == MET)

    def repeat_due(self, person: int, alert: int) -> date | None:
        """The last day on which a repeat of an open episode's newest result is in time."""
        if self.alerts["answer"][person, alert] != MET:
            return None
        mine = (self.episodes["person"] == person) & (self.episodes["alert"] == alert)
        newest = self.labs.received[self.episodes["answered"][mine][-1]]
        period = self.rules.alerts["respond"][alert]
        return day_of(self.rules.periods[period, newest - FIRST])


def evaluate(
    packed: Packed, protocols: Sequence[Protocol], *, as_of: date, threads: int = 2
) -> Evaluation:
    """Evaluate every protocol for everybody on the morning of ``as_of``.

    Parameters
    ----------
    packed : Packed
    protocols : sequence of Protocol
    as_of : date
        Only what had been received by this day counts.
    threads : int
        How many cores to use.

    Returns
    -------
    Evaluation
        The answers of `afterdose.monitoring`, for everybody.
    """
    labs, announced = packed.labs.known_on(number_of(as_of))
    return evaluate_labs(packed.people, labs, announced, protocols, as_of=as_of, threads=threads)


def evaluate_mornings(
    packed: Packed, protocols: Sequence[Protocol], mornings: Iterable[date], *, threads: int = 2
) -> Iterator[Evaluation]:
    """As `evaluate`, one morning after the other: what was known on each."""
    for as_of in mornings:
        yield evaluate(packed, protocols, as_of=as_of, threads=threads)


def evaluate_labs(
    people: People,
    labs: Labs,
    announced: Labs,
    protocols: Sequence[Protocol],
    *,
    as_of: date,
    threads: int = 2,
) -> Evaluation:
    """As `evaluate`, from results that are known to have stood on the morning of ``as_of``."""
    morning = number_of(as_of)
    asked = _ask(people, labs, protocols, morning)
    shape = len(people)
    checks = np.empty((shape, len(asked.rules.checks)), CHECK_RESULT)
    alerts = np.empty((shape, len(asked.rules.alerts)), ALERT_RESULT)

    def share(some: np.ndarray) -> np.ndarray:
        room = asked.room(some, labs)
        checks_of_all(
            some, morning, asked.folk, asked.courses, labs, announced, asked.rules, room, checks
        )
        return _alerts(some, morning, asked, labs, room, alerts)

    episodes = in_shares(share, shape, size=_SHARE, threads=threads)
    return Evaluation(
        as_of=as_of,
        protocols=tuple(protocols),
        labs=labs,
        checks=checks,
        alerts=alerts,
        episodes=np.concatenate([np.zeros(0, EPISODE), *episodes]),
        broken=asked.folk.rows["broken"],
        events=_events(people, morning),
        rules=asked.rules,
    )


def timelines(
    people: People,
    labs: Labs,
    protocols: Sequence[Protocol],
    *,
    as_of: date,
    threads: int = 2,
) -> np.ndarray:
    """The states of every check through time, up to ``as_of``.

    Returns
    -------
    numpy.ndarray
        `STRETCH` records by person, check and time: the answers of
        `afterdose.monitoring.timeline`, for everybody.
    """
    morning = number_of(as_of)
    asked = _ask(people, labs, protocols, morning)

    def share(some: np.ndarray) -> np.ndarray:
        room = asked.room(some, labs)
        size = 400 * int(some[1] - some[0]) + 64
        while True:
            found = Stretches(np.empty(size, STRETCH), np.zeros(1, np.int64))
            timelines_of_all(
                some, morning, asked.folk, asked.courses, labs, asked.rules, room, found
            )
            count = int(found.count[0])
            if count <= size:
                return found.rows[:count]
            size = count

    found = in_shares(share, len(people), size=_SHARE, threads=threads)
    return np.concatenate([np.zeros(0, STRETCH), *found])


class _Asked(NamedTuple):
    """What the kernels read beside the results."""

    rules: Rules
    courses: CourseRows
    folk: Folk

    def room(self, people: np.ndarray, labs: Labs) -> Room:
        """Working space for some of the people."""
        return room_for(
            people,
            labs,
            self.rules,
            self.folk.exam_from,
            self.courses.offsets,
            self.folk.seen_from,
        )


def _ask(people: People, labs: Labs, protocols: Sequence[Protocol], morning: int) -> _Asked:
    return _Asked(
        rules=all_frozen(compile_rules(tuple(protocols), people.absent)),
        courses=all_frozen(_courses(people, protocols, morning)),
        folk=all_frozen(_folk(people, labs, morning)),
    )


def _alerts(
    people: np.ndarray, as_of: int, asked: _Asked, labs: Labs, room: Room, alerts: np.ndarray
) -> np.ndarray:
    """Alerts of some people; again with more room where there were more episodes than thought."""
    size = 4 * int(people[1] - people[0]) + 64
    while True:
        episodes = Episodes(np.empty(size, EPISODE), np.zeros(1, np.int64))
        alerts_of_all(
            people, as_of, asked.folk, asked.courses, labs, asked.rules, room, alerts, episodes
        )
        count = int(episodes.count[0])
        if count <= size:
            return episodes.rows[:count]
        size = count


def _courses(people: People, protocols: Sequence[Protocol], as_of: int) -> CourseRows:
    offsets, rows, total = [], [], 0
    for protocol in protocols:
        own_offsets, own_rows = courses_of_protocol(people, protocol, as_of)
        offsets.append(own_offsets + total)
        rows.append(own_rows)
        total += len(own_rows)
    return CourseRows(np.array(offsets), np.concatenate(rows))


def _folk(people: People, labs: Labs, as_of: int) -> Folk:
    seen = people.follow_up
    begun = seen["start"] <= as_of
    exam_from, exam_day = _examinations(people, as_of)
    rows = np.zeros(len(people), PERSON)
    rows["died"] = np.where(people.died <= as_of, people.died, NEVER)
    rows["last_seen"] = _last_seen(seen.offsets, np.where(begun, seen["end"], NONE))
    rows["sex"] = people.sex
    rows["broken"] = _broken(people, labs, as_of)
    spans = np.zeros(len(seen["start"]), SEEN)
    spans["start"] = seen["start"]
    spans["end"] = np.where(seen["cut"], NEVER, seen["end"])
    return Folk(rows, seen.offsets, spans, exam_from, exam_day)


def _events(people: People, as_of: int) -> np.ndarray:
    found = np.zeros(len(people), np.int64)
    spans = people.events
    kept = spans["known"] <= as_of
    person = np.repeat(np.arange(len(people)), np.diff(spans.offsets))[kept]
    np.bitwise_or.at(found, person, np.int64(1) << spans["category"][kept].astype(np.int64))
    return found


def _last_seen(offsets: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The last day anybody was seen; `NEVER` where observation goes on or was never recorded."""
    found = np.full(len(offsets) - 1, NEVER, np.int32)
    seen = np.flatnonzero(np.diff(offsets))
    if len(seen):
        last = np.maximum.reduceat(ends, offsets[seen])
        found[seen] = np.where(last == NONE, NEVER, last)
    return found


def _examinations(people: People, as_of: int) -> tuple[np.ndarray, np.ndarray]:
    """Days of every kind of examination known on one morning, sorted within a person."""
    nothing = np.zeros(len(people) + 1, np.int64)
    offsets, days, total = [], [], 0
    for name in EXAMINATIONS:
        spans = people.examinations.get(name)
        if spans is None:
            offsets.append(nothing + total)
            continue
        kept = spans["known"] <= as_of
        before = np.append(0, np.cumsum(kept)).astype(np.int64)
        offsets.append(before[spans.offsets] + total)
        days.append(spans["date"][kept])
        total += len(days[-1])
    return np.array(offsets), np.concatenate([np.zeros(0, np.int32), *days])


def _broken(people: People, labs: Labs, as_of: int) -> np.ndarray:
    """Whose record contradicts itself: see `afterdose.monitoring.impossible`."""
    died = np.where(people.died <= as_of, people.died, NEVER)
    found = np.zeros(len(people), bool)
    results_outside_life(frozen(people.born), frozen(died), labs, found)
    rows = people.treatments
    kept = rows["known"] <= as_of
    person = np.repeat(np.arange(len(people)), np.diff(rows.offsets))[kept]
    start = rows["start"][kept]
    found[person[(start < people.born[person]) | (start > died[person])]] = True
    found[_out_of_order(rows, kept, person)] = True
    return found


def _out_of_order(rows: Spans, kept: np.ndarray, person: np.ndarray) -> np.ndarray:
    """People with a course that began no later than one of a lower number, or two of one number."""
    drug, start, number = (rows[name][kept] for name in ("drug", "start", "number"))
    # Nearly every record is in order as it stands, and then there is nothing to sort.
    rises = (drug[1:] == drug[:-1]) & (number[:-1] > 0) & (number[1:] > number[:-1])
    rises &= start[1:] > start[:-1]
    if (rises | (person[1:] != person[:-1])).all():
        return np.zeros(0, person.dtype)
    numbered = number > 0
    order = np.lexsort((start[numbered], number[numbered], drug[numbered], person[numbered]))
    person, drug, start, number = (
        column[numbered][order] for column in (person, drug, start, number)
    )
    same = (person[1:] == person[:-1]) & (drug[1:] == drug[:-1])
    is_one = number[1:] == number[:-1]
    wrong = same & np.where(is_one, start[1:] != start[:-1], start[1:] <= start[:-1])
    return person[1:][wrong]
