"""The small line beside a name, as coordinates: what a page draws without any script."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from afterdose.monitoring.words import quantity

WIDTH, HEIGHT = 150.0, 38.0
_PAD = 5.0
_GAP_DAYS = 100
"""Across a longer gap no line is drawn: nobody knows what happened."""


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Where everything is drawn, and what it says in words.

    Attributes
    ----------
    lines : tuple of str
        ``points`` of the polylines.
    dots : str
        A path with a point for every result.
    last : tuple of float
        Of the newest result.
    band : tuple of float or None
        The newest laboratory's range: y of its upper limit, and height.
    ticks : tuple of float
        x of every start of treatment.
    newest : str
        ``84 × 10⁹/L``.
    words : str
        The whole of it, for those who do not see it.
    """

    lines: tuple[str, ...]
    dots: str
    last: tuple[float, float]
    band: tuple[float, float] | None
    ticks: tuple[float, ...]
    newest: str
    words: str
    width: float = WIDTH
    height: float = HEIGHT


def sparkline_of(spark: dict[str, Any]) -> Sparkline | None:
    """Coordinates of what `afterdose.web.clinic.spark` keeps; None where there is no result.

    Examples
    --------
    >>> line = sparkline_of({
    ...     "analyte": "platelets", "title": "Platelets", "unit": "10*9/L",
    ...     "since": "2024-01-01", "until": "2026-01-01",
    ...     "points": [["2024-01-01", 200.0, "", 150.0, 400.0],
    ...                ["2026-01-01", 84.0, "", None, None]],
    ...     "courses": ["2025-01-01"]})
    >>> line.newest, line.last[0], len(line.lines), len(line.ticks)
    ('84 × 10⁹/L', 145.0, 0, 1)
    """
    points = [_Point(date.fromisoformat(day), *rest) for day, *rest in spark.get("points", ())]
    points = [point for point in points if point.value is not None]
    if not points:
        return None
    since, until = (date.fromisoformat(spark[end]) for end in ("since", "until"))
    newest = points[-1]
    limits = [limit for limit in (newest.low, newest.high) if limit is not None]
    values = [point.value for point in points]
    low, high = min(values + limits), max(values + limits)

    def x(day: date) -> float:
        share = (day - since).days / max((until - since).days, 1)
        return round(_PAD + share * (WIDTH - 2 * _PAD), 1)

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(HEIGHT - _PAD - share * (HEIGHT - 2 * _PAD), 1)

    dots = tuple((x(point.day), y(point.value)) for point in points)
    return Sparkline(
        lines=tuple(_lines(points, dots)),
        dots="".join(f"M{x} {y}h0" for x, y in dots),
        last=dots[-1],
        band=_band(newest, y, low, high),
        ticks=tuple(x(date.fromisoformat(day)) for day in spark.get("courses", ())),
        newest=f"{newest.comparator}{quantity(newest.value, spark['analyte'])}",
        words=_words(spark, points),
    )


@dataclass(frozen=True, slots=True)
class _Point:
    day: date
    value: float
    comparator: str = ""
    low: float | None = None
    high: float | None = None


def _lines(points: list[_Point], dots: tuple[tuple[float, float], ...]) -> list[str]:
    runs: list[list[tuple[float, float]]] = [[dots[0]]]
    for (before, after), dot in zip(pairwise(points), dots[1:], strict=True):
        if (after.day - before.day).days > _GAP_DAYS:
            runs.append([])
        runs[-1].append(dot)
    return [" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1]


def _band(newest: _Point, y: Any, low: float, high: float) -> tuple[float, float] | None:
    if newest.low is None and newest.high is None:
        return None
    top = y(high if newest.high is None else newest.high)
    bottom = y(low if newest.low is None else newest.low)
    return top, round(bottom - top, 1)


def _words(spark: dict[str, Any], points: list[_Point]) -> str:
    newest, lowest, highest = (
        points[-1],
        min(points, key=lambda point: point.value),
        max(points, key=lambda point: point.value),
    )

    def said(point: _Point) -> str:
        return f"{point.comparator}{quantity(point.value, spark['analyte'])} on {point.day}"

    text = f"{spark['title']} in 24 months, {len(points)} results: newest {said(newest)}"
    if len(points) > 1:
        text += f", lowest {said(lowest)}, highest {said(highest)}"
    if courses := spark.get("courses"):
        text += f"; treatment begun on {', '.join(courses)}"
    return f"{text}."
