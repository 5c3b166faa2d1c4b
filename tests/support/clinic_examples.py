"""What stands on a worklist, made by hand for tests."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from afterdose.monitoring import Urgency
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.models import URGENCIES, Item, Standing
from afterdose.web.record.models import Contact, Person

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
