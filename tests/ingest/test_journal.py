import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from afterdose.ingest.journal import FOLDER, Journal, day_of

NOW = datetime(2024, 6, 1, 23, 59, 58, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    found = Journal(tmp_path / "record")
    found.prepare()
    return found


def test_messages_are_kept_in_their_frames(journal: Journal) -> None:
    journal.keep([b"one", b"two"], now=NOW)
    journal.keep([b"three"], now=NOW)
    assert journal.closed() == []
    journal.close()
    (path,) = journal.closed()
    assert path.name == "mllp-20240601T235958-000001.hl7"
    assert path.read_bytes() == b"\x0bone\x1c\r\x0btwo\x1c\r\x0bthree\x1c\r"
    assert day_of(path) == date(2024, 6, 1)


def test_several_journals_of_one_second(journal: Journal) -> None:
    for message in (b"one", b"two"):
        journal.keep([message], now=NOW)
        journal.close()
    assert [path.read_bytes()[1:4] for path in journal.closed()] == [b"one", b"two"]


def test_another_file_is_no_journal(journal: Journal, tmp_path: Path) -> None:
    stranger = tmp_path / "record" / FOLDER / "notes.txt"
    stranger.write_text("x")
    assert journal.closed() == []
    with pytest.raises(ValueError, match="notes"):
        day_of(stranger)


@pytest.mark.parametrize("step", ["write", "fsync"])
def test_what_cannot_be_written_is_not_kept(
    journal: Journal, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: what was kept before stays, and the next message begins another journal."""
    journal.keep([b"one"], now=NOW)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            journal.keep([b"two"] * (1 if step == "fsync" else 10_000), now=NOW)
    journal.keep([b"three"], now=NOW)
    journal.close()
    assert [path.read_bytes() for path in journal.closed()] == [
        b"\x0bone\x1c\r",
        b"\x0bthree\x1c\r",
    ]


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        (b"\x0bone\x1c\r", b"\x0bone\x1c\r"),
        (b"\x0bone\x1c\r\x0btw", b"\x0bone\x1c\r"),
        (b"\x0bone\x1c\r\x0btwo\x1c", b"\x0bone\x1c\r"),
        (b"\x0bone", b""),
        (b"", b""),
    ],
)
def test_half_a_message_is_cut_off(tmp_path: Path, content: bytes, whole: bytes) -> None:
    path = tmp_path / "mllp-20240601T000000-000001.hl7"
    path.write_bytes(content)
    assert Journal.mend(path) is bool(whole)
    assert path.read_bytes() == whole
