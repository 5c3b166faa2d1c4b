"""What both engines say about disability, and the definitions and histories they are asked of."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from math import inf
from random import Random
from typing import Any

from hypothesis import strategies as st

from afterdose.cohort import Cohort
from afterdose.engines.local.days import day_of
from afterdose.engines.local.outcomes import (
    DisabilityEvaluation,
    evaluate_disability,
    multiverse,
    pack_outcomes,
)
from afterdose.engines.local.outcomes.answers import ANSWERS, missing_words
from afterdose.engines.reference import build_disability
from afterdose.engines.reference.disability import DisabilityResult
from afterdose.outcomes.disability import DisabilityDefinition
from afterdose.outcomes.disability.choices import (
    Checkpoint,
    Class,
    ComparedWith,
    Direction,
    Extrema,
    Magnitude,
    MovesTo,
    Preceding,
    Proceed,
    RelapseDay,
    Report,
    Start,
    Strategy,
)
from afterdose.outcomes.disability.parts import (
    Attribution,
    Confirmation,
    Distance,
    Events,
    Intercurrent,
    Interval,
    Reference,
    RelapseWindows,
    Window,
)
from afterdose.outcomes.disability.steps import (
    EDSS_HALF_ABOVE_5,
    EDSS_HALF_ABOVE_5_5,
    SDMT_4_OR_20_PERCENT,
    TWENTY_PERCENT,
    Band,
    StepRule,
    Worse,
)
from afterdose.record.dates import Period
from afterdose.record.history import History
from afterdose.record.tables import Assessment, Mri, Person, Relapse, Treatment
from support.agreement import make_cohort

DAY_0 = date(2020, 1, 1)
DRUG = "alemtuzumab"


def engines_agree_on_disability(
    histories: Sequence[History], definition: DisabilityDefinition, *, as_of: date
) -> int:
    """Fail where the local engine answers anything else than the plain code; how many events."""
    cohort = make_cohort(histories)
    packed = pack_outcomes(cohort, as_of=as_of)
    found = evaluate_disability(packed, definition)
    plain = build_disability(cohort.histories(), definition, as_of=as_of)
    assert list(found.rows()) == list(plain.rows())
    assert local_people(found, cohort) == plain_people(plain)
    assert found.tally() == plain.tally()
    assert found.missing() == plain.missing()
    assert found.counts() == plain.counts()
    assert multiverse(packed, [definition]) == (plain.counts(),)
    return len(found.events)


def local_people(found: DisabilityEvaluation, cohort: Cohort) -> list[tuple[Any, ...]]:
    """Everybody's answer by the kernels."""
    words = missing_words(found.definition)
    return [
        (
            cohort.person_ids[place], ANSWERS[one["answer"]], words[one["missing"]],
            day_of(one["first"]), day_of(one["last"]), day_of(one["censored"]),
            found.tally_of(place),
        )
        for place, one in enumerate(found.people)
    ]  # fmt: skip


def plain_people(found: DisabilityResult) -> list[tuple[Any, ...]]:
    """Everybody's answer by the plain code."""
    return [
        (one.person_id, one.answer, one.missing, one.first_visit, one.last_visit,
         one.censored_on, one.tally)
        for one in found.people
    ]  # fmt: skip


# Definitions ----------------------------------------------------------------------------------


def _one(*choices: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(choices)


_DAYS = _one(*[0.0] * 6, 0.5, 7.0, 14.0, 30.0, 30.0, 45.5, 90.0, 365.25, inf)
_TOLERANCES = _one(0.0, 7.0, 7.5, 14.0, 45.0, 90.0, 730.5, 730.5, inf, inf)
_PERIODS = _one(
    *(Period(months=one) for one in (1, 2, 3, 6)), *map(Period.parse, ("P4W", "P84D", "P24W"))
)
_STEPS = _one(
    EDSS_HALF_ABOVE_5,
    EDSS_HALF_ABOVE_5_5,
    SDMT_4_OR_20_PERCENT,
    TWENTY_PERCENT,
    StepRule((Band(points=1.0),)),
    StepRule((Band(2.0, percent=50.0), Band(4.0, points=0.5, percent=33.3), Band(points=1.5))),
)
_DISTANCES = st.builds(Distance, since_last=_DAYS, until_next=_DAYS)
_MOVES_TO = st.sampled_from(MovesTo)


@st.composite
def _intervals(draw: st.DrawFn) -> Interval:
    start, end = sorted(
        draw(st.tuples(st.sampled_from(Checkpoint), st.sampled_from(Checkpoint))),
        key=list(Checkpoint).index,
    )
    edges = _one(-30.0, 0.0, 0.0, 14.5, 30.0, 90.0, 90.0, inf)
    return Interval(start, draw(edges), end, draw(edges))


_SOME_INTERVALS = st.lists(_intervals(), max_size=2).map(tuple)


@st.composite
def definitions(draw: st.DrawFn) -> DisabilityDefinition:
    """Any definition made of numbers and names."""
    attribution = draw(
        st.none()
        | st.just(Attribution())
        | st.builds(
            Attribution,
            associated=_SOME_INTERVALS,
            relapse_free=_SOME_INTERVALS,
            preceding=st.sampled_from(Preceding),
            mri_free=_SOME_INTERVALS,
        )
    )
    kinds = draw(_one(*[Direction.WORSENING] * 3, Direction.IMPROVEMENT, *[Direction.BOTH] * 2))
    by_class = attribution is not None and kinds is Direction.WORSENING
    share = draw(_one(1.0, 1.0, 0.0, 0.5))
    return DisabilityDefinition(
        "drawn",
        "Drawn",
        source="policy",
        measure=draw(_one(*["edss"] * 6, "sdmt", "sdmt", "nhpt_s")),
        worse=draw(_one(Worse.HIGHER, Worse.HIGHER, Worse.LOWER)),
        step=draw(_STEPS),
        improvement_step=draw(st.none() | _STEPS),
        drug=DRUG,
        reference=draw(
            st.builds(
                Reference,
                start=_one(*[Start.FIRST_VISIT] * 4, Start.FIRST_COURSE),
                at_most_before=_one(Period(months=6), Period(days=30), Period(months=24)),
                lowest=_one(-inf, -inf, -inf, 2.0, 20.0),
                roves=st.sampled_from(Direction),
                sub_threshold=_one(Direction.NEITHER, *Direction),
                moves_to=_MOVES_TO,
                improvement_moves_to=st.none() | _MOVES_TO,
                compared_with=st.sampled_from(ComparedWith),
                after_relapse=st.booleans(),
                settled_days=_one(0.0, 14.5, 90.0, inf),
                never_better=st.booleans(),
                extrema=st.sampled_from(Extrema),
            )
        ),
        events=Events(
            report=draw(_one(*Report, Report.EACH)),
            kinds=kinds,
            of_class=draw(_one(Class.NONE, Class.RAW, Class.PIRA)) if by_class else Class.NONE,
            proceed_from=draw(st.sampled_from(Proceed)),
        ),
        confirmation=Confirmation(
            windows=tuple(
                draw(
                    st.lists(
                        st.builds(Window, _PERIODS, _TOLERANCES, _TOLERANCES),
                        min_size=1,
                        max_size=3,
                    )
                )
            ),
            intermediate=draw(_one(True, True, False)),
            sustained_days=draw(_one(0.0, 0.0, 0.0, 90.0, 180.0, 200.5, inf)),
            magnitude=draw(st.sampled_from(Magnitude)),
            last_visit_within=draw(_one(0.0, 0.0, 0.5, 90.0, 180.0, 300.5, inf)),
            last_visit_share=share,
            seed=draw(st.integers(0, 3)) if share == 0.5 else None,
        ),
        relapses=draw(
            st.builds(
                RelapseWindows,
                reference=_DISTANCES | st.just(Distance()),
                onset=_DISTANCES | st.just(Distance()),
                confirmation=_DISTANCES | st.just(Distance()),
                measured_from=st.sampled_from(RelapseDay),
                seen_before_days=_one(inf, inf, 30.0, 0.0),
            )
        ),
        attribution=attribution,
        intercurrent=draw(
            st.builds(
                Intercurrent,
                switch=st.sampled_from(Strategy),
                retreatment=st.sampled_from(Strategy),
                death=_one(Strategy.WHILE_ON_TREATMENT, Strategy.COMPOSITE),
            )
        ),
    )


# Histories ------------------------------------------------------------------------------------

_GAPS = (0, 1, 14, 30, 45, 60, 77, 84, 84, 90, 90, 91, 92, 100, 150, 168, 182, 183, 400)
_EVEN_GAPS = (30, 30, 60, 90, 90)
"""Days as the definitions ask for them, so that visits lie exactly at the edge."""
_MOVES = {
    "edss": (-1.5, -1.0, -0.5, -0.5, 0.0, 0.0, 0.0, 0.5, 0.5, 1.0, 1.0, 1.5),
    "sdmt": (-11.0, -5.0, -4.0, -4.0, -2.0, 0.0, 0.0, 1.0, 4.0, 5.0),
}
_BEGINS = {"edss": (0.0, 1.0, 2.0, 3.5, 4.5, 5.0, 5.5), "sdmt": (10.0, 20.0, 55.0)}
_SELDOM = (None,) * 12


def draw_person(random: Random, key: str) -> History:
    """One person with everything a definition can look at, with many ties and edges."""
    pick = random.choice
    scores = [row for measure in _MOVES for row in _draw_scores(random, key, measure)]
    if pick((True, False)):
        random.shuffle(scores)
    days = [(row.date - DAY_0).days for row in scores] or [0]
    happens = (*_SELDOM, *(pick(days) + pick((-1, 0, 1, 40)) for _ in range(4)))
    return History(
        Person(key, death_date=_on(pick(happens))),
        treatments=tuple(_draw_treatments(random, key, days)),
        assessments=tuple(scores),
        relapses=tuple(_draw_relapses(random, key, days)),
        mri=tuple(
            Mri(key, _on(pick(days) + pick((-30, 0, 20))),
                new_t2_lesions=pick((None, 0, 0, 1)), gd_lesions=pick((None, 0, 0, 0, 2)))
            for _ in range(pick((0, 1, 2, 4)))
        ),
    )  # fmt: skip


def draw_people(random: Random, count: int) -> list[History]:
    """A few people, so that each one's rows are told from the next one's."""
    return [draw_person(random, f"p{place:04d}") for place in range(count)]


histories = st.tuples(st.randoms(use_true_random=False), st.integers(1, 4)).map(
    lambda drawn: draw_people(*drawn)
)
AS_OF = st.builds(lambda day: DAY_0 + timedelta(day), _one(4000, 4000, 4000, 700, 300))


def _on(day: int | None) -> Any:
    return None if day is None else DAY_0 + timedelta(day)


def _after(random: Random, day: int, *lags: int) -> Any:
    """When a row was recorded: mostly not said."""
    lag = random.choice((*_SELDOM, *lags))
    return None if lag is None else _on(day + lag)


def _draw_scores(random: Random, key: str, measure: str) -> Iterator[Assessment]:
    """Visits at uneven distances; several a day, and some recorded late."""
    pick = random.choice
    day, value = pick((0, 0, 0, -100, -170, 20)), pick(_BEGINS[measure])
    gaps = pick((_GAPS, _EVEN_GAPS))
    for _ in range(pick((0, 1, 2, 5, 8, 8, 11, 14))):
        yield Assessment(
            key, _on(day), measure, value, recorded_date=_after(random, day, 0, 600, 4000)
        )
        day += pick(gaps)
        value = max(0.0, value + pick(_MOVES[measure]))


def _draw_relapses(random: Random, key: str, days: list[int]) -> Iterator[Relapse]:
    pick = random.choice
    for _ in range(pick((0, 0, 1, 1, 2, 4))):
        onset = pick(days) + pick((0, 0, -1, 1, -14, -30, -90, 30, 45))
        lasted = pick((None, 0, 20, 60))
        yield Relapse(
            key, _on(onset), None if lasted is None else _on(onset + lasted),
            confirmed=pick((None, True, True, False)), recorded_date=_after(random, onset, 10, 500),
        )  # fmt: skip


def _draw_treatments(random: Random, key: str, days: list[int]) -> Iterator[Treatment]:
    pick = random.choice
    for number in range(pick((0, 1, 2, 2, 3))):
        start = (pick(days[:3]) if number == 0 else pick(days)) + pick((0, 10))
        yield Treatment(
            key, DRUG, _on(start), pick((None, None, None, number + 1, number + 2)),
            recorded_date=_after(random, start, -60, 300),
        )  # fmt: skip
    if pick((True, False, False)):
        yield Treatment(key, "ocrelizumab", _on(pick(days) + pick((0, 1, 40))))
