"""How complete the monitoring was."""

from collections.abc import Sequence
from math import nan

from afterdose.engines.reference import CheckCompleteness
from afterdose.stats import exact_proportion
from afterdose.study import plots
from afterdose.study.model import Cell, Estimate, Part, Plot, Section, Table
from afterdose.study.numbers import cells, count_cell, share_number
from afterdose.study.words import count, percent, share_in_words

IN_WINDOW = ": in window"
"""What the label of a check's estimate ends with."""


def build(completeness: Sequence[CheckCompleteness] | None) -> Section:
    """Tests done within their window, and days with no test overdue, for every check."""
    title = "How complete the monitoring was"
    if not completeness:
        return Section(
            id="monitoring",
            title=title,
            missing="Completeness was not measured: it needs laboratory results, courses and an "
            "approved monitoring protocol.",
        )
    shares = {
        row.title: exact_proportion(row.tests_in_window, row.tests_due) for row in completeness
    }
    due = sum(row.tests_due for row in completeness)
    done = sum(row.tests_in_window for row in completeness)
    return Section(
        id="monitoring",
        title=title,
        headline=(
            f"{share_in_words(exact_proportion(done, due), of='tests')} "
            "were done by the end of their window."
        ),
        estimates=tuple(share_number(f"{name}{IN_WINDOW}", s, None) for name, s in shares.items()),
        parts=(Part(_table(completeness), _plot(completeness)),),
        no_published="No published figure is set beside these: audits differ in what counts as "
        "done and as late.",
        notes=(
            "Tests of one person are not independent, so the interval is too short.",
            "Only days under monitoring and under observation are counted.",
            *_unverified_note(completeness),
        ),
    )


def _unverified_note(completeness: Sequence[CheckCompleteness]) -> list[str]:
    if not any(row.title.endswith("(unverified)") for row in completeness):
        return []
    return ["Checks marked unverified are in the total; no text that was read asks for them."]


def _table(completeness: Sequence[CheckCompleteness]) -> Table:
    return Table(
        "Completeness by check",
        ("Check", "People", "Tests due", "Done in window", "%", "Days with none overdue",
         "Median longest gap, days"),
        tuple(_row(row) for row in completeness),
    )  # fmt: skip


def _row(row: CheckCompleteness) -> tuple[str, ...]:
    tests = exact_proportion(row.tests_in_window, row.tests_due)
    days = row.days_in_window / row.days if row.days else nan
    gap = row.median_longest_gap_days
    return (
        row.title,
        count_cell(row.people, None),
        *cells(
            share_number("", tests, None),
            count(row.tests_due), count(row.tests_in_window), percent(tests.value),
        ),
        Cell(
            percent(days),
            Estimate("", row.days_in_window, row.days, 100 * days, nan, nan, "%"),
        ),
        Cell(f"{gap:.0f}", Estimate("", None, row.people, gap, nan, nan, "days")),
    )  # fmt: skip


def _plot(completeness: Sequence[CheckCompleteness]) -> Plot:
    measured = [row for row in completeness if row.tests_due][::-1]

    def draw(axes: plots.Axes) -> None:
        values = [100 * row.tests_in_window / row.tests_due for row in measured]
        bars = axes.barh([row.title for row in measured], values, color=plots.PALE,
                               edgecolor=plots.BLUE)  # fmt: skip
        axes.bar_label(bars, [f"{value:.0f} %" for value in values], padding=4)
        axes.set_xlim(0, 112)
        axes.set_xticks([0, 25, 50, 75, 100])
        axes.grid(visible=False)
        plots.finish(axes, x="Tests done within their window, %", y="")

    return Plot(
        "plot-monitoring",
        "Tests done within their window, by check",
        "One horizontal bar a check, labelled with its percentage. The numbers are in the table "
        "below.",
        draw,
    )
