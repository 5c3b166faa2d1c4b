from pathlib import Path
from threading import Event, Thread

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
