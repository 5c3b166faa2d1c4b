"""Which files a run reads, and in which order: each finds the people and scans it speaks of."""

from collections.abc import Iterable
from pathlib import Path, PurePath

from afterdose.ingest.decisions import FILE_NAME as DECISIONS
from afterdose.ingest.doses import FILE_NAME as DOSES
from afterdose.ingest.identity import FILE_NAME as IDENTITIES
from afterdose.ingest.kept import Kept
from afterdose.ingest.links import FILE_NAME as LINKS
from afterdose.ingest.scans import FILE_NAME as SCANS
from afterdose.ingest.scans import files_listed
from afterdose.ingest.sendings import turn_of
from afterdose.ingest.set_aside import FILE_NAME as SET_ASIDE
from afterdose.ingest.settled import FILE_NAME as SETTLED
from afterdose.ingest.tables import SUFFIXES
from afterdose.ingest.unmatched import FILE_NAME as UNMATCHED

_BESIDE = frozenset(
    {
        "about.json",
        "approvals.csv",
        "site.toml",
        DECISIONS,
        DOSES,
        LINKS,
        SET_ASIDE,
        SETTLED,
        UNMATCHED,
        "README.md",
    }
)
_BESIDE_FOLDERS = frozenset({"approvals", "landed", "receipts", "truth"})
"""What a folder may hold beside files to read: a record's own books."""


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Every file once, folders opened, and with ``scans.csv`` the files it lists.

    ``identities.csv``, ``scans.csv`` and ``people.csv`` come first, the other tables of a record
    last.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        for file in _files_of(path) if path.is_dir() else [path]:
            files.setdefault(file.resolve(), file)
            if file.name == SCANS:
                for report in files_listed(file):
                    files.setdefault(report, report)
    return sorted(files.values(), key=turn)


def in_turn(kept: Iterable[Kept]) -> list[Kept]:
    """Landed files in the order in which they would be read if they came together."""
    return sorted(kept, key=lambda one: turn(one.original))


def turn(path: PurePath) -> tuple[int, int]:
    """A number for sorting: who is who and what is listed, people, files, tables of a record."""
    plain = path.with_name(path.name.removesuffix(".gz") or path.name)
    if plain.name in (IDENTITIES, SCANS):
        first = 0
    elif plain.stem == "people":
        first = 1
    else:
        first = 3 if plain.suffix.lower() in SUFFIXES else 2
    return first, turn_of(path)


def _files_of(folder: Path) -> list[Path]:
    """The files of a folder and of the folders in it, without hidden ones and a record's books."""
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _BESIDE:
            continue
        if not path.is_dir():
            found.append(path)
        elif path.name not in _BESIDE_FOLDERS and not path.is_symlink():
            found.extend(_files_of(path))
    return found
