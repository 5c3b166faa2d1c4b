"""The two forms most statements take: points by year, and a curve from the first course."""

from collections.abc import Sequence

from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import CumulativeIncidence, Survival
from afterdose.study import plots
from afterdose.study.model import Plot, Table
from afterdose.study.published import PublishedFigure
from afterdose.study.words import count, interval, percent


def last_day_of_year(year: int) -> int:
    """The last day of a year after the first course, whose first day is day 0.

    Years differ by a leap day; the shortest one counts, so that whoever was seen to the end of the
    year still stands in it.

    Examples
    --------
    >>> last_day_of_year(1), last_day_of_year(4)
    (364, 1460)
    """
    return int(year * DAYS_PER_YEAR) - 1


def points_plot(
    plot_id: str,
    title: str,
    points: plots.Points,
    *,
    y: str,
    published: Sequence[PublishedFigure] = (),
) -> Plot:
    """One point with its interval a year, published figures beside it."""

    def draw(axes: plots.Axes) -> None:
        plots.draw_points(axes, points)
        plots.draw_published(axes, published)
        axes.margins(y=0.1)
        axes.set_ylim(bottom=0)
        plots.finish(axes, x="Year after the first course", y=y, years=points.years)

    beside = ", open marks for published figures" if published else ""
    return Plot(
        plot_id,
        title,
        f"Points with 95 % intervals for this record{beside}. The numbers are in the table below.",
        draw,
    )


def curve_plot(
    plot_id: str,
    title: str,
    curve: CumulativeIncidence,
    *,
    y: str,
    years: int,
    published: Sequence[PublishedFigure],
) -> Plot:
    """A cumulative incidence from the first course, published figures beside it."""

    def draw(axes: plots.Axes) -> None:
        plots.draw_curve(axes, curve, "This record, 95 % band")
        plots.draw_published(axes, published)
        plots.finish_curves(axes, y=y, years=years)

    return Plot(
        plot_id,
        title,
        "A step curve from the first course with its 95 % band, death competing; open marks for "
        "published figures. The numbers are in the table below.",
        draw,
    )


def curve_table(caption: str, column: str, curve: CumulativeIncidence, *, years: int) -> Table:
    """The curve at the end of each year, with who was still at risk."""
    rows = []
    for year in range(1, years + 1):
        value, low, high = curve.at(last_day_of_year(year))
        at_risk = curve.at_risk_at(last_day_of_year(year))
        rows.append((str(year), percent(value), interval(low, high, scale=100), count(at_risk)))
    return Table(caption, ("End of year", column, "95 % interval", "Still at risk"), tuple(rows))


def survival_table(caption: str, column: str, curve: Survival, *, years: int) -> Table:
    """A survival curve at the end of each year, with who was still at risk."""
    rows = []
    for year in range(1, years + 1):
        day = last_day_of_year(year)
        value, low, high = curve.at(day)
        at_risk = int(curve.at_risk[curve.times >= day].max(initial=0))
        rows.append((str(year), percent(value), interval(low, high, scale=100), count(at_risk)))
    return Table(caption, ("End of year", column, "95 % interval", "Still at risk"), tuple(rows))
