"""The worklist as its page shows it: who is on it, in what order, and why.

Whoever asks gives the people they may see. Everything is read in a few queries, however long the
list: the order comes from one column scan, and only one page's rows are read whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from afterdose.monitoring import Protocol, Urgency
from afterdose.monitoring import Standing as Place
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.effects import LONGEST_SNOOZE, NOTHING_DONE, Effect, by_item, effect_of
from afterdose.web.clinic.in_force import protocols_in_force
from afterdose.web.clinic.models import URGENCIES, Item, Standing, Step, StepKind
from afterdose.web.clinic.sparkline import Sparkline, sparkline_of
from afterdose.web.clinic.unowned import unowned_checks
from afterdose.web.record.models import Person

_REASONS = ("because", "also", "overrides")
"""What only *why is this here?* reads."""
PAGE_LENGTH = 100
SILENT_AFTER = timedelta(days=90)
"""Policy: who is on the list and has had no result for longer counts as silent."""

_ACT_TODAY, _OVERDUE = URGENCIES.index(Urgency.ACT_TODAY), URGENCIES.index(Urgency.OVERDUE)
_LAST = len(URGENCIES)
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
class Shown:
    """An item, and what was done about it."""

    item: Item
    effect: Effect = NOTHING_DONE

    @property
    def is_quiet(self) -> bool:
        """Whether a snooze or an outcome keeps it off the list."""
        return self.effect.quiet is not None


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
    def counts(self) -> dict[str, int]:
        """How many people each narrowing would show, whatever else is asked for."""
        return {show: len(self._members(show)) for show in SHOWN}

    @cached_property
    def ordered(self) -> list[int]:
        """The people who are shown, most dangerous first."""
        members = self._members(self.filters.show)
        if self.filters.narrows_items:
            members = members & self._with_items()
        if self.filters.search:
            members = members & self._found()
        return sorted(members, key=self._rank)

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
            unowned=self._unowned.get(standing.person_id, []),
            spark=sparkline_of(standing.spark),
        )

    # Who is on the list, as sets of people.

    @cached_property
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

    @cached_property
    def _touched(self) -> dict[int, list[Shown]]:
        """The items of everybody about whom something was done lately."""
        since = self.today - LONGEST_SNOOZE - timedelta(days=2)
        steps = self._mine(Step.objects.filter(team=self.team, at__date__gte=since))
        done = by_item(steps.exclude(kind=StepKind.NOTED).order_by("at", "pk"))
        people = {person for person, _ in done}
        found: dict[int, list[Shown]] = {}
        items = Item.objects.filter(person__in=people).order_by("position")
        for item in items.defer(*_REASONS, "what", "why", "then"):
            steps_of = done.get((item.person_id, item.key), ())
            shown = Shown(item, effect_of(item, steps_of, today=self.today))
            found.setdefault(item.person_id, []).append(shown)
        return found

    @cached_property
    def _quiet(self) -> set[int]:
        """Those of whom everything is quiet."""
        return {
            person
            for person, items in self._touched.items()
            if person in self._standings and all(one.is_quiet for one in items)
        }

    @cached_property
    def _listed(self) -> set[int]:
        return set(self._standings) - self._quiet

    @cached_property
    def _unowned(self) -> dict[int, list[str]]:
        return unowned_checks(self.team, self.protocols, people=self.people)

    def _members(self, show: str) -> set[int]:
        match show:
            case "act-today":
                return {one for one in self._listed if self._rank(one)[0] == _ACT_TODAY}
            case "overdue":
                return self._live_with(Q(urgency=_OVERDUE), lambda item: item.urgency == _OVERDUE)
            case "waiting":
                asked = self._live_with(
                    Q(owner_state="proposed"), lambda item: item.owner_state == "proposed"
                )
                in_hand = {
                    person
                    for person, items in self._touched.items()
                    if any(one.effect.acknowledged and not one.is_quiet for one in items)
                }
                return (asked | in_hand) & self._listed
            case "silent":
                limit = self.today - SILENT_AFTER
                last = {one: self._standings[one][5] for one in self._listed}
                return {one for one, day in last.items() if day is None or day < limit}
            case "unowned":
                return set(self._unowned)
            case "quiet":
                return self._quiet
            case _:
                return self._listed | (set(self._unowned) - self._quiet)

    def _live_with(self, asked: Q, is_so: "object") -> set[int]:
        """Those with an item that is so and not quiet."""
        items = self._mine(Item.objects.filter(asked, team=self.team))
        found = set(items.values_list("person", flat=True))
        for person, shown in self._touched.items():
            if person in found and not any(is_so(one.item) for one in shown if not one.is_quiet):
                found.discard(person)
        return found & self._listed

    def _rank(self, person: int) -> tuple[object, ...]:
        """Sorts people by the most dangerous of what is not quiet."""
        if person not in self._standings:
            return (_LAST, 0, 1.0, 0, "", person)
        urgency, band, nearness, waiting, name, _ = self._standings[person]
        items = self._touched.get(person, [])
        if items and items[0].is_quiet:
            live = next((one.item for one in items if not one.is_quiet), None)
            if live is None:
                return (_LAST, 0, 1.0, 0, name, person)
            urgency, band, nearness, waiting = live.urgency, 0, 1.0, -live.days
        return (urgency, band, nearness, waiting, name, person)

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

    def _mine(self, rows: "QuerySet") -> "QuerySet":
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
