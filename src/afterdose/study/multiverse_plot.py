"""The specification curve: every definition's answer in order, and below it the choices made."""

from collections.abc import Sequence

from afterdose.study import plots
from afterdose.study.model import Plot
from afterdose.study.multiverse import Grid, Outcome


def specification_curve(grid: Grid, outcomes: Sequence[Outcome]) -> Plot:
    """Shares with an event with their intervals, from the lowest; a mark below for each choice."""
    ordered = sorted(outcomes, key=lambda one: (one.with_event.value, one.universe.choices))
    rows = [
        (at, choice)
        for at, _ in enumerate(grid.axes)
        for choice in dict.fromkeys(one.universe.choices[at] for one in outcomes)
    ]

    def draw(axes: plots.Axes) -> None:
        figure = axes.figure
        axes.remove()
        figure.set_size_inches(8.0, 3.4 + 0.24 * len(rows))
        upper, lower = figure.subplots(
            2, 1, sharex=True, height_ratios=[3.0, 0.3 + 0.24 * len(rows)]
        )
        _draw_shares(upper, ordered)
        _draw_choices(lower, grid, ordered, rows)

    lowest, highest = ordered[0].with_event.value, ordered[-1].with_event.value
    return Plot(
        "multiverse",
        "People with an event, by definition",
        f"{len(ordered)} definitions from the lowest to the highest share with an event, "
        f"{100 * lowest:.1f} % to {100 * highest:.1f} %, with 95 % intervals; below, a mark for "
        "the choice each makes on every axis. The numbers are in the table.",
        draw,
    )


def _draw_shares(axes: plots.Axes, ordered: Sequence[Outcome]) -> None:
    for at, one in enumerate(ordered, start=1):
        share = one.with_event
        axes.plot([at, at], [100 * share.low, 100 * share.high], color=plots.PALE, linewidth=1.6)
    axes.plot(
        range(1, len(ordered) + 1),
        [100 * one.with_event.value for one in ordered],
        linestyle="none", marker="o", markersize=3.5, color=plots.BLUE,
    )  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.set_ylabel("With an event, %")


def _draw_choices(
    axes: plots.Axes,
    grid: Grid,
    ordered: Sequence[Outcome],
    rows: Sequence[tuple[int, str]],
) -> None:
    for row, (axis, choice) in enumerate(rows):
        at = [n for n, one in enumerate(ordered, start=1) if one.universe.choices[axis] == choice]
        axes.plot(
            at, [row] * len(at), linestyle="none", marker="|", markersize=8,
            color=plots.BLUE if axis % 2 else plots.ORANGE,
        )  # fmt: skip
    axes.set_yticks(range(len(rows)), [f"{grid.axes[axis]}: {choice}" for axis, choice in rows])
    axes.tick_params(axis="y", labelsize=8.5)
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.set_xlabel("Definitions, by share")
