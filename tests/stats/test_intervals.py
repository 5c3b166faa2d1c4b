"""Proportions, rates and medians, held to numbers other people computed."""

import math
from itertools import accumulate
from math import comb

import pytest
from scipy import stats as scipy_stats

from afterdose.record.errors import UsageError
from afterdose.stats import compute_median, exact_proportion, poisson_rate, wilson_proportion

# Newcombe RG. Stat Med 1998;17:857-872, Table I: methods 5 (Clopper-Pearson) and 3 (Wilson).
NEWCOMBE = [
    (81, 263, (0.2527, 0.3676), (0.2553, 0.3662)),
    (15, 148, (0.0578, 0.1617), (0.0624, 0.1605)),
    (0, 20, (0.0000, 0.1684), (0.0000, 0.1611)),
    (1, 29, (0.0009, 0.1776), (0.0061, 0.1718)),
]


@pytest.mark.parametrize(("events", "total", "exact", "wilson"), NEWCOMBE)
def test_proportions_have_the_intervals_newcombe_printed(events, total, exact, wilson):
    """The four worked examples every comparison of methods repeats, to four decimals."""
    found = exact_proportion(events, total)
    assert (round(found.low, 4), round(found.high, 4)) == exact
    found = wilson_proportion(events, total)
    assert (round(found.low, 4), round(found.high, 4)) == wilson


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(("events", "total"), [(0, 1), (1, 1), (5, 9), (158, 786), (786, 786)])
def test_proportions_agree_with_scipy(events, total, level):
    """Every level and both ends: nobody, everybody, one person."""
    for method, ours in (("exact", exact_proportion), ("wilson", wilson_proportion)):
        expected = scipy_stats.binomtest(events, total).proportion_ci(level, method)
        found = ours(events, total, conf_level=level)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_nobody_counted_is_not_zero_percent():
    """Of nobody, no share can be stated."""
    found = exact_proportion(0, 0)
    assert (found.numerator, found.denominator) == (0, 0)
    assert math.isnan(found.value)
    assert math.isnan(wilson_proportion(0, 0).high)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # Garwood F. Biometrika 1936;28:437-442, limits of a Poisson mean at 95 %.
    [(0, 0.0, 3.69), (1, 0.0253, 5.57), (2, 0.242, 7.22), (10, 4.80, 18.39), (50, 37.11, 65.92)],
)
def test_rates_have_garwoods_interval(count, low, high):
    """With one patient-year the rate is the count, and its limits are those of the table."""
    found = poisson_rate(count, 1.0)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.006)


@pytest.mark.parametrize("count", [0, 1, 7, 300])
def test_rates_are_half_the_chi_squared_quantiles(count):
    """The same limits by the other road: chi-squared with twice the degrees of freedom."""
    found = poisson_rate(count, 250.0, per_years=100)
    expected = [
        scipy_stats.chi2.ppf(0.025, 2 * count) / 2 * 0.4 if count else 0.0,
        scipy_stats.chi2.ppf(0.975, 2 * count + 2) / 2 * 0.4,
    ]
    assert [found.low, found.high] == pytest.approx(expected)


def test_no_time_at_risk_has_no_rate():
    """Without patient-years there is no rate, not a rate of zero."""
    assert math.isnan(poisson_rate(0, 0.0).value)


@pytest.mark.parametrize(
    ("count", "ranks"),
    # Ranks of the 95 % interval of a median, from the binomial table at one half.
    [(5, None), (6, (1, 6)), (9, (2, 8)), (10, (2, 9)), (20, (6, 15)), (30, (10, 21))],
)
def test_a_median_lies_between_two_ranks(count, ranks):
    """Five values hold no 95 % interval; six hold the whole range; then the ranks close in."""
    found = compute_median(range(1, count + 1))
    assert found.value == (count + 1) / 2
    if ranks is None:
        assert math.isnan(found.low)
    else:
        assert (found.low, found.high) == ranks


@pytest.mark.parametrize("count", [*range(1, 200), 1001])
def test_the_ranks_are_the_largest_that_keep_the_level(count):
    """In whole numbers: the chance that ``count`` coins show fewer than ``rank`` heads."""
    found = compute_median(range(1, count + 1))
    fewer = list(accumulate(comb(count, heads) for heads in range(count // 2 + 1)))
    rank = sum(40 * ways <= 2**count for ways in fewer)  # at most one in 40 on either side
    if rank == 0:
        assert math.isnan(found.low)
    else:
        assert (found.low, found.high) == (rank, count + 1 - rank)


def test_no_values_have_no_median():
    assert math.isnan(compute_median([]).value)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: exact_proportion(3, 2), "no more events than people"),
        (lambda: exact_proportion(-1, 2), "zero or more"),
        (lambda: poisson_rate(1, -2.0), "zero or more"),
        (lambda: wilson_proportion(1, 2, conf_level=95), "between 0 and 1"),
        (lambda: compute_median([1.0, math.nan]), "Leave the missing ones out"),
    ],
)
def test_what_cannot_be_counted_is_refused(ask, says):
    """The message says what is permitted."""
    with pytest.raises(UsageError, match=says):
        ask()
