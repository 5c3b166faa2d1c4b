"""How JSON is read: one place decides what is JSON, and a number keeps its digits.

A laboratory that writes ``5.40`` measured to the hundredth, and seventeen digits are not what a
double holds. So a number with a point or an exponent is a double that knows how it was written.
"""

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


_DECODER = msgspec.json.Decoder(float_hook=Written)


def parse_json(content: bytes | memoryview) -> Any:
    """What a JSON text says: UTF-8 as RFC 8259 has it, of a key stated twice the last.

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
        return _DECODER.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise NotJsonError("no JSON") from None
