"""MRI activity by year: which scan belongs to which year, and what a year without one is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.outcomes.conftest import Someone

from afterdose.outcomes.mri_activity import evaluate_mri_activity, lesion_scans
from afterdose.record.answers import Answer

MET, NOT_MET, UNKNOWN = Answer.MET, Answer.NOT_MET, Answer.NOT_ASSESSABLE


def activity(person, years):
    line = person.timeline()
    return evaluate_mri_activity(line, lesion_scans(line, person.history.mri), years=years)


def either(person, years=3):
    return [row.either for row in activity(person, years)]


def test_yearly_scans_close_their_years(someone):
    """Scans a fortnight to either side of the anniversary belong to the year they close."""
    person = someone().lesions("2009-12-20").lesions("2010-12-18")
    person.lesions("2012-01-14", new_t2=2).lesions("2012-12-30")
    assert either(person) == [NOT_MET, MET, NOT_MET]


def test_a_lesion_before_treatment_is_not_activity_after_it(someone):
    person = someone().lesions("2009-12-20", new_t2=4, gd=3).lesions("2011-01-01")
    assert either(person, 1) == [NOT_MET]


def test_an_unscheduled_scan_counts_in_its_year(someone):
    """New lesions found in March of year 2 are year 2's, whatever the closing scan shows."""
    person = someone().lesions("2011-01-01").lesions("2011-03-20", new_t2=1).lesions("2012-01-01")
    assert either(person, 2) == [NOT_MET, MET]


def test_a_year_without_a_scan_is_not_a_quiet_year(someone):
    """Not scanned in year 2; what year 3's scan finds counts there, and year 2 stays unknown."""
    person = someone().lesions("2011-01-01").lesions("2013-01-01", new_t2=3)
    found = activity(person, 3)
    assert [row.either for row in found] == [NOT_MET, UNKNOWN, MET]
    assert found[1].because.missing == "a scan at the end of the year"
    assert found[2].because.rows[0].new_t2_lesions == 3


def test_activity_decides_without_a_closing_scan(someone):
    person = someone().lesions("2010-06-01", gd=1)
    assert either(person, 1) == [MET]


@pytest.mark.parametrize(
    ("new_t2", "gd", "expected"),
    [
        (0, 0, (NOT_MET, NOT_MET, NOT_MET)),
        (None, 0, (UNKNOWN, NOT_MET, UNKNOWN)),
        (0, None, (NOT_MET, UNKNOWN, UNKNOWN)),
        (None, 2, (UNKNOWN, MET, MET)),
        (1, None, (MET, UNKNOWN, MET)),
        (None, None, (UNKNOWN, UNKNOWN, UNKNOWN)),
    ],
)
def test_what_was_not_counted_is_not_zero(someone, new_t2, gd, expected):
    """A scan without contrast says nothing of enhancing lesions; a lesion seen decides."""
    (found,) = activity(someone().lesions("2011-01-01", new_t2=new_t2, gd=gd), 1)
    assert (found.new_t2, found.gd, found.either) == expected


def test_an_uncounted_scan_in_between_hides_new_t2_lesions(someone):
    """What was new at the scan in June was not new any more in January."""
    person = someone().lesions("2010-06-01", new_t2=None).lesions("2011-01-01", new_t2=0)
    (found,) = activity(person, 1)
    assert (found.new_t2, found.gd) == (UNKNOWN, NOT_MET)
    assert found.because.missing == "a count of new T2 lesions at every scan of the year"


def test_a_volume_and_a_count_of_one_day_are_one_scan(someone):
    person = someone().lesions("2011-01-01").scan("2011-01-01", 0.8)
    assert either(person, 1) == [NOT_MET]


@given(
    st.lists(
        st.tuples(
            st.integers(-200, 2400),
            st.one_of(st.none(), st.integers(0, 2)),
            st.one_of(st.none(), st.integers(0, 2)),
        ),
        max_size=12,
    )
)
def test_every_lesion_after_the_start_is_in_exactly_one_year(scans):
    """No scan is counted twice, and none with lesions between start and last closing is lost."""

    person = Someone().course("2010-01-01", 1).followed("2009-12-01", "2015-12-31")
    for offset, new_t2, gd in scans:
        when = (date(2010, 1, 1) + timedelta(days=offset)).isoformat()
        person.lesions(when, new_t2, gd)
    found = activity(person, 6)
    rows = [id(row) for year in found for row in year.because.rows if year.either is MET]
    assert len(rows) == len(set(rows))
    for year in found:
        assert (year.either is MET) == (MET in (year.new_t2, year.gd))
        if year.either is NOT_MET:
            assert year.new_t2 is year.gd is NOT_MET
        assert bool(year.because.missing) == (year.either is UNKNOWN)
