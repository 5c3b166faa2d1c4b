"""Who is on the list, in what order, by which filters."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from afterdose.monitoring import Urgency
from afterdose.web.accounts.models import Role
from afterdose.web.clinic import actions, board
from afterdose.web.clinic.in_force import approval_of
from afterdose.web.clinic.listing import Filters, Worklist
from afterdose.web.clinic.models import URGENCIES, Item, Standing
from afterdose.web.record.models import Owner, Person, Treatment
from support.clinic import make_user
from support.clinic_examples import TODAY, make_person, make_standing, make_team

pytestmark = pytest.mark.django_db

ACT, SOON, OVERDUE, DUE = (
    URGENCIES.index(one)
    for one in (Urgency.ACT_TODAY, Urgency.ACT_SOON, Urgency.OVERDUE, Urgency.DUE)
)
BLOOD = {
    "rule": "blood-count",
    "what": "Blood count",
    "why": "last 2026-01-02",
    "then": "",
    "newest_row": "labs:9",
}


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def nurse(team):
    return make_user("nina", team=team, role=Role.NURSE)


def _shown(team, **asked) -> list[str]:
    listing = Worklist(team, filters=Filters(**asked))
    return [row.person.person_id for row in listing.page(1).object_list]


def _item(person: Person, rule: str = "") -> Item:
    items = Item.objects.filter(person=person)
    return items.get(rule=rule) if rule else items.get()


def test_most_dangerous_first(team) -> None:
    make_standing(make_person(team, 1), {"urgency": DUE, **BLOOD}, waiting_days=3)
    make_standing(make_person(team, 2), {"urgency": ACT}, nearness=0.9)
    make_standing(make_person(team, 3), {"urgency": ACT}, nearness=0.2)
    make_standing(make_person(team, 4), {"urgency": DUE, **BLOOD}, waiting_days=8)
    make_standing(make_person(team, 5))
    assert _shown(team) == ["P0003", "P0002", "P0004", "P0001"]


def test_other_teams_people_are_not_there(team) -> None:
    make_standing(make_person(team, 1), {})
    make_standing(make_person(make_team("south"), 2), {})
    assert _shown(team) == ["P0001"]
    assert Worklist(team).counts["all"] == 1


def test_only_those_one_may_see(team) -> None:
    mine, other = make_person(team, 1), make_person(team, 2)
    make_standing(mine, {"urgency": OVERDUE, **BLOOD})
    make_standing(other, {"urgency": ACT})
    listing = Worklist(team, Person.objects.filter(pk=mine.pk))
    assert listing.ordered == [mine.pk]
    assert listing.counts["act-today"] == 0
    assert listing.counts["overdue"] == 1


def test_a_snoozed_person_is_counted_apart_and_the_next_item_stands(team, nurse) -> None:
    alone, both = make_person(team, 1), make_person(team, 2)
    make_standing(alone, {"urgency": SOON})
    make_standing(both, {"urgency": ACT}, {"urgency": OVERDUE, **BLOOD})
    make_standing(make_person(team, 3), {"urgency": SOON})
    for person in (alone, both):
        item = Item.objects.get(person=person, position=0)
        actions.snooze(item, by=nurse, reason="Away.", until=TODAY + timedelta(days=2))
    listing = Worklist(team)
    assert [row.person.person_id for row in listing.page(1).object_list] == ["P0003", "P0002"]
    assert listing.counts["quiet"] == 1
    assert listing.counts["act-today"] == 0
    row = listing.rows([both.pk])[0]
    assert row.head.item.rule == "blood-count"
    assert [one.item.rule for one in row.quiet] == ["platelets-low"]
    assert _shown(team, show="quiet") == ["P0001"]


def test_a_newer_result_brings_a_snoozed_person_back(team, nurse) -> None:
    person = make_person(team, 1)
    make_standing(person, {"urgency": SOON})
    actions.snooze(_item(person), by=nurse, reason="Away.", until=TODAY + timedelta(days=2))
    assert _shown(team) == []
    Item.objects.filter(person=person).update(newest_row="labs:2")
    Standing.objects.filter(person=person).update(computed_at=now())
    assert _shown(team) == ["P0001"]


def test_the_strip(team, nurse) -> None:
    make_standing(make_person(team, 1), {"urgency": ACT})
    make_standing(make_person(team, 2), {"urgency": OVERDUE, **BLOOD}, last_specimen=None)
    asked = make_person(team, 3)
    make_standing(asked, {"urgency": DUE, **BLOOD, "owner": "gp", "owner_state": "proposed"})
    actions.acknowledge(_item(Person.objects.get(person_id="P0001")), by=nurse)
    counts = Worklist(team).counts
    assert (counts["act-today"], counts["overdue"]) == (1, 1)
    assert counts["waiting"] == 2
    assert counts["silent"] == 1
    assert _shown(team, show="silent") == ["P0002"]
    assert _shown(team, show="waiting") == ["P0001", "P0003"]


def test_silent_is_ninety_days_without_any_result(team) -> None:
    for number, days in ((1, 90), (2, 91)):
        last = TODAY - timedelta(days=days)
        make_standing(make_person(team, number), {"urgency": DUE, **BLOOD}, last_specimen=last)
    assert _shown(team, show="silent") == ["P0002"]


def test_filters(team) -> None:
    approval_of(team, "alemtuzumab-eu", by=None, clinician="Dr Example").save()
    low = {"urgency": ACT, "rule": "platelets-below-50"}
    make_standing(make_person(team, 1), low)
    gp = {"urgency": DUE, **BLOOD, "owner": "gp"}
    make_standing(make_person(team, 2), gp)
    make_standing(make_person(team, 3), {"urgency": DUE, **BLOOD, "drug": "natalizumab"})
    assert _shown(team, drug="natalizumab") == ["P0003"]
    assert _shown(team, owner="gp") == ["P0002"]
    # An alert belongs to the check whose owner has to act on it.
    assert _shown(team, check="blood-count") == ["P0001", "P0002", "P0003"]
    assert _shown(team, search="person 0002") == ["P0002"]
    assert _shown(team, search="P0003") == ["P0003"]
    assert _shown(team, search="nobody at all") == []


def test_filters_of_an_address() -> None:
    filters = Filters.of({"show": "no such", "drug": " natalizumab ", "x": "1"})
    assert filters == Filters(drug="natalizumab")
    assert Filters.of({"show": "overdue", "owner": "gp"}).query == "show=overdue&owner=gp"
    assert Filters().query == ""


def test_pages_and_the_whole_list(team) -> None:
    for number in range(1, 55):
        make_standing(make_person(team, number), {"urgency": DUE, **BLOOD})
    listing = Worklist(team)
    assert len(listing.page(1).object_list) == 50
    assert len(listing.page(2).object_list) == 4
    assert len(listing.page("all").object_list) == 54


def test_a_board_is_kept_while_nothing_changes_and_no_longer(
    team, nurse, django_assert_max_num_queries
) -> None:
    person = make_person(team, 1)
    make_standing(person, {"urgency": ACT})
    first = Worklist(team).board
    with django_assert_max_num_queries(8):
        assert Worklist(team).board is first
    actions.acknowledge(_item(person), by=nurse)
    assert Worklist(team).counts["waiting"] == 1
    make_standing(make_person(team, 2), {"urgency": ACT})
    assert Worklist(team).counts["act-today"] == 2
    team.stands_on += timedelta(days=91)
    assert Worklist(team).counts["silent"] == 2


def test_a_board_is_kept_for_a_second(team, monkeypatch) -> None:
    make_standing(make_person(team, 1), {"urgency": ACT})
    first = Worklist(team).board
    later = board.monotonic() + 1.5
    monkeypatch.setattr(board, "monotonic", lambda: later)
    assert Worklist(team).board is not first


def test_a_list_takes_a_handful_of_queries(team, nurse, django_assert_max_num_queries) -> None:
    for number in range(1, 40):
        make_standing(make_person(team, number), {"urgency": DUE, **BLOOD})
    actions.acknowledge(_item(Person.objects.get(person_id="P0001")), by=nurse)
    with django_assert_max_num_queries(24):
        listing = Worklist(team)
        assert listing.counts["all"] == 39
        listing.page(1)


class TestNobodyAccepted:
    """A check without an accepted owner is itself on the list."""

    @pytest.fixture
    def person(self, team) -> Person:
        approval_of(team, "alemtuzumab-eu", by=None, clinician="Dr Example").save()
        person = make_person(team, 1)
        Treatment.objects.create(
            person=person, drug="alemtuzumab", start_date=TODAY - timedelta(days=400)
        )
        make_standing(person)
        return person

    def _word(self, person: Person, check: str, state: str, days: int = 0) -> None:
        since = TODAY - timedelta(days=days)
        Owner.objects.create(person=person, check_id=check, owner="gp", state=state, since=since)

    def test_nothing_due_and_nobody_asked(self, team, person) -> None:
        listing = Worklist(team)
        (row,) = listing.page(1).object_list
        assert row.main is None
        assert "Blood count" in row.unowned
        assert listing.counts["unowned"] == 1

    def test_accepted_for_all(self, team, person) -> None:
        self._word(person, "all", "accepted")
        assert _shown(team) == []

    def test_accepted_for_one(self, team, person) -> None:
        self._word(person, "blood-count", "accepted")
        (row,) = Worklist(team).page(1).object_list
        assert "Blood count" not in row.unowned
        assert row.unowned

    def test_only_asked(self, team, person) -> None:
        self._word(person, "all", "proposed")
        assert _shown(team) == ["P0001"]

    def test_declined_after_accepted(self, team, person) -> None:
        self._word(person, "all", "accepted", days=9)
        self._word(person, "all", "declined")
        assert _shown(team) == ["P0001"]

    def test_they_stand_after_those_with_something_due(self, team, person) -> None:
        make_standing(make_person(team, 2), {"urgency": DUE, **BLOOD})
        assert _shown(team) == ["P0002", "P0001"]
