"""Values as laboratories write them: numbers with a comparator, words of a scale, ranges."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from afterdose.record.units import clean_text

# Twelve digits before the point are more than any instrument gives, and few enough that nothing
# overflows; after it, programs that compute a result print as many as they have.
_DIGITS = r"\d{1,12}(?:\.\d{1,50})?"
_POWER = r"(?:[eE][+-]?\d{1,2})?"
_NUMBER = re.compile(rf"(<=|>=|<|>|≤|≥)?\s*([+-]?{_DIGITS}{_POWER})\Z", re.ASCII)
_BETWEEN = re.compile(rf"\(?\s*(-?{_DIGITS})\s*(?:-|–|_|to)\s*(-?{_DIGITS})\s*\)?\Z", re.ASCII)
_OPEN = re.compile(rf"(-?{_DIGITS}{_POWER})?\.\.(-?{_DIGITS}{_POWER})?\Z", re.ASCII)
_BOUND = re.compile(rf"(<=|>=|<|>|≤|≥)\s*({_DIGITS})\Z", re.ASCII)
_COMPARATORS = {"≤": "<=", "≥": ">="}
SEVERAL = "~"
"""Stands between several values in one field: none of them is chosen."""


class Number(NamedTuple):
    """A number, and the comparator that makes it a bound."""

    value: Decimal
    comparator: str | None = None


def parse_number(text: str, *, decimal: str = ".") -> Number | None:
    """A number with an optional comparator; None for anything else.

    A comma is refused: it stands for a decimal point in one country and for thousands in another.
    Where somebody has stated that it is the decimal comma, the point is refused instead.

    Examples
    --------
    >>> parse_number("<5")
    Number(value=Decimal('5'), comparator='<')
    >>> parse_number("1,2") is None
    True
    >>> parse_number("1,2", decimal=","), parse_number("1.200", decimal=",")
    (Number(value=Decimal('1.2'), comparator=None), None)
    """
    text = clean_text(text)
    if decimal == ",":
        text = text.replace(".", "no number").replace(",", ".")
    match = _NUMBER.match(text)
    if match is None:
        return None
    return Number(Decimal(match[2]), _COMPARATORS.get(match[1], match[1]))


def parse_rank(text: str, scale: Mapping[str, float]) -> float | None:
    """The rank of a word of a scale; a finding's long name may end in it.

    Several words (see `SEVERAL`) have none.

    Examples
    --------
    >>> parse_rank("Urine protein test = ++ (finding)", {"++": 2.0})
    2.0
    """
    if SEVERAL in text:
        return None
    word = clean_text(text).lower().removesuffix("(finding)").strip()
    return scale.get(word, scale.get(word.rpartition("=")[2].strip()))


def parse_range(text: str) -> tuple[Decimal | None, Decimal | None]:
    """The lower and upper limit of a reference range, each None where it is open or not read.

    Examples
    --------
    >>> parse_range("70_105")
    (Decimal('70'), Decimal('105'))
    >>> parse_range("<85"), parse_range("see comment")
    ((None, Decimal('85')), (None, None))
    """
    text = clean_text(text)
    if match := _OPEN.match(text) or _BETWEEN.match(text):
        low, high = match[1], match[2]
    elif match := _BOUND.match(text):
        low, high = (None, match[2]) if match[1] in ("<", "<=", "≤") else (match[2], None)
    else:
        low = high = None
    return None if low is None else Decimal(low), None if high is None else Decimal(high)
