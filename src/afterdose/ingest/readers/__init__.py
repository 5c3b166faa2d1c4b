"""One reader per format, each to the same rows. A reader touches no value, unit or code."""

from afterdose.ingest.hooks import Reader, Start, readers
from afterdose.ingest.landing import Landed
from afterdose.record.errors import UnreadableInputError

TABLES = "tables of a record as .csv or .parquet"


def reader_for(landed: Landed) -> Reader:
    """The first reader that recognises a file.

    Raises
    ------
    UnreadableInputError
        It is in none of the formats that can be read.
    """
    found = recognised(landed)
    if found is not None:
        return found
    permitted = sorted({reader.permitted for reader in readers()})
    raise UnreadableInputError(
        f"{landed.name} is in a format that cannot be read. Permitted: {', '.join(permitted)}, and "
        f"{TABLES}. Ask the sender for one of these."
    )


def recognised(landed: Landed) -> Reader | None:
    """The first reader that recognises a file, or None."""
    start = Start.of(landed)
    return next((reader for reader in readers() if reader.recognises(start)), None)
