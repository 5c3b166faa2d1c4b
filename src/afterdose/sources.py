"""What the source files of a program say, as one hash."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).parent
"""The folder Afterdose stands in."""


@cache
def stamp_of(folder: Path, endings: Sequence[str] = (".py",)) -> str:
    """What every source file in ``folder`` says, as one hash.

    Parameters
    ----------
    folder : Path
    endings : tuple of str, default Python files
        Which files are sources.
    """
    found = sha256()
    paths = (path for path in folder.rglob("*") if path.suffix in endings and path.is_file())
    for path in sorted(paths):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0")
        found.update(path.read_bytes() + b"\0")
    return found.hexdigest()


def package_stamp() -> str:
    """All of Afterdose that a number can depend on: code, definitions, protocols, catalogues."""
    return stamp_of(PACKAGE, (".py", ".toml"))
