"""Looking through bytes for little: how many lines end, and where a key stands."""

import numpy as np

from afterdose.ingest.kernels.compiling import compiled, inlined
from afterdose.ingest.kernels.grammar import is_text
from afterdose.ingest.kernels.words import byte_at, line_end

_KEY = np.frombuffer(b'"resourceType"', np.uint8).copy()
_PATIENT, _SPECIMEN, _REPORT, _MEDICATION = (
    np.frombuffer(f'"{kind}"'.encode(), np.uint8).copy()
    for kind in ("Patient", "Specimen", "DiagnosticReport", "Medication")
)
_SHIFTS = np.full(256, len(_KEY), np.int64)
"""How far a window may move, by the byte it ends with: to where that byte fits the key."""
for _place, _byte in enumerate(_KEY[:-1].tolist()):
    _SHIFTS[_byte] = len(_KEY) - 1 - _place


@compiled
def count_line_ends(base, at, end):
    """Line ends from ``at`` to before ``end``, however they are written.

    Parameters
    ----------
    base : uint
        The address of the bytes.
    at, end : int

    Returns
    -------
    int
    """
    count = 0
    while True:
        at = line_end(base, at, end)
        if at >= end:
            return count
        count += 1
        at += 2 if at + 1 < end and byte_at(base, at) == 13 and byte_at(base, at + 1) == 10 else 1


@inlined
def _begins(base, at, end, text):
    return at + len(text) <= end and is_text(base, at, at + len(text), text)


@inlined
def _value_after(base, at, end):
    """Where the value begins after the key that ends at ``at``; ``end`` where there is none."""
    has_colon = False
    while at < end:
        byte = byte_at(base, at)
        if byte == 58 and not has_colon:
            has_colon = True
        elif byte != 32 and not 9 <= byte <= 13:
            return at if has_colon else end
        at += 1
    return end


@compiled
def find_telling(base, at, last, end, found):
    """Where resources say their type that may say something of results before them.

    A Patient, a Specimen, a DiagnosticReport or a Medication, at any depth.

    Parameters
    ----------
    base : uint
        The address of the bytes.
    at, last, end : int
        Keys are looked for from ``at`` to before ``last``, in bytes that end at ``end``.
    found : array of int64
        Filled with where the types begin.

    Returns
    -------
    int, int
        From where to go on, at ``last`` or beyond once all are found; and how many were found.
    """
    length, count = len(_KEY), 0
    while at < last and at + length <= end and count < len(found):
        # Only a quotation mark ends the key, and most bytes are none.
        byte = byte_at(base, at + length - 1)
        if byte != 34 or not is_text(base, at, at + length, _KEY):
            at += _SHIFTS[byte]
            continue
        at += length
        value = _value_after(base, at, end)
        if (
            _begins(base, value, end, _PATIENT)
            or _begins(base, value, end, _SPECIMEN)
            or _begins(base, value, end, _REPORT)
            or _begins(base, value, end, _MEDICATION)
        ):
            found[count] = value
            count += 1
    return (at if count == len(found) else max(at, last)), count
