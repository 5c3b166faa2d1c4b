"""One reader per format, each to the same rows. A reader touches no value, unit or code."""

from collections.abc import Callable

from afterdose.ingest.landing import Landed
from afterdose.ingest.readers.fhir import read_fhir
from afterdose.ingest.readers.fhir_lines import read_fhir_lines
from afterdose.ingest.readers.hl7v2 import read_hl7v2
from afterdose.ingest.rows import Reading
from afterdose.record.errors import UnreadableInputError

Reader = Callable[[Landed], Reading]

PERMITTED = (
    "FHIR R4 JSON or NDJSON, HL7 v2 ORU^R01, and tables of a record as .csv or .parquet; "
    "C-CDA and PDF are not read yet"
)
_BEFORE_CONTENT = b"\xef\xbb\xbf\x0b \t\r\n"
"""A byte-order mark, the start byte of the lower-layer protocol, and white space."""


def reader_for(content: bytes, name: str) -> tuple[str, Reader]:
    """The reader of a file's format, told from its first bytes.

    Raises
    ------
    UnreadableInputError
        It is none of the formats that can be read.
    """
    start = content.lstrip(_BEFORE_CONTENT)[:3]
    if start[:1] in (b"{", b"["):
        return "fhir", _fhir
    if start in (b"MSH", b"FHS", b"BHS"):
        return "hl7v2", _hl7v2
    raise UnreadableInputError(
        f"{name} is in a format that cannot be read. Permitted: {PERMITTED}. "
        "Ask the sender for one of these."
    )


def _fhir(landed: Landed) -> Reading:
    return read_fhir_lines(landed.content, landed.path) or read_fhir(landed.content)


def _hl7v2(landed: Landed) -> Reading:
    return read_hl7v2(landed.content)
