"""Lines of resources by their parts: what the compiled pass over a content found, in one piece."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import numpy as np
import polars as pl

from afterdose.ingest.ahead import THREADS
from afterdose.ingest.kernels.lines import BLANK, GROUPS, NAMED, ODD, USUAL, Room, read_lines
from afterdose.ingest.kernels.texts import are_plain, copy_texts

__all__ = ["BLANK", "NAMED", "ODD", "USUAL", "Scan", "scan"]

_PIECE = 32 * 1024 * 1024
"""How much of a content one thread reads at a time."""
_PLACE = {group: place for place, group in enumerate(GROUPS)}

Texts = tuple[bytes | None, ...]
"""The JSON texts of a group's parts; None where a part is not there."""


@dataclass(frozen=True)
class _Block:
    """Some lines in a row; see `afterdose.ingest.kernels.lines.Room`."""

    what: np.ndarray
    at: np.ndarray
    places: np.ndarray
    ids: np.ndarray
    texts: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, room: Room, lines: int) -> "_Block":
        """What stands in a room that is used again."""
        return cls(
            room.what[:lines].copy(),
            room.at[:lines].copy(),
            room.places[:, :lines].copy(),
            room.ids[:lines].copy(),
            tuple(
                room.texts[place, : room.counts[place], : len(parts)].copy()
                for place, parts in enumerate(GROUPS.values())
            ),
        )


class Scan:
    """What every line is, and where its parts stand.

    Parameters
    ----------
    content : bytes
    blocks : list of _Block

    Attributes
    ----------
    content : bytes
    what : array of uint8, shape (n_lines,)
        `USUAL`, `NAMED`, `ODD` or `BLANK`.
    at : array of int64, shape (n_lines, 2)
        Where each line begins and ends.
    ids : array of int64, shape (n_lines, 2, 2)
        Where the parts of an ordinary observation's identity begin and end.
    """

    def __init__(self, content: bytes, blocks: list[_Block]) -> None:
        self.content = content
        self._buffer = np.frombuffer(content, np.uint8)
        self._base = np.uintp(self._buffer.ctypes.data)
        self._blocks = blocks
        self.what = np.concatenate([block.what for block in blocks])
        self.at = np.concatenate([block.at for block in blocks])
        self.ids = np.concatenate([block.ids for block in blocks])

    def distinct(self, group: str, wanted: int = USUAL) -> tuple[list[Texts], np.ndarray]:
        """The distinct texts of a group in order of appearance, and which of them each line has.

        Of the lines that are ``wanted`` alone.
        """
        place_of: dict[Texts, int] = {}
        places = []
        for block in self._blocks:
            found = [
                place_of.setdefault(texts, len(place_of)) for texts in self._texts(block, group)
            ]
            own = block.places[_PLACE[group]][block.what == wanted]
            places.append(np.array(found, np.uint32)[own])
        return list(place_of), np.concatenate(places)

    def spans(self, group: str) -> tuple[np.ndarray, np.ndarray]:
        """Where the texts of a group stand, and which of them each ordinary observation has.

        Returns
        -------
        array of int64, shape (n_texts, n_parts, 2)
            Texts that are alike may stand there twice.
        array of int64, shape (n_observations,)
        """
        place = _PLACE[group]
        before, places = 0, []
        for block in self._blocks:
            places.append(block.places[place][block.what == USUAL].astype(np.int64) + before)
            before += len(block.texts[place])
        spans = np.concatenate([block.texts[place] for block in self._blocks])
        return spans, np.concatenate(places)

    def texts_at(self, spans: np.ndarray) -> Texts:
        """The texts that stand at some places."""
        return tuple(self.content[begin:end] if end else None for begin, end in spans.tolist())

    def are_plain(self, spans: np.ndarray) -> np.ndarray:
        """Whether each text is a string without escapes, or is not there."""
        return are_plain(self._base, np.ascontiguousarray(spans))

    def strings(self, spans: np.ndarray) -> pl.Series:
        """Plain strings without their quotation marks; an empty one says nothing."""
        inner = np.ascontiguousarray(spans) + np.array([1, -1])
        lengths = np.maximum(inner[:, 1] - inner[:, 0], 0)
        inner[:, 1] = inner[:, 0] + lengths
        ends = np.cumsum(lengths)
        copy = np.empty(ends[-1] if len(ends) else 0, np.uint8)
        copy_texts(self._base, inner, ends - lengths, copy)
        frame = pl.DataFrame({"begin": ends - lengths, "length": lengths})
        text = pl.lit(copy.tobytes()).bin.slice("begin", "length").cast(pl.String)
        return frame.select(pl.when(pl.col("length") > 0).then(text)).to_series()

    def _texts(self, block: _Block, group: str) -> Iterator[Texts]:
        content = self.content
        for spans in block.texts[_PLACE[group]].tolist():
            yield tuple([content[begin:end] if end else None for begin, end in spans])


def scan(content: bytes, begin: int = 0) -> Scan:
    """What every line is, from ``begin`` on. However many threads do it, the same is found."""
    base = np.uintp(np.frombuffer(content, np.uint8).ctypes.data)
    rooms: SimpleQueue[Room] = SimpleQueue()
    pieces = _pieces(content, begin)

    def read(piece: tuple[int, int]) -> list[_Block]:
        try:
            room = rooms.get_nowait()
        except Empty:
            room = Room.new()
        at, end = piece
        blocks = []
        while at < end:
            at, lines = read_lines(base, at, end, room)
            blocks.append(_Block.of(room, lines))
        rooms.put(room)
        return blocks

    if len(pieces) == 1:
        return Scan(content, read(pieces[0]))
    with ThreadPoolExecutor(min(THREADS, len(pieces))) as pool:
        return Scan(content, [block for blocks in pool.map(read, pieces) for block in blocks])


def _pieces(content: bytes, begin: int) -> list[tuple[int, int]]:
    """Where pieces of a content begin and end, each at the end of a line."""
    pieces = []
    while begin < len(content):
        newline = content.find(b"\n", begin + _PIECE)
        end = newline + 1 if newline >= 0 else len(content)
        pieces.append((begin, end))
        begin = end
    return pieces
