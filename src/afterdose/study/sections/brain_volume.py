"""Statement (e): yearly change of brain volume beside the ageing reference."""

from collections import Counter

from afterdose.outcomes.brain_volume import YearlyBpf
from afterdose.outcomes.definitions import STUDY_YEAR, YEARLY_BPF
from afterdose.stats import Median, compute_median
from afterdose.study import plots
from afterdose.study.model import Part, Plot, Section, Table
from afterdose.study.people import Study, rows_behind
from afterdose.study.published import published_for
from afterdose.study.words import count, interval, median_estimate, people, signed


def build(study: Study) -> Section:
    """The median yearly change of brain parenchymal fraction."""
    study.record.require("treatments", "mri", question="brain volume")
    by_year = {
        year: [row for p in study.outcomes for row in p.bpf if row.year == year]
        for year in range(1, study.years + 1)
    }
    medians = {year: compute_median(_changes(rows)) for year, rows in by_year.items()}
    shown = _last_with_values(medians, study.headline_year())
    chosen = medians.get(shown, compute_median([]))
    figures = published_for("bpf")
    beside = " and ".join(f"{signed(f.value, 2)} % ({f.study})" for f in figures if f.year == shown)
    return Section(
        id="e",
        title="(e) Yearly change of brain volume",
        headline=(
            f"In year {shown} the median change of brain parenchymal fraction was "
            f"{signed(chosen.value, 2)} % a year (95 % interval "
            f"{interval(chosen.low, chosen.high, 2)}) in {people(chosen.count)} with two "
            "comparable scans."
        ),
        summary=(
            f"Brain volume, year {shown}: median BPF change {signed(chosen.value, 2)} % a year "
            f"({interval(chosen.low, chosen.high, 2)}) in {chosen.count} of {study.treated} "
            f"people; published {beside or 'no figure found'}"
        ),
        estimates=tuple(
            median_estimate(f"Median BPF change, year {year}", median)
            for year, median in medians.items()
        ),
        parts=(
            Part(
                _table(medians, by_year),
                _plot(medians),
                published_for("bpf", "ageing-mean", "ageing-p95"),
            ),
            Part(_reasons(by_year)),
        ),
        notes=(
            "The trials measured brain parenchymal fraction (BPF); the ageing references are "
            "percentage brain volume change (PBVC) by SIENA. These are not the same measure: the "
            "lines in the plot show the order of magnitude, and no conclusion about normal ageing "
            "can be drawn from a BPF value above or below them.",
            "In the first year volume also falls because inflammation resolves, which is not loss "
            "of tissue.",
        ),
        definitions=(YEARLY_BPF, STUDY_YEAR),
        rows_behind=rows_behind(row.because for rows in by_year.values() for row in rows),
    )


def _changes(rows: list[YearlyBpf]) -> list[float]:
    return [row.change_pct_per_year for row in rows if row.change_pct_per_year is not None]


def _last_with_values(medians: dict[int, Median], latest: int) -> int:
    """The headline year, or the last before it in which any two scans can be compared."""
    return max((y for y, found in medians.items() if found.count and y <= latest), default=latest)


def _plot(medians: dict[int, Median]) -> Plot:
    found = {year: median for year, median in medians.items() if median.count}
    points = plots.Points.of(list(found), list(found.values()))

    def draw(axes: plots.Axes) -> None:
        for which, style, words in (
            ("ageing-mean", "--", "Published, healthy at 45: mean (PBVC)"),
            ("ageing-p95", ":", "Published, healthy at 45: 95th percentile (PBVC)"),
        ):
            (line,) = published_for(which)
            axes.axhline(line.value, linestyle=style, color=plots.GREY, linewidth=1.6, label=words)
        plots.draw_points(axes, points)
        plots.draw_published(axes, published_for("bpf"))
        axes.axhline(0, color=plots.INK, linewidth=0.8)
        plots.finish(
            axes,
            x="Year after the first course",
            y="Median change, % a year",
            years=list(medians),
            legend_columns=1,
        )

    return Plot(
        "plot-e",
        "Median yearly change of brain parenchymal fraction",
        "Points with 95 % intervals for this record, open marks for published medians; two "
        "horizontal lines for healthy ageing at 45 by another measure. The numbers are in the "
        "table below.",
        draw,
    )


def _table(medians: dict[int, Median], by_year: dict[int, list[YearlyBpf]]) -> Table:
    return Table(
        "Yearly change of brain parenchymal fraction, % a year",
        ("Year", "People", "Median", "95 % interval", "Middle half", "Not assessable"),
        tuple(
            (
                str(year), count(median.count), signed(median.value, 2),
                interval(median.low, median.high, 2),
                interval(median.lower_quartile, median.upper_quartile, 2),
                count(len(by_year[year]) - median.count),
            )
            for year, median in medians.items()
        ),
    )  # fmt: skip


def _reasons(by_year: dict[int, list[YearlyBpf]]) -> Table:
    missing = {year: Counter(row.because.missing for row in rows) for year, rows in by_year.items()}
    reasons = sorted({reason for found in missing.values() for reason in found if reason})
    return Table(
        "Years that could not be assessed, by what was missing",
        ("Missing", *(f"Year {year}" for year in by_year)),
        tuple((reason, *(count(missing[year][reason]) for year in by_year)) for reason in reasons),
    )
