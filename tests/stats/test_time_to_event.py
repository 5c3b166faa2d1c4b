"""Kaplan-Meier and Aalen-Johansen, held to published and independently computed numbers."""

import math

import numpy as np
import pytest

from afterdose.record.errors import UsageError
from afterdose.stats import aalen_johansen, kaplan_meier

# Remission in weeks under 6-mercaptopurine: Freireich EJ, et al. Blood 1963;21:699-716, as printed
# by Gehan EA. Biometrika 1965;52:203-223. The estimates are in most textbooks of survival
# analysis; the log-log intervals were computed with lifelines 0.30.3 (KaplanMeierFitter).
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [1] * 9 + [0] * 12
SIX_MP = {
    6: (0.857143, 0.619718, 0.951552),
    7: (0.806723, 0.563147, 0.922809),
    10: (0.752941, 0.503200, 0.889362),
    13: (0.690196, 0.431610, 0.849066),
    16: (0.627451, 0.367511, 0.804912),
    22: (0.537815, 0.267779, 0.746791),
    23: (0.448179, 0.188052, 0.680143),
}

# Ten invented times, without ties; lifelines 0.30.3, AalenJohansenFitter(calculate_variance=True).
TIMES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
ENDINGS = [1, 2, 0, 1, 1, 2, 0, 1, 0, 1]
COMPETING = {
    1: (0.100000, 0.009000, 0.005723, 0.358127),
    4: (0.214286, 0.018236, 0.032240, 0.501120),
    5: (0.328571, 0.024394, 0.076492, 0.617606),
    8: (0.480952, 0.031684, 0.139195, 0.762066),
}


@pytest.mark.parametrize("week", SIX_MP)
def test_remission_under_6_mp(week):
    """The example every textbook works, with its log-log interval."""
    assert kaplan_meier(WEEKS, RELAPSED).at(week) == pytest.approx(SIX_MP[week], abs=1e-6)


def test_numbers_at_risk_count_who_is_there_just_before():
    """At six weeks all 21 are at risk; the one censored that week still counts."""
    curve = kaplan_meier(WEEKS, RELAPSED)
    at_risk = dict(zip(curve.times.tolist(), curve.at_risk.tolist(), strict=True))
    assert (at_risk[0], at_risk[6], at_risk[7], at_risk[10], at_risk[35]) == (21, 21, 17, 15, 1)


@pytest.mark.parametrize("time", COMPETING)
def test_incidence_with_competing_events(time):
    """Value, variance and log-log limits agree with an independent program."""
    curve = aalen_johansen(TIMES, ENDINGS)
    value, variance, low, high = COMPETING[time]
    assert curve.at(time) == pytest.approx((value, low, high), abs=1e-6)
    place = curve.times.tolist().index(time)
    assert curve.variance[place] == pytest.approx(variance, abs=1e-6)


def test_without_competing_events_it_is_one_minus_kaplan_meier():
    """Then the variance is Greenwood's as well."""
    incidence = aalen_johansen(WEEKS, RELAPSED)
    survival = kaplan_meier(WEEKS, RELAPSED)
    assert incidence.value == pytest.approx(1 - survival.value)
    greenwood = np.cumsum(
        survival.events / (survival.at_risk * (survival.at_risk - survival.events))
    )
    assert incidence.variance == pytest.approx(survival.value**2 * greenwood)


def test_death_lowers_incidence_below_one_minus_kaplan_meier():
    """Treating the dead as censored would count illness they can no longer have."""
    naive = kaplan_meier(TIMES, [ending == 1 for ending in ENDINGS])
    assert aalen_johansen(TIMES, ENDINGS).value[-1] < 1 - naive.value[-1]


def test_the_running_sums_give_the_variance_of_the_double_sum():
    """The one-pass variance equals the formula written out term by term, ties included."""
    random = np.random.default_rng(1)
    times, endings = random.integers(1, 30, 200), random.integers(0, 3, 200)
    curve = aalen_johansen(times, endings)
    n, d1, d2 = (row.astype(float) for row in (curve.at_risk, curve.events, curve.competing))
    d = d1 + d2
    before = np.concatenate([[1.0], np.cumprod(1 - d / n)[:-1]])
    for last in range(len(n) - 1):
        part = slice(0, last + 1)
        gap = curve.value[last] - curve.value[part]
        expected = np.sum(
            gap**2 * d[part] / (n[part] * (n[part] - d[part]))
            + before[part] ** 2 * d1[part] * (n[part] - d1[part]) / n[part] ** 3
            - 2 * gap * before[part] * d1[part] / n[part] ** 2
        )
        assert curve.variance[last] == pytest.approx(expected, abs=1e-12)


def test_beyond_the_last_time_nothing_is_known():
    """Once nobody is under observation there is no estimate, not the last one carried on."""
    assert math.isnan(kaplan_meier([3, 5], [True, False]).at(6)[0])
    curve = aalen_johansen([3, 5], [1, 0])
    assert math.isnan(curve.at(6)[0])
    assert (curve.at_risk_at(4), curve.at_risk_at(6)) == (1, 0)


def test_nobody_has_a_curve_that_starts_and_ends_at_zero():
    curve = aalen_johansen([], [])
    assert (curve.value.tolist(), curve.at_risk.tolist()) == ([0.0], [0])


@pytest.mark.parametrize(
    ("times", "endings", "says"),
    [
        ([1, 2], [1], "columns of one length"),
        ([1, -2], [1, 0], r"positions 1\)"),
        ([1, math.nan], [1, 0], "positions 1"),
        ([1, 2], [0, 3], "ending from 0 to 2"),
    ],
)
def test_what_cannot_be_used_is_refused_by_position(times, endings, says):
    """The message names positions, never values."""
    with pytest.raises(UsageError, match=says):
        aalen_johansen(times, endings)
