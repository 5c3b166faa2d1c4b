"""Both engines build the same worklist: a simulated clinic, several protocols."""

from datetime import date

import pytest

from afterdose.cohort import Cohort
from afterdose.engines import local, reference
from afterdose.monitoring import load_protocol
from afterdose.simulate import simulate_cohort

MORNINGS = [date(2016, 3, 1), date(2019, 9, 1), date(2022, 1, 1)]


@pytest.fixture(scope="module")
def clinic() -> Cohort:
    return Cohort.of(simulate_cohort(60, 3))


@pytest.mark.parametrize("as_of", MORNINGS, ids=str)
def test_a_simulated_clinic(clinic: Cohort, as_of: date) -> None:
    protocols = [load_protocol("alemtuzumab-eu"), load_protocol("dimethyl-fumarate-eu")]
    expected = reference.build_worklist(clinic.histories(), protocols, as_of=as_of)
    assert local.build_worklist(clinic, protocols, as_of=as_of) == expected
    assert expected.people == len(clinic)


@pytest.mark.parametrize("as_of", MORNINGS, ids=str)
def test_how_completely_it_was_monitored(clinic: Cohort, as_of: date) -> None:
    protocol = load_protocol("alemtuzumab-eu")
    expected = reference.build_completeness(clinic.histories(), protocol, as_of=as_of)
    assert local.build_completeness(clinic, protocol, as_of=as_of) == expected
    assert len(expected) > 4 or as_of == MORNINGS[0]
