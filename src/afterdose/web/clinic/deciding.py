"""What people decide about what arrived: whose rows these are, and what was done about a row that
could not be read. Each is one transaction, with everybody's state made anew.
"""

from datetime import datetime

from django.db import transaction

from afterdose.record.errors import UsageError
from afterdose.web.accounts.models import Team, User
from afterdose.web.clinic.state import recompute_people
from afterdose.web.record.models import Arrival, Identity, Person, SetAside, Unmatched
from afterdose.web.record.taking import take_again


def join(team: Team, assigner: str, value: str, person: Person, *, by: User) -> list[Arrival]:
    """From now on an identifier means a person: the rows that waited for it become theirs.

    Returns
    -------
    list of Arrival
        What was read again; ``receipt["read_again"]`` of each says what it gave.

    Raises
    ------
    UsageError
        The person is another team's, or the identifier means somebody already.
    """
    if person.team_id != team.pk:
        raise UsageError(
            "This person is not in this team. Permitted: one of its people. Choose another."
        )
    with transaction.atomic():
        meant = Identity.objects.filter(team=team, assigner=assigner, value=value).first()
        if meant is not None:
            raise UsageError(
                "This identifier means somebody already. Permitted: one that means nobody. Nothing "
                "was changed; open the person it means to see whose it is."
            )
        Identity.objects.create(team=team, assigner=assigner, value=value, person=person)
        waiting = Unmatched.objects.filter(
            team=team, assigner=assigner, value=value, decided_at=None
        )
        arrivals = {one.arrival.sha256: one.arrival for one in waiting.select_related("arrival")}
        waiting.update(
            decided_by=by, decided_at=_moment(team), decision=f"joined to {person.person_id}"
        )
        taken = take_again(team, list(arrivals.values()), by=by)
        recompute_people([*taken.people, person])
    return taken.arrivals


def take_in(team: Team, assigner: str, value: str, person_id: str, *, by: User) -> Person:
    """Take somebody new in under a number of the team's own, and `join` the identifier to them.

    Raises
    ------
    UsageError
        The number is empty, or somebody has it already.
    """
    person_id = person_id.strip()
    if not person_id or team.people.filter(person_id=person_id).exists():
        state = "somebody's already" if person_id else "empty"
        raise UsageError(
            f"The number for the new person is {state}. Permitted: one that nobody in this team "
            "has. Choose another, or join the rows to that person."
        )
    with transaction.atomic():
        person = Person.objects.create(team=team, person_id=person_id)
        join(team, assigner, value, person, by=by)
    return person


def dismiss(team: Team, assigner: str, value: str, *, by: User, why: str) -> int:
    """The rows that wait for an identifier are nobody's here; how many lines that settles.

    They stay set aside. More rows of the same identifier wait anew.

    Raises
    ------
    UsageError
        No reason is given.
    """
    _demand(why)
    waiting = Unmatched.objects.filter(team=team, assigner=assigner, value=value, decided_at=None)
    return waiting.update(
        decided_by=by, decided_at=_moment(team), decision=f"nobody's here: {why.strip()}"[:200]
    )


def settle(row: SetAside, *, by: User, why: str) -> None:
    """Somebody looked at a row set aside: nothing more is asked of it.

    Raises
    ------
    UsageError
        It is not said what was found.
    """
    _demand(why)
    row.settled_by, row.settled_name = by, str(by)
    row.settled_on, row.settled_why = row.team.today, why.strip()
    _save(row)


def reopen(row: SetAside) -> None:
    """A row set aside asks for something again."""
    row.settled_by, row.settled_name, row.settled_on, row.settled_why = None, "", None, ""
    _save(row)


def _save(row: SetAside) -> None:
    with transaction.atomic():
        row.save()
        if row.person is not None:
            recompute_people([row.person])


def _demand(why: str) -> None:
    if not why.strip():
        raise UsageError("The reason is empty. Permitted: a few words. Write what you found.")


def _moment(team: Team) -> datetime:
    return team.now()
