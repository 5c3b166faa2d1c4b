"""The log as its page shows it: by team, newest first, filtered."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.timezone import make_aware

from afterdose.web.accounts.models import Team, User
from afterdose.web.audit.models import Change, Read
from afterdose.web.record.models import Person


@dataclass(frozen=True)
class Asked:
    """What somebody looks for in the log; empty: everything of the team."""

    person: Person | None = None
    user: User | None = None
    table: str = ""
    since: date | None = None
    until: date | None = None


def changes_of(team: Team, asked: Asked) -> QuerySet[Change]:
    """Lines of the log of changes, newest first."""
    # A user is of no team: theirs are the changes of those who are in it.
    members = [str(pk) for pk in team.memberships.values_list("user", flat=True)]
    of_users = Q(table=User._meta.db_table, row__in=members)
    found = _between(Change.objects.filter(Q(team_id=team.pk) | of_users), asked)
    if asked.user:
        found = found.filter(actor=f"user:{asked.user.pk}")
    if asked.table:
        found = found.filter(table=asked.table)
    return found


def reads_of(team: Team, asked: Asked) -> QuerySet[Read]:
    """Lines of the log of reads, newest first."""
    found = _between(Read.objects.filter(team_id=team.pk), asked)
    return found.filter(user_id=asked.user.pk) if asked.user else found


def _between(found: QuerySet[Any], asked: Asked) -> QuerySet[Any]:
    if asked.person:
        found = found.filter(person_id=asked.person.pk)
    if asked.since:
        found = found.filter(at__gte=make_aware(datetime.combine(asked.since, time.min)))
    if asked.until:
        found = found.filter(at__lte=make_aware(datetime.combine(asked.until, time.max)))
    return found.order_by("-pk")


@dataclass(frozen=True)
class Line:
    """A change as it is shown.

    Attributes
    ----------
    change : Change
    who : str
        On whose behalf.
    what : str
        ``labs 12, changed``.
    differences : tuple of (str, str, str)
        Column, as it was, as it became; empty where values are not shown to the reader.
    """

    change: Change
    who: str
    what: str
    differences: tuple[tuple[str, str, str], ...]


def lines(changes: list[Change], *, with_values: bool) -> list[Line]:
    """Changes with names, and with values: of a person's rows for those who may see them."""
    actors = [change.actor.partition(":") for change in changes]
    names = names_of(int(name) for kind, _, name in actors if kind == "user")
    return [
        Line(
            change=change,
            who=_who(change.actor, names),
            what=_what(change),
            differences=_differences(change) if with_values or not change.person_id else (),
        )
        for change in changes
    ]


def _who(actor: str, names: dict[int, str]) -> str:
    kind, _, name = actor.partition(":")
    if kind == "user":
        return names[int(name)]
    if not kind:
        return "nobody said: written outside the clinic"
    return f"{kind} {name}"


def _what(change: Change) -> str:
    rows = f"{change.rows} rows ({change.row})" if change.rows > 1 else f"row {change.row}"
    return f"{table_in_words(change.table)}, {rows}: {change.get_operation_display()}"


def table_in_words(table: str) -> str:
    """``record_lab`` as ``lab``, ``clinic_step`` as ``step``."""
    return table.partition("_")[2].replace("_", " ") or table


def _differences(change: Change) -> tuple[tuple[str, str, str], ...]:
    old, new = json.loads(change.old or "{}"), json.loads(change.new or "{}")
    return tuple(
        (column, _said(old.get(column)), _said(new.get(column)) if new else "")
        for column in old
        if not new or old.get(column) != new.get(column)
        if column != "id" and not (not new and old.get(column) is None)
    )


def _said(value: Any) -> str:
    return "nothing" if value is None else str(value)


@dataclass(frozen=True)
class Look:
    """Somebody looked at a person or a list: who, and at which page, in plain words."""

    read: Read
    who: str
    page: str


def looks(reads: Iterable[Read]) -> list[Look]:
    """Lines of the log of reads, with names."""
    reads = list(reads)
    names = names_of(read.user_id for read in reads)
    return [Look(read, names[read.user_id], page_in_words(read.page)) for read in reads]


def names_of(users: Iterable[int]) -> dict[int, str]:
    """The names of users by key; of one who is gone, what is left."""
    wanted = set(users)
    known = {user.pk: str(user) for user in User.objects.filter(pk__in=wanted)}
    return {pk: known.get(pk, f"user {pk}, no longer known") for pk in wanted}


_PAGES = {
    "audit:changes": "log of changes",
    "audit:reads": "log of who looked",
    "clinic:worklist": "worklist",
    "clinic:worklist_csv": "worklist, taken away as CSV",
    "clinic:item": "an item of the worklist",
    "clinic:why": "why an item stands on the worklist",
    "clinic:owners": "who owns which check",
    "sharing:person": "who may see, who looked",
    "sharing:end": "ending a sharing",
}


def page_in_words(name: str) -> str:
    """A page as a reader says it; of one without words of its own, its name.

    Examples
    --------
    >>> page_in_words("sharing:person")
    'who may see, who looked'
    >>> page_in_words("chart:known_on")
    'chart, known on'
    """
    return _PAGES.get(name) or name.replace(":", ", ").replace("_", " ").replace("-", " ")
