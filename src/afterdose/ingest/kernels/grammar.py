"""The grammar of JSON, byte by byte: whether a line is one object, and where its parts stand.

`read_object` says yes only where it is certain. Whatever is rare (an escaped character of two
halves, a number of hundreds of digits, brackets more than sixty deep) it leaves to the plain
reader, like everything that is no JSON at all.
"""

import numpy as np

from afterdose.ingest.kernels.compiling import inlined
from afterdose.ingest.kernels.words import byte_at, plain_end

NO = -1
"""In place of a position: not certain."""

_LONGEST_NUMBER = 300
_DEEPEST = 60

_SIMPLE_ESCAPES = np.zeros(256, np.bool_)
_SIMPLE_ESCAPES[list(b'"\\/bfnrt')] = True
_HEX = np.full(256, 16, np.uint8)
for _place, _digit in enumerate(b"0123456789abcdef"):
    _HEX[_digit] = _place
for _place, _digit in enumerate(b"ABCDEF", start=10):
    _HEX[_digit] = _place


@inlined
def _is_digit(byte):
    return 48 <= byte <= 57


@inlined
def after_space(base, at, end):
    """The first byte that is neither a space nor a tab."""
    while at < end and (byte_at(base, at) == 32 or byte_at(base, at) == 9):
        at += 1
    return at


@inlined
def _after_escape(base, at, end):
    """What follows the escape whose backslash stands at ``at``, or `NO`."""
    if at + 1 >= end:
        return NO
    if _SIMPLE_ESCAPES[byte_at(base, at + 1)]:
        return at + 2
    if byte_at(base, at + 1) != 117 or at + 6 > end:
        return NO
    for place in range(at + 2, at + 6):
        if _HEX[byte_at(base, place)] == 16:
            return NO
    # Half of a character: the other half has to follow.
    if _HEX[byte_at(base, at + 2)] == 13 and _HEX[byte_at(base, at + 3)] >= 8:
        return NO
    return at + 6


@inlined
def _after_character(base, at, end):
    """What follows a character beyond ASCII, or `NO` where it is not UTF-8."""
    first = byte_at(base, at)
    low, high = 0x80, 0xBF
    if 0xC2 <= first <= 0xDF:
        length = 2
    elif 0xE0 <= first <= 0xEF:
        length = 3
        if first == 0xE0:
            low = 0xA0
        elif first == 0xED:
            high = 0x9F
    elif 0xF0 <= first <= 0xF4:
        length = 4
        if first == 0xF0:
            low = 0x90
        elif first == 0xF4:
            high = 0x8F
    else:
        return NO
    if at + length > end or not low <= byte_at(base, at + 1) <= high:
        return NO
    for place in range(at + 2, at + length):
        if not 0x80 <= byte_at(base, place) <= 0xBF:
            return NO
    return at + length


@inlined
def after_string(base, at, end):
    """What follows the string whose quotation mark stands at ``at``, or `NO`; and whether it is
    as it stands, without an escape.
    """
    at += 1
    is_plain = True
    while True:
        at = plain_end(base, at, end)
        if at >= end:
            return NO, is_plain
        byte = byte_at(base, at)
        if byte == 34:
            return at + 1, is_plain
        if byte == 92:
            is_plain = False
            at = _after_escape(base, at, end)
        elif byte >= 128:
            at = _after_character(base, at, end)
        else:
            return NO, is_plain
        if at == NO:
            return NO, is_plain


@inlined
def _after_digits(base, at, end):
    while at < end and _is_digit(byte_at(base, at)):
        at += 1
    return at


@inlined
def after_number(base, at, end):
    """What follows the number that begins at ``at``, or `NO`."""
    begin = at
    if byte_at(base, at) == 45:
        at += 1
    if at >= end or not _is_digit(byte_at(base, at)):
        return NO
    at = at + 1 if byte_at(base, at) == 48 else _after_digits(base, at, end)
    if at < end and byte_at(base, at) == 46:
        last = _after_digits(base, at + 1, end)
        if last == at + 1:
            return NO
        at = last
    if at < end and (byte_at(base, at) == 101 or byte_at(base, at) == 69):
        at += 1
        if at < end and (byte_at(base, at) == 43 or byte_at(base, at) == 45):
            at += 1
        last = _after_digits(base, at, end)
        if last == at:
            return NO
        at = last
    return at if at - begin <= _LONGEST_NUMBER else NO


_TRUE, _FALSE, _NULL = (
    np.frombuffer(word, np.uint8).copy() for word in (b"true", b"false", b"null")
)


@inlined
def is_text(base, begin, end, text):
    """Whether a text, an array of bytes, stands at some place."""
    if end - begin != len(text):
        return False
    for place in range(len(text)):
        if byte_at(base, begin + place) != text[place]:
            return False
    return True


@inlined
def _after_word(base, at, end):
    """What follows ``true``, ``false`` or ``null``, or `NO`."""
    first = byte_at(base, at)
    last = at + 5 if first == 102 else at + 4
    if last > end:
        return NO
    if first == 102:
        is_word = is_text(base, at, last, _FALSE)
    elif first == 116:
        is_word = is_text(base, at, last, _TRUE)
    else:
        is_word = is_text(base, at, last, _NULL)
    return last if is_word else NO


@inlined
def after_value(base, at, end):
    """What follows the value that begins at ``at``, or `NO`."""
    depth = 0
    # A bit for every bracket that is open, the innermost lowest: set for an object.
    within = np.uint64(0)
    while True:
        # A value begins here.
        at = after_space(base, at, end)
        if at >= end:
            return NO
        byte = byte_at(base, at)
        if byte == 34:
            at, _ = after_string(base, at, end)
        elif byte == 123 or byte == 91:
            if depth == _DEEPEST:
                return NO
            depth += 1
            within = (within << np.uint64(1)) | np.uint64(byte == 123)
            at = after_space(base, at + 1, end)
            if at >= end:
                return NO
            if byte_at(base, at) == byte + 2:
                at += 1
                depth -= 1
                within >>= np.uint64(1)
            elif byte == 123:
                at = after_key(base, at, end)
                if at == NO:
                    return NO
                continue
            else:
                continue
        elif byte == 45 or _is_digit(byte):
            at = after_number(base, at, end)
        else:
            at = _after_word(base, at, end)
        if at == NO:
            return NO
        # A value has ended here, and maybe brackets around it.
        while depth > 0:
            at = after_space(base, at, end)
            if at >= end:
                return NO
            byte = byte_at(base, at)
            at += 1
            is_object = (within & np.uint64(1)) != 0
            if byte == 44:
                if is_object:
                    at = after_space(base, at, end)
                    at = after_key(base, at, end)
                    if at == NO:
                        return NO
                break
            if byte != (125 if is_object else 93):
                return NO
            depth -= 1
            within >>= np.uint64(1)
        else:
            return at


@inlined
def after_key(base, at, end):
    """What follows a key and its colon, or `NO`."""
    if at >= end or byte_at(base, at) != 34:
        return NO
    at, _ = after_string(base, at, end)
    if at == NO:
        return NO
    at = after_space(base, at, end)
    if at >= end or byte_at(base, at) != 58:
        return NO
    return at + 1
