"""Who may do what: the one table, and the one place that reads it.

A role has abilities, and a reach: whose records they hold for. `ABILITIES` and `REACH` are data;
the documentation prints them, and a test asks every address of the clinic in every role for what
they promise. Being a superuser of Django changes nothing here.
"""

from typing import Any, NamedTuple

import rules
from django.db.models import Q, QuerySet
from django.utils import timezone

from afterdose.web.accounts.models import Membership, Role, Team, User
from afterdose.web.record.models import Person
from afterdose.web.sharing.models import Sharing

NURSE, NEUROLOGIST, GP = Role.NURSE, Role.NEUROLOGIST, Role.GP
PERSON, DATA_MANAGER, RESEARCHER = Role.PERSON, Role.DATA_MANAGER, Role.RESEARCHER
ADMINISTRATOR = Role.ADMINISTRATOR

STAFF = frozenset(Role) - {PERSON}
"""Those who sign in with a second factor."""


class Ability(NamedTuple):
    """Something that may be done, in plain words, and by which roles."""

    words: str
    roles: frozenset[Role]


def _by(words: str, *roles: Role) -> Ability:
    return Ability(words, frozenset(roles))


_CARE = (NURSE, NEUROLOGIST)
_TEAM = (NURSE, NEUROLOGIST, DATA_MANAGER)

ABILITIES: dict[str, Ability] = {
    "worklist.view": _by("see the worklist", *_TEAM, GP),
    "worklist.act": _by("acknowledge, snooze, escalate and resolve what stands on it", *_CARE, GP),
    "owners.hand_over": _by("propose, accept and decline the ownership of checks", *_CARE, GP),
    "duties.manage": _by("set who is on duty, and how long a laboratory may be silent", *_TEAM),
    "chart.view": _by("open a person's chart", *_TEAM, GP, PERSON),
    "chart.edit": _by("enter and correct rows of the record", *_TEAM),
    "chart.own": _by("see the page in plain words about themselves", PERSON),
    "results.own": _by("enter results of their own", PERSON),
    "inbox.view": _by("see results as they arrive", *_TEAM),
    "inbox.review": _by("mark results as reviewed", *_CARE),
    "inbox.settle": _by("settle rows set aside and decide whose rows are whose", *_TEAM),
    "people.view": _by("see the list of people", *_TEAM, GP),
    "people.edit": _by("add people, change how they are reached", *_TEAM),
    "people.load": _by("load files into the record", DATA_MANAGER, NURSE),
    "letters.view": _by("see letters and reminders", *_CARE),
    "letters.release": _by("release letters and reminders", *_CARE),
    "protocols.view": _by("read protocols", *_TEAM, GP, RESEARCHER),
    "protocols.approve": _by("approve a protocol's version for the team", NEUROLOGIST),
    "protocols.override": _by("set the site's own windows and owners", NEUROLOGIST),
    "study.view": _by("see the study", *_TEAM, RESEARCHER),
    "study.exact": _by("see the study's small numbers as they are", NEUROLOGIST, DATA_MANAGER),
    "study.people": _by("open the people behind a number", NEUROLOGIST, DATA_MANAGER),
    "coverage.view": _by("see how well monitoring is kept", *_TEAM, RESEARCHER),
    "reads.view": _by("see who looked at a person's record", *_CARE, PERSON),
    "audit.view": _by("see the log of changes", NEUROLOGIST, DATA_MANAGER, ADMINISTRATOR),
    "sharing.manage": _by("share a person's record, and end it", *_CARE, PERSON),
    "team.manage": _by("invite users, set roles, deactivate", ADMINISTRATOR),
    "feeds.manage": _by("make and revoke the tokens of feeds", ADMINISTRATOR, DATA_MANAGER),
    "help.view": _by("read the help pages", *Role),
}

PERMITTED_RESEARCHER = frozenset({"study.people", "study.exact", "chart.view"})
"""What a researcher gains whose membership says they may open people."""

REACH: dict[Role, str] = {
    NURSE: "team",
    NEUROLOGIST: "team",
    DATA_MANAGER: "team",
    GP: "shared",
    PERSON: "self",
    RESEARCHER: "none",
    ADMINISTRATOR: "none",
}
"""Whose records a role's abilities hold for: the team's, those shared, one's own, nobody's."""


def may(user: User, ability: str, on: Team | Person) -> bool:
    """Whether a user may do something in a team, or with a person.

    Parameters
    ----------
    user : User
        Who asks.
    ability : str
        A key of `ABILITIES`.
    on : Team or Person
        In a team: whether any of their roles there has the ability. With a person: whether one has,
        and reaches that person.

    Raises
    ------
    KeyError
        There is no such ability: a page that asks for one is refused to everybody.
    """
    ABILITIES[ability]
    return bool(rules.has_perm(ability, user, on))


def roles_with(user: User, ability: str, team: Team) -> frozenset[Role]:
    """The roles of a user in a team that have an ability."""
    return frozenset(role for role, held in _held(user, team) if ability in held)


def abilities_of(user: User, team: Team) -> frozenset[str]:
    """Everything a user may do in a team."""
    return frozenset(ability for _, held in _held(user, team) for ability in held)


def people_within_reach(user: User, ability: str, team: Team) -> QuerySet[Person]:
    """The people of a team with whom a user may do something."""
    reaches = {_reach_of(role) for role in roles_with(user, ability, team)}
    people = Person.objects.filter(team=team)
    if "team" in reaches:
        return people
    kinds = [kind for reach, kind in _KIND_OF_REACH.items() if reach in reaches]
    shared = Sharing.objects.filter(user=user, kind__in=kinds, since__lte=timezone.now())
    shared = shared.filter(Q(until=None) | Q(until__gt=timezone.now()))
    return people.filter(pk__in=shared.values("person"))


def reaches_whole_team(user: User, ability: str, team: Team) -> bool:
    """Whether a user may do something with everybody in a team."""
    return any(_reach_of(role) == "team" for role in roles_with(user, ability, team))


def needs_second_factor(user: User) -> bool:
    """Whether any role of theirs is one of a staff member."""
    return user.memberships.filter(role__in=STAFF).exists()


_KIND_OF_REACH = {"shared": Sharing.Kind.GP, "self": Sharing.Kind.SELF}


def _held(user: User, team: Team) -> list[tuple[Role, frozenset[str]]]:
    if not user.is_active:
        return []
    return [
        (Role(membership.role), _abilities_of(membership))
        for membership in Membership.objects.filter(user=user, team=team)
    ]


def _abilities_of(membership: Membership) -> frozenset[str]:
    own = frozenset(name for name, ability in ABILITIES.items() if membership.role in ability.roles)
    is_permitted = membership.role == RESEARCHER and membership.may_open_people
    return own | PERMITTED_RESEARCHER if is_permitted else own


def _reach_of(role: Role) -> str:
    # A researcher's abilities with people are those of the permission: they hold for the team's.
    return "team" if role == RESEARCHER else REACH[role]


def _permit(ability: str) -> None:
    def holds(user: Any, on: Any) -> bool:
        if isinstance(on, Person):
            return people_within_reach(user, ability, on.team).filter(pk=on.pk).exists()
        return isinstance(on, Team) and bool(roles_with(user, ability, on))

    rules.add_perm(ability, rules.predicate(holds, name=ability))


for _ability in ABILITIES:
    _permit(_ability)
