"""Yearly change of brain parenchymal fraction."""

import pytest

from afterdose.outcomes.brain_volume import bpf_scans, evaluate_yearly_bpf


def change(person, year):
    line = person.timeline()
    return evaluate_yearly_bpf(line, bpf_scans(line, person.history.mri), year=year)


def test_change_is_relative_and_per_year(someone):
    """0.800 to 0.796 in 365 days is half a percent a year less; the interval is not rounded."""
    person = someone().scan("2010-01-01", 0.800).scan("2011-01-01", 0.796)
    assert change(person, 1).change_pct_per_year == pytest.approx(-0.5 * 365.25 / 365)


def test_the_second_year_compares_the_ends_of_two_years(someone):
    person = someone().scan("2011-01-20", 0.800).scan("2011-12-20", 0.792)
    assert change(person, 2).change_pct_per_year == pytest.approx(-1.0 * 365.25 / 334)


@pytest.mark.parametrize(
    ("earlier", "later", "missing"),
    [
        (None, {}, "a scan at the start of the year"),
        ({}, None, "a scan at the end of the year"),
        ({"method": "A 1"}, {"method": "A 2"}, "the same method at both scans"),
        ({"scanner": "1.5 T"}, {"scanner": "3 T"}, "the same scanner at both scans"),
        ({"method": None}, {}, "the method and scanner of both scans"),
        ({"scanner": None}, {"scanner": None}, "the method and scanner of both scans"),
    ],
)
def test_unlike_scans_are_not_compared(someone, earlier, later, missing):
    """Method and scanner must be recorded and the same; a change of either hides the change."""
    person = someone()
    if earlier is not None:
        person.scan("2009-12-20", 0.80, **earlier)
    if later is not None:
        person.scan("2011-01-01", 0.79, **later)
    found = change(person, 1)
    assert found.change_pct_per_year is None
    assert found.because.missing == missing


def test_a_scan_without_a_volume_does_not_stand_in_the_way(someone):
    """The lesion count's scan nearer to the day does not hide the one with a volume."""
    person = someone().scan("2010-01-01", 0.800)
    person.scan("2011-01-01", None).scan("2011-01-20", 0.796)
    assert change(person, 1).because.rows[1].bpf == 0.796
