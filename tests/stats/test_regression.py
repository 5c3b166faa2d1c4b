"""Regressions of counts: beside statsmodels, and where there is nothing to estimate."""

import math
import warnings

import numpy as np
import pytest

from afterdose.record.errors import UsageError
from afterdose.stats import (
    NotEstimable,
    count_rows,
    negative_binomial_regression,
    period_counts,
    person_time,
    poisson_rate,
    poisson_regression,
)

BOTH = [poisson_regression, negative_binomial_regression]


def drawn(seed, *, people=400, theta=1.2):
    """Counts of people who differ, over unequal times."""
    random = np.random.default_rng(seed)
    design = np.column_stack(
        [np.ones(people), random.integers(0, 2, people), random.uniform(20, 60, people)]
    )
    years = random.uniform(0.3, 6, people)
    rate = np.exp(design @ [-1.2, -0.5, 0.02]) * random.gamma(theta, 1 / theta, people)
    return design, random.poisson(years * rate), years


def fitted(regression, design, events, years, **more):
    names = [f"x{place}" for place in range(np.shape(design)[1])]
    return regression([count_rows(design, events, years, names=names, **more)])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_poisson_agrees_with_statsmodels(seed):
    """Coefficients, robust standard errors and likelihood of an independent program."""
    import statsmodels.api as sm

    design, events, years = drawn(seed)
    theirs = sm.GLM(events, design, sm.families.Poisson(), exposure=years).fit(
        tol=1e-14, cov_type="HC0"
    )
    ours = fitted(poisson_regression, design, events, years)
    assert ours.coefficients == pytest.approx(theirs.params, rel=1e-8)
    assert ours.standard_errors == pytest.approx(theirs.bse, rel=1e-6)
    assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_negative_binomial_agrees_with_statsmodels_by_newton(seed):
    """Started from our answer, Newton's method there stays where it is."""
    import statsmodels.api as sm

    design, events, years = drawn(seed)
    ours = fitted(negative_binomial_regression, design, events, years)
    start = np.append(ours.coefficients, 1 / ours.theta)
    model = sm.NegativeBinomial(events, design, exposure=years)
    theirs = model.fit(start_params=start, method="newton", disp=0, tol=1e-12)
    assert start == pytest.approx(theirs.params, rel=1e-6)
    assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-10)


def test_a_program_that_says_converged_may_be_far_below_the_top():
    """On these counts the default optimiser of statsmodels says so at no overdispersion at all."""
    import statsmodels.api as sm

    random = np.random.default_rng(5)
    years = random.uniform(0.1, 10, 500)
    events = random.poisson(years * 0.1 * random.gamma(1.0, 1.0, 500))
    model = sm.NegativeBinomial(events, np.ones((500, 1)), exposure=years)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = model.fit(disp=0)
    ours = fitted(negative_binomial_regression, np.ones((500, 1)), events, years)
    assert theirs.mle_retvals["converged"]
    assert theirs.llf < ours.log_likelihood - 30
    assert ours.theta == pytest.approx(0.84, abs=0.01)
    again = model.fit(start_params=[*ours.coefficients, 1 / ours.theta], method="newton", disp=0)
    assert ours.log_likelihood == pytest.approx(again.llf, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-4, 1e4])
def test_units_of_a_covariate_do_not_matter(scale):
    """Age in days or centuries: the coefficient is rescaled and nothing else moves."""
    design, events, years = drawn(5)
    whole = fitted(negative_binomial_regression, design, events, years)
    scaled = fitted(negative_binomial_regression, design * [1, 1, scale], events, years)
    assert scaled.coefficients * [1, 1, scale] == pytest.approx(whole.coefficients, rel=1e-9)
    assert scaled.theta == pytest.approx(whole.theta, rel=1e-9)


def test_counts_that_vary_no_more_than_poisson_have_no_theta():
    """The likelihood rises with theta without end: stated as None, with Poisson's coefficients."""
    ours = fitted(negative_binomial_regression, [[1]] * 6, [2, 2, 3, 2, 3, 2], [1.0] * 6)
    assert (ours.theta, ours.theta_standard_error) == (None, None)
    rate = ours.rate([1])
    assert rate.value == pytest.approx(14 / 6)
    half = 1.959964 / math.sqrt(14)
    assert (rate.low, rate.high) == pytest.approx(
        (rate.value * math.exp(-half), rate.value * math.exp(half)), rel=1e-6
    )


def test_a_regression_on_nothing_is_the_crude_rate():
    """All events over all time, in whatever unit it is asked for."""
    design, events, years = drawn(6)
    ours = fitted(poisson_regression, design[:, :1], events, years)
    crude = poisson_rate(int(events.sum()), float(years.sum()), per_years=100)
    assert ours.rate([1], per_time=100).value == pytest.approx(crude.value)
    assert ours.ratio("x0").value == pytest.approx(crude.value / 100)


@pytest.mark.parametrize("regression", BOTH)
@pytest.mark.parametrize(
    ("design", "events", "years", "reason"),
    [
        (np.empty((0, 1)), [], [], "Nobody had time"),
        ([[1], [1]], [0, 0], [0.0, 0.0], "Nobody had time"),
        ([[1], [1]], [0, 0], [1.0, 2.0], "No event happened"),
        ([[1, 2], [1, 2], [1, 2]], [0, 1, 2], [1.0, 1.0, 1.0], "Leave one of them out"),
        ([[1, 0], [1, 0], [1, 0]], [0, 1, 2], [1.0, 1.0, 1.0], "Leave one of them out"),
        ([[1, 0], [1, 0], [1, 1]], [3, 1, 0], [1.0, 1.0, 9.0], "has no event at all"),
        ([[1, 0], [1, 0], [1, 1], [1, 1]], [0, 0, 8, 1], [1.0, 1.0, 9.0, 9.0], "no event at all"),
    ],
)
def test_what_cannot_be_estimated_is_said_with_its_reason(
    regression, design, events, years, reason
):
    """No events, no time, a covariate that follows from others, a group without events."""
    found = fitted(regression, design, events, years)
    assert isinstance(found, NotEstimable)
    assert reason in found.reason


def test_rows_without_time_are_counted_apart():
    """They say nothing about a rate, and are not dropped in silence."""
    ours = fitted(poisson_regression, [[1]] * 3, [2, 1, 0], [1.0, 2.0, 0.0])
    assert (ours.people, ours.without_time, ours.events, ours.time) == (2, 1, 3, 3.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"design": [[1], [math.nan]]}, r"1 rows cannot be used \(positions 1\)"),
        ({"design": [[1]]}, "one row of covariates for each count"),
        ({"names": ["a", "b"]}, "one name for each column"),
        ({"design": [["x"], ["y"]]}, "not numbers"),
        ({"events": [1, -1]}, "positions 1"),
        ({"events": [1, 0.5]}, "positions 1"),
        ({"events": [1, 2_000_000]}, "up to a million"),
        ({"events": [1, math.nan]}, "positions 1"),
        ({"events": [1]}, "columns of one length"),
        ({"time": [1.0, -1.0]}, "positions 1"),
        ({"time": [math.inf, 1.0]}, "positions 0"),
        ({"time": [0.0, 1.0]}, "no event without time"),
        ({"people": [1, 0]}, "positions 1"),
        ({"people": [2, 1], "clusters": [0, 1]}, "one of them"),
        ({"clusters": [0, -1]}, "positions 1"),
    ],
)
def test_rows_that_cannot_be_used_are_refused_by_position(change, says):
    """The message names positions and what is permitted, never a value."""
    given = {"design": [[1], [1]], "events": [2, 1], "time": [1.0, 2.0], "names": ["rate"]} | change
    with pytest.raises(UsageError, match=says):
        count_rows(**given)


def test_a_negative_binomial_takes_one_row_a_person():
    """Rows of one person are not independent, and its variance would not know."""
    with pytest.raises(UsageError, match="one row a person"):
        fitted(negative_binomial_regression, [[1]] * 3, [2, 1, 0], [1.0] * 3, clusters=[0, 0, 1])


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda fit: fit.ratio("age"), "No covariate is called age. Permitted: x0"),
        (lambda fit: fit.rate([1, 0]), "one finite number for each of x0"),
        (lambda fit: fit.rate([math.nan]), "one finite number"),
        (lambda fit: fit.rate([1], per_time=0), "above zero"),
        (lambda fit: fit.rate([1], conf_level=math.nan), "between 0 and 1"),
    ],
)
def test_questions_that_a_fit_cannot_answer(ask, says):
    fit = fitted(poisson_regression, [[1]] * 2, [2, 1], [1.0, 2.0])
    with pytest.raises(UsageError, match=says):
        ask(fit)


def periods(seed, *, people=300):
    """Counts of three periods of people who differ; some leave before the last."""
    random = np.random.default_rng(seed)
    time = random.uniform(0.2, 1.0, (people, 3))
    time[random.random(people) < 0.3, 2] = 0
    own = random.gamma(0.8, 1 / 0.8, (people, 1))
    return random.poisson(own * time * [1.2, 0.8, 0.5]), time


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_periods_have_the_rates_and_ratios_of_a_regression_by_person(seed):
    """One rate a period: in closed form what Poisson regression with clusters finds by steps."""
    events, time = periods(seed)
    whose, period = np.indices(events.shape).reshape(2, -1)
    rows = count_rows(
        np.eye(3)[period], events.ravel(), time.ravel(), names=["1", "2", "3"], clusters=whose
    )
    fitted = poisson_regression([rows])
    counts = period_counts(events, time)
    for one in range(3):
        at = np.eye(3)[one]
        ours, theirs = counts.rate(one, per_time=100), fitted.rate(at, per_time=100)
        assert [ours.value, ours.low, ours.high] == pytest.approx(
            [theirs.value, theirs.low, theirs.high], rel=1e-8
        )
        ours, theirs = counts.ratio(one, against=(one + 1) % 3), fitted.rate(at - np.roll(at, 1))
        assert [ours.value, ours.low, ours.high] == pytest.approx(
            [theirs.value, theirs.low, theirs.high], rel=1e-8
        )


def test_one_period_is_the_robust_rate_of_person_time():
    events, time = periods(4)
    ours = period_counts(events[:, :1], time[:, :1]).rate(0)
    theirs = person_time(events[:, 0], time[:, 0] * 365.25).robust_rate(per_years=1)
    assert [ours.value, ours.low, ours.high] == pytest.approx(
        [theirs.value, theirs.low, theirs.high]
    )


def test_a_period_against_itself_is_once_as_high():
    found = period_counts(*periods(5)).ratio(1, against=1)
    assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1))


def test_periods_of_parts_add():
    """Whole numbers of days: the sums are exact."""
    events, time = periods(6)
    days = np.round(time * 365)
    events = np.where(days > 0, events, 0)
    whole = period_counts(events, days)
    parts = period_counts(events[:100], days[:100]) + period_counts(events[100:], days[100:])
    for name, value in vars(whole).items():
        np.testing.assert_array_equal(getattr(parts, name), value, err_msg=name)


def test_a_period_that_holds_no_rate_says_why():
    counts = period_counts([[1, 0, 2], [0, 0, 0]], [[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
    assert "No event" in counts.rate(1).reason
    assert "One person" in counts.rate(2).reason
    assert "No event" in counts.ratio(0, against=1).reason
    assert "One person" in counts.ratio(2, against=0).reason


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: period_counts([1, 2], [1.0, 1.0]), "a row a person and a column a period"),
        (lambda: period_counts([[1, 2]], [[1.0, 0.0]]), "no event without time"),
        (lambda: period_counts([[1.5]], [[1.0]]), "whole counts"),
        (lambda: period_counts([[1]], [[1.0]]).rate(0, per_time=0), "above zero"),
        (lambda: period_counts([[1]], [[1.0]]).rate(1), "Permitted: 0 to 0"),
        (lambda: period_counts([[1]], [[1.0]]) + period_counts([[1, 1]], [[1, 1]]), "same periods"),
    ],
)
def test_what_are_no_periods_is_refused(ask, says):
    with pytest.raises(UsageError, match=says):
        ask()
