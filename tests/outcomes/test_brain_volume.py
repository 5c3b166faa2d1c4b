"""Change of brain volume: like with like, over long enough, by one measure."""

import pytest

from afterdose.outcomes.brain_volume import (
    FROM_BASELINE,
    FROM_MONTH_12,
    Volume,
    evaluate_volume_since,
    evaluate_yearly_volume,
    volume_scans,
    volume_start,
)


def scans_of(person, measure=Volume.BPF):
    return volume_scans(person.timeline(), person.history.mri, measure)


def change(person, year, measure=Volume.BPF):
    scans = scans_of(person, measure)
    return evaluate_yearly_volume(person.timeline(), scans, year=year, measure=measure)


def since(person, year, start, measure=Volume.BPF):
    scans = scans_of(person, measure)
    return evaluate_volume_since(
        person.timeline(), scans, year=year, measure=measure, start=start
    )  # fmt: skip


def test_change_is_relative_and_per_year(someone):
    """0.800 to 0.796 in 365 days is half a percent a year less; the interval is not rounded."""
    person = someone().scan("2010-01-01", 0.800).scan("2011-01-01", 0.796)
    assert change(person, 1).change_pct == pytest.approx(-0.5)
    assert change(person, 1).change_pct_per_year == pytest.approx(-0.5 * 365.25 / 365)


def test_the_second_year_compares_the_ends_of_two_years(someone):
    person = someone().scan("2011-01-20", 0.800).scan("2011-12-20", 0.792)
    assert change(person, 2).change_pct_per_year == pytest.approx(-1.0 * 365.25 / 334)


@pytest.mark.parametrize(
    ("earlier", "later", "missing"),
    [
        (None, {}, "a scan at the start"),
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


def test_a_short_interval_is_refused(someone):
    """Within half a year the error of two scans is larger than any loss."""
    person = someone().scan("2011-03-20", 0.800).scan("2011-10-10", 0.796)
    assert change(person, 2).because.missing == "9 months between the scans"


def test_a_volume_of_zero_is_no_volume(someone):
    person = someone().scan("2010-01-01", 0.0).scan("2011-01-01", 0.796)
    assert change(person, 1).because.missing == "a volume above zero"


def test_a_scan_without_a_volume_does_not_stand_in_the_way(someone):
    """The lesion count's scan nearer to the day does not hide the one with a volume."""
    person = someone().scan("2010-01-01", 0.800)
    person.scan("2011-01-01", None).scan("2011-01-20", 0.796)
    assert change(person, 1).because.rows[1].bpf == 0.796


def test_of_two_methods_on_one_day_the_usual_one_stands(someone):
    """A single reading by another program on the same day does not break the series."""
    person = someone().scan("2010-01-01", 0.800).scan("2011-01-01", 0.796)
    person.scan("2011-01-01", 0.700, method="ZZ 9")
    assert change(person, 1).change_pct == pytest.approx(-0.5)


def test_change_from_a_later_start_leaves_the_first_fall_out(someone):
    """2 % in year 1, then 0.25 % a year: from month 12 on only the latter counts."""
    person = someone()
    for when, bpf in (("2010-01-01", 0.800), ("2011-01-01", 0.784), ("2013-01-01", 0.780)):
        person.scan(when, bpf)
    assert since(person, 3, FROM_BASELINE).change_pct == pytest.approx(-2.5)
    later = since(person, 3, FROM_MONTH_12)
    assert later.change_pct_per_year == pytest.approx(100 * -0.004 / 0.784 / (731 / 365.25))
    assert later.because.definition == "volume-from-month-12"
    assert volume_start(0) is FROM_BASELINE


def test_pbvc_is_compounded_from_scan_to_scan(someone):
    """Two changes in one year are one: 0.997 times 0.995, of the first of the year's scans."""
    person = someone().pbvc("2010-01-01", None).pbvc("2010-07-01", -0.3).pbvc("2011-01-01", -0.5)
    assert change(person, 1, Volume.PBVC).change_pct == pytest.approx(100 * (0.997 * 0.995 - 1))
    assert change(person, 1, Volume.BPF).because.missing == "a scan at the start"


@pytest.mark.parametrize(
    "between",
    [{"pct": None}, {"pct": -0.2, "scanner": "B"}, {"pct": -0.2, "method": "SIENA 7"}],
)
def test_a_gap_in_the_chain_of_pbvc_is_not_bridged(someone, between):
    """A change since a scan by another method, scanner, or without a change says nothing whole."""
    pct = between.pop("pct")
    person = someone().pbvc("2010-01-01", None).pbvc("2010-07-01", pct, **between)
    person.pbvc("2011-01-01", -0.5)
    found = change(person, 1, Volume.PBVC)
    assert found.change_pct is None
    assert found.because.missing == "the change at every scan between, by one method on one scanner"


def test_bpf_and_pbvc_are_never_one_series(someone):
    """Each measure sees its own scans only."""
    person = someone().scan("2010-01-01", 0.8).pbvc("2010-01-01", None).pbvc("2011-01-01", -0.4)
    person.scan("2011-01-01", 0.798)
    assert change(person, 1, Volume.BPF).change_pct == pytest.approx(-0.25)
    assert change(person, 1, Volume.PBVC).change_pct == pytest.approx(-0.4)
