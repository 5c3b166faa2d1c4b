"""The two forms most statements take: points by year, and a curve from the first course."""

from collections.abc import Callable, Sequence

from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import CumulativeIncidence, Survival
from afterdose.study import plots
from afterdose.study.model import Behind, Estimate, Plot, Table
from afterdose.study.numbers import cells
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
        shown = {*points.years, *(one.year for one in published if one.year)}
        plots.finish(axes, x="Year after the first course", y=y, years=sorted(shown))

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


def curve_table(
    caption: str,
    column: str,
    curve: CumulativeIncidence | Survival,
    *,
    years: int,
    behind: Callable[[int], Behind],
) -> Table:
    """A curve at the end of each year, with who was still at risk.

    Parameters
    ----------
    caption, column : str
    curve : CumulativeIncidence or Survival
        Times in days.
    years : int
    behind : callable
        Whose rows the value at the end of a year rests on.
    """
    rows = []
    for year in range(1, years + 1):
        number = curve_number(curve, year, behind(year))
        rows.append(
            (
                str(year),
                *cells(
                    number, percent(number.value / 100),
                    interval(number.low, number.high),
                    count(at_risk_at(curve, last_day_of_year(year))),
                ),
            )
        )  # fmt: skip
    return Table(caption, ("End of year", column, "95 % interval", "Still at risk"), tuple(rows))


def curve_number(
    curve: CumulativeIncidence | Survival, year: int, behind: Behind, label: str = ""
) -> Estimate:
    """A curve's value at the end of a year, in percent of those it began with."""
    value, low, high = (100 * part for part in curve.at(last_day_of_year(year)))
    method = "kaplan-meier" if isinstance(curve, Survival) else "aalen-johansen"
    return Estimate(label, None, began(curve), value, low, high, "%", behind, method)


def began(curve: CumulativeIncidence | Survival) -> int:
    """How many people the curve began with."""
    return int(curve.at_risk[0])


def at_risk_at(curve: CumulativeIncidence | Survival, day: int) -> int:
    """How many people were still at risk on a day."""
    if isinstance(curve, Survival):
        return int(curve.at_risk[curve.times >= day].max(initial=0))
    return curve.at_risk_at(day)
