"""The report's plots as inline SVG: text stays text, and nothing is told by colour alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Any

from afterdose.study.model import Plot

Axes = Any
"""A `matplotlib.axes.Axes`; matplotlib is loaded only when a report is rendered."""
INK = "#1d2b36"
BLUE = "#12548a"
PALE = "#9dbfd9"
ORANGE = "#9c4a00"
GREEN = "#2f6b3a"
GREY = "#5d6b76"
_SIZE = (6.0, 3.7)
_STILL_AT_RISK = 0.05
"""Curves are drawn while this share of those who began is still at risk."""
_STYLE: dict[str, Any] = {
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

    years: Sequence[int]
    value: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]

    @classmethod
    def of(cls, years: Sequence[int], estimates: Sequence[Any], *, scale: float = 1) -> "Points":
        """From estimates with ``value``, ``low`` and ``high``, one a year."""
        return cls(
            years,
            [scale * one.value for one in estimates],
            [scale * one.low for one in estimates],
            [scale * one.high for one in estimates],
        )


def render_svg(plot: Plot) -> str:
    """Draw a plot as an ``<svg>`` element.

    Same plot, same bytes: the salt is fixed and no date is written.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({**_STYLE, "svg.hashsalt": plot.id}):
        figure = Figure(figsize=_SIZE, layout="constrained")
        plot.draw(figure.subplots())
        text = StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    return _inline(text.getvalue(), plot)


def draw_points(axes: Axes, points: Points) -> None:
    """Filled circles with intervals."""
    below = [max(0.0, value - low) for value, low in zip(points.value, points.low, strict=True)]
    above = [max(0.0, high - value) for value, high in zip(points.value, points.high, strict=True)]
    axes.errorbar(
        points.years, points.value, yerr=[below, above], fmt="o", color=BLUE, markersize=7,
        capsize=4, linewidth=1.8, label="This record, 95 % interval", zorder=3,
    )  # fmt: skip


def draw_published(axes: Axes, figures: Sequence[Any]) -> None:
    """Published values as open marks, one shape a study, a little to the side of the year."""
    for study, (marker, colour, shift) in _PUBLISHED_MARKS.items():
        own = [figure for figure in figures if figure.study == study and figure.year]
        if own:
            axes.plot(
                [figure.year + shift for figure in own], [figure.value for figure in own],
                linestyle="none", marker=marker, markersize=7, markerfacecolor="white",
                markeredgecolor=colour, markeredgewidth=1.8, label=f"Published, {study}", zorder=4,
            )  # fmt: skip


def draw_rows(axes: Axes, names: Sequence[str], estimates: Sequence[Any]) -> None:
    """One named row an estimate: a filled circle with its interval, where it has one."""
    places = range(len(names))
    for place, one in zip(places, estimates, strict=True):
        if one.low == one.low:  # an interval that cannot be had is not a number
            axes.plot([one.low, one.high], [place, place], color=BLUE, linewidth=1.8, zorder=2)
    axes.plot([one.value for one in estimates], places, linestyle="none", marker="o", color=BLUE,
              markersize=7, zorder=3)  # fmt: skip
    axes.set_yticks(list(places), list(names))
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")


def draw_curve(
    axes: Axes, curve: Any, label: str, *, colour: str = BLUE, dashed: bool = False
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
    axes: Axes, *, x: str, y: str, years: Sequence[int] = (), legend_columns: int = 2
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


def finish_curves(axes: Axes, *, y: str, years: int) -> None:
    """Axes for curves in percent that begin at the first course."""
    axes.set_ylim(bottom=0)
    axes.set_xlim(0, years + 0.3)
    finish(axes, x="Years after the first course", y=y, years=range(years + 1))


def _inline(document: str, plot: Plot) -> str:
    """The ``<svg>`` element alone: scaling, named, with identifiers of its own."""
    svg = document[document.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = _ANY_ID.sub(lambda match: _own_id(match, plot.id), svg)
    opening, rest = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]+"', opening)
    assert box is not None
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{box[0]} role="img" aria-labelledby="{plot.id}-title" '
        f'aria-describedby="{plot.id}-desc">'
        f'<title id="{plot.id}-title">{escape(plot.title)}</title>'
        f'<desc id="{plot.id}-desc">{escape(plot.description)}</desc>{rest}'
    ).strip()


def _own_id(match: re.Match[str], plot_id: str) -> str:
    if match[2]:
        return f"{match[1]}{plot_id}-{match[2]}{match[3]}"
    return f"{match[4]}{plot_id}-{match[5]}"
