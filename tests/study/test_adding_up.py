"""Parts add up to the whole, on simulated cohorts."""

from collections import Counter
from datetime import date

import pytest

from afterdose.cohort import Cohort
from afterdose.outcomes.courses import courses_in_words
from afterdose.outcomes.neda import NEDAS
from afterdose.record.answers import Answer
from afterdose.simulate import simulate_cohort
from afterdose.study import build_report
from afterdose.study.people import collect
from afterdose.study.sections import strata
from afterdose.study.sections.exposure import exposure_of
from afterdose.study.yearly import answers_in_year, answers_of_everybody


@pytest.fixture(scope="module", params=[1, 2])
def cohort(request):
    return Cohort.of(simulate_cohort(people=60, seed=request.param))


@pytest.fixture(scope="module", params=[date(2016, 1, 1), date(2023, 6, 30)])
def study(cohort, request):
    return collect(cohort, "alemtuzumab", as_of=request.param)


def test_strata_add_up(study):
    """People, relapses, days and deaths of the strata sum to everybody's, whatever divides them."""
    for kind in strata._KINDS:
        parts = strata.divide(study, kind.get, kind.values).values()
        for total in (
            lambda part: part.treated,
            lambda part: sum(row.relapses for p in part.outcomes for row in p.relapses),
            lambda part: round(sum(p.timeline.patient_years() * 365.25 for p in part.outcomes)),
            lambda part: sum(p.death is not None for p in part.outcomes),
        ):
            assert sum(total(part) for part in parts) == total(study)


def test_every_year_has_one_answer(study):
    """Who began a year has met, not met or neither; every yearly outcome covers the same years."""
    for person in study.outcomes:
        years = len(person.extension.courses)
        assert len(person.extension.relapse_free) == len(person.extension.mri) == years
        assert len(person.edss) == years
        for volume in person.extension.volume.values():
            assert len(volume.yearly) == len(volume.since_baseline) == years
            assert len(volume.since_start) == max(0, years - 1)
        for definition in NEDAS:
            assert len(person.extension.neda[definition.id]) == years
            assert len(person.extension.neda_through[definition.id]) == years


def test_years_by_courses_add_up(study):
    """Each year of a person stands under one number of courses, which never falls."""
    for person in study.outcomes:
        received = [row.received for row in person.extension.courses]
        assert received == sorted(received)
        assert received[:1] in ([], [1])
        words = Counter(courses_in_words(number) for number in received)
        assert sum(words.values()) == len(received)


def test_neda_4_is_never_more_than_neda_3(study):
    """Whoever meets NEDA-4 meets NEDA-3; since the start is never better than any year."""
    for person in study.outcomes:
        three, *fours = (person.extension.neda[definition.id] for definition in NEDAS)
        for four in fours:
            for one, other in zip(three, four, strict=True):
                assert other.answer is not Answer.MET or one.answer is Answer.MET
        through = person.extension.neda_through[NEDAS[0].id]
        for place, so_far in enumerate(through):
            if so_far.answer is Answer.MET:
                assert all(one.answer is Answer.MET for one in three[: place + 1])


def test_bounds_hold_what_was_seen(study):
    for get in (
        lambda p: p.extension.relapse_free,
        lambda p: [row.either for row in p.extension.mri],
        lambda p: [row.answer for row in p.extension.neda["neda-3"]],
    ):
        for year in range(1, study.years + 1):
            everybody = answers_of_everybody(study, get, year)
            if everybody.asked and everybody.share.denominator:
                low, high = everybody.bounds()
                assert low <= everybody.share.value <= high
            assert answers_in_year(study.outcomes, get, year).asked <= study.treated


def test_all_exposure_is_never_less_than_time_at_risk(study):
    for category in ("thyroid", "itp", "any"):
        found = exposure_of(study.outcomes, category)
        assert found.all_exposure.patient_years >= found.at_risk.patient_years - 1e-9
        assert found.every.events >= found.crude.numerator


def test_every_number_of_a_section_has_its_own_name(cohort):
    """So that a number can be pointed at."""
    report = build_report(cohort, as_of=date(2023, 6, 30))
    for section in report.sections:
        labels = Counter(estimate.label for estimate in section.estimates)
        assert [label for label, times in labels.items() if times > 1] == []
