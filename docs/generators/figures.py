"""How the pages on performance write figures."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from generators.markdown import escape


def measured_on(found: dict[str, Any], how: str) -> str:
    """When, on what machine and with what versions; ``how`` says what a figure is.

    A trial is called one.
    """
    machine, versions = found["machine"], found["versions"]
    others = ", ".join(f"{name} {versions[name]}" for name in sorted(versions))
    told = (
        f"Measured on {found['measured']}: {escape(machine['processor'])}, "
        f"{machine['cores']} cores, {machine['memory, GB']} GB; {others}. {how}"
    )
    if found["small"]:
        told = f"**A trial at a small size, which says nothing about the targets.** {told}"
    return told


def spread(values: Sequence[float], *, unit: str = "") -> str:
    """The median, and the least and greatest where there are several.

    Examples
    --------
    >>> spread([2.0, 4.0, 3.0], unit=" s")
    '3.00 s (2.00 to 4.00)'
    """
    middle = f"{number(median(values))}{unit}"
    if len(values) == 1:
        return middle
    return f"{middle} ({number(min(values))} to {number(max(values))})"


def number(value: float) -> str:
    """Three figures that count, without an exponent.

    Examples
    --------
    >>> [number(value) for value in (1_234_567.0, 12.345, 0.0012345)]
    ['1,230,000', '12.3', '0.00123']
    """
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:#.3g}".rstrip(".")
