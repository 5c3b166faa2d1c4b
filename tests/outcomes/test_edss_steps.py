"""Two rules for the step of EDSS, on the same two visits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterdose.outcomes.disability import Against, edss_visits, evaluate_edss_at_year
from afterdose.outcomes.edss_steps import (
    EDSS_STEPS,
    HALF_FROM_5_5,
    WHOLE_POINT,
    evaluate_by_steps,
)

BETTER, SAME, WORSE = Against.BETTER, Against.SAME, Against.WORSE


@pytest.mark.parametrize(
    ("baseline", "score", "whole", "half"),
    [
        (0.0, 1.0, SAME, SAME),
        (0.0, 1.5, WORSE, WORSE),
        (1.0, 2.0, WORSE, WORSE),
        (1.0, 0.0, BETTER, BETTER),
        (5.0, 5.5, SAME, SAME),
        (5.5, 6.0, SAME, WORSE),
        (5.5, 5.0, SAME, BETTER),
        (6.5, 7.5, WORSE, WORSE),
        (3.0, 2.5, SAME, SAME),
    ],
)
def test_steps(baseline, score, whole, half):
    """The rules differ from 5.5 up, and nowhere else."""
    assert WHOLE_POINT.against(baseline, score) is whole
    assert HALF_FROM_5_5.against(baseline, score) is half


@given(st.integers(0, 20), st.integers(0, 20))
def test_half_a_point_only_ever_finds_more(baseline, score):
    """Whoever changed by the stricter rule changed by the other, in the same direction."""
    strict, loose = (rule.against(baseline / 2, score / 2) for rule in (WHOLE_POINT, HALF_FROM_5_5))
    assert strict in (loose, SAME)
    if baseline < 11:
        assert strict is loose


def test_the_same_year_under_either_rule(someone):
    """From 6.0 to 6.5: the same by a whole point, worse by half of one."""
    person = someone().edss("2009-12-20", 6.0).edss("2011-01-10", 6.5)
    line = person.timeline()
    visits = edss_visits(line, person.history.assessments)
    edss = evaluate_edss_at_year(line, visits, year=1)
    assert [evaluate_by_steps(edss, steps) for steps in EDSS_STEPS] == [SAME, WORSE]


def test_without_a_baseline_no_rule_can_tell(someone):
    line = someone().edss("2011-01-10", 6.5).timeline()
    visits = edss_visits(line, someone().edss("2011-01-10", 6.5).history.assessments)
    edss = evaluate_edss_at_year(line, visits, year=1)
    assert {evaluate_by_steps(edss, steps) for steps in EDSS_STEPS} == {Against.NOT_ASSESSABLE}
