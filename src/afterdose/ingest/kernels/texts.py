"""Texts that stand somewhere in a buffer: which of them are plain strings, and copies of these."""

import numpy as np

from afterdose.ingest.kernels.compiling import compiled
from afterdose.ingest.kernels.words import byte_at


@compiled
def are_plain(base, spans):
    """Whether each JSON text is a string without escapes, or is not there.

    Parameters
    ----------
    base : uint
        The address of the bytes.
    spans : array of int64, shape (n, 2)
        Where each text begins and ends; both 0: it is not there.

    Returns
    -------
    array of bool, shape (n,)
    """
    found = np.empty(len(spans), np.bool_)
    for row in range(len(spans)):
        begin, end = spans[row, 0], spans[row, 1]
        is_plain = end == 0 or byte_at(base, begin) == 34
        for place in range(begin, end):
            is_plain &= byte_at(base, place) != 92
        found[row] = is_plain
    return found


@compiled
def copy_texts(base, spans, offsets, copy):
    """Copy texts one after another.

    Parameters
    ----------
    base : uint
        The address of the bytes.
    spans : array of int64, shape (n, 2)
        Where each text begins and ends.
    offsets : array of int64, shape (n,)
        Where its copy begins.
    copy : array of uint8
        Filled.
    """
    for row in range(len(spans)):
        place = offsets[row] - spans[row, 0]
        for at in range(spans[row, 0], spans[row, 1]):
            copy[place + at] = byte_at(base, at)
