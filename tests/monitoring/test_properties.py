"""What must hold for every history, drawn at random."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterdose.monitoring import (
    Protocol,
    evaluate_alerts,
    evaluate_checks,
    evaluate_coverage,
    follow_person,
)
from afterdose.monitoring.alerts import open_alerts_of
from afterdose.monitoring.due import CheckState
from afterdose.monitoring.known import known_on
from afterdose.monitoring.load import load_protocol, parse_protocol
from afterdose.monitoring.story import tell_story
from afterdose.monitoring.timeline import check_timelines
from afterdose.record.analytes import catalogue
from afterdose.record.answers import Answer
from afterdose.record.history import History
from afterdose.record.tables import Event, FollowUp, Lab, Owner, Person, Treatment
from support.examples import examples

EXAMPLE = parse_protocol(
    (Path(__file__).parents[1] / "spec" / "example.toml").read_text(encoding="utf-8")
)
START = date(2021, 1, 31)
DAYS = st.dates(date(2020, 12, 1), date(2026, 6, 30))
ANALYTES = [
    "platelets", "lymphocytes", "urine_rbc", "urine_blood_dipstick", "creatinine", "alt", "tsh",
]  # fmt: skip


@st.composite
def labs(draw: st.DrawFn) -> Lab:
    analyte = draw(st.sampled_from(ANALYTES))
    specimen = draw(DAYS)
    status = draw(
        st.sampled_from(["final"] * 6 + ["preliminary", "corrected", "cancelled", "registered"])
    )
    value = draw(st.sampled_from([0.0, 1.0, 6.0, 60.0, 80.0, 99.0, 100.0, 140.0, 260.0]))
    return Lab(
        "p1",
        specimen,
        specimen + timedelta(days=draw(st.integers(0, 40))),
        analyte,
        value=None if status in ("cancelled", "registered") else value,
        comparator=draw(st.sampled_from([None, None, None, "<", ">", "<=", ">="])),
        unit=catalogue()[analyte].unit,
        ref_low=draw(st.sampled_from([None, 0.4, 100.0])),
        ref_high=draw(st.sampled_from([None, 5.0, 40.0])),
        status=status,
        provider=draw(st.sampled_from(["a", "b"])),
        accession=draw(st.sampled_from([None, "1", "2"])),
        specimen_time=draw(st.sampled_from([None, "08:00:00", "10:00:00"])),
    )


OWNER_STATES = st.sampled_from(["proposed", "accepted", "declined"])


def _end(start: date) -> st.SearchStrategy[date | None]:
    return st.sampled_from([None, start + timedelta(days=4)])


@st.composite
def histories(draw: st.DrawFn) -> History:
    starts = sorted(draw(st.lists(DAYS, max_size=3, unique=True)))
    leaves = draw(st.none() | DAYS)
    return History(
        Person(
            "p1",
            sex=draw(st.sampled_from([None, "female", "male"])),
            death_date=draw(st.none() | st.none() | DAYS),
        ),
        treatments=tuple(
            Treatment("p1", "alemtuzumab", start, end_date=draw(_end(start)))
            for start in starts
        ),
        labs=tuple(draw(st.lists(labs(), max_size=25))),
        events=tuple(
            Event("p1", str(day)[: draw(st.sampled_from([4, 7, 10]))], "thyroid")
            for day in draw(st.lists(DAYS, max_size=1))
        ),
        follow_up=(FollowUp("p1", date(2020, 1, 1), leaves, "lost"),) if leaves else (),
        owners=tuple(
            Owner("p1", "all", "gp", draw(OWNER_STATES), day)
            for day in draw(st.lists(DAYS, max_size=2))
        ),
    )  # fmt: skip


@pytest.fixture(scope="module", params=["example", "alemtuzumab-eu", "alemtuzumab-us"])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return EXAMPLE if request.param == "example" else load_protocol(request.param)


@given(histories(), DAYS)
@examples(150)
def test_the_future_changes_nothing(protocol: Protocol, history: History, as_of: date) -> None:
    """Rows received later, and courses recorded later, do not exist on the morning asked about."""
    past = History(
        history.person,
        tuple(row for row in history.treatments if row.start_date <= as_of),
        tuple(lab for lab in history.labs if lab.received_date <= as_of),
        events=tuple(
            event
            for event in history.events
            if date.fromisoformat((event.onset_date + "-01-01")[:10]) <= as_of
        ),
        follow_up=tuple(span for span in history.follow_up if span.start_date <= as_of),
        owners=tuple(owner for owner in history.owners if owner.since <= as_of),
    )
    assert evaluate_checks(history, protocol, as_of=as_of) == evaluate_checks(
        past, protocol, as_of=as_of
    )
    assert evaluate_alerts(history, protocol, as_of=as_of) == evaluate_alerts(
        past, protocol, as_of=as_of
    )


@given(histories(), DAYS)
@examples(150)
def test_states_agree_with_their_dates(protocol: Protocol, history: History, as_of: date) -> None:
    for status in evaluate_checks(history, protocol, as_of=as_of):
        assert status.because
        if status.state is CheckState.OVERDUE:
            assert status.due_date is not None
            assert status.due_date < as_of
        if status.state is CheckState.NOT_YET_DUE and status.due_date is not None:
            assert as_of < status.due_date
        if status.last_done is not None:
            assert status.last_done <= as_of or status.state is CheckState.ENDED
        if status.state is CheckState.NOT_ASSESSABLE:
            assert status.missing


@given(histories(), DAYS)
@examples(150)
def test_open_alerts_are_the_met_ones(protocol: Protocol, history: History, as_of: date) -> None:
    """Looking back only as far as needed finds what the whole history has open or undecided."""
    known = known_on(history, protocol, as_of=as_of)
    whole = {s.alert_id: s for s in evaluate_alerts(history, protocol, as_of=as_of)}
    found = {alert.id: status for alert, status in open_alerts_of(known, protocol)}
    assert set(found) == {
        name for name, s in whole.items() if s.answer is Answer.MET or s.is_undecided
    }
    for name, status in found.items():
        assert status.open_episode == whole[name].open_episode
        assert (status.missing, status.newest) == (whole[name].missing, whole[name].newest)
        if status.open_episode is not None:
            assert status.because == whole[name].because


@given(histories(), DAYS)
@examples(100)
def test_episodes_follow_each_other(protocol: Protocol, history: History, as_of: date) -> None:
    for status in evaluate_alerts(history, protocol, as_of=as_of):
        for episode, later in zip(status.episodes, status.episodes[1:], strict=False):
            assert episode.closed is not None
            assert episode.opened <= episode.closed <= later.opened
        assert (status.open_episode is not None) == (status.answer is Answer.MET)


@given(histories(), DAYS)
@examples(100)
def test_coverage_adds_up(protocol: Protocol, history: History, as_of: date) -> None:
    for found in evaluate_coverage(history, protocol, as_of=as_of):
        assert 0 <= found.tests_in_window <= found.tests_due
        assert 0 <= found.days_in_window <= found.days
        assert 0 <= found.longest_gap_days <= found.days


@given(histories(), DAYS)
@examples(25)
def test_coverage_counts_what_the_timeline_shows(
    protocol: Protocol, history: History, as_of: date
) -> None:
    """A day is in the window exactly where the timeline does not call the check overdue."""
    lines = check_timelines(history, protocol, as_of=as_of)
    for found in evaluate_coverage(history, protocol, as_of=as_of):
        overdue = {
            stretch.first + timedelta(days=number)
            for stretch in lines[found.check_id]
            if stretch.state is CheckState.OVERDUE
            for number in range((stretch.last - stretch.first).days + 1)
        }
        counted = sum(found.first <= day <= found.last for day in overdue)
        assert counted == found.days - found.days_in_window


@given(histories(), DAYS)
@examples(100)
def test_unverified_rules_put_nobody_on_the_worklist(
    protocol: Protocol, history: History, as_of: date
) -> None:
    _, entry = follow_person(history, [protocol], as_of=as_of)
    if entry is not None:
        assert entry.items
        for item in entry.items:
            assert all(reason.evidence != "unverified" for reason in item.because)


@given(histories(), DAYS)
@examples(60)
def test_the_story_states_every_rule_once(
    protocol: Protocol, history: History, as_of: date
) -> None:
    story = tell_story(history, protocol, as_of=as_of)
    told = [
        reason.rule
        for section in story.sections
        for statement in section.statements
        for reason in statement.because
    ]
    concerned = {status.check_id for status in evaluate_checks(history, protocol, as_of=as_of)}
    assert sorted(told) == sorted([*concerned, *(alert.id for alert in protocol.alerts)])


@given(histories(), DAYS, st.integers(0, 60))
@examples(100)
def test_one_more_complete_test_never_makes_a_check_later(
    history: History, as_of: date, ago: int
) -> None:
    """A further complete blood count can only move the due date forward."""
    day = as_of - timedelta(days=ago)
    extra = tuple(
        Lab("p1", day, day, analyte, 200.0, unit="10*9/L", result_id=f"extra-{analyte}")
        for analyte in ("platelets", "lymphocytes")
    )
    more = History(
        history.person, history.treatments, (*history.labs, *extra),
        events=history.events, follow_up=history.follow_up, owners=history.owners,
    )  # fmt: skip
    before, after = (
        next(s for s in evaluate_checks(h, EXAMPLE, as_of=as_of) if s.check_id == "blood-count")
        for h in (history, more)
    )
    if before.due_date is not None and after.due_date is not None:
        assert after.due_date >= before.due_date
