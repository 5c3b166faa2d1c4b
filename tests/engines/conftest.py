"""Cohorts from histories, and what both engines say about them."""

from collections.abc import Iterable

import polars as pl
import pytest

from afterdose.cohort import Cohort, Record
from afterdose.cohort.frames import schema_of
from afterdose.record.history import History
from afterdose.record.tables import SPECS


def make_cohort(histories: Iterable[History]) -> Cohort:
    """A cohort of people whose identifiers are in order."""
    histories = list(histories)
    frames = {}
    for name, spec in SPECS.items():
        if any(name in history.absent for history in histories):
            continue
        rows = [
            row
            for history in histories
            for row in ([history.person] if name == "people" else getattr(history, name))
        ]
        frames[name] = pl.DataFrame(rows, schema=schema_of(spec), orient="row")
    return Cohort.of(Record(frames))


@pytest.fixture(scope="session")
def cohort_of():
    return make_cohort
