"""A listener for HL7 v2 messages: each is on disk before it is acknowledged.

What has arrived is taken into the record in batches, every two seconds: a record's tables are
written as a whole, which would be too much for every message. A message that is sent twice, because
its acknowledgement was lost, gives its rows once.
"""

import asyncio
import hashlib
import logging
import socket
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from afterdose.ingest.journal import START, Journal, day_of
from afterdose.ingest.mllp import Code, Verdict, again, answer, judge, too_large
from afterdose.ingest.pipeline import ingest_files
from afterdose.ingest.receipt import Receipt
from afterdose.ingest.store import Store
from afterdose.record.errors import AfterdoseError, UsageError

_log = logging.getLogger(__name__)

_END = b"\x1c"
"""Some senders leave out the carriage return after it."""
_REMEMBERED = 10_000
_BEGINNING = 4096
_LONG = 100_000
"""Bytes from which a message is read beside the loop, so that others need not wait."""
_AT_ONCE = 32 * 1024 * 1024
"""Bytes that are written at once, and of a journal before the next is begun."""


@dataclass(frozen=True)
class Limits:
    """How much a sender may ask for.

    Attributes
    ----------
    largest : int
        Bytes of one message.
    connections : int
        At once; one more is closed at once.
    idle_seconds : float
        Without a byte between messages. A sender that went without a word is let go then.
    message_seconds : float
        For a whole message, from its first byte, and for taking the answer.
    every_seconds : float
        Between two batches.
    stop_seconds : float
        For messages that are on their way when the listener is stopped.
    """

    largest: int = 4 * 1024 * 1024
    connections: int = 64
    idle_seconds: float = 600.0
    message_seconds: float = 30.0
    every_seconds: float = 2.0
    stop_seconds: float = 10.0


class _NotKeptError(Exception):
    pass


_Waits = tuple[bytes, asyncio.Future[None]]
"""A message that is to be kept, and who waits for it."""


class Listener:
    """Listens, keeps, acknowledges, and takes in.

    Parameters
    ----------
    record : Path
        Made if there is none.
    now : callable
        The time, with its offset.
    limits : Limits
    known_people_only : bool
        Take nobody new in; see `afterdose.ingest.ingest_files`.
    told : callable, optional
        Called with the receipt of every batch.

    Raises
    ------
    UsageError
        The record holds a simulated cohort.
    RecordError
        The record that is there already breaks its specification.
    """

    def __init__(
        self,
        record: Path,
        *,
        now: Callable[[], datetime],
        limits: Limits | None = None,
        known_people_only: bool = False,
        told: Callable[[Receipt], None] | None = None,
    ) -> None:
        Store(record)  # a record that cannot be added to is refused before anybody sends anything
        self._record = record
        self._now = now
        self._limits = limits or Limits()
        self._known_people_only = known_people_only
        self._told = told
        self._journal = Journal(record)
        self._journal.prepare()
        self._writing = asyncio.Lock()
        self._taking = asyncio.Lock()
        self._waiting: list[_Waits] = []
        self._has_waiting = asyncio.Event()
        self._answered: OrderedDict[bytes, tuple[Code, str]] = OrderedDict()
        self._answers = 0
        self._open: set[asyncio.Task[None]] = set()
        self._busy: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        self._has_ended = asyncio.Event()
        self._unreadable: set[Path] = set()

    async def run(
        self, host: str, port: int, stop: asyncio.Event, *, ready: Callable[[int], None]
    ) -> None:
        """Listen until ``stop`` is set.

        Parameters
        ----------
        host, port : str, int
            Port 0: any that is free.
        stop : asyncio.Event
            Once set, nobody new is heard, what is on its way is waited for, and everything that
            was acknowledged is taken in before this returns.
        ready : callable
            Called with the port once somebody can connect.

        Raises
        ------
        UsageError
            The address cannot be listened on.
        """
        await self._take_in()  # what an earlier run left
        try:
            server = await asyncio.start_server(self._heard, host, port, limit=self._limits.largest)
        except OSError as error:
            raise UsageError(
                f"{host}, port {port}, cannot be listened on: {error.strerror}. Permitted: an "
                "address of this computer and a free port. Name another with --host or --port."
            ) from None
        beside = [asyncio.create_task(self._keep()), asyncio.create_task(self._take_in_often())]
        ready(server.sockets[0].getsockname()[1])
        await stop.wait()
        self._is_stopping = True
        server.close()
        await self._let_go()
        # Both end by themselves: what a thread is writing cannot be called back.
        self._has_ended.set()
        self._has_waiting.set()
        await asyncio.gather(*beside)
        await self._take_in()

    # Conversations ------------------------------------------------------------------------------

    async def _heard(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._is_stopping or len(self._open) >= self._limits.connections:
            _log.warning("a connection too many was closed; open: %d", len(self._open))
            writer.close()
            return
        self._open.add(task)
        try:
            await self._converse(reader, writer, task)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, _NotKeptError) as error:
            _log.info("a connection ended: %s", type(error).__name__)
        except asyncio.CancelledError:
            if not self._is_stopping:
                raise
        finally:
            self._open.discard(task)
            self._busy.discard(task)
            writer.close()

    async def _converse(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        task: asyncio.Task[None],
    ) -> None:
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        while not self._is_stopping:
            async with asyncio.timeout(self._limits.idle_seconds):
                begins = await _first_byte(reader)
            self._busy.add(task)
            async with asyncio.timeout(self._limits.message_seconds):
                message, is_whole = await self._rest(reader, begins)
            verdict = (
                await self._verdict(message)
                if is_whole
                else too_large(message, self._limits.largest)
            )
            self._answers += 1
            writer.write(answer(verdict, now=self._now(), number=self._answers))
            async with asyncio.timeout(self._limits.message_seconds):
                await writer.drain()
            self._busy.discard(task)

    async def _rest(self, reader: asyncio.StreamReader, begins: bytes) -> tuple[bytes, bool]:
        """A message without its frame, or the beginning of one that is too large."""
        try:
            content = begins + await reader.readuntil(_END)
        except asyncio.LimitOverrunError:
            begins += await reader.readexactly(min(_BEGINNING, self._limits.largest))
            await _pass_over(reader)
            return begins.rpartition(START)[2], False
        # A sender that broke off in a message and began it again has begun twice.
        return content.removesuffix(_END).rpartition(START)[2], True

    async def _verdict(self, message: bytes) -> Verdict:
        """Keep a message that can be kept, and say what to answer."""
        digest = hashlib.sha256(message).digest()
        known = self._answered.get(digest)
        if known is not None:
            # It is on disk already: the answer was lost, and is given again.
            return again(message, *known)
        verdict = (
            judge(message) if len(message) < _LONG else await asyncio.to_thread(judge, message)
        )
        if verdict.code != "AR":
            kept = asyncio.get_running_loop().create_future()
            self._waiting.append((message, kept))
            self._has_waiting.set()
            await kept
            self._answered[digest] = (verdict.code, verdict.text)
            if len(self._answered) > _REMEMBERED:
                self._answered.popitem(last=False)
        return verdict

    async def _let_go(self) -> None:
        """End the conversations: those that are idle at once, the others within their time."""
        for task in self._open - self._busy:
            task.cancel()
        if self._busy:
            await asyncio.wait(set(self._busy), timeout=self._limits.stop_seconds)
        for task in set(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    # Keeping and taking in ----------------------------------------------------------------------

    async def _keep(self) -> None:
        """Write what waits, everything at once: many senders share one wait for the disk."""
        while self._waiting or not self._has_ended.is_set():
            await self._has_waiting.wait()
            self._has_waiting.clear()
            waiting, self._waiting = _at_once(self._waiting)
            if self._waiting:
                self._has_waiting.set()
            if waiting:
                await self._write(waiting)

    async def _write(self, waiting: list[_Waits]) -> None:
        messages = [message for message, _ in waiting]
        error: _NotKeptError | None = None
        async with self._writing:
            try:
                await asyncio.to_thread(self._journal.keep, messages, now=self._now())
            except OSError as full:
                # No answer: the sender keeps the message and sends it again.
                _log.error("%d messages could not be kept: %s", len(messages), full.strerror)
                error = _NotKeptError()
            if self._journal.size > _AT_ONCE:
                self._journal.close()
        for _, kept in waiting:
            if kept.done():  # its conversation has ended
                continue
            if error is None:
                kept.set_result(None)
            else:
                kept.set_exception(error)

    async def _take_in_often(self) -> None:
        while not self._has_ended.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.every_seconds):
                    await self._has_ended.wait()
            await self._take_in()

    async def _take_in(self) -> None:
        """Take what has arrived into the record; what cannot be taken now waits for next time."""
        async with self._taking:
            async with self._writing:
                self._journal.close()
                journals = self._journal.closed()
            for journal in journals:
                if journal in self._unreadable:
                    continue
                try:
                    receipt = await asyncio.to_thread(self._ingest, journal)
                except (AfterdoseError, OSError) as error:
                    _log.error("%s waits: %s", journal.name, error)
                    return
                except Exception:
                    self._unreadable.add(journal)
                    _log.exception("%s is kept and was not taken in", journal.name)
                    continue
                if receipt is not None and self._told is not None:
                    self._told(receipt)

    def _ingest(self, journal: Path) -> Receipt | None:
        if not self._journal.mend(journal):
            journal.unlink()
            return None
        receipt = ingest_files(
            [journal],
            self._record,
            landed_on=day_of(journal),
            known_people_only=self._known_people_only,
        )
        (file,) = receipt.files
        if file.refused:
            raise UsageError(file.refused)
        journal.unlink()
        return receipt


async def _first_byte(reader: asyncio.StreamReader) -> bytes:
    """The byte a message begins with; line ends between messages are passed over."""
    while (byte := await reader.readexactly(1)) in (b"\r", b"\n"):
        continue
    return byte


async def _pass_over(reader: asyncio.StreamReader) -> None:
    """Read on to a message's end and keep nothing."""
    while True:
        try:
            await reader.readuntil(_END)
        except asyncio.LimitOverrunError as error:
            await reader.readexactly(error.consumed)
        else:
            return


def _at_once(waiting: list[_Waits]) -> tuple[list[_Waits], list[_Waits]]:
    """As many of the messages that wait as are written at once, and the others."""
    size = 0
    for place, (message, _) in enumerate(waiting):
        size += len(message)
        if size > _AT_ONCE and place:
            return waiting[:place], waiting[place:]
    return waiting, []
