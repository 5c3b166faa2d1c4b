"""The local engine gives the plain code's answers: drawn protocols, histories, any morning."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterdose.engines.local import Packed
from afterdose.monitoring import (
    Protocol,
    load_protocol,
)
from afterdose.monitoring.ctcae import grade_predicate
from afterdose.monitoring.load import shipped_protocols
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
from afterdose.record.analytes import catalogue
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
from support.agreement import engines_agree, held, local_timelines, make_cohort, worklists_agree
from support.examples import examples

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
            + ["entered-in-error"]
        )
    )
    has_value = status not in ("cancelled", "registered") and draw(st.integers(0, 9)) > 0
    return Lab(
        "p1",
        specimen,
        specimen + timedelta(days=draw(st.sampled_from([0, 1, 5, 40]))),
        analyte,
        value=draw(st.sampled_from(VALUES)) if has_value else None,
        comparator=draw(st.sampled_from([None] * 6 + ["<", ">", "<=", ">="])),
        unit=catalogue()[analyte].unit,
        ref_low=draw(st.sampled_from([None, 0.4, 0.8, 100.0])),
        ref_high=draw(st.sampled_from([None, 0.5, 5.0, 40.0])),
        status=status,
        provider=draw(st.sampled_from(["a", "b", None])),
        accession=draw(st.sampled_from([None, None, "1", "2"])),
        result_id=draw(st.sampled_from([None, None, None, "r1", "r2"])),
        specimen_time=draw(st.sampled_from([None, "08:00:00", "10:30:15"])),
        original_code=draw(st.sampled_from([None, "LOINC:1", "LOINC:2"])),
        received_time=draw(st.sampled_from([None, "09:00:00", "12:00:00"])),
        specimen_offset=draw(st.sampled_from([None, "+00:00", "-05:00"])),
    )


@st.composite
def released(draw: st.DrawFn) -> list[Lab]:
    """One result in several versions: in any order, on one day or several, with times or not."""
    first = draw(labs())._replace(original_code="LOINC:1", provider="a")
    return [
        draw(labs())._replace(
            specimen_date=first.specimen_date,
            received_date=first.specimen_date + timedelta(days=draw(st.sampled_from([0, 0, 1, 3]))),
            received_time=draw(st.sampled_from([None, "09:00:00", "09:00:00", "12:00:00"])),
            **{name: getattr(first, name) for name in (
                "analyte", "unit", "original_code", "provider", "accession", "result_id",
                "specimen_time",
            )},
        )
        for _ in range(draw(st.integers(2, 6)))
    ]  # fmt: skip


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
def copied(draw: st.DrawFn) -> list[Lab]:
    """One result by way of several laboratories, minutes and days apart, or nearly one."""
    analyte = draw(st.sampled_from(ANALYTES))
    day, value = draw(DAYS), draw(st.sampled_from(VALUES))
    return [
        Lab("p1", day, day + timedelta(days=draw(st.sampled_from([0, 1, 9]))), analyte,
            draw(st.sampled_from([value] * 5 + [0.4])), unit=catalogue()[analyte].unit,
            ref_low=draw(st.sampled_from([None, None, 0.8])),
            ref_high=draw(st.sampled_from([None, None, 40.0])),
            status=draw(st.sampled_from(["final"] * 5 + ["preliminary", "cancelled"])),
            provider=draw(st.sampled_from(["a", "b", "c"])),
            accession=draw(st.sampled_from([None, "1"])),
            specimen_time=draw(st.sampled_from(
                ["08:00:00", "08:04:00", "08:05:00", "08:09:00", "07:03:00", "02:34:00"])),
            specimen_offset=draw(st.sampled_from([None, "+01:00", "+00:00", "-04:30", "odd"])))
        for _ in range(draw(st.integers(2, 5)))
    ]  # fmt: skip


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
        + tuple(lab for rows in draw(st.lists(monthly(), max_size=3)) for lab in rows)
        + tuple(lab for rows in draw(st.lists(copied(), max_size=2)) for lab in rows)
        + tuple(lab for rows in draw(st.lists(released(), max_size=2)) for lab in rows),
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


@given(protocols(), histories(), st.lists(DAYS, min_size=1, max_size=3))
@examples(150)
def test_drawn_protocols(protocol: Protocol, history: History, mornings) -> None:
    engines_agree(history, protocol, mornings)


@given(
    protocols("drawn"),
    protocols("other"),
    st.lists(histories(("drawn", "other")), min_size=1, max_size=4),
    DAYS,
)
@examples(60)
def test_drawn_worklists(one, other, people: list[History], as_of: date) -> None:
    """Two drugs, several people: the same people listed for the same reasons."""
    absent = people[0].absent
    people = [
        held(_named(replace(history, absent=absent), f"p{number}"))
        for number, history in enumerate(people)
    ]
    worklists_agree(people, [one, other], as_of)
    # The second drug without a protocol.
    worklists_agree(people, [one], as_of)


def _named(history: History, person_id: str) -> History:
    """The same history, another person's."""
    rows = {
        name: tuple(row._replace(person_id=person_id) for row in getattr(history, name))
        for name in ("treatments", "labs", "events", "examinations", "mri", "follow_up")
    }
    person = history.person._replace(person_id=person_id)
    return replace(history, person=person, **rows)


@given(protocols(), histories(), DAYS)
@examples(25)
def test_drawn_timelines(protocol: Protocol, history: History, as_of: date) -> None:
    """Every state of every day, looking back from any morning."""
    history = held(history)
    assert local_timelines(Packed.of(make_cohort([history])), protocol, as_of) == {
        name: [(stretch.state, stretch.first) for stretch in stretches]
        for name, stretches in check_timelines(history, protocol, as_of=as_of).items()
    }


@pytest.mark.parametrize("name", sorted(shipped_protocols()))
@given(st.data())
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_shipped_protocols(name: str, data: st.DataObject) -> None:
    """Every protocol that comes with Afterdose, on drawn histories of its drug."""
    protocol = load_protocol(name)
    history = data.draw(histories((protocol.drug,)))
    engines_agree(history, protocol, [data.draw(DAYS)])
