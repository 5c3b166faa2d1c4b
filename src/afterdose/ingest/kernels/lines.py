"""One pass over lines of resources: where each ordinary observation's parts stand.

Equal texts are found in the same pass. For every group of parts (see `GROUPS`) each distinct text
is named once, by a line that has it; of the others it is only said which of these they are like.
"""

from typing import NamedTuple

import numpy as np

from afterdose.ingest.kernels.compiling import called, compiled, inlined
from afterdose.ingest.kernels.grammar import NO, after_space, after_string, after_value, is_text
from afterdose.ingest.kernels.words import SEED, byte_at, hash_of, is_same, line_end

GROUPS = {
    "kind": ("resourceType",),
    "writing": (
        "status",
        "code",
        "valueQuantity",
        "valueString",
        "valueCodeableConcept",
        "valueInteger",
        "valueBoolean",
        "referenceRange",
        "dataAbsentReason",
    ),
    "times": ("effectiveDateTime", "effectiveInstant", "effectivePeriod", "issued"),
    "subject": ("subject",),
    "performer": ("performer",),
    "specimen": ("specimen",),
}
"""Parts that are asked about together: what they say depends on nothing else."""

IDENTITY = ("id", "identifier")
"""Parts that hardly ever repeat."""
WITHIN = ("contained", "component")
"""Rows within a row: the plain reader's. The first in any resource, the second in a result."""

PARTS = (*(part for parts in GROUPS.values() for part in parts), *IDENTITY, *WITHIN)
_ID, _, _CONTAINED, _COMPONENT = (PARTS.index(name) for name in (*IDENTITY, *WITHIN))
_N_PARTS, N_GROUPS = len(PARTS), len(GROUPS)

_BOUNDS = np.cumsum([0, *(len(parts) for parts in GROUPS.values())])
"""Group ``g`` has the parts from ``_BOUNDS[g]`` to before ``_BOUNDS[g + 1]``."""
WIDEST = int(np.diff(_BOUNDS).max())
"""Most parts in one group."""
KIND = 0
"""The group that says what a resource is."""

LINES = 1 << 15
"""How many lines one call looks at."""
_STEP = 1 << 10
"""How many lines are looked at before what was found is compared, while it is still at hand."""
_SLOTS = 4 * LINES
_MASK = np.uint64(_SLOTS - 1)

USUAL, NAMED, ODD, BLANK = range(4)
"""What a line is: an ordinary observation; another resource of a kind named by ASCII letters and
without resources inside; anything else, which is the plain reader's; nothing."""

_TEXTS = tuple(name.encode() for name in PARTS)


def _slot(length, first, middle, last, factor):
    return (length + factor * (first + factor * (middle + factor * last))) >> 3 & 255


def _slots() -> tuple[int, np.ndarray]:
    """A factor by which the names of all parts fall into slots of their own, and the slots."""
    for factor in range(3, 1 << 12, 2):
        found = [
            _slot(len(text), text[0], text[len(text) // 2], text[-1], factor) for text in _TEXTS
        ]
        if len(set(found)) == len(found):
            slots = np.full(256, -1, np.int8)
            slots[found] = np.arange(len(found))
            return factor, slots
    raise AssertionError("no factor keeps the names apart")


_slot_of = inlined(_slot)
_FACTOR, _SLOT = _slots()
_NAMES = np.zeros((_N_PARTS, max(map(len, _TEXTS))), np.uint8)
_LENGTHS = np.array([len(text) for text in _TEXTS])
for _part, _text in enumerate(_TEXTS):
    _NAMES[_part, : len(_text)] = list(_text)
_OBSERVATION = np.frombuffer(b'"Observation"', np.uint8).copy()
_VALUE = np.frombuffer(b"value", np.uint8).copy()
_NULL = np.frombuffer(b"null", np.uint8).copy()


class Room(NamedTuple):
    """Where a call writes what it finds.

    Attributes
    ----------
    what : array of uint8, shape (LINES,)
        Of every line; see `USUAL` and its neighbours.
    at : array of int64, shape (LINES, 2)
        Where every line begins and ends.
    places : array of int32, shape (N_GROUPS, LINES)
        Which of the distinct texts of each group an ordinary observation has; of a named resource
        that of the group `KIND`. What stands there for other lines means nothing.
    ids : array of int64, shape (LINES, 2, 2)
        Where each part of `IDENTITY` of an ordinary observation begins and ends; both 0: it is not
        there.
    texts : array of int64, shape (N_GROUPS, LINES, WIDEST, 2)
        Where the parts of each distinct text begin and end; both 0: the part is not there.
    hashes : array of uint64, shape (N_GROUPS, LINES)
        Their hashes.
    counts : array of int64, shape (N_GROUPS,)
        How many distinct texts there are.
    slots : array of int32, shape (N_GROUPS, slots)
        Which distinct text is found by a hash; -1: none.
    spans : array of int64, shape (step, parts, 2)
        Where the parts of the lines at hand stand.
    """

    what: np.ndarray
    at: np.ndarray
    places: np.ndarray
    ids: np.ndarray
    texts: np.ndarray
    hashes: np.ndarray
    counts: np.ndarray
    slots: np.ndarray
    spans: np.ndarray

    @classmethod
    def new(cls) -> "Room":
        """Room for one call after another."""
        return cls(
            what=np.empty(LINES, np.uint8),
            at=np.empty((LINES, 2), np.int64),
            places=np.empty((N_GROUPS, LINES), np.int32),
            ids=np.empty((LINES, 2, 2), np.int64),
            texts=np.empty((N_GROUPS, LINES, WIDEST, 2), np.int64),
            hashes=np.empty((N_GROUPS, LINES), np.uint64),
            counts=np.empty(N_GROUPS, np.int64),
            slots=np.empty((N_GROUPS, _SLOTS), np.int32),
            spans=np.empty((_STEP, _N_PARTS, 2), np.int64),
        )


@inlined
def _part_of(base, begin, end):
    """Which part a key names, or -1."""
    length = end - begin
    if length == 0:
        return -1
    slot = _slot_of(
        length,
        np.int64(byte_at(base, begin)),
        np.int64(byte_at(base, begin + length // 2)),
        np.int64(byte_at(base, end - 1)),
        _FACTOR,
    )
    part = _SLOT[slot]
    if part < 0 or _LENGTHS[part] != length:
        return -1
    for place in range(length):
        if byte_at(base, begin + place) != _NAMES[part, place]:
            return -1
    return part


@inlined
def _is_other_value(base, begin, end):
    """Whether a key names a value of a kind that no part is."""
    return end - begin >= 5 and is_text(base, begin, begin + 5, _VALUE)


@inlined
def _read_object(base, at, end, spans, row):
    """What follows the object that begins at ``at``, or `NO`; and whether it has another value."""
    for part in range(_N_PARTS):
        spans[row, part, 0] = 0
        spans[row, part, 1] = 0
    has_other_value = False
    at = after_space(base, at + 1, end)
    while True:
        key = at + 1
        if at >= end or byte_at(base, at) != 34:
            return NO, has_other_value
        at, is_plain = after_string(base, at, end)
        if at == NO or not is_plain:
            return NO, has_other_value
        part = _part_of(base, key, at - 1)
        if part < 0 and _is_other_value(base, key, at - 1):
            has_other_value = True
        at = after_space(base, at, end)
        if at >= end or byte_at(base, at) != 58:
            return NO, has_other_value
        begin = after_space(base, at + 1, end)
        at = after_value(base, begin, end)
        if at == NO:
            return NO, has_other_value
        if part >= 0:
            if spans[row, part, 1] != 0:
                # A key stated twice: which of them counts is the plain reader's to say.
                return NO, has_other_value
            spans[row, part, 0] = begin
            spans[row, part, 1] = at
        at = after_space(base, at, end)
        if at >= end:
            return NO, has_other_value
        if byte_at(base, at) == 125:
            return at + 1, has_other_value
        if byte_at(base, at) != 44:
            return NO, has_other_value
        at = after_space(base, at + 1, end)


@inlined
def _is_nothing(base, begin, end):
    """Whether a part is not there, or is null."""
    return end == 0 or is_text(base, begin, end, _NULL)


@inlined
def _is_letters(base, begin, end):
    """Whether a value is a string of one ASCII letter or more."""
    if end - begin < 3 or byte_at(base, begin) != 34:
        return False
    for place in range(begin + 1, end - 1):
        if not 97 <= byte_at(base, place) | 32 <= 122:
            return False
    return True


@inlined
def _is_blank(base, begin, end):
    for place in range(begin, end):
        if byte_at(base, place) != 32 and not 9 <= byte_at(base, place) <= 13:
            return False
    return True


@inlined
def _what_is(base, begin, end, spans, row):
    """What the line is that stands from ``begin`` to ``end``; where its parts stand is noted."""
    at = after_space(base, begin, end)
    if at == end or byte_at(base, at) != 123:
        return BLANK if _is_blank(base, at, end) else ODD
    at, has_other_value = _read_object(base, at, end, spans, row)
    if at == NO or after_space(base, at, end) != end:
        return ODD
    if not _is_nothing(base, spans[row, _CONTAINED, 0], spans[row, _CONTAINED, 1]):
        return ODD
    begin, end = spans[row, KIND, 0], spans[row, KIND, 1]
    if not is_text(base, begin, end, _OBSERVATION):
        return NAMED if _is_letters(base, begin, end) else ODD
    if has_other_value:
        return ODD
    has_rows = not _is_nothing(base, spans[row, _COMPONENT, 0], spans[row, _COMPONENT, 1])
    return ODD if has_rows else USUAL


@called
def _read_step(base, at, end, what, bounds, spans):
    """Look at a few lines; where the next begins, and how many they were."""
    line = 0
    while at < end and line < len(what):
        last = line_end(base, at, end)
        bounds[line, 0] = at
        bounds[line, 1] = last
        what[line] = _what_is(base, at, last, spans, line)
        line += 1
        at = last + 1
        if at < end and byte_at(base, last) == 13 and byte_at(base, at) == 10:
            at += 1
    return min(at, end), line


@called
def _note_ids(what, spans, ids):
    """Where the ids of ordinary observations stand."""
    for row in range(len(what)):
        for part in range(2):
            ids[row, part, 0] = spans[row, _ID + part, 0]
            ids[row, part, 1] = spans[row, _ID + part, 1]


@inlined
def _is_alike(base, first, last, spans, row, texts, place):
    """Whether a line has a distinct text of a group."""
    for part in range(first, last):
        one, its_end = texts[place, part - first, 0], texts[place, part - first, 1]
        other, end = spans[row, part, 0], spans[row, part, 1]
        if its_end - one != end - other or (its_end == 0) != (end == 0):
            return False
        if not is_same(base, one, other, end - other):
            return False
    return True


@called
def _note_places(base, wanted, first, last, what, spans, places, texts, hashes, slots, count):
    """Which of a group's distinct texts each line has; how many there are now.

    ``wanted`` is what the lines are that are looked at, ``first`` to before ``last`` the parts.
    """
    for row in range(len(what)):
        if what[row] != wanted:
            continue
        hashed = SEED
        for part in range(first, last):
            hashed = hash_of(base, spans[row, part, 0], spans[row, part, 1], hashed)
        slot = hashed & _MASK
        while True:
            place = slots[slot]
            if place < 0:
                slots[slot] = place = count
                hashes[place] = hashed
                for part in range(first, last):
                    texts[place, part - first, 0] = spans[row, part, 0]
                    texts[place, part - first, 1] = spans[row, part, 1]
                count += 1
                break
            if hashes[place] == hashed and _is_alike(base, first, last, spans, row, texts, place):
                break
            slot = (slot + np.uint64(1)) & _MASK
        places[row] = place
    return count


@compiled
def read_lines(base, at, end, room):
    """Look at lines from ``at`` on, as many as there is room for.

    A line ends as `bytes.splitlines` ends it.

    Parameters
    ----------
    base : uint
        The address of the bytes.
    at, end : int
        Where the first line begins and the last one ends.
    room : Room

    Returns
    -------
    int, int
        Where the next line begins, and how many lines were looked at.
    """
    room.counts[:] = 0
    room.slots[:] = -1
    lines = 0
    while at < end and lines < LINES:
        stop = min(lines + _STEP, LINES)
        at, count = _read_step(
            base, at, end, room.what[lines:stop], room.at[lines:stop], room.spans
        )
        stop = lines + count
        what = room.what[lines:stop]
        _note_ids(what, room.spans, room.ids[lines:stop])
        for group in range(N_GROUPS):
            room.counts[group] = _note_places(
                base,
                NAMED if group == KIND else USUAL,
                _BOUNDS[group],
                _BOUNDS[group + 1],
                what,
                room.spans,
                room.places[group, lines:stop],
                room.texts[group],
                room.hashes[group],
                room.slots[group],
                room.counts[group],
            )
        lines = stop
    return at, lines
