"""Parts add up to the whole, on simulated cohorts."""

from collections import Counter
from datetime import date
from operator import attrgetter

import numpy as np
import pytest

from afterdose.cohort import Cohort
from afterdose.engines.extension import MET, NEDA_IDS, NO_YEAR, VOLUMES
from afterdose.outcomes.brain_volume import Volume
from afterdose.outcomes.courses import courses_in_words
from afterdose.outcomes.neda import NEDA_3
from afterdose.simulate import simulate_cohort
from afterdose.study import build_report
from afterdose.study.people import collect
from afterdose.study.sections import strata
from afterdose.study.sections.autoimmunity import at_risk_by_year
from afterdose.study.sections.exposure import assessed_and_had, exposure_of
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
        codes = attrgetter(kind.column)(study.columns.strata)
        parts = strata.divide(study, codes, kind.values).values()
        for total in (
            lambda part: part.treated,
            lambda part: part.columns.relapses.counted.sum(),
            lambda part: part.columns.followed.days_in_all.sum(),
            lambda part: np.count_nonzero(part.columns.deaths.year),
        ):
            assert sum(total(part) for part in parts) == total(study)


def test_every_year_has_one_answer(study):
    """Who began a year has met, not met or neither; every yearly outcome covers the same years."""
    columns = study.columns
    years = np.arange(1, columns.years + 1)
    seen = years <= columns.followed.years_seen[:, np.newaxis]
    yearly = [columns.relapses.free, columns.mri.either, columns.edss.against]
    for volume in columns.volume:
        yearly.append(volume.missing)
        assert np.isnan(volume.yearly[~seen]).all()
        assert np.isnan(volume.since_baseline[~seen]).all()
        assert np.isnan(volume.since_start[~seen]).all()
        assert np.isnan(volume.since_start[:, 0]).all()
    for neda in columns.neda:
        yearly += [neda.answer, neda.through]
    for table in yearly:
        assert np.array_equal(table != NO_YEAR, seen)
    assert np.array_equal(columns.courses.received > 0, seen)


def test_years_by_courses_add_up(study):
    """Each year of a person stands under one number of courses, which never falls."""
    received = study.columns.courses.received.astype(int)
    seen = received > 0
    assert (np.diff(received, axis=1)[seen[:, 1:]] >= 0).all()
    assert (received[:, 0][seen[:, 0]] == 1).all()
    groups = strata.years_by_courses(study)
    assert all((years.chosen <= seen).all() for years in groups.values())
    for year in range(3, study.years + 1):
        words = Counter(courses_in_words(number) for number in received[:, year - 1] if number)
        found = {name: years.chosen[:, year - 1].sum() for name, years in groups.items()}
        assert +Counter(found) == words
    for years in groups.values():
        assert not years.chosen[:, :2].any()
        assert not years.chosen[:, study.years :].any()


def test_neda_4_is_never_more_than_neda_3(study):
    """Whoever meets NEDA-4 meets NEDA-3; since the start is never better than any year."""
    three, *fours = study.columns.neda
    assert NEDA_IDS[0] == NEDA_3.id
    for four in fours:
        assert (three.answer[four.answer == MET] == MET).all()
    never_failed = np.logical_and.accumulate(three.answer == MET, axis=1)
    assert never_failed[three.through == MET].all()


def test_bounds_hold_what_was_seen(study):
    columns = study.columns
    for outcome, table in (
        ("relapse-free", columns.relapses.free),
        ("mri", columns.mri.either),
        (NEDA_3.id, columns.neda[0].answer),
    ):
        for year in range(1, study.years + 1):
            everybody = answers_of_everybody(study, table, year, outcome=outcome)
            if everybody.asked and everybody.share.denominator:
                low, high = everybody.bounds()
                assert low <= everybody.share.value <= high
            in_year = answers_in_year(study, table, year, outcome=outcome)
            assert in_year.asked <= study.treated


def test_all_exposure_is_never_less_than_time_at_risk(study):
    for category in ("thyroid", "itp", "any"):
        found = exposure_of(study, category)
        assert found.all_exposure.patient_years >= found.at_risk.patient_years - 1e-9
        assert found.every.events >= found.crude.numerator


def test_years_at_risk_add_up_to_all_time_at_risk(study):
    """Every day at risk and every first event lies in one year after the first course."""
    for place, category in ((0, "thyroid"), (-1, "any")):
        days, has_event = at_risk_by_year(study, category)
        assert np.array_equal(days.sum(axis=1), study.columns.events.autoimmune_days[:, place])
        assert np.array_equal(has_event.sum(axis=1), assessed_and_had(study, category)[1])
        assert (days[has_event] > 0).all()


def test_methods_of_brain_volume_add_up(study):
    """Whoever has a yearly change has it by one method."""
    for measure in Volume:
        volumes = study.columns.volume[VOLUMES.index(measure)]
        assert np.array_equal(volumes.method >= 0, ~np.isnan(volumes.yearly))


def test_every_number_of_a_section_has_its_own_name(cohort):
    """So that a number can be pointed at."""
    report = build_report(cohort, as_of=date(2023, 6, 30))
    for section in report.sections:
        labels = Counter(estimate.label for estimate in section.estimates)
        assert [label for label, times in labels.items() if times > 1] == []
