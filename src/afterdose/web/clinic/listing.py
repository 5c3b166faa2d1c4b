"""The worklist as its page shows it: who is on it, in what order, and why.

Whoever asks gives the people they may see. Who they are and their order comes from
`afterdose.web.clinic.board`; only one page's rows are read whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from afterdose.monitoring import Protocol
from afterdose.monitoring import Standing as Place
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.board import SHOWN, Board, Shown, board_of
from afterdose.web.clinic.effects import by_item, effect_of
from afterdose.web.clinic.in_force import protocols_in_force
from afterdose.web.clinic.models import Item, Standing, Step
from afterdose.web.clinic.sparkline import Sparkline, sparkline_of
from afterdose.web.record.models import Person

_REASONS = ("because", "also", "overrides")
"""What only *why is this here?* reads."""
PAGE_LENGTH = 50


@dataclass(frozen=True)
class Filters:
    """What somebody asked the list to show.

    Attributes
    ----------
    show : str
        A key of `SHOWN`.
    drug, owner, check : str
        Empty: any. ``owner`` is a name of the record, such as ``gp``.
    search : str
        Part of a name or identifier.
    """

    show: str = "all"
    drug: str = ""
    owner: str = ""
    check: str = ""
    search: str = ""

    @classmethod
    def of(cls, sent: dict[str, str]) -> "Filters":
        """From an address; what is not known there is left out."""
        show = sent.get("show", "all")
        named = {name: sent.get(name, "").strip()[:100] for name in ("drug", "owner", "check")}
        search = sent.get("search", "").strip()[:100]
        return cls(show if show in SHOWN else "all", **named, search=search)

    @property
    def query(self) -> str:
        """As part of an address, without what is empty."""
        parts = {name: getattr(self, name) for name in ("drug", "owner", "check", "search")}
        if self.show != "all":
            parts = {"show": self.show, **parts}
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def narrows_items(self) -> bool:
        """Whether it asks for items of a kind."""
        return bool(self.drug or self.owner or self.check)


@dataclass(frozen=True)
class Row:
    """One person on the list.

    Attributes
    ----------
    standing : Standing
    head : Shown or None
        The most dangerous item that is not quiet; None: only a check nobody owns, or all is quiet.
    others : list of Shown
        Further items that are not quiet.
    quiet : list of Shown
    unowned : list of str
        The titles of the checks that nobody has accepted.
    spark : Sparkline or None
    """

    standing: Standing
    head: Shown | None
    others: list[Shown]
    quiet: list[Shown]
    unowned: list[str]
    spark: Sparkline | None

    @property
    def person(self) -> Person:
        return self.standing.person

    @property
    def items(self) -> list[Shown]:
        """All of them, those that are not quiet first."""
        return [one for one in (self.head, *self.others, *self.quiet) if one is not None]

    @property
    def main(self) -> Shown | None:
        """What the row is about: the head, else what is quiet."""
        return self.head or (self.quiet[0] if self.quiet else None)


@dataclass
class Worklist:
    """Everybody on a team's list, counted, ordered, and one page of them.

    Attributes
    ----------
    team : Team
    people : QuerySet of Person or None
        Those one may see; None: the whole team's.
    filters : Filters
    """

    team: Team
    people: "QuerySet[Person] | None" = None
    filters: Filters = field(default_factory=Filters)

    @cached_property
    def today(self) -> date:
        return self.team.today

    @cached_property
    def protocols(self) -> tuple[Protocol, ...]:
        return protocols_in_force(self.team)

    @cached_property
    def board(self) -> Board:
        return board_of(self.team, self.protocols, people=self.people)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many people each narrowing would show, whatever else is asked for."""
        return {show: len(self.board.members[show]) for show in SHOWN}

    @cached_property
    def ordered(self) -> list[int]:
        """The people who are shown, most dangerous first."""
        members = self.board.members[self.filters.show]
        if self.filters.narrows_items:
            members = members & self._with_items()
        if self.filters.search:
            members = members & self._found()
        return sorted(members, key=self.board.rank.__getitem__)

    def page(self, number: str | int | None) -> Page:
        """One page of rows; ``all`` is everybody at once, for paper."""
        length = max(len(self.ordered), 1) if number == "all" else PAGE_LENGTH
        page = Paginator(self.ordered, length).get_page(1 if number == "all" else number)
        page.object_list = self.rows(list(page.object_list))
        return page

    def rows(self, people: Sequence[int]) -> list[Row]:
        """Those people's rows, in that order."""
        standings = (
            Standing.objects.filter(team=self.team, person__in=people)
            .select_related("person", "person__contact")
            .in_bulk(field_name="person_id")
        )
        items: dict[int, list[Item]] = {}
        found = Item.objects.filter(team=self.team, person__in=people).order_by("position")
        for item in found.defer(*_REASONS):
            items.setdefault(item.person_id, []).append(item)
        done = by_item(
            Step.objects.filter(team=self.team, person__in=people)
            .select_related("by", "to")
            .order_by("at", "pk")
        )
        return [
            self._row(standings[person], items.get(person, []), done)
            for person in people
            if person in standings
        ]

    def _row(
        self,
        standing: Standing,
        items: Iterable[Item],
        done: dict[tuple[int, str], list[Step]],
    ) -> Row:
        shown = [
            Shown(item, effect_of(item, done.get((item.person_id, item.key), ()), today=self.today))
            for item in items
        ]
        live = [one for one in shown if not one.is_quiet]
        return Row(
            standing=standing,
            head=live[0] if live else None,
            others=live[1:],
            quiet=[one for one in shown if one.is_quiet],
            unowned=self.board.unowned.get(standing.person_id, []),
            spark=sparkline_of(standing.spark),
        )

    def _with_items(self) -> set[int]:
        asked = {
            name: value
            for name, value in (("drug", self.filters.drug), ("owner", self.filters.owner))
            if value
        }
        items = self._mine(Item.objects.filter(team=self.team, **asked))
        if self.filters.check:
            items = items.filter(rule__in=self._rules_of(self.filters.check))
        return set(items.values_list("person", flat=True))

    def _rules_of(self, check: str) -> set[str]:
        """A check, and the alerts that belong to it."""
        alerts = {
            alert.id
            for protocol in self.protocols
            for alert in protocol.alerts
            if alert.check == check
        }
        return {check} | alerts

    def _found(self) -> set[int]:
        people = Person.objects.filter(team=self.team) if self.people is None else self.people
        named = Q()
        for word in self.filters.search.split():
            named &= Q(contact__given_name__icontains=word) | Q(
                contact__family_name__icontains=word
            )
        asked = named | Q(person_id__icontains=self.filters.search)
        return set(people.filter(asked).values_list("pk", flat=True))

    def _mine(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows if self.people is None else rows.filter(person__in=self.people)

    # What the filters offer.

    @cached_property
    def drugs(self) -> list[str]:
        return sorted({drug for protocol in self.protocols for drug in protocol.drugs})

    @cached_property
    def checks(self) -> list[tuple[str, str]]:
        """Id and title of every check of the protocols in force."""
        found = {check.id: check.title for one in self.protocols for check in one.checks}
        return sorted(found.items(), key=lambda pair: pair[1])

    @cached_property
    def owners(self) -> list[str]:
        items = self._mine(Item.objects.filter(team=self.team))
        return sorted(set(items.values_list("owner", flat=True).order_by().distinct()))

    @cached_property
    def is_stale(self) -> bool:
        """Whether what is shown was made on an earlier morning."""
        rows = Standing.objects.filter(team=self.team)
        return rows.exclude(as_of=self.today).exists()

    @cached_property
    def nobody_followed(self) -> bool:
        """Whether there is nobody yet in whose record anything could be due."""
        return not Standing.objects.filter(team=self.team).exists()

    def elsewhere(self) -> list[tuple[str, int]]:
        """How many stand where, of those who are not on the list."""
        rows = self._mine(Standing.objects.filter(team=self.team, urgency__isnull=True))
        found: dict[str, int] = {}
        for place in rows.values_list("standing", flat=True):
            found[place] = found.get(place, 0) + 1
        return [(str(place), found[str(place)]) for place in Place if str(place) in found]
