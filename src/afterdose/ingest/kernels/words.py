"""Eight bytes at a time: the first byte that ends a string, hashes and equality of texts.

A text is given as the address of the buffer it stands in and its places there.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from afterdose.ingest.kernels.compiling import inlined

EVERY = np.uint64(0x0101010101010101)
HIGH = np.uint64(0x8080808080808080)
_QUOTES = np.uint64(0x2222222222222222)
_BACKSLASHES = np.uint64(0x5C5C5C5C5C5C5C5C)
_SPACES = np.uint64(0x2020202020202020)
_FEEDS = np.uint64(0x0A0A0A0A0A0A0A0A)
_RETURNS = np.uint64(0x0D0D0D0D0D0D0D0D)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_LEFT = np.uint64(29)
SEED = np.uint64(0x243F6A8885A308D3)


@intrinsic
def byte_at(typing_context, base, at):
    """The byte at a distance from an address.

    An address, unlike an array, has no owner to be counted at every call.
    """

    def code(context, builder, signature, arguments):
        place = builder.inttoptr(builder.add(*arguments), ir.PointerType(ir.IntType(8)))
        return builder.zext(builder.load(place), ir.IntType(64))

    return types.int64(types.uintp, types.intp), code


@intrinsic
def word_at(typing_context, base, at):
    """The eight bytes from a distance to an address on, the first of them lowest."""

    def code(context, builder, signature, arguments):
        place = builder.inttoptr(builder.add(*arguments), ir.PointerType(ir.IntType(64)))
        return builder.load(place, align=1)

    return types.uint64(types.uintp, types.intp), code


@inlined
def first_marked(marks):
    """Which byte holds the lowest mark; a mark is the highest bit of a byte."""
    below = ((marks & (~marks + np.uint64(1))) >> np.uint64(7)) - np.uint64(1)
    return np.int64(((below & EVERY) * EVERY) >> np.uint64(56))


@inlined
def _zeros(word):
    """Marks the lowest byte that is zero, and maybe others above it."""
    return (word - EVERY) & ~word & HIGH


@inlined
def plain_end(base, at, end):
    """The first byte from ``at`` on that a string does not simply hold.

    A quotation mark, a backslash, a control character, or any byte of a character beyond ASCII.
    """
    while at + 8 <= end:
        word = word_at(base, at)
        marks = (
            _zeros(word ^ _QUOTES)
            | _zeros(word ^ _BACKSLASHES)
            | ((word - _SPACES) & ~word & HIGH)
            | (word & HIGH)
        )
        if marks != 0:
            return at + first_marked(marks)
        at += 8
    while at < end:
        byte = byte_at(base, at)
        if byte == 34 or byte == 92 or byte < 32 or byte >= 128:
            return at
        at += 1
    return end


@inlined
def line_end(base, at, end):
    """Where the line ends that ``at`` stands in: at its line feed or carriage return."""
    while at + 8 <= end:
        word = word_at(base, at)
        marks = _zeros(word ^ _FEEDS) | _zeros(word ^ _RETURNS)
        if marks != 0:
            return at + first_marked(marks)
        at += 8
    while at < end and byte_at(base, at) != 10 and byte_at(base, at) != 13:
        at += 1
    return at


@inlined
def hash_of(base, begin, end, seed):
    """A hash of the bytes and of how many they are."""
    found = (seed ^ np.uint64(end - begin)) * _MIX
    at = begin
    while at + 8 <= end:
        found = (found ^ word_at(base, at)) * _MIX
        found ^= found >> _LEFT
        at += 8
    rest = np.uint64(0)
    while at < end:
        rest = (rest << np.uint64(8)) | np.uint64(byte_at(base, at))
        at += 1
    found = (found ^ rest) * _MIX
    return found ^ (found >> _LEFT)


@inlined
def is_same(base, one, other, length):
    """Whether the same bytes stand at two places."""
    last = length - 8
    at = 0
    while at <= last:
        if word_at(base, one + at) != word_at(base, other + at):
            return False
        at += 8
    while at < length:
        if byte_at(base, one + at) != byte_at(base, other + at):
            return False
        at += 1
    return True
