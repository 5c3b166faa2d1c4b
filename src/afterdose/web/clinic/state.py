"""What the worklist shows, made from the record: one person anew, or a whole team's.

Meaning stands in `afterdose.monitoring`; here it is only asked, and its answer kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from django.db import transaction
from django.utils.timezone import now

from afterdose.cohort import Cohort
from afterdose.ingest.reasons import REASONS
from afterdose.monitoring import SetAsideResult, Whereabouts, follow_person
from afterdose.monitoring import Standing as Place
from afterdose.monitoring.whereabouts import uncovered_drugs
from afterdose.record.history import History
from afterdose.record.tables import SPECS
from afterdose.record.tables import Person as Facts
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.in_force import protocols_in_force
from afterdose.web.clinic.models import Standing
from afterdose.web.clinic.shown import Found, Morning, keep
from afterdose.web.record.export import record_of
from afterdose.web.record.history import history_of
from afterdose.web.record.models import Person, SetAside
from afterdose.web.record.rows import hold, tables_held

_MANY = 1000
"""From so many people on, the compiled engine looks first; for fewer its start is not worth it."""
_AT_A_TIME = 500
"""People whose state is made in one transaction, so that nobody else waits long."""


def recompute(person: Person) -> Standing:
    """Make a person's state anew from the record as it stands in this transaction.

    Whoever changes a row of theirs calls this in the same transaction. The first row of a table
    the record did not hold changes what can be said of everybody: then it is everybody's.
    """
    (standing,) = recompute_people([person])
    return standing


def recompute_people(people: Sequence[Person]) -> list[Standing]:
    """Make the state of some people of one team anew, as `recompute` does; by their key."""
    if not people:
        return []
    team = people[0].team
    keys = sorted({person.pk for person in people})
    with transaction.atomic():
        if _is_new_table(team):
            recompute_team(team)
        else:
            _recompute(_morning(team), keys)
    return list(Standing.objects.filter(person__in=keys).order_by("person"))


def recompute_team(team: Team, *, progress: Callable[[int], None] | None = None) -> int:
    """Make the state of everybody in a team anew, for the morning it is.

    Parameters
    ----------
    team : Team
    progress : callable, optional
        Called with the number of people done.

    Returns
    -------
    int
        How many people it has.
    """
    _is_new_table(team)
    morning = _morning(team)
    keys = list(team.people.order_by("pk").values_list("pk", flat=True))
    is_many = len(keys) >= _MANY
    for start in range(0, len(keys), _AT_A_TIME):
        some = keys[start : start + _AT_A_TIME]
        with transaction.atomic():
            _recompute(morning, some, is_many=is_many)
        if progress is not None:
            progress(start + len(some))
    return len(keys)


def set_aside_of(people: Iterable[int]) -> dict[str, list[SetAsideResult]]:
    """What was set aside of these people, by ``person_id``."""
    found: dict[str, list[SetAsideResult]] = {}
    rows = SetAside.objects.filter(person__in=people).select_related("arrival", "person")
    for row in rows.order_by("id"):
        assert row.person is not None
        result = SetAsideResult(
            person_id=row.person.person_id,
            analyte=row.analyte,
            reason=row.reason,
            received_date=row.received_date,
            source=row.cited,
            specimen_date=row.specimen_date,
            seen=row.seen,
            do=REASONS[row.reason],
            settled_on=row.settled_on,
            settled=f"{row.settled_name}: {row.settled_why}" if row.settled_on else "",
        )
        found.setdefault(result.person_id, []).append(result)
    return found


def _morning(team: Team) -> Morning:
    return Morning(team, protocols_in_force(team), team.today, tables_held(team), now())


def _is_new_table(team: Team) -> bool:
    """Note the tables in which rows stand; whether one is new to the record."""
    return bool(hold(team, *tables_held(team)))


def _recompute(morning: Morning, keys: Sequence[int], *, is_many: bool = False) -> None:
    # Whoever writes about the same people waits until this state is kept, so that the last to
    # write has seen everything. Always in one order: nobody waits in a circle.
    locked = Person.objects.select_for_update(no_key=True, of=("self",))
    people = list(locked.filter(pk__in=keys).order_by("pk"))
    if len(people) == 1:
        histories = [history_of(people[0], held=morning.held)]
        set_aside = set_aside_of(keys)
        found = [_follow(morning, people[0], histories[0], set_aside)]
    else:
        found = _follow_many(morning, people, is_many=is_many)
    keep(morning, found)


def _follow(
    morning: Morning,
    person: Person,
    history: History,
    set_aside: Mapping[str, Sequence[SetAsideResult]],
) -> Found:
    if not morning.protocols:
        return Found(person, history, _unwatched(history, as_of=morning.as_of), None)
    beside = set_aside.get(person.person_id, ())
    place, entry = follow_person(history, morning.protocols, as_of=morning.as_of, set_aside=beside)
    return Found(person, history, place, entry)


def _follow_many(morning: Morning, people: Sequence[Person], *, is_many: bool) -> list[Found]:
    keys = [person.pk for person in people]
    cohort = Cohort.of(record_of(morning.team, keys, held=morning.held))
    set_aside = set_aside_of(keys)
    known = set(cohort.person_ids)
    named = {person.person_id: person for person in people}
    looked_at = [name for name in named if name in known]
    found = []
    if is_many and morning.protocols:
        from afterdose.engines.local import build_worklist

        listed = build_worklist(cohort, morning.protocols, as_of=morning.as_of)
        looked_at = [entry.person_id for entry in listed.entries]
        looked_at += [name for name in set_aside if name in known]
        done = set(looked_at)
        found += [
            Found(named[place.person_id], History(Facts(place.person_id)), place, None)
            for place in listed.whereabouts
            if place.person_id not in done
        ]
    for history in cohort.histories(dict.fromkeys(looked_at)):
        found.append(_follow(morning, named[history.person.person_id], history, set_aside))
    for name in sorted(set(named) - known):
        # Nothing stands of them in any table.
        history = History(Facts(name), absent=frozenset(SPECS) - morning.held)
        found.append(_follow(morning, named[name], history, set_aside))
    return found


def _unwatched(history: History, *, as_of: date) -> Whereabouts:
    """Where a person stands for whom no protocol is in force."""
    died = history.person.death_date
    drugs = uncovered_drugs(history, (), as_of=as_of)
    if died is not None and died <= as_of:
        place, drugs = Place.DIED, ()
    elif "treatments" in history.absent:
        place = Place.NOT_RECORDED
    else:
        place = Place.UNCOVERED if drugs else Place.NOT_TREATED
    return Whereabouts(history.person.person_id, place, drugs)
