"""The listener, over the loopback address: what is acknowledged is in the record, once."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import HEADER, Run, obx, oru

from afterdose.ingest import Receipt, listener
from afterdose.ingest.journal import FOLDER, Journal
from afterdose.ingest.listener import Limits, Listener
from afterdose.record.errors import RecordError, UsageError

NOW = datetime(2024, 6, 1, 8, 0, tzinfo=UTC)
QUICK = Limits(
    largest=20_000, connections=5, idle_seconds=5.0, message_seconds=0.5, every_seconds=0.05,
    stop_seconds=1.0,
)  # fmt: skip


def message(number: int = 1, **changes: str) -> bytes:
    """A message of one platelet count; each number is another request."""
    text = oru(obx(**changes)).replace("M1", f"M{number}").replace("G240304", f"G{number}")
    return text.encode()


def framed(content: bytes) -> bytes:
    return b"\x0b" + content + b"\x1c\r"


class Sender:
    """One connection to the listener."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> "Sender":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()

    async def send(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()

    async def answer(self) -> str:
        """The code and text of the next acknowledgement; empty where the connection ends."""
        async with asyncio.timeout(5):
            try:
                found = await self.reader.readuntil(b"\x1c\r")
            except (asyncio.IncompleteReadError, ConnectionError):
                return ""
        return found.decode().split("\r")[1].removeprefix("MSA|")

    async def tell(self, content: bytes) -> str:
        await self.send(framed(content))
        return await self.answer()


@asynccontextmanager
async def listening(record: Path, limits: Limits = QUICK, **options: Any):
    """A listener on a free port; it has stopped, and taken everything in, at the end."""
    stop = asyncio.Event()
    heard: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    found = Listener(record, now=lambda: NOW, limits=limits, **options)
    running = asyncio.create_task(found.run("127.0.0.1", 0, stop, ready=heard.set_result))
    await asyncio.wait({running, heard}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        await running
    try:
        yield heard.result()
    finally:
        stop.set()
        async with asyncio.timeout(20):
            await running


def hold(record: Path, talk: Callable[[int], Awaitable[None]], limits: Limits = QUICK) -> None:
    """Have a conversation with a listener."""

    async def conversation() -> None:
        async with listening(record, limits) as port, asyncio.timeout(20):
            await talk(port)

    asyncio.run(conversation())


def test_what_is_acknowledged_is_in_the_record(run: Run) -> None:
    receipts: list[Receipt] = []

    async def talk() -> None:
        async with listening(run.record, told=receipts.append) as port, Sender(port) as sender:
            assert await sender.tell(message()) == "AA|M1"
            assert await sender.tell(message(2, f5="99")) == "AA|M2"

    asyncio.run(talk())
    assert sorted(lab["value"] for lab in run.labs) == [99, 210]
    assert sum(file.accepted for receipt in receipts for file in receipt.files) == 3
    assert list((run.record / FOLDER).iterdir()) == []
    assert {lab["received_date"].isoformat() for lab in run.labs} == {"2024-03-05"}


def test_it_is_on_disk_before_it_is_acknowledged(run: Run) -> None:
    async def talk(port: int) -> None:
        async with Sender(port) as sender:
            assert await sender.tell(message()) == "AA|M1"
            (journal,) = (run.record / FOLDER).iterdir()
            assert journal.read_bytes() == framed(message())

    hold(run.record, talk, Limits(every_seconds=60))
    assert len(run.labs) == 1


def test_rows_enter_while_it_listens(run: Run) -> None:
    async def talk(port: int) -> None:
        async with Sender(port) as sender:
            await sender.tell(message())
            while not run.labs:
                await asyncio.sleep(0.02)

    hold(run.record, talk)


def test_a_message_sent_again_gives_its_rows_once(run: Run) -> None:
    """The acknowledgement was lost: in one run, and after another start."""

    async def talk(port: int) -> None:
        for _ in range(2):
            async with Sender(port) as sender:
                await sender.send(framed(message(f3="x")))
            async with Sender(port) as sender:
                assert await sender.tell(message()) == "AA|M1"
                assert await sender.tell(message()) == "AA|M1"

    hold(run.record, talk)
    hold(run.record, talk)
    assert len(run.labs) == 1


def test_a_remembered_message_lands_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "_REMEMBERED", 1)

    async def talk(port: int) -> None:
        async with Sender(port) as sender:
            for number in (1, 1, 2, 1):
                assert await sender.tell(message(number)) == f"AA|M{number}"

    hold(run.record, talk, Limits(every_seconds=60))
    (landed,) = (path for path in (run.record / "landed").iterdir() if not path.suffix)
    assert landed.read_bytes() == framed(message(1)) + framed(message(2)) + framed(message(1))


def test_what_cannot_be_read_lands_and_what_is_no_result_does_not(run: Run) -> None:
    async def talk(port: int) -> None:
        async with Sender(port) as sender:
            unread = message().replace(b"88-2301^^^PATNO^MR", b"")
            assert (await sender.tell(unread)).startswith("AE|M1|set aside: person-unknown")
            order = HEADER.replace("ORU", "ORM").encode()
            assert await sender.tell(order) == "AR|M1|only ORU and OUL are taken"
            assert (await sender.tell(b"hello")).startswith("AR||no HL7 v2")
            assert await sender.tell(message()) == "AA|M1"

    hold(run.record, talk)
    assert {row["reason"] for row in run.set_aside} == {"person-unknown"}
    assert len(run.labs) == 1


def test_frames_as_senders_write_them(run: Run) -> None:
    """Line ends between messages, no carriage return at the end, a message begun twice, two at
    once, no start byte.
    """

    async def talk(port: int) -> None:
        async with Sender(port) as sender:
            await sender.send(b"\r\n" + framed(message(1)).rstrip(b"\r"))
            assert await sender.answer() == "AA|M1"
            await sender.send(b"\x0bMSH|^~\\&|La" + framed(message(2)))
            assert await sender.answer() == "AA|M2"
            await sender.send(framed(message(3)) + framed(message(4)))
            assert [await sender.answer(), await sender.answer()] == ["AA|M3", "AA|M4"]
            await sender.send(framed(message(5))[1:])
            assert await sender.answer() == "AA|M5"

    hold(run.record, talk)
    assert len(run.labs) == 5


def test_a_slow_sender_is_let_go_and_nothing_of_it_is_kept(run: Run) -> None:
    async def talk(port: int) -> None:
        async with Sender(port) as sender:
            await sender.send(framed(message())[:100])
            assert await sender.answer() == ""
        async with Sender(port) as sender:

            async def slowly() -> None:
                for byte in framed(message()):
                    await sender.send(bytes([byte]))
                    await asyncio.sleep(0.05)

            with pytest.raises(ConnectionError):
                await slowly()

    hold(run.record, talk)
    assert run.labs == []
    assert not (run.record / "landed").exists()


def test_a_connection_without_a_word_is_let_go(run: Run) -> None:
    async def talk(port: int) -> None:
        async with Sender(port) as sender:
            assert await sender.answer() == ""

    hold(run.record, talk, Limits(idle_seconds=0.1))


def test_a_sender_that_goes_in_the_middle(run: Run) -> None:
    async def talk(port: int) -> None:
        async with Sender(port) as sender:
            await sender.send(framed(message())[:-2])
        async with Sender(port) as sender:
            assert await sender.tell(message(2)) == "AA|M2"

    hold(run.record, talk)
    assert [lab["accession"] for lab in run.labs] == ["G2"]


def test_a_message_that_is_too_large_is_refused_and_the_next_is_taken(run: Run) -> None:
    async def talk(port: int) -> None:
        async with Sender(port) as sender:
            large = message() + b"NTE|1||" + b"x" * 100_000
            assert await sender.tell(large) == "AR|M1|larger than 20000 bytes"
            assert await sender.tell(message(2)) == "AA|M2"

    hold(run.record, talk)
    assert [lab["accession"] for lab in run.labs] == ["G2"]


def test_a_long_message_is_judged_beside_the_loop(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "_LONG", 10)

    async def talk(port: int) -> None:
        async with Sender(port) as sender:
            assert await sender.tell(message()) == "AA|M1"

    hold(run.record, talk)
    assert len(run.labs) == 1


def test_a_connection_too_many_is_closed(run: Run) -> None:
    async def talk(port: int) -> None:
        senders = [Sender(port) for _ in range(QUICK.connections)]
        for number, sender in enumerate(senders):
            await sender.__aenter__()
            assert await sender.tell(message(number)) == f"AA|M{number}"
        async with Sender(port) as one_more:
            assert await one_more.answer() == ""
        for sender in senders:
            sender.writer.close()

    hold(run.record, talk)


def test_many_senders_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where what waits is written in several parts and a journal is full at once."""
    monkeypatch.setattr(listener, "_AT_ONCE", 10_000)

    async def talk(port: int) -> None:
        async def send(first: int) -> None:
            async with Sender(port) as sender:
                for number in range(first, first + 10):
                    assert await sender.tell(message(number)) == f"AA|M{number}"

        await asyncio.gather(*(send(100 * one) for one in range(20)))

    hold(run.record, talk, Limits(every_seconds=0.2))
    assert len(run.labs) == 200
    assert len({lab["accession"] for lab in run.labs}) == 200


def test_a_full_disk_is_no_acknowledgement(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Journal.keep

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    async def talk(port: int) -> None:
        monkeypatch.setattr(Journal, "keep", full)
        async with Sender(port) as sender:
            assert await sender.tell(message()) == ""
        monkeypatch.setattr(Journal, "keep", real)
        async with Sender(port) as sender:
            assert await sender.tell(message()) == "AA|M1"

    hold(run.record, talk)
    assert len(run.labs) == 1


def test_a_record_that_cannot_be_written_now_waits(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = listener.ingest_files
    failures = iter([RecordError("no"), OSError(28, "full"), ValueError("a slip of ours")])

    def fails(*arguments: Any, **options: Any) -> Receipt:
        error = next(failures, None)
        if error is not None:
            raise error
        return real(*arguments, **options)

    monkeypatch.setattr(listener, "ingest_files", fails)

    async def talk(port: int) -> None:
        async with Sender(port) as sender:
            await sender.tell(message(1))
            await asyncio.sleep(0.5)
            await sender.tell(message(2))

    hold(run.record, talk)
    assert [lab["accession"] for lab in run.labs] == ["G2"]
    assert len(list((run.record / FOLDER).iterdir())) == 1
    hold(run.record, lambda _: asyncio.sleep(0))
    assert sorted(lab["accession"] for lab in run.labs) == ["G1", "G2"]


def test_half_a_message_of_a_crash_is_not_read(run: Run) -> None:
    folder = run.record / FOLDER
    folder.mkdir(parents=True)
    half = framed(message(2)).partition(b"210")[0] + b"21"
    (folder / "mllp-20240501T120000-000001.hl7").write_bytes(framed(message(1)) + half)
    (folder / "mllp-20240501T120001-000002.hl7").write_bytes(half)
    hold(run.record, lambda _: asyncio.sleep(0))
    assert [lab["accession"] for lab in run.labs] == ["G1"]
    assert list(folder.iterdir()) == []


def test_a_message_on_its_way_is_waited_for_when_it_stops(run: Run) -> None:
    async def talk() -> None:
        async with listening(run.record) as port:
            sender, idle = Sender(port), Sender(port)
            await sender.__aenter__()
            await idle.__aenter__()
            await sender.send(framed(message())[:50])
            await asyncio.sleep(0.1)

            async def finish() -> str:
                await asyncio.sleep(0.1)
                await sender.send(framed(message())[50:])
                return await sender.answer()

            said = asyncio.create_task(finish())
        assert await said == "AA|M1"
        assert await idle.answer() == ""
        sender.writer.close()
        idle.writer.close()

    asyncio.run(talk())
    assert len(run.labs) == 1


def test_a_simulated_record_and_a_port_in_use_are_refused(run: Run, tmp_path: Path) -> None:
    simulated = tmp_path / "simulated"
    simulated.mkdir()
    (simulated / "about.json").write_text('{"simulated": true}')
    with pytest.raises(UsageError, match="simulated"):
        Listener(simulated, now=lambda: NOW)

    async def talk(port: int) -> None:
        other = Listener(run.record, now=lambda: NOW)
        with pytest.raises(UsageError, match=f"port {port}, cannot be listened on"):
            await other.run("127.0.0.1", port, asyncio.Event(), ready=lambda _: None)

    hold(run.record, talk)


# The command ------------------------------------------------------------------------------------


def started(record: Path) -> tuple[subprocess.Popen[str], int]:
    program = [sys.executable, "-c", "from afterdose.cli import main; main()"]
    process = subprocess.Popen(
        [*program, "listen", "--into", str(record), "--port", "0"],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    while "Listening on 127.0.0.1" not in (line := process.stdout.readline()):
        assert process.poll() is None
    return process, int(line.split("port ")[1].split(".")[0])


def test_killed_and_started_again_nothing_is_missing_and_nothing_twice(run: Run) -> None:
    async def send(port: int, numbers: range) -> int:
        """How many were acknowledged before the listener was gone."""
        async with Sender(port) as sender:
            for done, number in enumerate(numbers):
                try:
                    if await sender.tell(message(number)) != f"AA|M{number}":
                        return done
                except ConnectionError:
                    return done
        return len(numbers)

    acknowledged = 0
    for _ in range(2):
        process, port = started(run.record)
        try:
            acknowledged += asyncio.run(send(port, range(acknowledged, acknowledged + 25)))
        finally:
            process.kill()
            process.communicate(timeout=20)
    process, port = started(run.record)
    try:
        # What was acknowledged last may have been lost on its way back: it is sent again.
        assert asyncio.run(send(port, range(acknowledged - 1, acknowledged + 5))) == 6
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    assert said.endswith("Stopped. Everything that was acknowledged is in the record.\n")
    assert sorted(int(lab["accession"][1:]) for lab in run.labs) == list(range(55))


def test_nobody_new_is_taken_in_where_the_site_asks_for_it(run: Run) -> None:
    """The message is acknowledged and kept; whose it is, somebody decides."""

    async def talk() -> None:
        async with listening(run.record, known_people_only=True) as port, Sender(port) as sender:
            assert await sender.tell(message()) == "AA|M1"

    asyncio.run(talk())
    assert run.labs == []
    assert {row["reason"] for row in run.set_aside} == {"person-unmatched"}
