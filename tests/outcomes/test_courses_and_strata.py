"""Courses received by the start of a year, and the strata a person belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.outcomes.conftest import Someone

from afterdose.outcomes.courses import count_courses, courses_in_words
from afterdose.outcomes.disability import edss_visits
from afterdose.outcomes.strata import (
    EdssBand,
    Phenotype,
    Stage,
    edss_band,
    phenotype_of,
    stage_of,
)
from afterdose.record.tables import Person


def test_a_year_belongs_to_the_courses_received_before_it(someone):
    """A third course in year 3, on whatever day of it, makes years 4 and on years after three."""
    person = someone().course("2011-01-01", 2).course("2012-01-01", 3)
    found = count_courses(person.timeline(), years=5)
    assert [row.received for row in found] == [1, 1, 2, 3, 3]
    assert [row.begun for row in found] == [(1,), (2,), (3,), (), ()]


def test_nobody_is_placed_by_what_came_later(someone):
    """The stratum of a year is the same whether or not a later course is known."""
    before = count_courses(someone().course("2011-01-01", 2).timeline(), years=3)
    after = count_courses(
        someone().course("2011-01-01", 2).course("2013-06-01", 3).timeline(), years=3
    )
    assert before == after


@pytest.mark.parametrize(
    ("extra", "received"),
    [
        (("2009-06-01", 3), [1, 1, 1]),
        (("2010-01-01", 1), [1, 1, 1]),
        (("2010-09-01", 3), [1, 3, 3]),
    ],
)
def test_courses_that_contradict_or_repeat(someone, extra, received):
    """Before the first: passed over. Twice on a day: once. A gap in the numbers: as numbered."""
    found = count_courses(someone().course(*extra).timeline(), years=3)
    assert [row.received for row in found] == received


def test_a_course_outside_observation_is_received_but_not_counted_as_seen():
    person = Someone().course("2010-01-01", 1).course("2011-06-01", 2)
    person.followed("2010-01-01", "2011-01-31").followed("2012-01-01", "2013-12-31")
    found = count_courses(person.timeline(), years=3)
    assert [row.begun for row in found] == [(1,), (), ()]
    assert [row.received for row in found] == [1, 1, 2]


def test_strata_by_courses_end_with_four_or_more():
    assert [courses_in_words(number) for number in (1, 3, 4, 7)] == [
        "1", "3", "4 or more", "4 or more",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (None, EdssBand.UNKNOWN),
        (0.0, EdssBand.LOW),
        (1.5, EdssBand.LOW),
        (2.0, EdssBand.MILD),
        (3.5, EdssBand.MILD),
        (4.0, EdssBand.MODERATE),
        (5.5, EdssBand.MODERATE),
        (6.0, EdssBand.HIGH),
        (9.5, EdssBand.HIGH),
    ],
)
def test_bands_of_disability(someone, score, band):
    """The last score before treatment decides; one after it, or long before it, does not."""
    person = someone().edss("2009-06-30", 7.0).edss("2010-01-02", 6.5)
    if score is not None:
        person.edss("2009-12-01", score)
    line = person.timeline()
    assert edss_band(line, edss_visits(line, person.history.assessments)) is band


@given(
    st.sampled_from(EdssBand), st.sampled_from([None, "cis", "rrms", "spms", "ppms"])
)  # fmt: skip
def test_everybody_has_one_stage(band, phenotype):
    """Progressive or 4.0 and more is later; earlier needs both known; else it is not known."""
    found = stage_of(band, phenotype_of(Person("P1", ms_phenotype=phenotype)))
    if phenotype in ("spms", "ppms") or band in (EdssBand.MODERATE, EdssBand.HIGH):
        assert found is Stage.LATER
    elif phenotype is None or band is EdssBand.UNKNOWN:
        assert found is Stage.UNKNOWN
    else:
        assert found is Stage.EARLIER


def test_a_phenotype_that_is_not_recorded_is_a_stratum():
    assert phenotype_of(Person("P1")) is Phenotype.UNKNOWN
    assert phenotype_of(Person("P1", ms_phenotype="cis")) is Phenotype.CIS
