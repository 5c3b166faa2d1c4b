"""A person's own slope of brain volume beside cut-offs: faster, slower, cannot tell."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.outcomes.conftest import Someone

from afterdose.outcomes.ageing import (
    CUT_OFFS,
    HEALTHY_45_MEAN,
    HEALTHY_45_P95,
    HEALTHY_65_P95,
    Loss,
    evaluate_slope,
    student_t_975,
)
from afterdose.outcomes.brain_volume import FROM_BASELINE, FROM_MONTH_12, Volume, volume_scans


def slope(person, start=FROM_MONTH_12, measure=Volume.BPF):
    line = person.timeline()
    scans = volume_scans(line, person.history.mri, measure)
    return evaluate_slope(line, scans, measure=measure, start=start)


def yearly(someone, *volumes, first=2011):
    person = someone()
    for place, volume in enumerate(volumes):
        person.scan(f"{first + place}-01-01", volume)
    return person


def test_a_straight_line_is_its_own_slope(someone):
    """A loss of 0.008 of 0.800 a year is 1 %, and scans on the line leave no doubt."""
    found = slope(yearly(someone, 0.800, 0.792, 0.784, 0.776))
    assert found.scans == 4
    assert found.pct_per_year == pytest.approx(-1.0, abs=0.002)
    assert found.beside(HEALTHY_45_P95) is Loss.FASTER
    assert found.beside(HEALTHY_65_P95) is Loss.SLOWER


def test_scattered_scans_cannot_tell(someone):
    found = slope(yearly(someone, 0.800, 0.790, 0.803, 0.791))
    assert found.low < HEALTHY_45_MEAN.pct_per_year < found.high
    assert {found.beside(cut_off) for cut_off in CUT_OFFS} == {Loss.CANNOT_TELL}


@given(st.lists(st.floats(0.5, 0.9), min_size=3, max_size=5))
def test_slope_and_interval_are_those_of_ordinary_least_squares(volumes):
    """Held to statsmodels."""
    person = Someone().course("2010-01-01", 1).followed("2009-12-01", "2015-12-31")
    for place, volume in enumerate(volumes):
        person.scan(f"{2011 + place}-01-01", volume)
    found = slope(person)
    years = np.array([0, 365, 731, 1096, 1461][: len(volumes)]) / 365.25
    fit = sm.OLS(100 * np.array(volumes) / volumes[0], sm.add_constant(years)).fit()
    low, high = fit.conf_int()[1]
    assert (found.pct_per_year, found.low, found.high) == pytest.approx(
        (fit.params[1], low, high), abs=1e-8
    )


@pytest.mark.parametrize("degrees", [*range(1, 12), 30, 200])
def test_students_t(degrees):
    assert student_t_975(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=1e-12)


@pytest.mark.parametrize(
    ("volumes", "missing"),
    [
        ((), "a scan at the start, with its method and scanner"),
        ((0.80, 0.79), "3 comparable scans over 18 months"),
    ],
)
def test_too_little_has_no_slope(someone, volumes, missing):
    found = slope(yearly(someone, *volumes))
    assert found.pct_per_year is None
    assert found.because.missing == missing
    assert found.beside(HEALTHY_45_MEAN) is Loss.NOT_ASSESSABLE


def test_three_scans_in_a_year_are_too_short(someone):
    person = someone().scan("2011-01-01", 0.80).scan("2011-07-01", 0.79).scan("2011-12-01", 0.78)
    assert slope(person).because.missing == "3 comparable scans over 18 months"


def test_a_change_of_scanner_ends_the_line_and_is_flagged(someone):
    """The fall of the first scan on the new scanner is no loss; four scans remain."""
    person = yearly(someone, 0.800, 0.799, 0.798, 0.797, first=2010)
    person.scan("2014-01-01", 0.700, scanner="B").scan("2015-01-01", 0.796)
    found = slope(person, FROM_BASELINE)
    assert (found.scans, found.scanner_changed) == (4, True)
    assert found.pct_per_year == pytest.approx(-0.125, abs=0.001)


def test_the_line_begins_where_the_definition_says(someone):
    """The fall of year 1 is in the line from baseline and not in the one from month 12."""
    person = yearly(someone, 0.820, 0.800, 0.800, 0.800, first=2010)
    assert slope(person).pct_per_year == pytest.approx(0)
    assert slope(person, FROM_BASELINE).pct_per_year < -0.5


def test_pbvc_has_a_line_of_its_own(someone):
    person = someone()
    for year, pct in ((2011, None), (2012, -0.5), (2013, -0.5), (2014, -0.5)):
        person.pbvc(f"{year}-01-01", pct)
    assert slope(person, measure=Volume.PBVC).pct_per_year == pytest.approx(-0.5, abs=0.01)
    assert slope(person).pct_per_year is None


def test_cut_offs_say_what_they_were_measured_by():
    """Each by SIENA, each with its source; what was read in other texts only says so."""
    assert all("SIENA" in cut_off.words for cut_off in CUT_OFFS)
    secondary = [cut_off for cut_off in CUT_OFFS if "De Stefano" in cut_off.source]
    assert secondary
    assert all("secondary" in cut_off.source for cut_off in secondary)
