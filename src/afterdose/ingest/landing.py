"""Raw bytes first: every file is kept as it came, under its own hash, before anything reads it."""

import errno
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from io import BufferedReader, FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterdose.cohort.switch import flush, flush_folder
from afterdose.record.errors import UnreadableInputError

if TYPE_CHECKING:
    from afterdose.ingest.keys import Keys
    from afterdose.ingest.mapping import Mapping

MAX_BYTES = 256 * 1024 * 1024
"""The largest file that is read as a whole; a larger one is read in slices, or refused."""
MAX_LANDED = 50 * 1024**3
"""The largest file that is kept at all."""

_BLOCK = 1024 * 1024
"""Small enough that a core still holds it when it is hashed: larger blocks take twice as long."""
_FLUSHED = 128 * _BLOCK
"""After how many bytes of a copy the disk begins to write."""
_COPY = ".copy.new"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
HEAD_BYTES = 64 * 1024
"""How much of a larger file is held, to know its format by."""


@dataclass(frozen=True)
class Landed:
    """A file as it arrived, or a part of one.

    ``path`` is where its bytes are kept, of a part those of the whole file; ``is_new`` is false
    where the same bytes had landed before: reading them again changes nothing.

    Attributes
    ----------
    content : bytes
        All of it; of a file larger than `MAX_BYTES` only the first bytes, to know it by.
    keys : Keys or None
        What signatures are checked by and links opened with.
    mapping : Mapping or None
        What its columns are, where somebody has said so.
    lines_before : int
        Of a part: how many lines of the file stand before it.
    sender : str
        Who sent it, where somebody has said so.
    sending : str
        What it came with: a mark of the bulk export, or of the member of a container; empty: it
        came alone.
    shared : dict
        What a reader notes for the files that belong together with this one, and finds again
        there: the parts of one file, the files of one bulk export.
    """

    sha256: str
    name: str
    size: int
    landed_on: date
    content: bytes
    path: Path
    is_new: bool
    keys: "Keys | None" = None
    mapping: "Mapping | None" = None
    lines_before: int = 0
    sender: str = ""
    sending: str = ""
    shared: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def short(self) -> str:
        """The first twelve characters of the hash, as rows cite it."""
        return self.sha256[:12]

    @property
    def is_whole(self) -> bool:
        """Whether ``content`` is all of the file."""
        return len(self.content) == self.size

    def demand_whole(self) -> None:
        """Refuse a file too large for a format that is read as a whole.

        Raises
        ------
        UnreadableInputError
        """
        if not self.is_whole:
            raise UnreadableInputError(
                f"{self.name} has {self.size} bytes and cannot be read in parts. Permitted: "
                f"{MAX_BYTES}; more only as one FHIR resource a line, or HL7 v2. Split the file."
            )


def content_of(path: Path, size: int) -> bytes:
    """All of a file, or the first bytes of a large one."""
    with path.open("rb") as file:
        return file.read(-1 if size <= MAX_BYTES else HEAD_BYTES)


def land(path: Path, record: Path, *, on: date, keys: "Keys | None" = None) -> Landed:
    """Keep a file's bytes under ``record/landed/``; the same bytes again are a no-op.

    Raises
    ------
    UnreadableInputError
        The file is empty, too large or cannot be opened.
    """
    # `mode` holds for the last folder only, so the record's own is made first.
    record.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = record / "landed"
    try:
        size = path.stat().st_size
        if size > MAX_LANDED:
            raise UnreadableInputError(
                f"{path.name} has {size} bytes. Permitted: {MAX_LANDED}. Split the file."
            )
        folder.mkdir(exist_ok=True)
        with path.open("rb") as file:
            digest, content = _kept(file, size, folder, path.name)
    except OSError as error:
        (folder / _COPY).unlink(missing_ok=True)
        if error.errno in _NO_ROOM:
            raise no_room(path.name, error) from None
        raise UnreadableInputError(
            f"{path.name} cannot be opened: {error.strerror}. Check that it exists and may be read."
        ) from None
    target = folder / digest
    is_new = not target.exists()
    temporary = folder / f".{digest}.new"
    try:
        if is_new and size <= MAX_BYTES:
            temporary.write_bytes(content)
        if is_new:
            flush(temporary)
            temporary.replace(target)
            flush_folder(folder)
        elif size > MAX_BYTES:
            temporary.unlink()
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise no_room(path.name, error) from None
    return Landed(digest, path.name, size, on, content, target, is_new, keys)


def no_room(name: str, error: OSError) -> UnreadableInputError:
    """The disk is full, for one: the file is not kept."""
    return UnreadableInputError(
        f"{name} cannot be kept: {error.strerror}. Permitted: where there is room for its bytes. "
        "Make room and ingest it again."
    )


def _kept(file: BufferedReader, size: int, folder: Path, name: str) -> tuple[str, bytes]:
    """The hash, and the content or its beginning; a large file is copied block by block."""
    if size <= MAX_BYTES:
        content = file.read()
        if not content or content.isspace():
            raise UnreadableInputError(f"{name} is empty. Ask for the file again.")
        return hashlib.sha256(content).hexdigest(), content
    copy = folder / _COPY
    with copy.open("wb", buffering=0) as kept:
        digest, head = _copied(file, kept)
    copy.replace(folder / f".{digest}.new")
    return digest, head


def _copied(file: BufferedReader, kept: FileIO) -> tuple[str, bytes]:
    """Copy a file; its hash, and its beginning.

    A block is hashed while it is written, and what was written goes to the disk while more is.
    """
    digest, head, written = hashlib.sha256(), b"", 0
    flushed, block = [], memoryview(bytearray(_BLOCK))
    with ThreadPoolExecutor(1) as hashing, ThreadPoolExecutor(1) as flushing:
        while length := file.readinto(block):
            head = head or bytes(block[: min(length, HEAD_BYTES)])
            hashed = hashing.submit(digest.update, block[:length])
            # A write may take less than it is given.
            rest = block[:length]
            while rest:
                rest = rest[kept.write(rest) :]
            hashed.result()
            written += length
            if written % _FLUSHED == 0:
                flushed.append(flushing.submit(os.fsync, kept.fileno()))
    for one in flushed:
        one.result()
    return digest.hexdigest(), head
