"""Packed parts on disk: streamed part by part, everybody gets the same answers."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from afterdose.cohort import Cohort
from afterdose.engines.local import Packed, evaluate, evaluate_parts, timelines
from afterdose.engines.local.parts import read_part, write_parts
from afterdose.monitoring import load_protocol
from afterdose.record.errors import UnreadableInputError
from afterdose.simulate import simulate_cohort

AS_OF = date(2030, 1, 1)


@pytest.fixture(scope="module")
def packed() -> Packed:
    return Packed.of(Cohort.of(simulate_cohort(40, 5)))


def test_the_same_answers_part_by_part(packed: Packed, tmp_path: Path) -> None:
    protocols = [load_protocol("alemtuzumab-eu")]
    assert write_parts(packed.labs.current, tmp_path, people=7) == 6
    whole = evaluate(packed, protocols, as_of=AS_OF)
    parts = list(
        evaluate_parts(tmp_path, packed.people, protocols, as_of=AS_OF, with_timelines=True)
    )
    assert [(part.part.first, part.part.stop) for part in parts][-1] == (35, 40)
    checks = np.concatenate([part.answers.checks for part in parts])
    # What was announced and not final is not packed, so nothing is awaited there.
    for name in set(checks.dtype.names) - {"awaiting"}:
        assert (checks[name] == whole.checks[name]).all()
    for name in whole.alerts.dtype.names:
        joined = np.concatenate([part.answers.alerts[name] for part in parts])
        assert (joined == whole.alerts[name]).all()
    for name in ("alert", "opened", "known", "confirmed", "closed"):
        joined = np.concatenate([part.answers.episodes[name] for part in parts])
        assert (joined == whole.episodes[name]).all()
    stretches = timelines(packed.people, packed.labs.current, protocols, as_of=AS_OF)
    states = np.concatenate([part.stretches["state"] for part in parts])
    assert len(stretches) > 1000
    assert (states == stretches["state"]).all()


def test_parts_are_added_behind_those_there(packed: Packed, tmp_path: Path) -> None:
    write_parts(packed.labs.current, tmp_path, people=20)
    write_parts(packed.labs.current, tmp_path, people=20, first=40)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"part-0000{number}.parquet" for number in range(4)]
    assert read_part(tmp_path / names[3]).first == 60


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "part-00000.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(path)
    with pytest.raises(UnreadableInputError, match="is not a packed part"):
        read_part(path)
