"""What stands on a worklist, made by hand for tests."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from afterdose.monitoring import Urgency
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.in_force import approval_of
from afterdose.web.clinic.laboratories import note_laboratories
from afterdose.web.clinic.models import URGENCIES, Item, Standing
from afterdose.web.clinic.state import recompute_team
from afterdose.web.record.models import Contact, Lab, Person, Treatment

TODAY = date(2026, 3, 2)


def make_team(slug: str = "north", **more: Any) -> Team:
    """A team whose clock stands on 2 March 2026."""
    return Team.objects.create(
        slug=slug,
        **{
            "name": f"MS team {slug.capitalize()}",
            "is_simulated": True,
            "stands_on": TODAY,
            **more,
        },
    )


def make_person(team: Team, number: int = 1, **more: Any) -> Person:
    """A person by number: ``Demo Person 0001``."""
    person = Person.objects.create(
        team=team,
        person_id=f"P{number:04}",
        **{"sex": "female", "birth_date": "1984-05-17", **more},
    )
    Contact.objects.create(person=person, given_name="Demo", family_name=f"Person {number:04}")
    return person


def make_item(standing: Standing, **more: Any) -> Item:
    """Something on the worklist; platelets below 100 unless told otherwise."""
    given = {
        "position": standing.items.count(),
        "urgency": URGENCIES.index(Urgency.ACT_TODAY),
        "rule": "platelets-low",
        "protocol": "alemtuzumab-eu",
        "drug": "alemtuzumab",
        "what": "Platelets below 100",
        "why": "platelets 84, down 52 % in 28 days",
        "then": "Repeat today; call a haematologist.",
        "since": TODAY - timedelta(days=3),
        "days": 3,
        "owner": "ms_team",
        "owner_state": "default",
        "newest_row": "labs:1",
        **more,
    }
    return Item.objects.create(
        standing=standing,
        person=standing.person,
        team=standing.team,
        key=Item.key_of(given["protocol"], given["rule"], given["since"]),
        **given,
    )


def make_standing(person: Person, *items: dict[str, Any], **more: Any) -> Standing:
    """Where a person stands, with these items."""
    urgencies = [item.get("urgency", 0) for item in items]
    standing = Standing.objects.create(
        person=person,
        team=person.team,
        computed_at=datetime(2026, 3, 2, 6, 0, tzinfo=UTC),
        **{
            "as_of": TODAY,
            "standing": "on the worklist" if items else "monitored, nothing due",
            "urgency": min(urgencies, default=None),
            "waiting_days": items[0].get("days", 3) if items else 0,
            "months_since_course": 31,
            "monitored_until": date(2028, 5, 1),
            "last_specimen": TODAY - timedelta(days=3),
            **more,
        },
    )
    for item in items:
        make_item(standing, **item)
    return standing


def make_followed_team() -> Team:
    """A team that monitors, with three people whose state comes from their rows.

    Platelets of the first have fallen, the second has had no test for long, of the third nothing
    is due.
    """
    team = make_team()
    approval_of(team, "alemtuzumab-eu", by=None, clinician="Dr Example").save()
    last_tests = (
        [(70, "platelets", 210.0), (33, "platelets", 176.0), (1, "platelets", 40.0)],
        [(200, "platelets", 198.0)],
        [(3, "platelets", 240.0)],
    )
    for number, tests in enumerate(last_tests, start=1):
        person = make_person(team, number)
        Treatment.objects.create(
            person=person,
            drug="alemtuzumab",
            course_number=1,
            start_date=TODAY - timedelta(days=500),
            end_date=TODAY - timedelta(days=496),
        )
        for days, analyte, value in tests:
            add_result(person, TODAY - timedelta(days=days), analyte, value)
    recompute_team(team)
    note_laboratories(team)
    return team


def add_result(person: Person, day: date, analyte: str, value: float) -> Lab:
    """A final result, with the range of the laboratory."""
    return Lab.objects.create(
        person=person,
        specimen_date=day,
        received_date=day,
        analyte=analyte,
        value=value,
        unit="10*9/L",
        ref_low=150.0,
        ref_high=400.0,
        provider="City Laboratory",
    )
