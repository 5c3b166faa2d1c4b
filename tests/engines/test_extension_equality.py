"""Everybody's outcomes after the first course by the local engine are the plain code's.

Histories are drawn with every kind of tie, edge and gap, and cohorts are simulated; every column of
the extension report has to be the same, value by value.
"""

from datetime import date
from functools import cache
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterdose.cohort import Cohort
from afterdose.engines import local
from afterdose.engines.extension import (
    AGAINST,
    ANSWERS,
    AUTOIMMUNE,
    BANDS,
    EARLIER,
    END_REASONS,
    ENDINGS,
    NEDA_IDS,
    NO_YEAR,
    PHENOTYPES,
    STAGES,
)
from afterdose.engines.local.extension.rules import change_rule
from afterdose.engines.local.kernels.extension import codes
from afterdose.engines.reference.extension import TABLES
from afterdose.outcomes import brain_volume, mri_activity
from afterdose.outcomes.autoimmunity import Earlier
from afterdose.outcomes.disability import Against, load_definition
from afterdose.outcomes.first_events import Ending
from afterdose.outcomes.neda import Component
from afterdose.outcomes.person import ANY
from afterdose.record.answers import Answer
from afterdose.record.errors import DefinitionError, UsageError
from afterdose.record.history import History
from afterdose.record.tables import Assessment, FollowUp, Mri, Person, Treatment
from afterdose.simulate import simulate_cohort
from support.agreement import make_cohort
from support.examples import examples
from support.extension_agreement import (
    AS_OF,
    DRUG,
    draw_people,
    engines_agree_on_outcomes,
    without,
)

_AFTER_ALL = date(2019, 9, 1)
_NO_VOLUME, _BROKEN = 3, 7
"""A fraction may be nought, an index is not; a fraction has no chain of scans that can break."""
_FROM = st.sampled_from((12, 12, 0, 6, 24))
_MORNINGS = st.sampled_from(AS_OF)


@given(st.randoms(use_true_random=False), st.integers(1, 3), _MORNINGS, _FROM)
@examples(100)
def test_drawn_histories(random, people, as_of, volume_from) -> None:
    """A few people: a case that fails is made small."""
    cohort = make_cohort(draw_people(random, people))
    engines_agree_on_outcomes(cohort, as_of=as_of, volume_from=volume_from)


@given(st.integers(0, 10**9), _MORNINGS, _FROM)
@examples(60)
def test_drawn_histories_of_many(seed, as_of, volume_from) -> None:
    cohort = make_cohort(draw_people(Random(seed), 40))
    engines_agree_on_outcomes(cohort, as_of=as_of, volume_from=volume_from)


@pytest.fixture(scope="module")
def drawn() -> list[History]:
    return draw_people(Random(5), 2000)


def test_the_draws_reach_every_answer(drawn: list[History]) -> None:
    """Engines that agree on nothing but the usual would show little."""
    found = engines_agree_on_outcomes(make_cohort(drawn), as_of=_AFTER_ALL)
    columns = dict(found.arrays())
    whole = {
        "followed.end_why": range(-1, len(END_REASONS)),
        "relapses.free": range(-1, len(ANSWERS)),
        "relapses.first_ending": range(-1, len(ENDINGS)),
        "relapses.before": range(-1, 2),
        "edss.against": range(-1, len(AGAINST)),
        "cdw.answer": range(len(ANSWERS)),
        "cdi.answer": range(len(ANSWERS)),
        "mri.new_t2": range(-1, len(ANSWERS)),
        "mri.gd": range(-1, len(ANSWERS)),
        "mri.either": range(-1, len(ANSWERS)),
        "mri.missing": range(-1, len(mri_activity.MISSING)),
        "volume.0.missing": {*range(-1, len(brain_volume.MISSING))} - {_BROKEN},
        "volume.1.missing": {*range(-1, len(brain_volume.MISSING))} - {_NO_VOLUME},
        "volume.1.method": range(-1, len(found.methods)),
        **{f"neda.{place}.answer": range(-1, len(ANSWERS)) for place in range(len(NEDA_IDS))},
        **{f"neda.{place}.through": range(-1, len(ANSWERS)) for place in range(len(NEDA_IDS))},
        "neda.2.active": (1, 2, 4, 8),
        "neda.2.lacking": (1, 2, 4, 8),
        "events.autoimmune_ending": range(-1, len(ENDINGS)),
        "events.safety_ending": range(-1, len(ENDINGS)),
        "events.unplaced": range(3),
        "deaths.cause": range(-1, len(found.causes)),
        "strata.earlier": range(len(EARLIER)),
        "strata.band": range(len(BANDS)),
        "strata.phenotype": range(len(PHENOTYPES)),
        "strata.stage": range(len(STAGES)),
    }
    for name, wanted in whole.items():
        seen = columns[name]
        if seen.dtype == np.uint8:  # bits
            seen = [code for code in wanted if np.any(seen & code)]
        assert set(wanted) <= set(np.unique(seen).tolist()), name
    for measure in found.volume:
        for name in ("yearly", "since_baseline", "since_start", "slope"):
            assert np.count_nonzero(np.isfinite(getattr(measure, name))) > 20, name


@pytest.mark.parametrize("tables", [(one,) for one in TABLES] + [TABLES[1:], TABLES[:-1]])
def test_a_record_without_a_table(tables: tuple[str, ...], drawn: list[History]) -> None:
    """A table that is not held is as one without rows."""
    cohort = make_cohort(without(history, *tables) for history in drawn[:100])
    assert not cohort.frames.keys() & set(tables)
    found = engines_agree_on_outcomes(cohort, as_of=_AFTER_ALL)
    assert (len(found) == 0) is ("treatments" in tables)


@pytest.mark.parametrize(("people", "seed"), [(60, 3), (300, 4)])
@pytest.mark.parametrize("volume_from", [0, 12, 30])
def test_simulated_people(people: int, seed: int, volume_from: int) -> None:
    cohort = _simulated(people, seed)
    for as_of in (date(2022, 12, 31), date(2020, 2, 29), date(2018, 7, 1), date(2016, 1, 1)):
        engines_agree_on_outcomes(cohort, as_of=as_of, volume_from=volume_from)
    assert engines_agree_on_outcomes(cohort, as_of=date(2030, 1, 1)).years > 5


@cache
def _simulated(people: int, seed: int) -> Cohort:
    return Cohort.of(simulate_cohort(people, seed))


def test_nobody() -> None:
    """Not one person was treated by then."""
    found = engines_agree_on_outcomes(_simulated(60, 3), as_of=date(1990, 1, 1))
    assert (len(found), found.years, found.untreated) == (0, 1, 60)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (Treatment("p1", DRUG, date(1850, 1, 1)), "treatments.start_date"),
        (Assessment("p1", date(2150, 1, 1), "edss", 2.0), "assessments.date"),
        (Mri("p1", date(1899, 12, 31)), "mri.date"),
    ],
)
def test_a_day_of_another_century_is_refused(row: Any, what: str) -> None:
    cohort = make_cohort([History(Person("p1"), **{what.partition(".")[0]: (row,)})])
    with pytest.raises(UsageError, match=f"{what} holds a day before 1900 or after 2149"):
        local.build_extension(cohort, drug=DRUG, as_of=_AFTER_ALL)


def test_a_data_day_of_another_century_is_refused() -> None:
    cohort = make_cohort([History(Person("p1"))])
    with pytest.raises(UsageError, match=r"as_of is 2150\. Permitted: 1900 to 2149"):
        local.build_extension(cohort, drug=DRUG, as_of=date(2150, 1, 1))


def test_the_last_days_of_the_calendar() -> None:
    history = History(
        Person("p1"),
        treatments=(Treatment("p1", DRUG, date(2148, 2, 29), 1),),
        follow_up=(FollowUp("p1", date(1800, 1, 1), date(9999, 12, 31)),),
    )
    found = engines_agree_on_outcomes(
        make_cohort([history]), as_of=date(2149, 12, 31), volume_from=120
    )
    assert found.followed.days.tolist() == [[365, 307]]


@pytest.mark.parametrize("name", ["msprog-first-cdw", "kappos-2020-pira"])
def test_a_definition_the_kernel_does_not_know_is_refused(name: str) -> None:
    with pytest.raises(DefinitionError, match="makes a choice that the extension's kernel does"):
        change_rule(load_definition(name))


def test_codes_are_those_of_the_columns() -> None:
    """The kernels are compiled with numbers; whoever moves an answer has to move them."""
    assert [ANSWERS[code] for code in (codes.MET, codes.NOT_MET, codes.NOT_ASSESSABLE)] == [
        Answer.MET, Answer.NOT_MET, Answer.NOT_ASSESSABLE,
    ]  # fmt: skip
    assert [ENDINGS[code] for code in (codes.EVENT, codes.DEATH, codes.OBSERVATION)] == [
        Ending.EVENT, Ending.DEATH, Ending.OBSERVATION,
    ]  # fmt: skip
    assert [AGAINST[code] for code in (codes.BETTER, codes.SAME, codes.WORSE)] == [
        Against.BETTER, Against.SAME, Against.WORSE,
    ]  # fmt: skip
    assert AGAINST[codes.NO_COMPARISON] is Against.NOT_ASSESSABLE
    assert EARLIER[codes.ILL] is Earlier.YES
    assert [END_REASONS[code] for code in (codes.DIED, codes.NOT_STATED)] == ["died", ""]
    assert codes.NO_YEAR == NO_YEAR
    assert AUTOIMMUNE[-1] == ANY  # the events' kernel takes the last one for any type
    bits = [1 << place for place in range(len(Component))]
    assert bits == [codes.RELAPSE, codes.WORSENING, codes.MRI, codes.ATROPHY]
