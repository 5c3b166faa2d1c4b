import os
from pathlib import Path
from threading import Event, Thread

import pytest
from tests.ingest.conftest import Run, bundle, observation, patient

from afterdose.ingest.lock import one_at_a_time


def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    record = tmp_path / "new" / "record"
    began, done = Event(), Event()

    def second() -> None:
        began.set()
        with one_at_a_time(record):
            done.set()

    with one_at_a_time(record):
        thread = Thread(target=second)
        thread.start()
        began.wait(5)
        assert not done.wait(0.2)
    thread.join(5)
    assert done.is_set()
    assert list(record.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no lock there")
def test_what_a_killed_run_left_in_landed_goes_with_the_next(run: Run) -> None:
    run.take("a.json", bundle(patient(), observation()))
    landed = run.record / "landed"
    kept = sorted(landed.iterdir())
    (landed / ".members-x" / "deep").mkdir(parents=True)
    for name in (".members-x/0", ".part-x", ".copy.new", f".{'0' * 64}.new", ".0.json.new"):
        (landed / name).write_bytes(b"MSH|")
    run.take("a.json", bundle(patient(), observation()))
    assert sorted(landed.iterdir()) == kept


def test_what_a_run_uses_stays_while_another_waits(tmp_path: Path) -> None:
    """Only who holds the lock takes anything away."""
    record = tmp_path / "record"
    members = record / "landed" / ".members-x"
    began = Event()

    def second() -> None:
        began.set()
        with one_at_a_time(record):
            assert not members.exists()

    with one_at_a_time(record):
        members.mkdir(parents=True)
        thread = Thread(target=second)
        thread.start()
        began.wait(5)
        thread.join(0.2)
        assert members.exists()
    thread.join(5)
    assert not members.exists()
