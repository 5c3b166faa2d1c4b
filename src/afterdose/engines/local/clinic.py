"""The worklist of a whole clinic: who is on it by the kernels, in words by the plain code."""

from collections.abc import Callable, Collection, Sequence
from datetime import date

import numpy as np

from afterdose.cohort import Cohort
from afterdose.engines.local.days import FIRST, NEVER, NONE, number_of, period_tables
from afterdose.engines.local.evaluate import Evaluation, Packed, evaluate
from afterdose.engines.local.kernels.judging import MET
from afterdose.engines.local.kernels.states import DUE, NOT_ASSESSABLE, OVERDUE
from afterdose.engines.local.people import People, courses_of_protocol
from afterdose.engines.reference.clinic import Worklist, everybody_stands_somewhere, not_answered
from afterdose.monitoring import Protocol, Standing, Whereabouts, follow_person
from afterdose.monitoring.model import CheckKind, Evidence


def build_worklist(
    cohort: Cohort,
    protocols: Sequence[Protocol],
    *,
    as_of: date,
    progress: Callable[[], None] = lambda: None,
) -> Worklist:
    """The worklist of the morning of ``as_of``: what the reference engine builds, sooner.

    The kernels look at everybody; only those on the list are looked at again by the plain code,
    which knows the words.

    Parameters
    ----------
    cohort : Cohort
    protocols : sequence of Protocol
        One per drug.
    as_of : date
    progress : callable
        Called once a person on the list.
    """
    packed = Packed.of(cohort)
    answers = evaluate(packed, protocols, as_of=as_of)
    listed = is_listed(packed.people, answers)
    places = whereabouts_of(packed.people, cohort.person_ids, protocols, as_of=as_of)
    entries = []
    at = np.flatnonzero(listed)
    histories = cohort.histories([cohort.person_ids[place] for place in at])
    for place, history in zip(at, histories, strict=True):
        places[place], entry = follow_person(history, protocols, as_of=as_of)
        if entry is not None:
            entries.append(entry)
        progress()
    found = Worklist(
        as_of=as_of,
        protocols=tuple(protocols),
        whereabouts=tuple(places),
        entries=tuple(sorted(entries, key=lambda entry: entry.rank)),
        not_answered=not_answered(protocols, packed.people.absent),
    )
    everybody_stands_somewhere(found, len(cohort))
    return found


def is_listed(people: People, answers: Evaluation) -> np.ndarray:
    """bool a person: whether anything of theirs stands on the worklist."""
    checks = [check for protocol in answers.protocols for check in protocol.checks]
    alerts = [alert for protocol in answers.protocols for alert in protocol.alerts]
    acts = np.array([c.grounds.evidence is not Evidence.UNVERIFIED for c in checks], bool)
    needs_sex = np.array([check.sex is not None for check in checks], bool)
    state = answers.checks["state"]
    # A check that nobody's record can answer for is said once for the list, not once a person.
    for_lack_of_sex = (people.sex == 0)[:, None] & needs_sex[None, :]
    is_due = (state == DUE) | (state == OVERDUE) | ((state == NOT_ASSESSABLE) & for_lack_of_sex)
    raises = np.array([a.grounds.evidence is not Evidence.UNVERIFIED for a in alerts], bool)
    is_open = (answers.alerts["answer"] == MET) & raises[None, :]
    is_open |= answers.alerts["is_undecided"] & ~answers.known_findings() & raises[None, :]
    has_items = (is_due & acts[None, :]).any(axis=1) & ~answers.broken | is_open.any(axis=1)
    is_alive = people.died > number_of(answers.as_of)
    return answers.broken | (has_items & is_alive)


def whereabouts_of(
    people: People, names: Sequence[str], protocols: Sequence[Protocol], *, as_of: date
) -> list[Whereabouts]:
    """Where everybody would stand if nothing of theirs were on the worklist."""
    morning = number_of(as_of)
    treated = np.zeros(len(people), bool)
    ended = np.ones(len(people), bool)
    for protocol in protocols:
        has_had, until = _monitored_until(people, protocol, morning)
        treated |= has_had
        ended &= ~has_had | ((until != NONE) & (until != NEVER) & (until < morning))
    covered = {drug for protocol in protocols for drug in protocol.drugs}
    uncovered = uncovered_drugs(people, covered, morning)
    found = []
    for place, name in enumerate(names):
        drugs: tuple[str, ...] = ()
        if people.died[place] <= morning:
            standing = Standing.DIED
        elif "treatments" in people.absent:
            standing = Standing.NOT_RECORDED
        elif drugs := uncovered.get(place, ()):
            standing = Standing.UNCOVERED
        elif not treated[place]:
            standing = Standing.NOT_TREATED
        else:
            standing = Standing.ENDED if ended[place] else Standing.NOTHING_DUE
        found.append(Whereabouts(name, standing, drugs))
    return found


def uncovered_drugs(
    people: People, covered: Collection[str], morning: int
) -> dict[int, tuple[str, ...]]:
    """By place, the drugs of those on one that is not covered: see `monitoring.whereabouts`."""
    rows = people.treatments
    person = np.repeat(np.arange(len(people)), np.diff(rows.offsets))
    is_known = rows["known"] <= morning
    codes = [code for code, name in enumerate(people.drugs) if name in covered]
    is_covered = np.isin(rows["drug"], codes)
    since = np.full(len(people), NONE, np.int32)
    begun = is_known & is_covered & (rows["start"] <= morning)
    np.maximum.at(since, person[begun], rows["start"][begun])
    last = np.where(rows["end"] == NONE, NEVER, rows["end"])
    is_on = is_known & ~is_covered & ((last >= morning) | (last > since[person]))
    found: dict[int, set[str]] = {}
    for place, drug in zip(person[is_on].tolist(), rows["drug"][is_on].tolist(), strict=True):
        found.setdefault(place, set()).add(people.drugs[drug])
    return {place: tuple(sorted(drugs)) for place, drugs in found.items()}


def _monitored_until(
    people: People, protocol: Protocol, morning: int
) -> tuple[np.ndarray, np.ndarray]:
    """Who has had the drug, and the latest end of any repeated check (`NEVER`: none yet)."""
    offsets, courses = courses_of_protocol(people, protocol, morning)
    person = np.repeat(np.arange(len(people)), np.diff(offsets))
    ends = np.full(len(people), NONE, np.int32)
    periods = {check.until for check in protocol.checks if check.kind is CheckKind.REPEATED}
    is_ongoing = courses["last"] > morning if protocol.dosing == "continuous" else False
    for table in period_tables(tuple(periods)):
        last = np.where(is_ongoing, FIRST, courses["last"])
        np.maximum.at(ends, person, np.where(is_ongoing, NEVER, table[last - FIRST]))
    return np.diff(offsets) > 0, ends
