"""Disability by the local engine gives the answers of the plain code.

Definitions over every option and histories are drawn, and both engines have to answer alike: every
event with its visits and dates, everybody's answer and its reason, every score accounted for. The
long form draws more: ``make fuzz-outcomes``.
"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterdose.engines.local.outcomes import (
    PackedOutcomes,
    evaluate_disability,
    multiverse,
    pack_outcomes,
    work_on_outcome_parts,
    write_outcome_parts,
)
from afterdose.engines.reference import build_disability
from afterdose.engines.reference.disability import total_counts
from afterdose.outcomes.disability import CARE_MS_CDW, load_definition, preset_paths
from afterdose.outcomes.disability.choices import Checkpoint, Direction, Preceding, Report
from afterdose.outcomes.disability.parts import Attribution, Distance, Interval, RelapseWindows
from afterdose.record.answers import Answer
from afterdose.record.errors import DefinitionError, UnreadableInputError, UsageError
from afterdose.record.history import History
from afterdose.record.tables import Assessment, Person, Relapse
from support.agreement import make_cohort
from support.disability_agreement import (
    AS_OF,
    definitions,
    draw_people,
    engines_agree_on_disability,
    histories,
)
from support.examples import TIMES, examples

_AFTER_ALL = date(2040, 1, 1)


@given(definitions(), histories, AS_OF)
@examples(150)
def test_drawn_definitions(definition, drawn, as_of) -> None:
    """A few people: a case that fails is made small."""
    engines_agree_on_disability(drawn, definition, as_of=as_of)


@given(definitions(), st.integers(0, 10**9), AS_OF)
@examples(400)
def test_drawn_definitions_of_many(definition, seed, as_of) -> None:
    engines_agree_on_disability(draw_people(Random(seed), 40), definition, as_of=as_of)


@pytest.mark.parametrize("name", preset_paths())
def test_presets(name: str) -> None:
    """Every definition that comes with Afterdose finds something, and the same."""
    people = draw_people(Random(name), 400 * TIMES)
    assert engines_agree_on_disability(people, load_definition(name), as_of=_AFTER_ALL) > 5


@pytest.fixture(scope="module")
def packed() -> PackedOutcomes:
    """A hundred people, some without any score."""
    return pack_outcomes(make_cohort(draw_people(Random(1), 100)), as_of=_AFTER_ALL)


def test_a_multiverse_counts_what_each_definition_finds(packed: PackedOutcomes) -> None:
    every = [load_definition(name) for name in preset_paths()]
    counted = multiverse(packed, every)
    assert counted == tuple(evaluate_disability(packed, one).counts() for one in every)
    assert multiverse(packed, []) == ()


def test_any_number_of_threads_and_shares_answers_alike(
    packed: PackedOutcomes, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = load_definition("mueller-2023-pira")
    whole = evaluate_disability(packed, definition, threads=1)
    monkeypatch.setattr("afterdose.engines.local.outcomes.evaluate._SHARE", 7)
    shared = evaluate_disability(packed, definition, threads=3)
    assert np.array_equal(shared.events, whole.events)
    assert np.array_equal(shared.people, whole.people)
    assert multiverse(packed, [definition], threads=3) == (whole.counts(),)


def test_a_person_with_many_events() -> None:
    """Worse and better again, all along."""
    scores = [
        Assessment("p1", date.fromordinal(730_000 + 100 * place), "edss", 2.0 + place // 2 % 2)
        for place in range(400)
    ]
    history = History(Person("p1"), assessments=tuple(scores))
    base = load_definition("msprog-first-cdw")
    both = replace(base.events, report=Report.EACH, kinds=Direction.BOTH)
    definition = replace(base, events=both, reference=replace(base.reference, roves=Direction.BOTH))
    assert engines_agree_on_disability([history], definition, as_of=_AFTER_ALL) > 64


def test_a_lower_score_in_between_decides_which_visit_is_the_preceding_one() -> None:
    """Seldom drawn: with 3.0 in between, the 2.5 is no step away, and the relapse falls inside."""
    visits = ((0, 2.0), (100, 2.5), (200, 3.5), (260, 3.0), (300, 3.5))
    start = date(2020, 1, 1)
    history = History(
        Person("p1"),
        assessments=tuple(Assessment("p1", start + timedelta(day), "edss", v) for day, v in visits),
        relapses=(Relapse("p1", start + timedelta(50)),),
    )
    free = Interval(Checkpoint.PRECEDING, 0.0, Checkpoint.ONSET, 0.0)
    definition = replace(
        load_definition("msprog-first-cdw"),
        attribution=Attribution((), (free,), preceding=Preceding.LAST_STEP),
    )
    assert engines_agree_on_disability([history], definition, as_of=_AFTER_ALL) == 1
    packed = pack_outcomes(make_cohort([history]), as_of=_AFTER_ALL)
    (row,) = evaluate_disability(packed, definition).rows()
    assert row["class"] == "undefined"


@pytest.mark.parametrize(("kinds", "reference"), [("worsening", 2.0), ("both", 2.5)])
def test_a_first_event_is_found_again_against_a_later_reference(kinds, reference) -> None:
    """Seldom drawn: looking for both kinds, the search goes on, and back to after the relapse."""
    visits = ((0, 2.0), (60, 2.5), (100, 4.0), (200, 4.0), (300, 4.0), (400, 4.0))
    start = date(2020, 1, 1)
    history = History(
        Person("p1"),
        assessments=tuple(Assessment("p1", start + timedelta(day), "edss", v) for day, v in visits),
        relapses=(Relapse("p1", start + timedelta(50)),),
    )
    none = Distance()
    base = load_definition("msprog-first-cdw")
    definition = replace(
        base,
        reference=replace(base.reference, after_relapse=True),
        events=replace(base.events, kinds=Direction(kinds)),
        relapses=RelapseWindows(none, none, none),
    )
    assert engines_agree_on_disability([history], definition, as_of=_AFTER_ALL) == 1
    packed = pack_outcomes(make_cohort([history]), as_of=_AFTER_ALL)
    (row,) = evaluate_disability(packed, definition).rows()
    assert row["reference_value"] == reference


def test_packed_parts_stream(packed: PackedOutcomes, tmp_path: Path) -> None:
    """Written to Parquet and read again part by part: the same events of the same people."""
    definition = load_definition("care-ms-cdw-6m")
    whole = evaluate_disability(packed, definition)
    assert write_outcome_parts(packed, tmp_path, people=30) == 4
    found = list(
        work_on_outcome_parts(
            tmp_path, lambda part: evaluate_disability(part, definition), measures=["edss"]
        )
    )
    assert [row for part in found for row in part.rows()] == list(whole.rows())
    assert total_counts(part.counts() for part in found) == whole.counts()
    (tmp_path / "part-00009").mkdir()
    with pytest.raises(UnreadableInputError, match="part-00009 is not a packed part"):
        list(work_on_outcome_parts(tmp_path, len))


def test_everybody_comes_out(packed: PackedOutcomes) -> None:
    """People in are people out, also by a measure nobody was scored by."""
    for measure in ("edss", "t25fw_s"):
        found = evaluate_disability(packed, replace(CARE_MS_CDW, measure=measure))
        assert sum(found.count(answer) for answer in Answer) == len(packed) == 100
        assert sum(people for _, people in found.missing()) == found.count(Answer.NOT_ASSESSABLE)


def test_a_step_that_is_a_function_is_refused(packed: PackedOutcomes) -> None:
    definition = replace(CARE_MS_CDW, step=lambda reference: 1.0)
    with pytest.raises(DefinitionError, match=r"a step is a Python function.*StepRule"):
        evaluate_disability(packed, definition)


def test_a_day_of_another_century_is_refused() -> None:
    visit = Assessment("p1", date(1850, 1, 1), "edss", 2.0)
    with pytest.raises(UsageError, match=r"assessments\.date holds a day before 1900"):
        pack_outcomes(make_cohort([History(Person("p1"), assessments=(visit,))]), as_of=_AFTER_ALL)


def test_a_record_of_people_alone() -> None:
    """No table but people: nobody can be assessed, in both engines."""
    cohort = make_cohort([History(Person("p1"), absent=frozenset(_OTHERS))])
    found = evaluate_disability(pack_outcomes(cohort, as_of=_AFTER_ALL), CARE_MS_CDW)
    plain = build_disability(cohort.histories(), CARE_MS_CDW, as_of=_AFTER_ALL)
    assert found.missing() == plain.missing() == [("a course of alemtuzumab", 1)]


_OTHERS = ("treatments", "assessments", "relapses", "mri")
