"""What people do about the list: each one transaction, kept as a step that is never changed.

Who may is asked before, by the view. The log of changes is kept by the database itself.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime, make_aware, now

from afterdose.record.errors import UsageError
from afterdose.web.accounts.models import Team, User
from afterdose.web.clinic.deputies import deputy_on
from afterdose.web.clinic.effects import LONGEST_SNOOZE
from afterdose.web.clinic.models import Item, SavedView, Step, StepKind
from afterdose.web.clinic.state import recompute
from afterdose.web.record.models import Owner, Person

OUTCOMES = {
    "repeat-normal": "Repeated, normal",
    "repeat-ordered": "Repeat ordered",
    "referred": "Referred to a specialist",
    "treated": "Treated",
    "explained": "Explained by another cause",
    "test-done": "Test done, result awaited",
    "declined": "The person declines the test",
    "moved": "Followed elsewhere now",
    "record-wrong": "The record was wrong",
    "other": "Something else",
}
"""How an item can be resolved."""


def acknowledge(item: Item, *, by: User, reason: str = "") -> Step:
    """Take an item in hand. Holds until a newer result comes or it becomes more urgent."""
    return _step(item, StepKind.ACKNOWLEDGED, by=by, reason=reason)


def snooze(item: Item, *, by: User, reason: str, until: date) -> Step:
    """Keep an item off the list for a stated reason until a day.

    Raises
    ------
    UsageError
        No reason is given, or the day is not within the next 90.
    """
    today = item.team.today
    latest = today + LONGEST_SNOOZE
    if not reason.strip():
        raise UsageError("The reason is empty. Permitted: a few words. Say why it can wait.")
    if not today <= until <= latest:
        raise UsageError(
            f"The last day is {until}. Permitted: {today} to {latest}. Choose a day between."
        )
    return _step(item, StepKind.SNOOZED, by=by, reason=reason, until=until)


def wake(item: Item, *, by: User, reason: str = "") -> Step:
    """End a snooze early."""
    return _step(item, StepKind.WOKEN, by=by, reason=reason)


def escalate(item: Item, *, by: User | None, to: User | None = None, reason: str = "") -> Step:
    """Pass an item to somebody else: to whoever is on duty today, unless told whom.

    Raises
    ------
    UsageError
        Nobody is named and nobody is on duty.
    """
    to = to or deputy_on(item.team, item.team.today)
    if to is None:
        raise UsageError(
            "Nobody is on duty today. Permitted: a deputy by name, or a duty for the day. "
            "Name somebody, or set who is on duty."
        )
    return _step(item, StepKind.ESCALATED, by=by, reason=reason, to=to)


def resolve(item: Item, *, by: User, outcome: str, reason: str = "") -> Step:
    """Say how an item was settled. While its rule holds it comes back after 28 days, or with a
    newer result.

    Raises
    ------
    UsageError
        The outcome is none of `OUTCOMES`; or it is ``other`` and no words say which.
    """
    if outcome not in OUTCOMES:
        raise UsageError(
            f"The outcome is '{outcome[:60]}'. Permitted: {', '.join(OUTCOMES)}. Choose one."
        )
    if outcome == "other" and not reason.strip():
        raise UsageError("The outcome is 'other' without words. Permitted: a few. Say which.")
    return _step(item, StepKind.RESOLVED, by=by, outcome=outcome, reason=reason)


def reopen(item: Item, *, by: User, reason: str = "") -> Step:
    """Put an item back on the list."""
    return _step(item, StepKind.REOPENED, by=by, reason=reason)


def note(item: Item, *, by: User, reason: str) -> Step:
    """Write something down beside an item.

    Raises
    ------
    UsageError
        Nothing is written.
    """
    if not reason.strip():
        raise UsageError("The note is empty. Permitted: a few words. Write what happened.")
    return _step(item, StepKind.NOTED, by=by, reason=reason)


def propose_owner(person: Person, check: str, owner: str, *, by: User, said: str = "") -> Owner:
    """Ask somebody to own a check; until they accept, the protocol's owner stands.

    Parameters
    ----------
    person : Person
    check : str
        Its id, or ``all``.
    owner : str
        ``ms_team``, ``gp``, ``person``, or a team's own name.
    by : User
    said : str
        How they were asked.
    """
    return _own(person, check, owner, "proposed", by=by, said=said)


def accept_owner(person: Person, proposal: Owner, *, by: User, said: str = "") -> Owner:
    """Take a check over, or write down that somebody has."""
    return _answer(person, proposal, "accepted", by=by, said=said)


def decline_owner(person: Person, proposal: Owner, *, by: User, said: str) -> Owner:
    """Hand a check back: it falls to the protocol's owner, and stands on the list without one.

    Raises
    ------
    UsageError
        No reason is given.
    """
    if not said.strip():
        raise UsageError("The reason is empty. Permitted: a few words. Say why it is declined.")
    return _answer(person, proposal, "declined", by=by, said=said)


def save_view(team: Team, name: str, query: str, *, by: User) -> SavedView:
    """Keep a set of filters under a name of one's own; an earlier one of that name is replaced."""
    view, _ = SavedView.objects.update_or_create(
        team=team, user=by, name=name.strip()[:60], defaults={"query": query[:500]}
    )
    return view


def moment_of(team: Team) -> datetime:
    """Now, on the day it is for the team."""
    if team.stands_on is None:
        return now()
    return make_aware(datetime.combine(team.stands_on, localtime().time()))


def _step(item: Item, kind: StepKind, *, by: User | None, **said: Any) -> Step:
    with transaction.atomic():
        # Two who act at once do so one after the other.
        Person.objects.select_for_update(of=("self",)).get(pk=item.person_id)
        return Step.objects.create(
            person_id=item.person_id,
            team=item.team,
            key=item.key,
            kind=kind,
            by=by,
            at=moment_of(item.team),
            rests_on=item.newest_row,
            urgency=item.urgency,
            **said,
        )


def _answer(person: Person, proposal: Owner, state: str, *, by: User, said: str) -> Owner:
    if proposal.person_id != person.pk or proposal.state != "proposed":
        raise UsageError(
            f"The word on '{proposal.check_id}' is '{proposal.state}'. Permitted: a proposal. "
            "Load the page again: somebody may have answered it."
        )
    with transaction.atomic():
        Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
        later = Owner.objects.filter(person=person, check_id=proposal.check_id, pk__gt=proposal.pk)
        if later.exists():
            raise UsageError(
                "The proposal was answered meanwhile. Permitted: one answer. Load the page again."
            )
        return _own(person, proposal.check_id, proposal.owner, state, by=by, said=said)


def _own(person: Person, check: str, owner: str, state: str, *, by: User, said: str) -> Owner:
    with transaction.atomic():
        row = Owner.objects.create(
            person=person,
            check_id=check,
            owner=owner,
            state=state,
            since=person.team.today,
            source=f"{by}, in the clinic{f': {said.strip()}' if said.strip() else ''}"[:1000],
        )
        recompute(person)
    return row
