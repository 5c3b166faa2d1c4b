"""The demo clinic in the database: people, users, approvals, and what was done so far."""

from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from allauth.account.models import EmailAddress
from django.utils.timezone import make_aware

from afterdose.cohort import write_record
from afterdose.web.accounts.models import Membership, Role, Team, User
from afterdose.web.clinic.arrivals import take_message
from afterdose.web.clinic.in_force import approval_of
from afterdose.web.clinic.laboratories import note_laboratories
from afterdose.web.clinic.models import Duty, Item, Step, StepKind
from afterdose.web.clinic.state import recompute_team
from afterdose.web.demo.cohort import LAST_DAY, demo_record
from afterdose.web.demo.messages import CITY, HARBOUR, HOSPITAL, assigner_of, messages_until
from afterdose.web.record.folder import load_record
from afterdose.web.record.models import Contact, Identity, Owner
from afterdose.web.sharing.models import Sharing

SLUG = "demo"
PASSWORD = "demo-afterdose-2020"  # noqa: S105 - printed, and of nobody who exists
PROTOCOLS = ("alemtuzumab-eu", "dimethyl-fumarate-eu", "fingolimod-eu", "natalizumab-eu")
_USERS = {
    Role.NURSE: ("nurse", "Nora", "Nurse (demo)"),
    Role.NEUROLOGIST: ("neurologist", "Noel", "Neurologist (demo)"),
    Role.GP: ("gp", "Gwen", "Practice (demo)"),
    Role.PERSON: ("person", "Demo", "Person"),
    Role.DATA_MANAGER: ("data", "Dana", "Data (demo)"),
    Role.RESEARCHER: ("researcher", "Rae", "Research (demo)"),
    Role.ADMINISTRATOR: ("admin", "Ada", "Admin (demo)"),
}


def make_demo(people: int = 300, seed: int = 2026) -> Team:
    """Make the demo clinic, unless it is there.

    Parameters
    ----------
    people : int
    seed : int

    Returns
    -------
    Team
        Its clock stands on the last day of its data.
    """
    team = Team.objects.filter(slug=SLUG).first()
    if team is not None:
        return team
    team = Team.objects.create(slug=SLUG, name="Demo clinic", is_simulated=True, stands_on=LAST_DAY)
    with TemporaryDirectory() as folder:
        write_record(demo_record(people, seed), Path(folder))
        load_record(Path(folder), team)
    _name_everybody(team)
    users = {role: _user(team, role) for role in _USERS}
    for name in PROTOCOLS:
        approval_of(team, name, by=users[Role.NEUROLOGIST], clinician="the demo").save()
    recompute_team(team)
    _hand_over(team)
    recompute_team(team)
    _receive(team)
    _act(team, users[Role.NURSE], deputy=users[Role.NEUROLOGIST])
    _watch(team, users)
    _share(team, users)
    return team


def users_of_the_demo() -> list[tuple[str, str]]:
    """Role and address of everybody who may sign in."""
    return [(role.label, _address(role)) for role in _USERS]


def _address(role: Role) -> str:
    return f"{_USERS[role][0]}@demo.example"


def _user(team: Team, role: Role) -> User:
    name, given, family = _USERS[role]
    user = User.objects.create_user(
        f"demo-{name}", _address(role), PASSWORD, first_name=given, last_name=family
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Membership.objects.create(user=user, team=team, role=role)
    return user


def _name_everybody(team: Team) -> None:
    """Names that nobody could take for those of people."""
    Contact.objects.bulk_create(
        Contact(
            person=person,
            given_name="Demo",
            family_name=f"Person {place:04}",
            email=f"person-{place:04}@demo.example",
        )
        for place, person in enumerate(team.people.order_by("person_id"), start=1)
    )


def _hand_over(team: Team) -> None:
    """Some checks were offered to a practice or the person, and not all were accepted."""
    owners = (
        ("gp", "proposed"),
        ("person", "declined"),
        ("gp", "accepted"),
        ("person", "proposed"),
    )
    listed = Item.objects.filter(team=team).exclude(protocol="").order_by("person__person_id", "pk")
    for place, item in enumerate(listed[::6]):
        owner, state = owners[place % len(owners)]
        Owner.objects.create(
            person=item.person,
            check_id="all",
            owner=owner,
            state=state,
            since=LAST_DAY - timedelta(days=3 + place % 9),
        )


def _receive(team: Team) -> None:
    """What the laboratories sent in the last days, by the way every message takes."""
    people = list(team.people.order_by("person_id"))
    for laboratory in (HOSPITAL, CITY, HARBOUR):
        Identity.objects.bulk_create(
            Identity(team=team, assigner=assigner_of(laboratory), value=one.person_id, person=one)
            for one in people
        )
    listed = set(Item.objects.filter(team=team).values_list("person", flat=True))
    quiet = [one.person_id for one in people if one.pk not in listed]
    spread = [quiet[place * len(quiet) // 12] for place in range(12)]
    morning = make_aware(datetime.combine(LAST_DAY, time(7)))
    for message in messages_until(morning, spread):
        arrival = take_message(team, message.body, feed=message.feed, landed_at=message.landed_at)
        assert not arrival.receipt["refused"]


def _watch(team: Team, users: dict[Role, User]) -> None:
    """Laboratories whose silence shows, and who steps in; on Sundays nobody does yet."""
    note_laboratories(team)
    for place, (role, days) in enumerate(((Role.NEUROLOGIST, [0, 1, 2, 3, 4]), (Role.NURSE, [5]))):
        Duty.objects.create(team=team, user=users[role], days=days, starts=LAST_DAY, place=place)


def _act(team: Team, nurse: User, *, deputy: User) -> None:
    """What the nurse did in the last days."""
    listed = Item.objects.filter(team=team, position=0).order_by("urgency", "pk")
    grave = list(listed.filter(urgency__lte=1))
    late = list(listed.filter(rule__in=("thyroid", "blood-count", "urine")))
    steps = [
        _step(one, StepKind.ACKNOWLEDGED, nurse, days=0, hour=8, reason="Called; blood tomorrow.")
        for one in grave[1::4]
    ]
    steps += [
        _step(one, StepKind.ESCALATED, None, days=0, hour=7, reason="No answer in time.", to=deputy)
        for one in grave[2::5]
    ]
    steps += [
        _step(
            one,
            StepKind.SNOOZED,
            nurse,
            days=4,
            hour=10,
            reason="On holiday until then; appointment made.",
            until=LAST_DAY + timedelta(days=9),
        )
        for one in late[1::6]
    ]
    steps += [
        _step(one, StepKind.NOTED, nurse, days=1, hour=15, reason="Left a message.")
        for one in late[2::6]
    ]
    Step.objects.bulk_create(steps)


def _step(
    item: Item, kind: StepKind, by: User | None, *, days: int, hour: int, **said: object
) -> Step:
    at = make_aware(datetime.combine(LAST_DAY - timedelta(days=days), time(hour, 20)))
    return Step(
        person=item.person,
        team=item.team,
        key=item.key,
        kind=kind,
        by=by,
        at=at,
        rests_on=item.newest_row,
        urgency=item.urgency,
        **said,
    )


def _share(team: Team, users: dict[Role, User]) -> None:
    """The GP sees some people; the person sees themselves."""
    listed = Item.objects.filter(team=team, position=0).order_by("urgency", "pk")
    people = [item.person for item in listed[:24:2]]
    Sharing.objects.create(person=people[0], user=users[Role.PERSON], kind=Sharing.Kind.SELF)
    for person in people:
        Sharing.objects.create(
            person=person, user=users[Role.GP], kind=Sharing.Kind.GP, by=users[Role.NURSE]
        )
