"""Which codes and units a row was judged by: a short hash of the files that say them."""

import hashlib
from functools import cache
from importlib import resources

_FILES = (
    ("afterdose.record", "analytes.toml"),
    ("afterdose.record", "units.toml"),
    ("afterdose.ingest", "drugs.toml"),
    ("afterdose.ingest", "events.toml"),
)


@cache
def mapping_version() -> str:
    """The first twelve characters of the hash of the catalogues of analytes, units, drugs and
    events.

    A row that was set aside says by which version: after a code or unit was added the version is
    another, and the row is worth reading again.
    """
    digest = hashlib.sha256()
    for package, name in _FILES:
        digest.update(resources.files(package).joinpath(name).read_bytes())
    return digest.hexdigest()[:12]
