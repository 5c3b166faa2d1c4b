"""The local engine gives the plain code's answers: drawn protocols, histories, any morning."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from afterdose.engines.local import Packed, evaluate, timelines
from afterdose.engines.local.days import day_of, number_of
from afterdose.engines.local.kernels.checks import DOES_NOT_CONCERN
from afterdose.engines.local.kernels.judging import (
    BASE,
    BASE_RANGE,
    EARLIER,
    EXACT,
    GAP,
    IN_TIME,
    NOT_ASSESSABLE,
    RANGE_LIMIT,
)
from afterdose.monitoring import (
    AlertStatus,
    CheckState,
    Protocol,
    evaluate_alerts,
    evaluate_checks,
    evaluate_coverage,
)
from afterdose.monitoring.ctcae import grade_predicate
from afterdose.monitoring.model import (
    Alert,
    AllOf,
    AnyOf,
    Band,
    BaselineRise,
    ByBaseline,
    Check,
    CheckKind,
    Dosing,
    Evidence,
    Fall,
    Grade,
    Grounds,
    Lasting,
    Limit,
    Need,
    Phase,
    Predicate,
    RangeMultiple,
)
from afterdose.monitoring.timeline import check_timelines
from afterdose.monitoring.words import need_title
from afterdose.record.analytes import catalogue
from afterdose.record.answers import Answer
from afterdose.record.dates import Period
from afterdose.record.history import History
from afterdose.record.tables import (
    Event,
    Examination,
    FollowUp,
    Lab,
    Mri,
    Person,
    Treatment,
)

GROUNDS = Grounds(Evidence.POLICY, (), "drawn")
ANALYTES = ["alt", "creatinine", "lymphocytes", "platelets", "tsh"]
GRADED = ["alt", "creatinine", "platelets"]
VALUES = [0.0, 0.1, 0.4, 0.5, 0.7, 0.8, 1.0, 3.0, 6.0, 40.0, 60.0, 99.0, 100.0, 140.0]
LIMITS = [0.4, 0.5, 0.8, 1.0, 60.0, 100.0]
START = date(2021, 1, 31)
DAYS = st.dates(date(2020, 11, 1), date(2023, 6, 30))
PERIODS = st.sampled_from(
    [Period(days=1), Period(days=7), Period(months=1), Period(months=2), Period(months=6)]
)

# Protocols ------------------------------------------------------------------------------------


@st.composite
def singles(draw: st.DrawFn, analyte: str | None = None) -> Predicate:
    name = analyte or draw(st.sampled_from(ANALYTES))
    kind = draw(st.sampled_from(["limit", "range", "baseline", "fall", "lasting"]))
    relation = draw(st.sampled_from(["below", "at_most", "above", "at_least"]))
    if kind == "limit":
        return Limit(name, relation, draw(st.sampled_from(LIMITS)))
    if kind == "range":
        return RangeMultiple(name, relation, draw(st.sampled_from([1.0, 1.5, 3.0])))
    if kind == "baseline":
        return BaselineRise(name, draw(st.sampled_from([0.0, 30.0, 50.0])))
    if kind == "fall":
        return Fall(name, draw(st.sampled_from([30.0, 50.0])), draw(st.sampled_from([None, 0.5])))
    low = draw(st.sampled_from([None, 0.4]))
    below = draw(st.sampled_from([0.5, 0.8, 100.0]))
    gap = draw(st.sampled_from([Period(months=1), Period(months=4)]))
    results = draw(st.sampled_from([2, 3]))
    return Lasting(name, below, low, draw(PERIODS), gap, results)


@st.composite
def units(draw: st.DrawFn) -> Predicate:
    kind = draw(st.sampled_from(["single"] * 4 + ["grade", "by_baseline"]))
    if kind == "grade":
        name, version = draw(st.sampled_from(GRADED)), draw(st.sampled_from([5, 6]))
        least = draw(st.sampled_from([1, 2, 3]))
        return Grade(name, version, least, grade_predicate(name, version, least))
    if kind == "by_baseline":
        name = draw(st.sampled_from(ANALYTES))
        return ByBaseline(name, draw(singles(name)), draw(singles(name)))
    return draw(singles())


@st.composite
def predicates(draw: st.DrawFn) -> Predicate:
    kind = draw(st.sampled_from(["unit"] * 3 + ["all", "any", "all of any", "any of all"]))
    if kind == "unit":
        return draw(units())
    if kind == "all":
        return AllOf(tuple(draw(st.lists(units(), min_size=2, max_size=3))), draw(PERIODS))
    if kind == "any":
        return AnyOf(tuple(draw(st.lists(units(), min_size=2, max_size=3))))
    pairs = st.lists(units(), min_size=2, max_size=2).map(tuple)
    if kind == "all of any":
        return AllOf((AnyOf(draw(pairs)), draw(units())), draw(PERIODS))
    return AnyOf((AllOf(draw(pairs), draw(PERIODS)), draw(units())))


@st.composite
def alerts(draw: st.DrawFn, number: int, dosing: Dosing) -> Alert:
    when = draw(predicates())
    closing = None
    if isinstance(when, Limit) and draw(st.booleans()):
        closing = Limit(when.analyte, draw(st.sampled_from(["above", "at_least"])), 0.8)
    band = draw(st.sampled_from(list(Band)))
    return Alert(
        id=f"alert-{number}",
        title="drawn",
        when=when,
        check="check-0",
        band=band,
        then="look",
        grounds=GROUNDS,
        respond_within=band.respond_within,
        closes_when=closing,
        expected_for=draw(st.none() | PERIODS) if dosing is Dosing.COURSES else None,
        known_as=draw(st.sampled_from([None, "thyroid"])),
    )


NEEDS = st.lists(
    st.lists(
        st.sampled_from([*ANALYTES, "mri", "examination:ecg"]), min_size=1, max_size=2, unique=True
    ).map(lambda names: Need(tuple(names))),
    min_size=1,
    max_size=3,
)


@st.composite
def checks(draw: st.DrawFn, number: int, dosing: Dosing) -> Check:
    kinds = list(CheckKind)
    if dosing is Dosing.CONTINUOUS:
        kinds.remove(CheckKind.DURING_COURSE)
    kind = CheckKind.REPEATED if number == 0 else draw(st.sampled_from([*kinds, kinds[0]]))
    at = draw(st.sampled_from([(), (), (Period(months=1), Period(months=3))]))
    every = draw(PERIODS)
    phases = draw(
        st.sampled_from(
            [
                (Phase(every),),
                (Phase(Period(days=14), Period(months=3)), Phase(every)),
                (),
            ]
        )
    )
    return Check(
        id=f"check-{number}",
        title="drawn",
        kind=kind,
        needs=tuple(draw(NEEDS)),
        grounds=GROUNDS,
        at=at,
        early=draw(st.sampled_from([Period(), Period(days=7)])) if at else Period(),
        phases=phases if phases or at else (Phase(every),),
        until=draw(st.sampled_from([Period(), Period(months=6), Period(months=18)])),
        within=draw(PERIODS),
        days=draw(st.sampled_from([(1,), (3, 5)])),
        courses=draw(st.sampled_from([(), (1,), (2, 3)])),
        sex=draw(st.sampled_from([None, None, "female"])),
        window=draw(PERIODS),
    )


@st.composite
def protocols(draw: st.DrawFn, drug: str = "drawn") -> Protocol:
    dosing = draw(st.sampled_from(list(Dosing)))
    return Protocol(
        id=f"{drug}-eu", drug=drug, jurisdiction="nowhere", version="1", title="drawn",
        basis="drawn", read_on="2026-11-24", dosing=dosing, courses=(), advice=(),
        closing=draw(PERIODS),
        checks=tuple(draw(checks(number, dosing)) for number in range(3)),
        alerts=tuple(draw(alerts(number, dosing)) for number in range(4)),
    )  # fmt: skip


# Histories ------------------------------------------------------------------------------------


@st.composite
def labs(draw: st.DrawFn) -> Lab:
    analyte = draw(st.sampled_from(ANALYTES))
    specimen = draw(DAYS)
    status = draw(
        st.sampled_from(
            ["final"] * 8
            + ["preliminary", "registered", "corrected", "amended", "cancelled", "unknown"]
        )
    )
    return Lab(
        "p1",
        specimen,
        specimen + timedelta(days=draw(st.sampled_from([0, 1, 5, 40]))),
        analyte,
        value=None if status in ("cancelled", "registered") else draw(st.sampled_from(VALUES)),
        comparator=draw(st.sampled_from([None] * 6 + ["<", ">", "<=", ">="])),
        unit=catalogue()[analyte].unit,
        ref_low=draw(st.sampled_from([None, 0.4, 0.8, 100.0])),
        ref_high=draw(st.sampled_from([None, 0.5, 5.0, 40.0])),
        status=status,
        provider=draw(st.sampled_from(["a", "b", None])),
        accession=draw(st.sampled_from([None, None, "1", "2"])),
        result_id=draw(st.sampled_from([None, None, None, "r1", "r2"])),
        specimen_time=draw(st.sampled_from([None, "08:00:00", "10:30:15"])),
    )


@st.composite
def monthly(draw: st.DrawFn) -> list[Lab]:
    """A draw a month with lateness and gaps: what most histories look like."""
    analyte = draw(st.sampled_from(ANALYTES))
    day, found = START, []
    for _ in range(draw(st.integers(2, 14))):
        day += timedelta(days=draw(st.sampled_from([7, 28, 30, 35, 70, 130])))
        found.append(
            Lab("p1", day, day + timedelta(days=1), analyte,
                draw(st.sampled_from(VALUES)), unit=catalogue()[analyte].unit,
                ref_low=0.8, ref_high=40.0)
        )  # fmt: skip
    return found


@st.composite
def treatments(draw: st.DrawFn, drug: str) -> list[Treatment]:
    found = []
    for number in range(draw(st.integers(0, 3))):
        start = draw(DAYS)
        end = draw(st.sampled_from([None, start, start + timedelta(days=4),
                                    start + timedelta(days=200)]))  # fmt: skip
        found.append(
            Treatment(
                "p1", drug, start,
                draw(st.sampled_from([None, None, number + 1])),
                end,
                recorded_date=draw(
                    st.sampled_from([None, None, start - timedelta(days=60),
                                     start + timedelta(days=20)])
                ),
            )
        )  # fmt: skip
    return found


@st.composite
def histories(draw: st.DrawFn, drugs: tuple[str, ...] = ("drawn",)) -> History:
    seen = draw(st.none() | DAYS)
    reason = draw(st.sampled_from(["lost", "data_cut", None]))
    return History(
        Person(
            "p1",
            sex=draw(st.sampled_from([None, "female", "male"])),
            birth_date=draw(st.sampled_from([None, "1980", "1980-04", "2021-03"])),
            death_date=draw(st.none() | st.none() | st.none() | DAYS),
        ),
        treatments=tuple(row for drug in drugs for row in draw(treatments(drug))),
        labs=tuple(draw(st.lists(labs(), max_size=12)))
        + tuple(lab for rows in draw(st.lists(monthly(), max_size=3)) for lab in rows),
        events=tuple(
            Event("p1", str(day), "thyroid") for day in draw(st.lists(DAYS, max_size=1))
        ),
        examinations=tuple(
            Examination("p1", day, "ecg", recorded_date=draw(st.sampled_from([None, day])))
            for day in draw(st.lists(DAYS, max_size=3))
        ),
        mri=tuple(Mri("p1", day) for day in draw(st.lists(DAYS, max_size=3))),
        follow_up=(FollowUp("p1", date(2020, 12, 1), seen, reason),) if seen else (),
        absent=frozenset(draw(st.sampled_from([()] * 8 + [("mri",), ("labs",), ("follow_up",)]))),
    )  # fmt: skip


# Both engines, in the same words --------------------------------------------------------------

STATES = list(CheckState)
ANSWERS = [Answer.NOT_MET, Answer.MET, Answer.NOT_ASSESSABLE]


def plain_answers(history: History, protocol: Protocol, as_of: date) -> dict[str, object]:
    found: dict[str, object] = {}
    for status in evaluate_checks(history, protocol, as_of=as_of):
        lacking = set(status.missing) if status.state is not CheckState.NOT_ASSESSABLE else set()
        found[status.check_id] = (
            status.state, status.due_date, status.last_done, status.ends, lacking, status.awaiting
        )  # fmt: skip
    for coverage in evaluate_coverage(history, protocol, as_of=as_of):
        found[f"coverage of {coverage.check_id}"] = (
            coverage.tests_due, coverage.tests_in_window, coverage.days, coverage.days_in_window,
            coverage.longest_gap_days,
        )  # fmt: skip
    rows = {id(lab): place for place, lab in enumerate(history.labs)}
    for alert in evaluate_alerts(history, protocol, as_of=as_of):
        found[alert.alert_id] = (
            alert.answer, _kinds(alert), len(alert.expected), alert.explained_by is not None,
            alert.repeat_due,
            tuple(
                (one.opened, one.known_since, one.confirmed, one.closed,
                 rows[id(one.first)], rows[id(one.latest)], rows[id(one.answered)])
                for one in alert.episodes
            ),
        )  # fmt: skip
    return found


def _titles(need: Need) -> str:
    return " or ".join(need_title(name) for name in need.any_of)


REASONS = [
    (EXACT, "an exact value of"),
    (RANGE_LIMIT, "the laboratory's"),
    (BASE, "a baseline of"),
    (IN_TIME, "in time"),
    (GAP, "apart"),
    (EARLIER, "an earlier result of"),
    (BASE_RANGE, "whether the baseline"),
]


def _kinds(alert: AlertStatus) -> set[int]:
    """The reasons an alert is not assessable, as the kernels number them."""
    if alert.answer is not Answer.NOT_ASSESSABLE:
        return set()
    found = {bit for text in alert.missing for bit, words in REASONS if words in text}
    return found if found or not alert.missing else {-1}


def _named(result: np.void) -> set[int]:
    if result["answer"] != NOT_ASSESSABLE:
        return set()
    if result["missing"] < 0:
        return {-1}
    return {bit for bit, _ in REASONS if result["missing"] & bit}


def local_answers(
    packed: Packed, protocol: Protocol, as_of: date, order: list[int]
) -> dict[str, object]:
    found: dict[str, object] = {}
    results = evaluate(packed, [protocol], as_of=as_of)
    for column, check in enumerate(protocol.checks):
        one = results.checks[0, column]
        if one["state"] == DOES_NOT_CONCERN:
            continue
        lacking = {
            _titles(need) for bit, need in enumerate(check.needs) if one["missing"] >> bit & 1
        }
        found[check.id] = (
            STATES[one["state"]], day_of(one["due"]), day_of(one["last_done"]), day_of(one["ends"]),
            lacking, day_of(one["awaiting"]),
        )  # fmt: skip
        if one["days"]:
            names = ("tests_due", "in_window", "days", "days_in_window", "longest_gap")
            found[f"coverage of {check.id}"] = tuple(int(one[name]) for name in names)
    for column, alert in enumerate(protocol.alerts):
        one = results.alerts[0, column]
        episodes = results.episodes[results.episodes["alert"] == column]
        found[alert.id] = (
            ANSWERS[one["answer"]], _named(one), int(one["expected"]),
            bool(results.explained()[0, column]), results.repeat_due(0, column),
            tuple(
                (day_of(e["opened"]), day_of(e["known"]), day_of(e["confirmed"]),
                 day_of(e["closed"]),
                 *(order[results.labs.row[e[name]]] for name in ("first", "latest", "answered")))
                for e in episodes
            ),
        )  # fmt: skip
    return found


def check_equal(history: History, protocol: Protocol, mornings: list[date], make) -> None:
    cohort = make([history])
    packed = Packed.of(cohort)
    frame = cohort.frames.get("labs")
    order = list(range(len(history.labs)))
    if frame is not None:
        # The cohort sorts rows by specimen and receipt, keeping the order of equals.
        order.sort(key=lambda at: (history.labs[at].specimen_date, history.labs[at].received_date))
    for as_of in mornings:
        assert local_answers(packed, protocol, as_of, order) == plain_answers(
            history, protocol, as_of
        )


@given(protocols(), histories(), st.lists(DAYS, min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_drawn_protocols(cohort_of, protocol: Protocol, history: History, mornings) -> None:
    check_equal(_held(history), protocol, mornings, cohort_of)


@given(protocols(), histories(), DAYS)
@settings(max_examples=25, deadline=None)
def test_drawn_timelines(cohort_of, protocol: Protocol, history: History, as_of: date) -> None:
    """Every state of every day, looking back from any morning."""
    history = _held(history)
    assert local_timelines(Packed.of(cohort_of([history])), protocol, as_of) == {
        name: [(stretch.state, stretch.first) for stretch in stretches]
        for name, stretches in check_timelines(history, protocol, as_of=as_of).items()
    }


def local_timelines(
    packed: Packed, protocol: Protocol, as_of: date
) -> dict[str, list[tuple[CheckState, date | None]]]:
    labs, _ = packed.labs.known_on(number_of(as_of))
    found: dict[str, list[tuple[CheckState, date | None]]] = {}
    for one in timelines(packed.people, labs, [protocol], as_of=as_of):
        name = protocol.checks[one["check"]].id
        found.setdefault(name, []).append((STATES[one["state"]], day_of(one["first"])))
    return found


def _held(history: History) -> History:
    """Rows of tables the record does not hold do not exist."""
    return replace(history, **dict.fromkeys(history.absent, ()))
