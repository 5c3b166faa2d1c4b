"""The report's plots as inline SVG: text stays text, and nothing is told by colour alone."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any

from afterdose.study.model import Plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#1d2b36"
BLUE = "#12548a"
PALE = "#9dbfd9"
ORANGE = "#9c4a00"
GREEN = "#2f6b3a"
GREY = "#5d6b76"
_SIZE = (6.0, 3.7)
_STILL_AT_RISK = 0.05
"""Curves are drawn while this share of those who began is still at risk."""
_STYLE = {
    "svg.fonttype": "none",
    "font.size": 11.5,
    "font.family": ["DejaVu Sans"],
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#dde3e8",
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 10.5,
    "hatch.linewidth": 0.8,
}
_PUBLISHED_MARKS = {
    "CARE-MS I": ("s", ORANGE, -0.16),
    "CARE-MS II": ("D", GREEN, 0.16),
    "CARE-MS I and II": ("^", GREY, 0.0),
}
_ANY_ID = re.compile(r'\b(id=")([^"]+)(")|(url\(#|href="#)([^")]+)')


@dataclass(frozen=True, slots=True)
class Points:
    """Values with intervals, one a year."""

    years: Sequence[float]
    value: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


class Drawing:
    """A plot being drawn: `axes` to draw on, `plot` once it is finished."""

    def __init__(self, axes: "Axes") -> None:
        self.axes = axes
        self.plot: Plot | None = None


@contextmanager
def drawing(plot_id: str, title: str, description: str) -> Iterator[Drawing]:
    """Draw within this context; afterwards ``drawing.plot`` holds the SVG.

    Same drawing, same bytes: the salt is fixed and no date is written.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({**_STYLE, "svg.hashsalt": plot_id}):
        figure = Figure(figsize=_SIZE, layout="constrained")
        found = Drawing(figure.subplots())
        yield found
        text = StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    svg = _inline(text.getvalue(), plot_id, title, description)
    found.plot = Plot(plot_id, title, description, svg)


def draw_points(axes: "Axes", points: Points, label: str) -> None:
    """Filled circles with intervals."""
    below = [max(0.0, value - low) for value, low in zip(points.value, points.low, strict=True)]
    above = [max(0.0, high - value) for value, high in zip(points.value, points.high, strict=True)]
    axes.errorbar(
        points.years, points.value, yerr=[below, above], fmt="o", color=BLUE, markersize=7,
        capsize=4, linewidth=1.8, label=label, zorder=3,
    )  # fmt: skip


def draw_published(axes: "Axes", figures: Sequence[Any]) -> None:
    """Published values as open marks, one shape a study, a little to the side of the year."""
    for study, (marker, colour, shift) in _PUBLISHED_MARKS.items():
        own = [figure for figure in figures if figure.study == study and figure.year]
        if own:
            axes.plot(
                [figure.year + shift for figure in own], [figure.value for figure in own],
                linestyle="none", marker=marker, markersize=7, markerfacecolor="white",
                markeredgecolor=colour, markeredgewidth=1.8, label=f"Published, {study}", zorder=4,
            )  # fmt: skip


def draw_curve(
    axes: "Axes", curve: Any, label: str, *, colour: str = BLUE, dashed: bool = False
) -> None:
    """A step curve in percent with its interval; times in days become years.

    It stops where few are left at risk: the steps there are tall and say little.
    """
    shown = curve.at_risk >= _STILL_AT_RISK * curve.at_risk[0]
    years = curve.times[shown] / 365.25
    axes.step(
        years, 100 * curve.value[shown], where="post", color=colour, linewidth=2,
        linestyle="--" if dashed else "-", label=label, zorder=3,
    )  # fmt: skip
    axes.fill_between(
        years,
        100 * curve.low[shown],
        100 * curve.high[shown],
        step="post",
        color=colour,
        alpha=0.15,
        linewidth=0,
    )


def finish(
    axes: "Axes", *, x: str, y: str, years: Sequence[int] = (), legend_columns: int = 2
) -> None:
    """Axis titles, whole years on the x axis, and the legend above the plot."""
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if years:
        axes.set_xticks(list(years))
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    labels = sorted(handles, key=lambda label: label.startswith("Published"))  # ours first
    if labels:
        axes.legend(
            [handles[label] for label in labels], labels,
            loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=legend_columns, borderaxespad=0.2,
            handletextpad=0.5, columnspacing=1.2, borderpad=0.0,
        )  # fmt: skip


def _inline(document: str, plot_id: str, title: str, description: str) -> str:
    """The ``<svg>`` element alone: scaling, named, with identifiers of its own."""
    svg = document[document.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = _ANY_ID.sub(lambda match: _own_id(match, plot_id), svg)
    opening, rest = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]+"', opening)
    assert box is not None
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{box[0]} role="img" aria-labelledby="{plot_id}-title" '
        f'aria-describedby="{plot_id}-desc">'
        f'<title id="{plot_id}-title">{escape(title)}</title>'
        f'<desc id="{plot_id}-desc">{escape(description)}</desc>{rest}'
    ).strip()


def _own_id(match: re.Match[str], plot_id: str) -> str:
    if match[2]:
        return f"{match[1]}{plot_id}-{match[2]}{match[3]}"
    return f"{match[4]}{plot_id}-{match[5]}"
