"""Log-rank, restricted mean, recurrent events, exposure-adjusted incidence: oracles and edges."""

import math
import subprocess
import sys

import numpy as np
import pytest

from afterdose.record.errors import UsageError
from afterdose.stats import (
    NotEstimable,
    aalen_johansen,
    count_rows,
    eaer,
    eair,
    exact_proportion,
    kaplan_meier,
    log_rank,
    mean_cumulative_function,
    person_time,
    poisson_rate,
    poisson_regression,
    restricted_mean,
    risk_sets,
    wilson_proportion,
)


def drawn(seed, people=300):
    random = np.random.default_rng(seed)
    group = random.integers(0, 3, people)
    event, end = random.exponential(5 + group), random.uniform(0, 12, people)
    return np.minimum(event, end), event <= end, group


@pytest.mark.parametrize("seed", [1, 2])
def test_survival_agrees_with_lifelines(seed):
    """Curve, limits, log-rank and restricted mean by an independent library."""
    from lifelines import KaplanMeierFitter
    from lifelines.statistics import multivariate_logrank_test
    from lifelines.utils import restricted_mean_survival_time

    times, happened, group = drawn(seed)
    theirs = KaplanMeierFitter().fit(times, happened)
    ours = kaplan_meier(times, happened)
    assert ours.value == pytest.approx(theirs.survival_function_["KM_estimate"].to_numpy())
    there = ~np.isnan(ours.low)
    limits = theirs.confidence_interval_.to_numpy()[there]
    assert np.stack([ours.low, ours.high], axis=1)[there] == pytest.approx(limits, rel=1e-9)
    test, expected = log_rank(times, happened, group), multivariate_logrank_test(
        times, group, happened
    )  # fmt: skip
    assert test.chi_squared == pytest.approx(expected.test_statistic, rel=1e-9)
    assert test.p_value == pytest.approx(expected.p_value, rel=1e-9)
    mean = restricted_mean_survival_time(theirs, t=6)
    assert restricted_mean(ours, horizon=6).value == pytest.approx(mean, rel=1e-9)


def test_incidence_agrees_with_lifelines_for_every_kind():
    """Three kinds; the variance too."""
    from lifelines import AalenJohansenFitter

    times, happened, group = drawn(3)
    endings = np.where(happened, group + 1, 0)
    for kind in (1, 2, 3):
        theirs = AalenJohansenFitter(calculate_variance=True).fit(
            times, endings, event_of_interest=kind
        )
        ours = aalen_johansen(times, endings, kind=kind, kinds=3)
        assert ours.value == pytest.approx(theirs.cumulative_density_.to_numpy()[:, 0], abs=1e-12)
        assert ours.variance == pytest.approx(theirs.variance_.to_numpy(), abs=1e-12)


def test_shares_of_all_kinds_and_of_nobody_yet_sum_to_one():
    """Whoever is not free of every event has had one kind first."""
    times, happened, group = drawn(4)
    endings = np.where(happened, group + 1, 0)
    shares = sum(aalen_johansen(times, endings, kind=k, kinds=3).value for k in (1, 2, 3))
    assert shares + kaplan_meier(times, happened).value == pytest.approx(1)


def test_survival_agrees_with_statsmodels_in_strata():
    """Groups are compared within strata only."""
    from statsmodels.duration.survfunc import survdiff

    times, happened, group = drawn(5)
    strata = np.arange(times.size) % 4
    chi_squared, p_value = survdiff(times, happened.astype(int), group, strata=strata)
    test = log_rank(times, happened, group, strata=strata)
    assert (test.chi_squared, test.p_value) == pytest.approx((chi_squared, p_value), rel=1e-9)
    assert test.observed.sum() == pytest.approx(test.expected.sum())


def test_one_event_a_person_has_the_mean_of_nelson_and_aalen():
    """Somebody observed until their first event: at risk and events are those of survival."""
    times, happened, _ = drawn(6, people=50)
    mean = mean_cumulative_function(times[happened], np.flatnonzero(happened), times)
    sets = risk_sets(times, happened)
    assert mean.value == pytest.approx(np.cumsum(sets.events[0] / np.maximum(sets.at_risk, 1)))
    at_risk = np.maximum(sets.at_risk, 1)
    within = np.cumsum(sets.events[0] * (at_risk - sets.events[0]) / at_risk**3)
    assert mean.variance == pytest.approx(within)


def test_the_robust_interval_of_all_events_is_that_of_a_regression_on_nothing():
    """Closed sums over people give what Poisson regression finds step by step."""
    random = np.random.default_rng(7)
    days = random.integers(100, 2000, 200)
    events = random.poisson(days / 365 * random.gamma(0.7, 1 / 0.7, 200))
    ours = person_time(events, days).robust_rate()
    rows = count_rows(np.ones((200, 1)), events, days / 365.25, names=["rate"])
    theirs = poisson_regression([rows]).rate([1], per_time=100)
    assert (ours.value, ours.low, ours.high) == pytest.approx(
        (theirs.value, theirs.low, theirs.high), rel=1e-12
    )
    exact = eaer(events, days)
    assert exact.value == pytest.approx(ours.value)
    assert ours.low < exact.low < exact.high < ours.high


def test_all_censored_and_nobody():
    """Curves stay at their start without limits; what rests on events is not estimable."""
    for times in ([], [3.0, 5.0]):
        none = [0] * len(times)
        curve, incidence = kaplan_meier(times, none), aalen_johansen(times, none)
        mean = mean_cumulative_function([], [], times)
        assert curve.value.tolist() == [1.0] * curve.times.size
        assert incidence.value.tolist() == mean.value.tolist() == [0.0] * curve.times.size
        for one in (curve, incidence, mean):
            assert np.isnan(one.low).all()
            assert one.variance.tolist() == [0.0] * curve.times.size
        assert isinstance(log_rank(times, none, none), NotEstimable)
    assert restricted_mean(kaplan_meier([3.0, 5.0], [0, 0]), horizon=4).value == 4
    assert isinstance(restricted_mean(kaplan_meier([], []), horizon=4), NotEstimable)


def test_everybody_has_the_event():
    """The curve ends at zero, where limits and variance are not numbers."""
    curve = kaplan_meier([1, 2], [1, 1])
    assert curve.value.tolist() == [1.0, 0.5, 0.0]
    assert np.isnan(curve.high).tolist() == [True, False, True]
    assert np.isnan(curve.variance).tolist() == [False, False, True]
    incidence = aalen_johansen([1, 2], [1, 1])
    assert np.isnan(incidence.high).tolist() == [True, False, True]
    assert not np.isnan(incidence.variance).any()


def test_the_area_beyond_observation_is_not_known():
    """Unless nobody is left without the event: then it is zero."""
    found = restricted_mean(kaplan_meier([1, 2, 4], [1, 1, 0]), horizon=5)
    assert isinstance(found, NotEstimable)
    assert "before the horizon" in found.reason
    assert restricted_mean(kaplan_meier([1, 3], [1, 1]), horizon=9).value == 2


@pytest.mark.parametrize(
    ("groups", "strata", "reason"),
    [
        ([0, 0, 0, 0], None, "at least two groups"),
        ([0, 0, 1, 1], [0, 0, 1, 1], "never at risk together"),
        ([0, 1, 2, 3], [0, 0, 1, 1], "never at risk together"),
    ],
)
def test_groups_that_cannot_be_compared(groups, strata, reason):
    found = log_rank([1, 2, 3, 4], [1, 1, 1, 1], groups, strata=strata)
    assert isinstance(found, NotEstimable)
    assert reason in found.reason


def test_zero_events_and_zero_time():
    """No events: from zero to a stated limit. No time: no rate. Events without time: refused."""
    assert exact_proportion(0, 10).low == wilson_proportion(0, 10).low == 0
    none = eair([False, False], [100, 200])
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(-math.log(0.025) / (300 / 365.25) * 100)
    assert math.isnan(eaer([0, 0], [0, 0]).value)
    assert math.isnan(eair([], []).high)
    assert isinstance(person_time([0], [100]).robust_rate(), NotEstimable)
    assert isinstance(person_time([1], [100]).robust_rate(), NotEstimable)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: poisson_rate(3, 0.0), "without any patient-years"),
        (lambda: poisson_rate(3, math.nan), "zero or more"),
        (lambda: poisson_rate(math.nan, 3.0), "zero or more"),
        (lambda: poisson_rate(1.5, 3.0), "whole number"),
        (lambda: poisson_rate(1, 3.0, per_years=0), "above zero"),
        (lambda: exact_proportion(1, math.nan), "zero or more"),
        (lambda: eair([True, True], [10, 0]), "no event without time"),
        (lambda: eair([2], [10]), "one first event or none"),
        (lambda: eaer([1], [-5]), "positions 0"),
        (lambda: eaer([math.nan], [5]), "positions 0"),
        (lambda: eaer([1, 2], [5]), "columns of one length"),
        (lambda: kaplan_meier([1, None], [1, 0]), "positions 1"),
        (lambda: kaplan_meier(["a"], [1]), "not numbers"),
        (lambda: kaplan_meier([1], [0.5]), "positions 0"),
        (lambda: kaplan_meier([1], [math.nan]), "positions 0"),
        (lambda: kaplan_meier([[1]], [[0]]), "columns of one length"),
        (lambda: kaplan_meier([1], [1]).at(-1), "zero or more"),
        (lambda: kaplan_meier([1], [1]).at(math.nan), "zero or more"),
        (lambda: aalen_johansen([1], [1], kind=3), "1 to 2"),
        (lambda: restricted_mean(kaplan_meier([1], [1]), horizon=math.nan), "above zero"),
        (lambda: log_rank([1], [1], [0.5]), "whole numbers nor text"),
        (lambda: log_rank([1, 2], [1, 1], ["a"]), "columns of one length"),
        (lambda: mean_cumulative_function([3], [0], [2]), "no later than"),
        (lambda: mean_cumulative_function([1], [1], [2]), "one fewer than the 1 people"),
        (lambda: mean_cumulative_function([math.nan], [0], [2]), "positions 0"),
        (lambda: mean_cumulative_function([1], [0], [-2]), "positions 0"),
        (lambda: mean_cumulative_function([1], [0, 0], [2]), "columns of one length"),
    ],
)
def test_bad_input_is_a_named_error(ask, says):
    """Missing, negative, of another length or kind: what was seen and what is permitted."""
    with pytest.raises(UsageError, match=says):
        ask()


def test_estimators_are_light_to_load():
    """Special functions are loaded by those who ask for an exact interval or a p-value."""
    heavy = "{'scipy', 'pandas', 'polars', 'numba', 'statsmodels', 'lifelines', 'matplotlib'}"
    code = f"import sys, afterdose.stats; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
