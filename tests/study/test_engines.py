"""The report is the same whichever engine fills the columns."""

from datetime import date

import pytest
from tests.study.conftest import AS_OF, cohort_of

from afterdose.cohort import Cohort
from afterdose.outcomes.brain_volume import FROM_BASELINE, volume_start
from afterdose.record.errors import UsageError
from afterdose.simulate import simulate_cohort
from afterdose.study import build_report, render_report
from afterdose.study.people import ENGINES


def _pages(cohort, **asked):
    return {render_report(build_report(cohort, engine=engine, **asked)) for engine in ENGINES}


@pytest.mark.parametrize("absent", [(), ("follow_up",), ("mri", "events"), ("treatments",)])
def test_both_engines_write_one_page(tables, absent):
    """Byte by byte, whichever tables the record holds."""
    for table in absent:
        del tables[table]
    assert len(_pages(cohort_of(tables), as_of=AS_OF)) == 1


@pytest.mark.parametrize("start", [FROM_BASELINE, volume_start(24)])
def test_both_engines_write_one_page_about_simulated_people(start):
    cohort = Cohort.of(simulate_cohort(people=120, seed=7))
    assert len(_pages(cohort, as_of=date(2023, 6, 30), volume_start=start)) == 1


def test_an_unknown_engine_is_refused(tables):
    with pytest.raises(UsageError) as refused:
        build_report(cohort_of(tables), as_of=AS_OF, engine="spark")
    assert str(refused.value) == (
        "There is no engine 'spark'. Permitted: reference, local. Name one of these."
    )
