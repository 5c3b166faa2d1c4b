"""Who stands on a team's list and in what order, as sets of people: what the strip counts.

It is made in one pass over a few columns and kept for a second at most, and no longer than nothing
it rests on has changed: the state of anybody, a step, a word on an owner, a protocol, the day. The
second bounds what two who write at once can hide from that mark: the later to commit may bear the
earlier time.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from threading import Lock
from time import monotonic
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet
from django.utils.timezone import make_aware

from afterdose.monitoring import Protocol, Urgency
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.effects import LONGEST_SNOOZE, NOTHING_DONE, Effect, by_item, effect_of
from afterdose.web.clinic.models import URGENCIES, Item, Standing, Step, StepKind
from afterdose.web.clinic.unowned import unowned_checks
from afterdose.web.record.models import Owner, Person

SILENT_AFTER = timedelta(days=90)
"""Policy: who is on the list and has had no result for longer counts as silent."""
SHOWN = {
    "all": "Everybody",
    "act-today": "Act today",
    "overdue": "Overdue",
    "waiting": "Waiting on someone",
    "silent": "Data silent",
    "unowned": "Nobody accepted",
    "quiet": "Snoozed or settled",
}
"""What a list can be narrowed to."""

_ACT_TODAY, _OVERDUE = URGENCIES.index(Urgency.ACT_TODAY), URGENCIES.index(Urgency.OVERDUE)
_LAST = len(URGENCIES)
_KEPT_BOARDS = 16
_KEPT_SECONDS = 1.0


@dataclass(frozen=True)
class Shown:
    """An item, and what was done about it."""

    item: Item
    effect: Effect = NOTHING_DONE

    @property
    def is_quiet(self) -> bool:
        """Whether a snooze or an outcome keeps it off the list."""
        return self.effect.quiet is not None


@dataclass(frozen=True)
class Board:
    """Who is on the list. Shared by all who look at once: never changed.

    Attributes
    ----------
    members : mapping of str to frozenset of int
        By each key of `SHOWN`, the people.
    rank : mapping of int to tuple
        Sorts people, most dangerous first.
    unowned : mapping of int to list of str
        The titles of the checks that nobody has accepted.
    """

    members: Mapping[str, frozenset[int]]
    rank: Mapping[int, tuple[Any, ...]]
    unowned: Mapping[int, list[str]]


def board_of(
    team: Team, protocols: tuple[Protocol, ...], *, people: "QuerySet[Person] | None" = None
) -> Board:
    """The board of a team as it stands now.

    Parameters
    ----------
    team : Team
    protocols : tuple of Protocol
        Those in force.
    people : QuerySet of Person, optional
        Only those; None: everybody, for which the board is kept.
    """
    if people is not None:
        return _Making(team, protocols, people).board()
    mark, began = _mark(team), monotonic()
    with _LOCK:
        kept = _KEPT.get(team.pk)
    if kept is not None and kept.holds(mark, protocols, began):
        return kept.board
    board = _Making(team, protocols, None).board()
    with _LOCK:
        _KEPT[team.pk] = _Kept(mark, protocols, began, board)
        _KEPT.move_to_end(team.pk)
        while len(_KEPT) > _KEPT_BOARDS:
            _KEPT.popitem(last=False)
    return board


def forget_boards() -> None:
    """Make every board anew when it is asked for next."""
    with _LOCK:
        _KEPT.clear()


@dataclass(frozen=True)
class _Kept:
    mark: object
    protocols: tuple[Protocol, ...]
    began: float
    board: Board

    def holds(self, mark: object, protocols: tuple[Protocol, ...], at: float) -> bool:
        is_fresh = at - self.began <= _KEPT_SECONDS
        return is_fresh and self.mark == mark and self.protocols is protocols


_LOCK = Lock()
_KEPT: OrderedDict[int, _Kept] = OrderedDict()


def _mark(team: Team) -> object:
    """What changes whenever anything does that a board rests on."""
    return (
        str(connection.settings_dict["NAME"]),
        team.slug,
        team.today,
        *Standing.objects.filter(team=team).aggregate(Max("computed_at"), Count("pk")).values(),
        Step.objects.filter(team=team).aggregate(last=Max("pk"))["last"],
        Owner.objects.filter(person__team=team).aggregate(last=Max("pk"))["last"],
    )


class _Making:
    """One board in the making."""

    def __init__(
        self,
        team: Team,
        protocols: tuple[Protocol, ...],
        people: "QuerySet[Person] | None",
    ) -> None:
        self.team = team
        self.people = people
        self.today = team.today
        self.standings = self._standings()
        self.touched = self._touched()
        self.unowned = unowned_checks(team, protocols, people=people)
        self.quiet = {
            person
            for person, items in self.touched.items()
            if person in self.standings and all(one.is_quiet for one in items)
        }
        self.listed = set(self.standings) - self.quiet

    def board(self) -> Board:
        """It."""
        everybody = self.listed | (set(self.unowned) - self.quiet)
        rank = {one: self._rank(one) for one in everybody | self.quiet | set(self.unowned)}
        limit = self.today - SILENT_AFTER
        silent = {one for one in self.listed if (self.standings[one][5] or date.min) < limit}
        late, asked = self._late_and_asked()
        in_hand = {
            person
            for person, items in self.touched.items()
            if any(one.effect.acknowledged and not one.is_quiet for one in items)
        }
        members = {
            "all": everybody,
            "act-today": {one for one in self.listed if rank[one][0] == _ACT_TODAY},
            "overdue": late,
            "waiting": (asked | in_hand) & self.listed,
            "silent": silent,
            "unowned": set(self.unowned),
            "quiet": self.quiet,
        }
        return Board({name: frozenset(who) for name, who in members.items()}, rank, self.unowned)

    def _standings(self) -> dict[int, tuple[int, int, float, int, str, date | None]]:
        """Urgency, band, nearness, waiting, identifier and last specimen of everybody listed."""
        rows = self._mine(Standing.objects.filter(team=self.team, urgency__isnull=False))
        return {
            person: (urgency, band, nearness, -waiting, name, last)
            for person, urgency, band, nearness, waiting, name, last in rows.values_list(
                "person",
                "urgency",
                "band",
                "nearness",
                "waiting_days",
                "person__person_id",
                "last_specimen",
            )
        }

    def _touched(self) -> dict[int, list[Shown]]:
        """The items of everybody about whom something was done lately."""
        since = self.today - LONGEST_SNOOZE - timedelta(days=2)
        steps = Step.objects.filter(
            team=self.team, at__gte=make_aware(datetime.combine(since, time.min))
        )
        done = by_item(self._mine(steps.exclude(kind=StepKind.NOTED)).order_by("at", "pk"))
        people = {person for person, _ in done}
        found: dict[int, list[Shown]] = {}
        items = Item.objects.filter(person__in=people).order_by("position")
        for item in items.only(
            "person", "key", "urgency", "days", "owner_state", "newest_row", "position"
        ):
            steps_of = done.get((item.person_id, item.key), ())
            shown = Shown(item, effect_of(item, steps_of, today=self.today))
            found.setdefault(item.person_id, []).append(shown)
        return found

    def _late_and_asked(self) -> tuple[set[int], set[int]]:
        """Those with a test that is overdue; those with a handover nobody has answered."""
        is_late, is_asked = Q(urgency=_OVERDUE), Q(owner_state="proposed")
        rows = self._mine(Item.objects.filter(is_late | is_asked, team=self.team))
        late, asked = set(), set()
        for person, urgency, state in rows.values_list("person", "urgency", "owner_state"):
            if urgency == _OVERDUE:
                late.add(person)
            if state == "proposed":
                asked.add(person)
        return (
            self._live(late, lambda item: item.urgency == _OVERDUE),
            self._live(asked, lambda item: item.owner_state == "proposed"),
        )

    def _live(self, people: set[int], is_so: Callable[[Item], bool]) -> set[int]:
        """Those of the people in whom it is so of an item that is not quiet."""
        gone = {
            person
            for person, shown in self.touched.items()
            if not any(is_so(one.item) for one in shown if not one.is_quiet)
        }
        return (people - gone) & self.listed

    def _rank(self, person: int) -> tuple[Any, ...]:
        """Sorts people by the most dangerous of what is not quiet."""
        if person not in self.standings:
            return (_LAST, 0, 1.0, 0, "", person)
        urgency, band, nearness, waiting, name, _ = self.standings[person]
        items = self.touched.get(person, [])
        if items and items[0].is_quiet:
            live = next((one.item for one in items if not one.is_quiet), None)
            if live is not None:
                urgency, band, nearness, waiting = live.urgency, 0, 1.0, -live.days
        return (urgency, band, nearness, waiting, name, person)

    def _mine(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows if self.people is None else rows.filter(person__in=self.people)
