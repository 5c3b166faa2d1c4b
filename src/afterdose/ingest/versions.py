"""Which codes and units a row was judged by: a short hash of the files that say them."""

import hashlib
from functools import cache
from importlib import resources

_FILES = ("analytes.toml", "units.toml")


@cache
def mapping_version() -> str:
    """The first twelve characters of the hash of the catalogue of analytes and of units.

    A row that was set aside says by which version: after a code or unit was added the version is
    another, and the row is worth reading again.
    """
    digest = hashlib.sha256()
    for name in _FILES:
        digest.update(resources.files("afterdose.record").joinpath(name).read_bytes())
    return digest.hexdigest()[:12]
