"""Statement (e): yearly change of brain volume beside the ageing reference."""

from collections import Counter

from afterdose.outcomes.brain_volume import YEARLY_PBVC, Volume, VolumeChange
from afterdose.outcomes.definitions import STUDY_YEAR, YEARLY_BPF
from afterdose.stats import Median, compute_median
from afterdose.study import plots
from afterdose.study.model import Part, Plot, Section, Table
from afterdose.study.numbers import median_number
from afterdose.study.people import Study
from afterdose.study.published import PublishedFigure, published_for
from afterdose.study.words import count, interval, people, signed


def build(study: Study) -> Section:
    """The median yearly change of brain parenchymal fraction."""
    study.record.require("treatments", "mri", "follow_up", question="brain volume")
    by_year = _yearly(study, Volume.BPF)
    medians = {year: compute_median(changes_of(rows)) for year, rows in by_year.items()}
    shown = last_with_values(medians, study.headline_year())
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
            median_number(f"Median BPF change, year {year}", median)
            for year, median in medians.items()
        ),
        parts=(
            Part(
                _table(medians, by_year, Volume.BPF),
                _plot(medians),
                (*published_for("bpf"), *_ageing_at_45()),
            ),
            *_by_method(by_year),
            *_pbvc(study),
            Part(_reasons(by_year)),
        ),
        notes=(
            "The trials measured brain parenchymal fraction (BPF); the ageing references are "
            "percentage brain volume change (PBVC) by SIENA. These are not the same measure: the "
            "lines in the plot show the order of magnitude, and no conclusion about normal ageing "
            "can be drawn from a BPF value above or below them.",
            "In the first year volume also falls because inflammation resolves, which is not loss "
            "of tissue.",
            f"In {people(_scanner_changes(study))} a later scan was by another method or scanner; "
            "the two sides of such a change are never compared.",
        ),
        definitions=(YEARLY_BPF, YEARLY_PBVC, STUDY_YEAR),
    )


def changes_of(rows: list[VolumeChange]) -> list[float]:
    """The yearly changes that could be had."""
    return [row.change_pct_per_year for row in rows if row.change_pct_per_year is not None]


def years_of(study: Study) -> range:
    """The years shown."""
    return range(1, study.years + 1)


def _yearly(study: Study, measure: Volume) -> dict[int, list[VolumeChange]]:
    rows = {year: [] for year in years_of(study)}  # type: dict[int, list[VolumeChange]]
    for person in study.outcomes:
        for row in person.extension.volume[measure].yearly:
            if row.year in rows:
                rows[row.year].append(row)
    return rows


def _scanner_changes(study: Study) -> int:
    return sum(
        any(one.slope.scanner_changed for one in person.extension.volume.values())
        for person in study.outcomes
    )


def last_with_values(medians: dict[int, Median], latest: int) -> int:
    """The headline year, or the last before it in which any two scans can be compared."""
    return max((y for y, found in medians.items() if found.count and y <= latest), default=latest)


def _ageing_at_45() -> list[PublishedFigure]:
    """The mean and the 95th percentile of loss in healthy people of 45."""
    figures = published_for("ageing-mean", "ageing-p95")
    return [figure for figure in figures if figure.population == "age 45"]


def _plot(medians: dict[int, Median]) -> Plot:
    found = {year: median for year, median in medians.items() if median.count}
    points = plots.Points.of(list(found), list(found.values()))

    def draw(axes: plots.Axes) -> None:
        for line, style, words in zip(
            _ageing_at_45(), ("--", ":"), ("mean", "95th percentile"), strict=True
        ):
            axes.axhline(
                line.value, linestyle=style, color=plots.GREY, linewidth=1.6,
                label=f"Published, healthy at 45: {words} (PBVC)",
            )  # fmt: skip
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


def _table(
    medians: dict[int, Median], by_year: dict[int, list[VolumeChange]], measure: Volume
) -> Table:
    names = {Volume.BPF: "brain parenchymal fraction", Volume.PBVC: "brain volume (PBVC)"}
    return Table(
        f"Yearly change of {names[measure]}, % a year",
        ("Year", "People", "Median", "95 % interval", "Middle half", "Not assessable"),
        tuple(
            (*median_cells(year, median), count(len(by_year[year]) - median.count))
            for year, median in medians.items()
        ),
    )


def median_cells(year: int, median: Median) -> tuple[str, ...]:
    """Year, people, median, interval and middle half."""
    return (
        str(year), count(median.count), signed(median.value, 2),
        interval(median.low, median.high, 2),
        interval(median.lower_quartile, median.upper_quartile, 2),
    )  # fmt: skip


def _by_method(by_year: dict[int, list[VolumeChange]]) -> list[Part]:
    """One table a method, where there is more than one."""
    methods: dict[str, dict[int, list[float]]] = {}
    for year, rows in by_year.items():
        for row in rows:
            if row.change_pct_per_year is not None:
                years = methods.setdefault(row.because.rows[0].method, {})
                years.setdefault(year, []).append(row.change_pct_per_year)
    if len(methods) < 2:
        return []
    return [
        Part(
            Table(
                f"Yearly change by the method {method}, % a year",
                ("Year", "People", "Median", "95 % interval", "Middle half"),
                tuple(median_cells(year, compute_median(years.get(year, []))) for year in by_year),
            )
        )
        for method, years in sorted(methods.items())
    ]


def _pbvc(study: Study) -> list[Part]:
    """Percentage brain volume change on its own, where the record holds it."""
    by_year = _yearly(study, Volume.PBVC)
    medians = {year: compute_median(changes_of(rows)) for year, rows in by_year.items()}
    if not any(median.count for median in medians.values()):
        return []
    return [Part(_table(medians, by_year, Volume.PBVC)), *_by_method(by_year)]


def _reasons(by_year: dict[int, list[VolumeChange]]) -> Table:
    missing = {year: Counter(row.because.missing for row in rows) for year, rows in by_year.items()}
    reasons = sorted({reason for found in missing.values() for reason in found if reason})
    return Table(
        "Years that could not be assessed, by what was missing",
        ("Missing", *(f"Year {year}" for year in by_year)),
        tuple((reason, *(count(missing[year][reason]) for year in by_year)) for reason in reasons)
        or (("Nothing", *("0" for _ in by_year)),),
    )
