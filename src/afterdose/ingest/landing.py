"""Raw bytes first: every file is kept as it came, under its own hash, before anything reads it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from afterdose.record.errors import UnreadableInputError

MAX_BYTES = 256 * 1024 * 1024
"""The largest file that is read as a whole."""


@dataclass(frozen=True)
class Landed:
    """A file as it arrived.

    ``path`` is where its bytes are kept; ``is_new`` is false where the same bytes had landed
    before: reading them again changes nothing.
    """

    sha256: str
    name: str
    size: int
    landed_on: date
    content: bytes
    path: Path
    is_new: bool

    @property
    def short(self) -> str:
        """The first twelve characters of the hash, as rows cite it."""
        return self.sha256[:12]


def land(path: Path, record: Path, *, on: date) -> Landed:
    """Keep a file's bytes under ``record/landed/``; the same bytes again are a no-op.

    Raises
    ------
    UnreadableInputError
        The file is empty, too large or cannot be opened.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UnreadableInputError(
                f"{path.name} has {size} bytes. Permitted: {MAX_BYTES}. Split the file."
            )
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableInputError(
            f"{path.name} cannot be opened: {error.strerror}. Check that it exists and may be read."
        ) from None
    if not content or content.isspace():
        raise UnreadableInputError(f"{path.name} is empty. Ask for the file again.")
    digest = hashlib.sha256(content).hexdigest()
    # `mode` holds for the last folder only, so the record's own is made first.
    record.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = record / "landed"
    folder.mkdir(exist_ok=True)
    target = folder / digest
    is_new = not target.exists()
    if is_new:
        temporary = folder / f".{digest}.new"
        temporary.write_bytes(content)
        temporary.replace(target)
        facts = {"name": path.name, "size": size, "landed_on": on.isoformat()}
        (folder / f"{digest}.json").write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
    return Landed(digest, path.name, size, on, content, target, is_new)
