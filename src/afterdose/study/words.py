"""Numbers as readers see them: the denominator beside every percentage."""

from math import isnan

from afterdose.stats import Proportion

DASH = "–"


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


def share_in_words(share: Proportion, of: str) -> str:
    """``158 of 786 tests, 20.1 % (95 % interval 17.4 to 23.1)``."""
    return (
        f"{count(share.numerator)} of {count(share.denominator)} {of}, {percent(share.value)} "
        f"(95 % interval {interval(share.low, share.high, scale=100)})"
    )
