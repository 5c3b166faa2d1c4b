"""One result by way of two laboratories changes no answer: not an alert, not a check, not a day."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterdose.monitoring import evaluate_alerts, evaluate_checks, follow_person, load_protocol
from afterdose.monitoring.copies import counted_once, links_of
from afterdose.record.history import History
from afterdose.record.tables import Lab, Person, Treatment
from support.agreement import worklists_agree
from support.examples import examples

PROTOCOL = load_protocol("alemtuzumab-eu")
COURSE = Treatment("p1", "alemtuzumab", date(2023, 3, 6), 1, date(2023, 3, 10))
DAY = date(2024, 3, 4)
MORNINGS = [DAY + timedelta(days=number) for number in range(60)]


def lab(value: float = 84.0, *, day: date = DAY, late: int = 1, **changes: Any) -> Lab:
    """A platelet count of the hospital's laboratory, with its range, received a day later."""
    return Lab(
        "p1", day, day + timedelta(days=late), "platelets", value, unit="10*9/L", ref_low=150.0,
        ref_high=400.0, provider="hospital", accession="h1", specimen_time="08:30:00",
    )._replace(**changes)  # fmt: skip


def copy_of(row: Lab, **changes: Any) -> Lab:
    """The same by way of the GP: three minutes and nine days later, without a range."""
    return row._replace(
        received_date=row.received_date + timedelta(days=9), provider="gp", accession="g1",
        specimen_time="08:33:00", ref_low=None, ref_high=None,
    )._replace(**changes)  # fmt: skip


def history(*labs: Lab) -> History:
    return History(Person("p1", sex="male"), treatments=(COURSE,), labs=labs)


def answers(person: History, as_of: date) -> object:
    found = follow_person(person, [PROTOCOL], as_of=as_of)
    alerts = evaluate_alerts(person, PROTOCOL, as_of=as_of)
    return found, alerts, evaluate_checks(person, PROTOCOL, as_of=as_of)


@pytest.mark.parametrize("before", [(), (lab(210.0, day=date(2024, 2, 4), accession="h0"),)])
def test_a_copy_changes_no_answer_on_any_morning(before: tuple[Lab, ...]) -> None:
    """It confirms nothing, is no repeat of itself, and no value from which a fall is measured."""
    alone = history(*before, lab())
    both = history(*before, lab(), copy_of(lab()))
    for as_of in MORNINGS:
        assert answers(both, as_of) == answers(alone, as_of)
    worklists_agree([both], [PROTOCOL], MORNINGS[20])


def test_without_the_link_it_would() -> None:
    """Counted twice it looks confirmed: the tests above could fail."""
    again = lab(day=DAY + timedelta(days=9), accession="h2", specimen_time="08:33:00")
    assert answers(history(lab(), again), MORNINGS[20]) != answers(history(lab()), MORNINGS[20])


def test_which_of_the_two_came_first_counts() -> None:
    late = lab(late=12)
    early = copy_of(lab(), received_date=DAY)
    (link,) = links_of([late, early])
    assert (link.counted.provider, link.copy.provider) == ("gp", "hospital")


def test_a_result_without_a_range_is_judged_by_its_copy_s() -> None:
    (counted,) = counted_once([copy_of(lab(), received_date=DAY), lab()])
    assert (counted.provider, counted.received_date) == ("gp", DAY)
    assert (counted.ref_low, counted.ref_high) == (150.0, 400.0)


def test_a_laboratory_s_own_range_stays() -> None:
    (counted,) = counted_once([lab(), copy_of(lab(), ref_low=100.0)])
    assert counted == lab()


@pytest.mark.parametrize(
    "changes",
    [
        {"provider": "hospital"},
        {"provider": None},
        {"specimen_time": "08:35:01"},
        {"specimen_time": None},
        {"value": 85.0},
        {"comparator": "<"},
        {"analyte": "leukocytes"},
        {"specimen_date": DAY + timedelta(days=1)},
    ],
)
def test_what_is_not_alike_is_not_linked(changes: dict[str, Any]) -> None:
    assert links_of([lab(), copy_of(lab(), **changes)]) == []


def test_five_minutes_across_midnight_are_five_minutes() -> None:
    late = lab(specimen_time="23:58:00")
    next_day = copy_of(late, specimen_date=DAY + timedelta(days=1), specimen_time="00:03:00")
    assert len(links_of([late, next_day])) == 1


def test_three_laboratories_in_a_row() -> None:
    """The third is too far from the first to be its copy, and stands beside it."""
    second = copy_of(lab())
    third = copy_of(lab(), provider="third", specimen_time="08:37:00", accession="t1")
    assert [one.provider for one in counted_once([lab(), second, third])] == ["hospital", "third"]


def test_a_corrected_result_no_longer_hides_its_copy() -> None:
    """The hospital corrects 84 to 184. The GP's 84 may be a result of its own, and stands."""
    corrected = lab(184.0, late=20, status="corrected")
    person = history(lab(), copy_of(lab()), corrected)
    before, after = DAY + timedelta(days=15), DAY + timedelta(days=21)
    assert answers(person, before) == answers(history(lab()), before)
    # Both rows stand and contradict each other: the low one is not lost.
    alerts = {one.alert_id: one for one in evaluate_alerts(person, PROTOCOL, as_of=after)}
    assert alerts["platelets-below-100"].open_episode is not None
    worklists_agree([person], [PROTOCOL], after)


@given(st.integers(0, 8), st.integers(0, 20), st.sampled_from([40.0, 84.0, 99.0, 160.0]))
@examples(40)
def test_drawn_copies_change_nothing(minutes: int, late: int, value: float) -> None:
    row = lab(value)
    time = f"08:{30 + min(minutes, 5):02d}:00"
    copy = copy_of(row, specimen_time=time, received_date=row.received_date + timedelta(days=late))
    before = lab(210.0, day=date(2024, 2, 4), accession="h0")
    after = lab(value, day=date(2024, 4, 2), accession="h3")
    for as_of in (MORNINGS[3], MORNINGS[25], MORNINGS[40]):
        alone = history(before, row, after)
        assert answers(replace(alone, labs=(*alone.labs, copy)), as_of) == answers(alone, as_of)
