"""A team with simulated people in the database, and what the engine says of its exported record."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from afterdose.cohort import Cohort, read_record, write_record
from afterdose.engines.reference import Worklist, build_worklist, with_set_aside
from afterdose.monitoring.written import item_as_json
from afterdose.simulate import simulate_cohort
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.in_force import approval_of, protocols_in_force
from afterdose.web.clinic.models import URGENCIES, Item, Standing
from afterdose.web.clinic.state import set_aside_of
from afterdose.web.record.folder import load_record, write_team


def simulated_team(folder: Path, people: int = 60, *, slug: str = "north", seed: int = 5) -> Team:
    """A team with a simulated cohort, whose clock stands on the data's last day."""
    record = simulate_cohort(people, seed)
    write_record(record, folder)
    team = Team.objects.create(
        slug=slug,
        name=slug.title(),
        is_simulated=True,
        stands_on=record.frames["labs"]["received_date"].max(),
    )
    load_record(folder, team)
    return team


def approve(team: Team, *protocols: str) -> None:
    """Let the team monitor by these."""
    for name in protocols:
        approval_of(team, name, by=None, clinician="Dr Example").save()


def asked_of_the_record(team: Team, folder: Path) -> Worklist:
    """What the plain code says of the record as it is exported."""
    write_team(team, folder)
    cohort = Cohort.of(read_record(folder))
    found = build_worklist(cohort.histories(), protocols_in_force(team), as_of=team.today)
    aside = set_aside_of(team.people.values_list("pk", flat=True))
    return with_set_aside(found, cohort.histories(aside), aside)


def assert_shown_as_asked(team: Team, folder: Path) -> Worklist:
    """Everything the database shows of a team is what the plain code says of its record."""
    asked = asked_of_the_record(team, folder)
    shown = Standing.objects.filter(team=team).select_related("person")
    assert {one.person.person_id: _place(one) for one in shown} == {
        one.person_id: (str(one.standing), list(one.uncovered)) for one in asked.whereabouts
    }
    assert all(not one.is_stale for one in shown)
    listed = shown.exclude(urgency=None).order_by(*Standing.ORDER)
    assert [_head(one) for one in listed] == [
        (
            entry.person_id,
            str(entry.urgency),
            tuple(entry.items[0].gravity),
            entry.items[0].days,
            entry.months_since_course,
            entry.monitored_until,
            entry.last_specimen,
        )
        for entry in asked.entries
    ]
    for one, entry in zip(listed, asked.entries, strict=True):
        items = one.items.order_by("position")
        assert list(map(_as_json, items)) == list(map(item_as_json, entry.items))
    return asked


def keys_shown(team: Team) -> Sequence[tuple[int, str]]:
    """Every item, by person and key."""
    return list(Item.objects.filter(team=team).values_list("person", "key"))


def _place(one: Standing) -> tuple[str, list[str]]:
    return one.standing, one.uncovered


def _head(one: Standing) -> tuple[Any, ...]:
    return (
        one.person.person_id,
        str(URGENCIES[one.urgency or 0]),
        (one.band, one.nearness),
        one.waiting_days,
        one.months_since_course,
        one.monitored_until,
        one.last_specimen,
    )


def _as_json(item: Item) -> dict[str, Any]:
    return {
        "urgency": str(URGENCIES[item.urgency]),
        "rule": item.rule,
        "protocol": item.protocol,
        "drug": item.drug,
        "what": item.what,
        "why": item.why,
        "since": None if item.since is None else item.since.isoformat(),
        "days": item.days,
        "owner": item.owner,
        "owner_state": item.owner_state,
        "next": item.then,
        "changed_by_site": item.overrides,
        "because": item.because,
        "also": item.also,
    }
