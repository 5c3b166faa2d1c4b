"""Arguments as they are written in R or Python: ``name=value`` pairs to plain values."""

import re
from math import inf
from typing import Any

from afterdose.record.errors import DefinitionError

_PIECE = re.compile(
    r"""\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?)
        |(?P<text>'[^']*'|"[^"]*")
        |(?P<word>[A-Za-z_.][\w.]*)
        |(?P<mark>[=:,*()\[\]{}-]))""",
    re.VERBOSE,
)
_WORDS: dict[str, Any] = {
    "TRUE": True, "True": True, "T": True, "true": True,
    "FALSE": False, "False": False, "F": False, "false": False,
    "Inf": inf, "inf": inf, "None": None, "NULL": None,
}  # fmt: skip
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_BOUNDS = {"p": "prec", "e": "event", "c": "conf"}


def parse_arguments(text: str) -> dict[str, Any]:
    """Read ``name=value`` pairs, separated by spaces or commas.

    Raises
    ------
    DefinitionError
        The text is not such a list.

    Examples
    --------
    >>> parse_arguments("conf_days=c(7*12, 168), RAW_PIRA=TRUE event='multiple'")
    {'conf_days': [84, 168], 'RAW_PIRA': True, 'event': 'multiple'}
    >>> parse_arguments("relapse_indep=relapse_indep_from_bounds(p0=0, p1=NULL, e0=NULL, e1=30)")
    {'relapse_indep': {'prec': (0, None), 'event': (None, 30), 'conf': (0, 0)}}
    """
    reader = _Reader(text)
    found = {}
    while reader.more():
        if reader.skip(","):
            continue
        name = reader.word()
        reader.expect("=")
        found[name] = reader.value()
    return found


class _Reader:
    """The words and marks of a text, read one after the other."""

    def __init__(self, text: str) -> None:
        self.pieces: list[tuple[str, str]] = []
        at, text = 0, text.strip()
        while at < len(text):
            match = _PIECE.match(text, at)
            if match is None:
                raise _unread(text[at:])
            kind = match.lastgroup
            assert kind is not None
            self.pieces.append((kind, match[kind]))
            at = match.end()
        self.at = 0

    def more(self) -> bool:
        return self.at < len(self.pieces)

    def next(self) -> tuple[str, str]:
        if not self.more():
            raise _unread("the end")
        self.at += 1
        return self.pieces[self.at - 1]

    def skip(self, *marks: str) -> bool:
        """Step over one of these marks, if it comes next."""
        found = self.more() and self.pieces[self.at][1] in marks
        self.at += found
        return found

    def expect(self, mark: str) -> None:
        if not self.skip(mark):
            raise _unread(self.pieces[self.at][1] if self.more() else "the end")

    def word(self) -> str:
        kind, piece = self.next()
        if kind not in ("word", "text"):
            raise _unread(piece)
        return piece.strip("'\"")

    def value(self) -> Any:
        """One value; a product of numbers is multiplied."""
        found = self._single()
        while self.skip("*"):
            other = self._single()
            if not isinstance(found, int | float) or not isinstance(other, int | float):
                raise _unread("*")
            found *= other
        return found

    def _single(self) -> Any:
        kind, piece = self.next()
        if kind == "number":
            return int(piece) if piece.isdigit() else float(piece)
        if kind == "text":
            return piece[1:-1]
        if kind == "mark":
            if piece not in _CLOSING:
                raise _unread(piece)
            return self._many(_CLOSING[piece])
        if piece == "float" and self.skip("("):
            (inner,) = self._many(")")
            return _WORDS.get(inner, inner)
        if piece in ("c", "list", "relapse_indep_from_bounds") and self.skip("("):
            many = self._many(")")
            return _from_bounds(many) if piece == "relapse_indep_from_bounds" else many
        return _WORDS.get(piece, piece)

    def _many(self, closing: str) -> Any:
        """A list until ``closing``, or a mapping where its entries have names."""
        values: list[Any] = []
        named: dict[Any, Any] = {}
        while not self.skip(closing):
            if self.skip(","):
                continue
            one = self.value()
            if self.skip("=", ":"):
                named[one] = self.value()
            else:
                values.append(one)
        if named and values:
            raise _unread("a list in which only some entries have names")
        return named or values


def _from_bounds(given: Any) -> dict[str, Any]:
    """R's helper: bounds ``p0`` to ``c1`` as the intervals around the three checkpoints."""
    names = [f"{key}{end}" for key in _BOUNDS for end in (0, 1)] + ["prec_type", "use_end_dates"]
    named = given if isinstance(given, dict) else dict(zip(names, given, strict=False))
    unknown = [str(name) for name in named if name not in names]
    if unknown or named.get("use_end_dates"):
        raise DefinitionError(
            f"relapse_indep_from_bounds has {', '.join(unknown) or 'use_end_dates'}, which cannot "
            f"be honoured. Permitted: {', '.join(names[:-1])}."
        )
    found: dict[str, Any] = {
        name: (named.get(f"{key}0", 0), named.get(f"{key}1", 0)) for key, name in _BOUNDS.items()
    }
    if "prec_type" in named:
        found["prec_type"] = named["prec_type"]
    return found


def _unread(seen: str) -> DefinitionError:
    return DefinitionError(
        f"msprog's arguments cannot be read at '{seen[:45]}'. Permitted: name=value pairs as in "
        "R or Python, such as conf_days=c(84, 168) or conf_days=[84,168]. Correct the text."
    )
