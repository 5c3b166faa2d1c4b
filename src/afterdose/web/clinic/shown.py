"""A person's place and entry as the rows that pages show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from afterdose.monitoring import Entry, Protocol, Whereabouts
from afterdose.monitoring import Item as Thing
from afterdose.monitoring.known import known_on
from afterdose.monitoring.set_aside import RULE as SET_ASIDE
from afterdose.monitoring.written import item_as_json
from afterdose.record.history import History
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.models import URGENCIES, Item, Standing
from afterdose.web.clinic.spark import analytes_behind, spark_of
from afterdose.web.record.models import Lab, Person, SetAside


@dataclass(frozen=True)
class Morning:
    """What is the same for everybody of a team on one morning.

    Attributes
    ----------
    team : Team
    protocols : tuple of Protocol
        Those in force; there may be none.
    as_of : date
    held : frozenset of str
        The tables the record holds.
    at : datetime
        When this was asked.
    """

    team: Team
    protocols: tuple[Protocol, ...]
    as_of: date
    held: frozenset[str]
    at: datetime


@dataclass(frozen=True)
class Found:
    """Where one person stands.

    ``history`` holds all of their rows, unless ``entry`` is None.
    """

    person: Person
    history: History
    place: Whereabouts
    entry: Entry | None


def keep(morning: Morning, found: Sequence[Found]) -> None:
    """Put these people's rows in the place of those that were shown before."""
    standings = [_standing(morning, one) for one in found]
    Standing.objects.bulk_create(
        standings,
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=_MADE,
        batch_size=200,
    )
    keys = [one.person.pk for one in found]
    Item.objects.filter(person__in=keys).delete()
    listed = [one.person.pk for one in found if one.entry is not None]
    newest = _newest_rows(listed, morning.as_of)
    Item.objects.bulk_create(
        [
            _item(morning, one, standing, position, newest)
            for one, standing in zip(found, standings, strict=True)
            if one.entry is not None
            for position in range(len(one.entry.items))
        ],
        batch_size=200,
    )


_MADE = [
    field.name for field in Standing._meta.concrete_fields if field.name not in ("id", "person")
]


def _standing(morning: Morning, one: Found) -> Standing:
    made = Standing(
        person=one.person,
        team=morning.team,
        as_of=morning.as_of,
        standing=str(one.place.standing),
        uncovered=list(one.place.uncovered),
        computed_at=morning.at,
    )
    if one.entry is not None:
        known = known_on(one.history, morning.protocols[0], as_of=morning.as_of)
        first = one.entry.items[0]
        made.urgency = URGENCIES.index(first.urgency)
        made.band, made.nearness = first.gravity
        made.waiting_days = first.days
        made.months_since_course = one.entry.months_since_course
        made.monitored_until = one.entry.monitored_until
        made.last_specimen = one.entry.last_specimen
        made.spark = spark_of(one.history, known, one.entry, morning.protocols)
    return made


_Newest = Mapping[tuple[int, str], int]
"""The newest row by person and analyte; under no analyte the newest that was set aside."""


def _newest_rows(keys: Sequence[int], as_of: date) -> _Newest:
    """Rows are numbered as they come, so the newest has the largest number."""
    results = Lab.objects.filter(person__in=keys, received_date__lte=as_of)
    found = {
        (person, analyte): newest
        for person, analyte, newest in results.order_by()
        .values_list("person", "analyte")
        .annotate(newest=Max("pk"))
    }
    aside = SetAside.objects.filter(person__in=keys, received_date__lte=as_of)
    for person, newest in aside.order_by().values_list("person").annotate(newest=Max("pk")):
        found[person, ""] = newest
    return found


def _item(morning: Morning, one: Found, standing: Standing, position: int, newest: _Newest) -> Item:
    assert one.entry is not None
    item = one.entry.items[position]
    said = item_as_json(item)
    return Item(
        standing=standing,
        person=one.person,
        team=morning.team,
        position=position,
        key=Item.key_of(item.protocol, item.rule, item.since),
        urgency=URGENCIES.index(item.urgency),
        rule=item.rule,
        protocol=item.protocol,
        drug=item.drug,
        what=item.what,
        why=item.why,
        then=item.then,
        since=item.since,
        days=item.days,
        owner=item.owner.owner,
        owner_state=item.owner.state,
        because=said["because"],
        also=said["also"],
        overrides=said["changed_by_site"],
        newest_row=_newest_behind(item, one.person.pk, morning.protocols, newest),
    )


def _newest_behind(item: Thing, key: int, protocols: tuple[Protocol, ...], newest: _Newest) -> str:
    if item.rule == SET_ASIDE:
        return f"set_aside:{newest.get((key, ''), 0)}"
    rows = [newest.get((key, name), 0) for name in analytes_behind(item, protocols)]
    return f"labs:{max(rows)}" if any(rows) else ""
