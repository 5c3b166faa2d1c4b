"""The row classes are the specification."""

import subprocess
import sys
from datetime import date

import pytest

from afterdose.record import errors
from afterdose.record.tables import SPECS, USABLE_STATUSES, Lab


@pytest.mark.parametrize("table", SPECS)
def test_every_column_has_a_meaning(table: str) -> None:
    spec = SPECS[table]
    assert list(spec.columns) == list(spec.row._fields)
    assert all(column.meaning.strip().endswith((".", "`")) for column in spec.columns.values())
    assert spec.meaning.startswith("One ")


@pytest.mark.parametrize("table", SPECS)
def test_person_id_comes_first_and_is_required(table: str) -> None:
    spec = SPECS[table]
    assert spec.row._fields[0] == "person_id" == spec.order[0]
    assert set(spec.order) <= spec.required
    assert "person_id" in spec.required


def test_rows_cannot_be_changed() -> None:
    row = Lab("p1", date(2021, 1, 1), date(2021, 1, 1), "platelets")
    with pytest.raises(AttributeError):
        row.value = 3.0  # type: ignore[misc]


def test_only_final_results_are_usable() -> None:
    assert {"final", "amended", "corrected"} == USABLE_STATUSES


def test_the_error_tree_is_drawn_at_the_top_of_its_module() -> None:
    drawn = errors.__doc__ or ""
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.AfterdoseError):
            assert f"{name} " in drawn
            line = next(line for line in drawn.splitlines() if f"{name} " in line)
            assert f"exit {kind.exit_code}" in line


@pytest.mark.parametrize(
    "module", ["afterdose", "afterdose.monitoring", "afterdose.record", "afterdose.cli"]
)
def test_importing_loads_nothing_heavy(module: str) -> None:
    """A plain import loads no data frame, plotting or web library, and no Spark."""
    code = f"import {module}, sys; print(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"polars", "numpy", "pandas", "scipy", "matplotlib", "django", "pyspark"} & set(
        loaded
    )
