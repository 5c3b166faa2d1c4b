"""From one person's rows to what the search reads; what became of every score is counted."""

from dataclasses import dataclass
from datetime import date

from afterdose.outcomes.disability.choices import (
    Start,
    Strategy,
)
from afterdose.outcomes.disability.definition import DisabilityDefinition
from afterdose.outcomes.disability.visits import Bout, Person, Scan, lay_out
from afterdose.outcomes.timeline import known_rows
from afterdose.record.courses import courses_of
from afterdose.record.history import History
from afterdose.record.tables import Assessment

_PLANNED_COURSES = 2


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of every score of the measure: ``given`` is the sum of the others.

    Attributes
    ----------
    given, used : int
    same_day : int
        Replaced by a later row of the same day.
    not_yet_known : int
        Dated or recorded after the day asked about.
    before_reference : int
        Before the visit that begins the comparison.
    after_end : int
        After a switch, retreatment or death that ends observation.
    """

    given: int = 0
    used: int = 0
    same_day: int = 0
    not_yet_known: int = 0
    before_reference: int = 0
    after_end: int = 0


@dataclass(frozen=True, slots=True)
class Gathered:
    """One person's rows laid out, or what was missing."""

    person: Person
    tally: Tally
    missing: str = ""


def gather(history: History, definition: DisabilityDefinition, *, as_of: date) -> Gathered:
    """Lay out the rows of one person that a definition looks at, as known on a day.

    Parameters
    ----------
    history : History
    definition : DisabilityDefinition
    as_of : date
    """
    given = [row for row in history.assessments if row.measure == definition.measure]
    known = known_rows(given, as_of=as_of)
    by_day = {row.date: row for row in known}
    rows = [row for _, row in sorted(by_day.items())]
    start, missing = _start(history, rows, definition, as_of)
    compared = [row for row in rows if start is None or row.date >= start]
    end, composites = _intercurrent(history, definition, start, as_of)
    used = [row for row in compared if end is None or row.date <= end]
    if missing:
        used, compared = [], []
    tally = Tally(
        given=len(given),
        used=len(used),
        same_day=len(known) - len(rows),
        not_yet_known=len(given) - len(known),
        before_reference=len(rows) - len(compared),
        after_end=len(compared) - len(used),
    )
    visits, relapses = lay_out(
        [(row.date, row.value, row) for row in used],
        [
            Bout(row.onset_date, row.end_date)
            for row in known_rows(history.relapses, as_of=as_of)
            if row.confirmed is not False
        ],
        definition.relapses,
    )
    person = Person(visits, relapses, _scans(history, as_of), composites, history.person.person_id)
    return Gathered(person, tally, missing)


def _start(
    history: History, rows: list[Assessment], definition: DisabilityDefinition, as_of: date
) -> tuple[date | None, str]:
    """The day comparison begins, or what is missing for it."""
    rules = definition.reference
    if rules.start is Start.FIRST_VISIT:
        return (rows[0].date if rows else None), ""
    courses = courses_of(history.treatments, (definition.drug,), as_of=as_of)
    begun = [course for course in courses if course.start <= as_of]
    first = next((course.start for course in begun if course.number == 1), None)
    if first is None:
        return None, "the first course" if begun else f"a course of {definition.drug}"
    earliest = rules.at_most_before.before(first)
    near = [row.date for row in rows if earliest <= row.date <= first]
    if not near:
        return None, f"a score of {definition.measure} before the first course"
    return max(near), ""


def _intercurrent(
    history: History, definition: DisabilityDefinition, start: date | None, as_of: date
) -> tuple[date | None, tuple[date, ...]]:
    """The day on which observation ends, and the days that count as confirmation."""
    rules = definition.intercurrent
    death = history.person.death_date
    days = {
        "switch": _switch(history, definition, as_of) if definition.drug else None,
        "retreatment": _retreatment(history, definition, as_of) if definition.drug else None,
        "death": death if death is not None and death <= as_of else None,
    }
    found: dict[Strategy, list[date]] = {strategy: [] for strategy in Strategy}
    for name, day in days.items():
        if day is not None and (start is None or day >= start):
            found[getattr(rules, name)].append(day)
    end = min(found[Strategy.WHILE_ON_TREATMENT], default=None)
    composites = sorted(day for day in found[Strategy.COMPOSITE] if end is None or day <= end)
    return end, tuple(composites)


def _switch(history: History, definition: DisabilityDefinition, as_of: date) -> date | None:
    """The first day of another drug after the first dose of the definition's."""
    known = [row for row in history.treatments if (row.recorded_date or row.start_date) <= as_of]
    own = [row.start_date for row in known if row.drug == definition.drug]
    others = [row.start_date for row in known if row.drug != definition.drug]
    if not own:
        return None
    return min((day for day in others if min(own) < day <= as_of), default=None)


def _retreatment(history: History, definition: DisabilityDefinition, as_of: date) -> date | None:
    """The first day of the first course beyond the planned two."""
    courses = courses_of(history.treatments, (definition.drug,), as_of=as_of)
    beyond = (one.start for one in courses if one.number > _PLANNED_COURSES and one.start <= as_of)
    return min(beyond, default=None)


def _scans(history: History, as_of: date) -> tuple[Scan, ...]:
    """Scans that say whether there was activity: both counts known, or one of them above none."""
    found = []
    for row in known_rows(history.mri, as_of=as_of):
        counts = (row.new_t2_lesions, row.gd_lesions)
        if any(counts):
            found.append(Scan(row.date, active=True))
        elif None not in counts:
            found.append(Scan(row.date, active=False))
    return tuple(sorted(found, key=lambda scan: scan.day))
