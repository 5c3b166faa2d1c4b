"""How JSON is read: one place decides what is JSON, and a number keeps its digits.

A laboratory that writes ``5.40`` measured to the hundredth, and seventeen digits are not what a
double holds. So a number with a point or an exponent is a double that knows how it was written.
"""

import json
from typing import Any

import msgspec


class NotJsonError(ValueError):
    """A text that is no JSON; says nothing of what it holds."""


class Written(float):
    """A number and its text.

    Examples
    --------
    >>> number = parse_json(b"5.40")
    >>> number == 5.4, str(number), f"{number} g/dL"
    (True, '5.40', '5.40 g/dL')
    """

    __slots__ = ("_text",)
    _text: str

    def __new__(cls, text: str) -> "Written":
        number = super().__new__(cls, text)
        number._text = text
        return number

    def __str__(self) -> str:
        return self._text


class Twice(dict[str, Any]):
    """An object that states a key twice; what it holds is the last of each."""


_DECODER = msgspec.json.Decoder(float_hook=Written)


class _TwiceError(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) > 1 and len({key for key, _ in pairs}) < len(pairs):
        raise _TwiceError


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Twice(found)


_CHECKING = json.JSONDecoder(object_pairs_hook=_once)
_MARKING = json.JSONDecoder(object_pairs_hook=_marked, parse_float=Written)


def parse_json(content: bytes | memoryview) -> Any:
    """What a JSON text says: UTF-8 as RFC 8259 has it.

    An object that states a key twice is a `Twice`: which of its values is meant, nobody knows.

    Raises
    ------
    NotJsonError
        It is none, or is nested too deeply to be told.

    Examples
    --------
    >>> parse_json(b'{"value": 12345678901234567890}')
    {'value': 12345678901234567890}
    """
    try:
        found = _DECODER.decode(content)
        if not isinstance(found, dict | list):
            return found
        written = str(content, "utf-8").strip()
        try:
            _CHECKING.raw_decode(written)
        except _TwiceError:
            return _MARKING.raw_decode(written)[0]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise NotJsonError("no JSON") from None
    return found


def states_twice(found: object) -> bool:
    """Whether an object in what was parsed states a key twice.

    Examples
    --------
    >>> states_twice(parse_json(b'[{"value": 20, "value": 210}]'))
    True
    >>> states_twice(parse_json(b'[{"value": 20}, {"value": 210}]'))
    False
    """
    if isinstance(found, dict):
        return type(found) is Twice or any(map(states_twice, found.values()))
    return isinstance(found, list) and any(map(states_twice, found))
