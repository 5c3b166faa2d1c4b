"""Containers: gzip and zip. A container lands as its own bytes; its members are read one by one.

A small container can unpack to more than any disk holds, so sizes are counted while unpacking and
never believed from a header.
"""

import gzip
import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from afterdose.ingest.landing import MAX_LANDED
from afterdose.record.errors import UnreadableInputError
from afterdose.record.units import clean_text

MAX_RATIO = 200
"""How many times larger than itself a container may unpack; laboratory files stay below 60."""
MAX_MEMBERS = 100_000
MAX_DIRECTORY = 16 * 1024 * 1024
"""The largest list of members a zip file may have: all of it is held in memory."""
FREE_BYTES = 16 * 1024 * 1024
"""Unpacked bytes below which the ratio is not asked for: small files of blanks do no harm."""

AHEAD_BYTES = 64 * 1024 * 1024
"""How far a container may be ahead of the ratio on the way: a bomb is stopped before it fills the
disk, and a stretch of blanks in a genuine file is not."""

_BLOCK = 256 * 1024
_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OFFICE = frozenset({"[Content_Types].xml", "mimetype"})
"""A zip with one of these is a document, for a reader to read as one."""
_OFFICE_ENDINGS = (".xlsx", ".xlsm", ".docx", ".ods", ".odt")
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_SHOWN = 200
_ENCRYPTED = 0x1
_LONGEST_END = 66 * 1024
"""The end of a zip file, with the longest remark it may carry."""
_SEE_LONGER = 0xFFFFFFFF


@dataclass(frozen=True)
class Member:
    """A file out of a container, unpacked for the time it is read."""

    name: PurePosixPath
    path: Path
    size: int

    @property
    def shown(self) -> str:
        """The name as rows cite it."""
        return clean_text(str(self.name))[:_SHOWN]


def is_container(content: bytes) -> bool:
    """Whether a file begins as gzip or zip do."""
    return content.startswith((_GZIP, *_ZIP))


def is_gzip(content: bytes) -> bool:
    """Whether a file holds a single member without a name of its own."""
    return content.startswith(_GZIP)


def is_document(path: Path, name: str) -> bool:
    """Whether a zip is a document of an office program rather than a folder of files."""
    if name.lower().endswith(_OFFICE_ENDINGS):
        return True
    try:
        with zipfile.ZipFile(path) as container:
            return not _OFFICE.isdisjoint(container.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


@contextmanager
def unpacked(path: Path, name: str, folder: Path) -> Iterator[list[Member]]:
    """The members of a container in its own order, as files that are gone afterwards.

    Parameters
    ----------
    path : Path
        The container.
    name : str
        Its name as the sender gave it.
    folder : Path
        Where members may be put meanwhile: inside the record, where only its owner reads.

    Raises
    ------
    UnreadableInputError
        It is cut short, encrypted or damaged, unpacks to too much, or holds a container.
    """
    place = Path(tempfile.mkdtemp(prefix=".members-", dir=folder))
    try:
        with path.open("rb") as file:
            unpack = _of_gzip if is_gzip(file.read(2)) else _of_zip
        try:
            members = list(unpack(path, name, place))
        except OSError as error:
            raise UnreadableInputError(
                f"{name} cannot be unpacked: {error.strerror}. Permitted: where there is room for "
                "what it holds. Make room and ingest it again."
            ) from None
        yield members
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _of_gzip(path: Path, name: str, place: Path) -> Iterator[Member]:
    budget = _Budget(name, path.stat().st_size)
    inner = PurePosixPath(name.removesuffix(".gz").removesuffix(".gzip") or "content")
    target = place / "0"
    try:
        with path.open("rb") as file, gzip.open(file) as packed:
            size = budget.copy(packed, target, file.tell)
    except EOFError:
        raise UnreadableInputError(
            f"{name} is a gzip file that ends too early. Permitted: a whole one. Ask the sender "
            "for the file again."
        ) from None
    except (gzip.BadGzipFile, zlib.error):
        raise _damaged(name, "gzip") from None
    yield Member(inner, target, size)


def _of_zip(path: Path, name: str, place: Path) -> Iterator[Member]:
    budget = _Budget(name, path.stat().st_size)
    if _directory_size(path) > MAX_DIRECTORY:
        raise _too_many(name, "too many")
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as container:
            passed = 0
            entries = [entry for entry in container.infolist() if _is_file(entry)]
            if len(entries) > MAX_MEMBERS:
                raise _too_many(name, str(len(entries)))
            for number, entry in enumerate(entries):
                if entry.flag_bits & _ENCRYPTED:
                    raise UnreadableInputError(
                        f"{name} is encrypted. Permitted: a zip file without a password. Unpack it "
                        "and hand in the files."
                    )
                if entry.compress_type not in _METHODS:
                    raise _packed_otherwise(name)
                target = place / str(number)
                before = passed - entry.header_offset
                with container.open(entry) as packed:
                    size = budget.copy(packed, target, lambda before=before: before + file.tell())
                passed += entry.compress_size
                yield Member(PurePosixPath(entry.filename), target, size)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError):
        raise _damaged(name, "zip") from None
    except NotImplementedError:
        raise _packed_otherwise(name) from None


def _directory_size(path: Path) -> int:
    """How long a zip file says its list of members is, before anybody reads it; 0: it has none."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LONGEST_END))
        end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 16:
        return 0
    (length,) = struct.unpack_from("<I", end, at + 12)
    large = end.rfind(b"PK\x06\x06", 0, at)
    if large >= 0 and len(end) >= large + 48:
        (longer,) = struct.unpack_from("<Q", end, large + 40)
        length = max(length if length != _SEE_LONGER else 0, longer)
    return int(length)


def _is_file(entry: zipfile.ZipInfo) -> bool:
    """Neither a folder nor a link, nor what a desktop leaves behind."""
    if not entry.filename:
        raise zipfile.BadZipFile
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    path = PurePosixPath(entry.filename)
    is_left = path.name.startswith(".") or "__MACOSX" in path.parts
    return not (entry.is_dir() or is_link or is_left)


class _Budget:
    """How much a container may still unpack to."""

    def __init__(self, name: str, packed: int) -> None:
        self._name = name
        self._packed = packed
        self._unpacked = 0

    def copy(self, packed: IO[bytes], target: Path, taken: Callable[[], int]) -> int:
        """Unpack one member; returns its size. ``taken``: how much of the container it took."""
        size = 0
        with target.open("wb") as file:
            while block := packed.read(_BLOCK):
                if not size and is_container(block):
                    raise UnreadableInputError(
                        f"{self._name} holds a container inside. Permitted: files only. Unpack it "
                        "and hand in what it holds."
                    )
                size += len(block)
                self._unpacked += len(block)
                self._check(taken())
                file.write(block)
        return size

    def _check(self, taken: int) -> None:
        if self._unpacked > MAX_LANDED:
            raise UnreadableInputError(
                f"{self._name} unpacks to more than {MAX_LANDED} bytes. Permitted: no more. Ask "
                "the sender to send it in parts."
            )
        most = min(MAX_RATIO * self._packed, MAX_RATIO * taken + AHEAD_BYTES)
        if self._unpacked > max(FREE_BYTES, most):
            raise UnreadableInputError(
                f"{self._name} unpacks to more than {MAX_RATIO} times its size, as no file of "
                f"results does. Permitted: {MAX_RATIO} times. If it is genuine, unpack it and "
                "hand in the files."
            )


def _damaged(name: str, kind: str) -> UnreadableInputError:
    return UnreadableInputError(
        f"{name} is a damaged {kind} file. Permitted: a whole one. Ask the sender for the file "
        "again."
    )


def _packed_otherwise(name: str) -> UnreadableInputError:
    return UnreadableInputError(
        f"{name} is packed in a way that cannot be read. Permitted: zip with store or deflate. "
        "Unpack it and hand in the files."
    )


def _too_many(name: str, count: str) -> UnreadableInputError:
    return UnreadableInputError(
        f"{name} holds {count} files. Permitted: {MAX_MEMBERS}. Ask the sender to send it in parts."
    )
