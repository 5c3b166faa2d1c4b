"""Files that landed earlier: found again under their own names, to be read once more."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePath
from typing import Any

from afterdose.cohort.switch import flush
from afterdose.ingest.landing import Landed, content_of, no_room
from afterdose.ingest.mapping import Mapping, parse_mapping
from afterdose.record.errors import RecordError, UnreadableInputError

FOLDER = "landed"


@dataclass(frozen=True)
class Kept:
    """A file that landed, as its note beside the bytes says.

    Attributes
    ----------
    sha256, name : str
    size : int
    landed_on : date
        The day it arrived.
    path : Path
        Where its bytes stand.
    folder : str
        Its folder's name, where that says which table it is a part of; else empty.
    sending : str
        The same for files that were sent together and point at each other; else empty.
    place : str
        Its path from the folder of the ``scans.csv`` that lists it; else empty.
    mapping : str
        The hash of the mapping it was last read by; empty without one.
    is_mapping : bool
        It is a mapping itself.
    known_people_only : bool
        It was read without taking anybody new in.
    sender : str
        Who sent it, where somebody has said so.
    """

    sha256: str
    name: str
    size: int
    landed_on: date
    path: Path
    folder: str = ""
    sending: str = ""
    place: str = ""
    mapping: str = ""
    is_mapping: bool = False
    known_people_only: bool = False
    sender: str = ""

    @property
    def short(self) -> str:
        """The first twelve characters of the hash, as rows cite it."""
        return self.sha256[:12]

    @property
    def original(self) -> PurePath:
        """The name that says what it is, with its folder where that says it.

        What a ``scans.csv`` lists has a path as if its folder were named by the mark.
        """
        if self.place:
            return PurePath("/", self.sending, self.place)
        return PurePath(self.folder, self.name)

    def landed(self) -> Landed:
        """The file as on the day it landed.

        Raises
        ------
        UnreadableInputError
            Its bytes are gone, or no longer those that landed.
        """
        try:
            with self.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            content = content_of(self.path, self.size)
        except OSError as error:
            raise UnreadableInputError(
                f"{self.name} is no longer among the landed files: {error.strerror}. "
                "Ingest the file again."
            ) from None
        if digest != self.sha256:
            raise UnreadableInputError(
                f"{self.name}: the bytes kept are not those that landed. Restore the folder "
                f"{FOLDER} from a copy, or ingest the file again."
            )
        return Landed(
            self.sha256,
            self.name,
            self.size,
            self.landed_on,
            content,
            self.path,
            is_new=False,
            sender=self.sender,
            sending=self.sending,
        )


def remember(landed: Landed, **facts: Any) -> None:
    """Note the facts of a file that has just landed beside it; what is false or empty is not noted.

    The same bytes again change nothing but the mapping they are read by, the sender and the list
    that names them; unless a run was cut short before it noted anything. Under another name, or at
    another place of a list, they are noted as well, since either may say what they are.
    """
    said = {name: value for name, value in facts.items() if value}
    path = _note_of(landed.path)
    if not path.exists():
        day = landed.landed_on.isoformat()
        _write_note(path, {"name": landed.name, "size": landed.size, "landed_on": day} | said)
        return
    noted: dict[str, Any] = json.loads(path.read_text("utf-8"))
    now = noted | {name: said[name] for name in _OF_BYTES if name in said}
    now |= _whereabouts(noted, {"name": landed.name} | said)
    if now != noted:
        _write_note(path, now)


def _whereabouts(noted: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """What a note says now of where its bytes were found."""
    here = {name: said[name] for name in _OF_PLACE if name in said}
    place = here.get("place")
    others: list[dict[str, Any]] = noted.get("also", [])
    for number, one in enumerate([noted, *others]):
        if one["name"] != here["name"] or place not in (None, one.get("place", place)):
            continue
        if place is None:
            return {}
        # The newest list that names a report counts.
        if number == 0:
            return here
        others = [here if other is one else other for other in others]
        return {"also": others}
    return {"also": [*others, here]}


def _write_note(path: Path, facts: dict[str, Any]) -> None:
    """Replace a note at once: half of one would hide its file."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
        flush(draft)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise no_room(str(facts["name"]), error) from None


_OF_BYTES = ("mapping", "sender")
"""What is true of bytes however they are called; the latest word counts."""
_OF_PLACE = ("name", "folder", "place", "sending")
"""What is true of them under one name."""


def mapping_of(kept: Kept) -> Mapping | None:
    """The mapping a file was last read by, from the bytes that landed; None: it was read without.

    Raises
    ------
    UnreadableInputError
        They are gone.
    """
    if not kept.mapping:
        return None
    try:
        return parse_mapping((kept.path.parent / kept.mapping).read_bytes())
    except OSError:
        raise UnreadableInputError(
            f"{kept.name}: the mapping it was read by is no longer among the landed files. Ingest "
            "the file again with --mapping."
        ) from None


def noted_before(landed: Landed) -> dict[str, str]:
    """What was noted of the same bytes when they were last read; nothing: they are new."""
    path = _note_of(landed.path)
    noted: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return noted


def as_noted(landed: Landed) -> Landed:
    """A file with its sender and sending, and as of the day on which its bytes first arrived:
    arriving again changes nothing.
    """
    here = next(one for one in _kept(_note_of(landed.path)) if one.name == landed.name)
    return replace(landed, landed_on=here.landed_on, sender=here.sender, sending=here.sending)


def kept_files(record: Path) -> list[Kept]:
    """Every file that landed in a record, in the order in which they were first read; no mappings.

    A file that no receipt names (the run was cut short) comes after those of its day. Bytes that
    came under several names are there under each.
    """
    notes = sorted((record / FOLDER).glob("*.json"))
    turn = {sha256: place for place, sha256 in enumerate(_read_by_receipts(record))}
    every = [one for note in notes if not note.name.startswith(".") for one in _kept(note)]
    found = [one for one in every if not one.is_mapping]
    return sorted(found, key=lambda kept: (turn.get(kept.sha256, len(turn)), kept.landed_on))


def kept_file(record: Path, short: str) -> Kept:
    """The file whose hash begins with ``short``.

    Raises
    ------
    RecordError
        None does, or several do.
    """
    every = {kept.sha256: kept for kept in reversed(kept_files(record))}
    found = [kept for sha256, kept in every.items() if sha256.startswith(short)]
    if len(found) != 1 or not short:
        raise RecordError(
            f"{len(found)} landed files have a hash that begins with '{short}'. Permitted: the "
            "first twelve characters, as rows cite them. Copy them from the row."
        )
    return found[0]


def refused_files(record: Path) -> set[str]:
    """Hashes of the files that the newest receipt to name them calls refused."""
    last = {
        file["sha256"]: bool(file["refused"])
        for _, receipt in receipts_of(record)
        for file in receipt["files"]
    }
    return {sha256 for sha256, is_refused in last.items() if is_refused}


def unread_files(record: Path) -> set[str]:
    """Hashes of the files that no receipt names: the run that landed them was cut short."""
    named = _read_by_receipts(record)
    return {kept.sha256 for kept in kept_files(record) if kept.sha256 not in named}


def receipts_of(record: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Every receipt of a record, oldest first, with its path."""
    paths = sorted((record / "receipts").glob("[0-9]*.json"), key=lambda path: int(path.stem))
    return [(path, json.loads(path.read_text("utf-8"))) for path in paths]


def _read_by_receipts(record: Path) -> dict[str, None]:
    return dict.fromkeys(
        file["sha256"] for _, receipt in receipts_of(record) for file in receipt["files"]
    )


def _kept(note: Path) -> list[Kept]:
    """The bytes under each of their names, the first first."""
    noted = json.loads(note.read_text("utf-8"))
    shared = {name: value for name, value in noted.items() if name not in _OF_PLACE}
    return [_under_name(note, shared | one) for one in [noted, *noted.get("also", [])]]


def _under_name(note: Path, facts: dict[str, Any]) -> Kept:
    return Kept(
        sha256=note.stem,
        name=facts["name"],
        size=facts["size"],
        landed_on=date.fromisoformat(facts["landed_on"]),
        path=note.with_suffix(""),
        folder=facts.get("folder", ""),
        sending=facts.get("sending", ""),
        place=facts.get("place", ""),
        mapping=facts.get("mapping", ""),
        is_mapping=facts.get("is_mapping", False),
        known_people_only=facts.get("known_people_only", False),
        sender=facts.get("sender", ""),
    )


def _note_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")
