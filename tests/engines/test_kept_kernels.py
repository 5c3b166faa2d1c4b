"""A compiled kernel of an earlier run is used only while all it was made from is as it was."""

import pickle
import shutil
from pathlib import Path

import pytest

from afterdose.compiling import KernelCache
from afterdose.engines.local.kernels.alerts import alerts_of_all
from afterdose.engines.local.kernels.checks import checks_of_all
from afterdose.engines.local.kernels.compiling import (
    COLUMNS,
    ENGINE,
    engine_stamp,
)
from afterdose.engines.local.kernels.disability.everybody import disability_of_all
from afterdose.engines.local.kernels.disability.lives import lives_of_all
from afterdose.engines.local.kernels.extension.edss import changes_of_all
from afterdose.engines.local.kernels.extension.following import spans_of_all
from afterdose.engines.local.kernels.lives import results_outside_life
from afterdose.engines.local.kernels.timelines import timelines_of_all
from afterdose.ingest.kernels.compiling import kernels_stamp
from afterdose.ingest.kernels.lines import read_lines
from afterdose.ingest.kernels.looking import count_line_ends, find_telling
from afterdose.ingest.kernels.texts import are_plain, copy_texts
from afterdose.sources import stamp_of


@pytest.mark.parametrize(
    "source", ["kernels/judging.py", "days.py", "compile.py", "kernels/checks.py"]
)
def test_a_change_anywhere_in_the_engine_is_another_stamp(tmp_path: Path, source: str) -> None:
    copy = tmp_path / "local"
    shutil.copytree(ENGINE, copy)
    changed = tmp_path / "changed"
    shutil.copytree(ENGINE, changed)
    with (changed / source).open("a", encoding="utf-8") as file:
        file.write("\nFIRST = 0\n")
    assert stamp_of(copy) == stamp_of(ENGINE)
    assert stamp_of(changed) != stamp_of(ENGINE)


@pytest.mark.parametrize(
    "kernel",
    [
        alerts_of_all,
        checks_of_all,
        results_outside_life,
        timelines_of_all,
        disability_of_all,
        lives_of_all,
        spans_of_all,
        changes_of_all,
    ],
)
def test_every_kernel_is_kept_under_the_stamp_of_the_whole_engine(kernel) -> None:  # type: ignore[no-untyped-def]
    """numba writes the stamp beside the compiled code and compares it when it loads."""
    assert isinstance(kernel._cache, KernelCache)
    assert kernel._cache._impl.locator.get_source_stamp() == engine_stamp()
    assert kernel._cache._cache_file._source_stamp == engine_stamp()


@pytest.mark.parametrize(
    "kernel", [read_lines, find_telling, count_line_ends, are_plain, copy_texts]
)
def test_kernels_of_ingest_are_kept_under_a_stamp_of_their_own(kernel) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(kernel._cache, KernelCache)
    assert kernel._cache._impl.locator.get_source_stamp() == kernels_stamp()
    assert kernel._cache._cache_file._source_stamp == kernels_stamp() != engine_stamp()


def test_a_change_of_the_columns_is_another_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two fields of one type that change places would leave yesterday's kernel callable."""
    before = engine_stamp()
    assert before.startswith(stamp_of(ENGINE))
    changed = tmp_path / "extension.py"
    changed.write_text(COLUMNS.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    monkeypatch.setattr("afterdose.engines.local.kernels.compiling.COLUMNS", changed)
    assert engine_stamp.__wrapped__() != before


@pytest.mark.parametrize("gone", ["afterdose.engines.gone", "afterdose.record.dates"])
def test_a_kernel_kept_with_types_that_are_gone_is_compiled_anew(tmp_path: Path, gone: str) -> None:
    """A class that an upgrade moved elsewhere stands in yesterday's index by its old name."""
    kept = type(results_outside_life._cache)(results_outside_life.py_func)._cache_file
    kept._index_path = str(tmp_path / "kept.nbi")
    protocol_0 = f"c{gone}\nGone\n.".encode()
    Path(kept._index_path).write_bytes(pickle.dumps(kept._version) + protocol_0)
    assert kept._load_index() == {}
