"""Two teams, with people, and a user in every role of each."""

from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from django.test import Client

from afterdose.web.accounts.models import Membership, Role, Team, User
from afterdose.web.record.models import Contact, Person
from afterdose.web.sharing.models import Sharing


@dataclass
class Side:
    """A team and what belongs to it."""

    team: Team
    users: dict[Role, User] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)

    @property
    def person(self) -> Person:
        """The one shared with the GP, and the one who signs in as a person."""
        return self.people[0]


@dataclass
class World:
    """A team of one's own, another, and somebody in none."""

    own: Side
    other: Side
    stranger: User


def make_world() -> World:
    """Two sides of three people each; roles differ in nothing but the role."""
    return World(
        own=make_side("north", "North"),
        other=make_side("south", "South"),
        stranger=make_user("stranger"),
    )


def make_side(slug: str, name: str) -> Side:
    """A team with three people and a user in every role."""
    side = Side(Team.objects.create(slug=slug, name=name))
    for number in range(1, 4):
        person = Person.objects.create(
            team=side.team, person_id=f"{slug}-{number}", birth_date="1985"
        )
        Contact.objects.create(person=person, given_name=f"Demo {number}", family_name=name)
        side.people.append(person)
    for role in Role:
        side.users[role] = make_user(f"{role}-{slug}", team=side.team, role=role)
    for role, kind in ((Role.GP, Sharing.Kind.GP), (Role.PERSON, Sharing.Kind.SELF)):
        Sharing.objects.create(person=side.person, user=side.users[role], kind=kind)
    return side


def make_user(name: str, *, team: Team | None = None, role: Role | None = None) -> User:
    """A user with a verified address, and a role if one is given."""
    address = f"{name}@clinic.example"
    user = User.objects.create_user(name, address, "correct-horse-battery")
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    if team and role:
        Membership.objects.create(user=user, team=team, role=role)
    return user


def signed_in(user: User, team: Team | None = None) -> Client:
    """A browser in which somebody has signed in."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    if team:
        session = client.session
        session["team"] = team.pk
        session.save()
    return client
