"""Every address of the clinic, and who may have it: each needs an entry here.

The tests in `tests/web/test_every_page.py` walk all addresses, ask each in every role, for one's
own team and another's, and hold the answer to `afterdose.web.accounts.rules`. An address without
an entry fails.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from afterdose.web.accounts.models import Role, Token, User
from afterdose.web.accounts.tokens import make_token
from afterdose.web.clinic.models import Duty, Laboratory, Standing
from afterdose.web.record.models import Lab, Owner, Person, Relapse
from afterdose.web.sharing.invitations import invite
from afterdose.web.sharing.models import Invitation, Sharing
from support.clinic import Side
from support.clinic_examples import make_standing

Made = Callable[[Side, Person], dict[str, Any]]


def an_invitation(side: Side) -> tuple[Invitation, str]:
    """One that still stands, and its secret."""
    by = side.users[Role.ADMINISTRATOR]
    return invite(side.team, "new@clinic.example", Role.NURSE, by=by)


def a_token(side: Side) -> Token:
    """A feed's."""
    make_token(side.team, "Lab X", by=side.users[Role.ADMINISTRATOR])
    return side.team.tokens.latest("pk")


def a_sharing(side: Side, person: Person) -> Sharing:
    """With another GP."""
    gp, _ = User.objects.get_or_create(username="gp2", email="gp2@clinic.example")
    return Sharing.objects.get_or_create(person=person, user=gp, kind=Sharing.Kind.GP)[0]


@dataclass(frozen=True)
class Page:
    """What a page asks for.

    Parameters
    ----------
    may : str or None
        The ability it needs; None: everybody signed in may have it.
    of_person : bool
        Whether it is about one person: then a role's reach counts.
    address : callable or None
        From a side and a person to what the address holds, such as ``{"pk": person.pk}``.
    data : callable or None
        Likewise what is sent; a page with it is asked by POST.
    is_public : bool
        Whether it needs no signing in, such as an address that is itself a secret.
    answers : set of int
        What somebody who may gets.
    """

    may: str | None
    of_person: bool = False
    address: Made | None = None
    data: Made | None = None
    is_public: bool = False
    answers: frozenset[int] = frozenset({200, 302, 400, 422})


def _item(_: Side, person: Person) -> dict[str, Any]:
    standing = Standing.objects.filter(person=person).first() or make_standing(person, {})
    return {"pk": person.pk, "key": standing.items.get().key}


def _act(**data: str) -> Page:
    """What is done about an item; of one that is gone the page says so."""
    return Page(may="worklist.act", of_person=True, address=_item, data=lambda *_: data)


def _person(_: Side, person: Person) -> dict[str, Any]:
    return {"pk": person.pk}


def _proposal(side: Side, person: Person) -> dict[str, Any]:
    row, _ = Owner.objects.get_or_create(
        person=person, check_id="all", owner="gp", state="proposed", since=side.team.today
    )
    return {"pk": person.pk, "proposal": row.pk}


def _laboratory(side: Side, _: Person) -> dict[str, Any]:
    return {"pk": Laboratory.objects.get_or_create(team=side.team, provider="City")[0].pk}


def _duty(side: Side, _: Person) -> dict[str, Any]:
    nurse = side.users[Role.NURSE]
    duty, _ = Duty.objects.get_or_create(team=side.team, user=nurse, starts=side.team.today)
    return {"pk": duty.pk}


def _typed(side: Side, person: Person) -> dict[str, Any]:
    row, _ = Lab.objects.get_or_create(
        person=person,
        analyte="platelets",
        specimen_date=side.team.today,
        received_date=side.team.today,
        result_id="typed-1",
    )
    return {"pk": person.pk, "row": row.pk}


def _relapse(side: Side, person: Person) -> dict[str, Any]:
    row, _ = Relapse.objects.get_or_create(person=person, onset_date=side.team.today)
    return {"pk": person.pk, "kind": "relapse", "row": row.pk}


PAGES: dict[str, Page] = {
    "home": Page(may=None),
    "pages:accessibility": Page(may=None, is_public=True),
    # By a feed's token, not by signing in: everybody else is answered 401.
    "feeds:messages": Page(may=None, is_public=True, data=lambda *_: {}, answers=frozenset({401})),
    "accounts:users": Page(may="team.manage"),
    "accounts:user": Page(
        may="team.manage", address=lambda side, _: {"pk": side.users[Role.NURSE].pk}
    ),
    "accounts:second_factor": Page(
        may="team.manage",
        address=lambda side, _: {"pk": side.users[Role.NURSE].pk},
        data=lambda *_: {},
    ),
    "accounts:withdraw": Page(
        may="team.manage",
        address=lambda side, _: {"pk": an_invitation(side)[0].pk},
        data=lambda *_: {},
    ),
    "accounts:feeds": Page(may="feeds.manage"),
    "accounts:revoke": Page(
        may="feeds.manage", address=lambda side, _: {"pk": a_token(side).pk}, data=lambda *_: {}
    ),
    "audit:changes": Page(may="audit.view"),
    "audit:reads": Page(may="audit.view"),
    "sharing:invited": Page(
        may=None, is_public=True, address=lambda side, _: {"secret": an_invitation(side)[1]}
    ),
    "sharing:person": Page(
        may="reads.view", of_person=True, address=lambda _, person: {"pk": person.pk}
    ),
    "sharing:end": Page(
        may="sharing.manage",
        of_person=True,
        address=lambda side, person: {"pk": person.pk, "sharing": a_sharing(side, person).pk},
        data=lambda *_: {},
    ),
    "clinic:worklist": Page(may="worklist.view"),
    "clinic:worklist_csv": Page(may="worklist.view"),
    "clinic:save_view": Page(may="worklist.view", data=lambda *_: {"name": "mine"}),
    "clinic:forget_view": Page(may="worklist.view", data=lambda *_: {"name": "mine"}),
    "clinic:item": Page(may="worklist.view", of_person=True, address=_item),
    "clinic:why": Page(may="worklist.view", of_person=True, address=_item),
    "clinic:acknowledge": _act(),
    "clinic:snooze": _act(),
    "clinic:wake": _act(),
    "clinic:escalate": _act(),
    "clinic:resolve": _act(),
    "clinic:reopen": _act(),
    "clinic:note": _act(),
    "clinic:owners": Page(may="owners.hand_over", of_person=True, address=_person),
    "clinic:answer": Page(
        may="owners.hand_over", of_person=True, address=_proposal, data=lambda *_: {}
    ),
    "clinic:duties": Page(may="duties.manage"),
    "clinic:end_duty": Page(may="duties.manage", address=_duty, data=lambda *_: {}),
    "clinic:laboratory": Page(may="duties.manage", address=_laboratory, data=lambda *_: {}),
    "chart:own": Page(may="chart.own"),
    "chart:own_calendar": Page(may="chart.own"),
    "chart:chart": Page(may="chart.view", of_person=True, address=_person),
    "chart:story": Page(may="chart.view", of_person=True, address=_person),
    "chart:retreatment": Page(may="chart.view", of_person=True, address=_person),
    "chart:result": Page(may="chart.view", of_person=True, address=_typed),
    "chart:enter": Page(
        may="chart.edit",
        of_person=True,
        address=lambda _, person: {"pk": person.pk, "kind": "relapse"},
    ),
    "chart:correct": Page(may="chart.edit", of_person=True, address=_relapse),
    "chart:withdraw": Page(may="chart.edit", of_person=True, address=_relapse, data=lambda *_: {}),
    "accounts:switch_team": Page(may=None, data=lambda side, _: {"team": side.team.pk}),
}
