"""Numbers as readers see them: the denominator beside every percentage."""

from math import isnan

from afterdose.stats import Proportion
from afterdose.study.model import Estimate

DASH = "–"
_BEFORE = ("p", "theta")
"""Units that stand before their number."""


def percent(value: float) -> str:
    """A share between 0 and 1 as ``20.1 %``."""
    return DASH if isnan(value) else f"{100 * value:.1f} %"


def interval(low: float, high: float, digits: int = 1, scale: float = 1.0) -> str:
    """``17.4 to 23.1``, or a dash where there is none."""
    if isnan(low) or isnan(high):
        return DASH
    return f"{signed(scale * low, digits)} to {signed(scale * high, digits)}"


def signed(value: float, digits: int) -> str:
    """A number with a true minus sign, and none on a zero."""
    if isnan(value):
        return DASH
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")


def count(value: int) -> str:
    """A whole number with a thin gap between thousands."""
    return f"{value:,}".replace(",", "\u202f")


def people(number: int) -> str:
    return f"{count(number)} person" if number == 1 else f"{count(number)} people"


def or_nobody(number: float, finding: str, *, nobody: str) -> str:
    """A finding; where no people or patient-years are behind it, that and why.

    Examples
    --------
    >>> or_nobody(0, "0 of 0 people, –.", nobody="nobody was scanned")
    'Not assessable: nobody was scanned.'
    """
    return finding if number else f"Not assessable: {nobody}."


def share_in_words(share: Proportion, of: str) -> str:
    """``158 of 786 tests, 20.1 % (95 % interval 17.4 to 23.1)``."""
    return (
        f"{count(share.numerator)} of {count(share.denominator)} {of}, {percent(share.value)} "
        f"(95 % interval {interval(share.low, share.high, scale=100)})"
    )


def number_in_words(number: Estimate) -> str:
    """A number with its unit: ``20.1 %``, ``1.23 per patient-year``, ``158 people``.

    Examples
    --------
    >>> number_in_words(Estimate("", 2, 10, 20.0, 2.5, 55.6, "%"))
    '20.0 %'
    >>> number_in_words(Estimate("", None, 60, 0.324, 0.324, 0.324, "p"))
    'p 0.32'
    """
    text = _value(number.value, number.unit)
    if text == DASH:
        return text
    return f"{number.unit} {text}" if number.unit in _BEFORE else f"{text} {number.unit}"


def interval_in_words(number: Estimate) -> str:
    """``17.4 to 23.1``, in the number's unit; a dash where there is none."""
    if isnan(number.low) or isnan(number.high):
        return DASH
    return f"{_value(number.low, number.unit)} to {_value(number.high, number.unit)}"


def made_of(number: Estimate) -> str:
    """``158 of 786``, ``12 in 345.6 patient-years``, ``40 in all``; a dash where none is known."""
    above, below = (
        None if part is None else count(int(part)) if part == int(part) else signed(part, 1)
        for part in (number.numerator, number.denominator)
    )
    if below is None:
        return DASH if above is None else above
    if above is None:
        return f"{below} in all"
    return f"{above} in {below} patient-years" if "patient-year" in number.unit else (
        f"{above} of {below}"
    )  # fmt: skip


def _value(value: float, unit: str) -> str:
    if isnan(value):
        return DASH
    if unit == "%":
        return signed(value, 1)
    return count(int(value)).replace("-", "−") if value == int(value) else signed(value, 2)
