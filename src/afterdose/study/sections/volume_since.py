"""Brain volume since treatment began, and from a later start on."""

from afterdose.outcomes.brain_volume import FROM_BASELINE, Volume, VolumeChange
from afterdose.outcomes.definitions import STUDY_YEAR
from afterdose.stats import Median, compute_median
from afterdose.study import plots
from afterdose.study.model import Part, Plot, Section, Table
from afterdose.study.numbers import median_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.brain_volume import (
    changes_of,
    last_with_values,
    median_cells,
    years_of,
)
from afterdose.study.words import count, interval, people, signed


def build(study: Study) -> Section:
    """The change since treatment began, and from the re-baseline on."""
    study.record.require("treatments", "mri", "follow_up", question="brain volume")
    start = study.volume_start
    totals = {
        year: compute_median([r.change_pct for r in _since(study, Volume.BPF, year)
                              if r.change_pct is not None])
        for year in years_of(study)
    }  # fmt: skip
    shown = last_with_values(totals, study.headline_year())
    chosen = totals.get(shown, compute_median([]))
    published = published_for("bpf-since")
    measures = [m for m in Volume if any(changes_of(_since(study, m, y)) for y in years_of(study))]
    return Section(
        id="volume-since",
        title="Brain volume since treatment began, and after the first fall",
        headline=(
            f"By the end of year {shown} the median change of brain parenchymal fraction since "
            f"treatment began was {signed(chosen.value, 2)} % (95 % interval "
            f"{interval(chosen.low, chosen.high, 2)}) in {people(chosen.count)}."
        ),
        estimates=tuple(
            median_number(f"Median BPF change since treatment began, year {year}", one, "%")
            for year, one in totals.items()
        ),
        parts=(
            Part(_since_table(study, Volume.BPF), _since_plot(totals, study.years), published),
            *(
                Part(_since_table(study, measure))
                for measure in measures
                if measure is not Volume.BPF
            ),
            *(Part(_start_table(study, measure)) for measure in measures or [Volume.BPF]),
        ),
        notes=(
            f"The last table leaves out what happened before month {start.months}, when volume "
            "also falls because inflammation resolves, which is not loss of tissue."
            if start.months
            else "Nothing is left out here: the re-baseline is the scan before treatment.",
            "A person whose scanner or method changed leaves these tables from then on.",
        ),
        definitions=(FROM_BASELINE, *((start,) if start.months else ()), STUDY_YEAR),
    )


def _since(study: Study, measure: Volume, year: int) -> list[VolumeChange]:
    found = (person.extension.volume[measure].since_baseline for person in study.outcomes)
    return [rows[year - 1] for rows in found if len(rows) >= year]


def _since_plot(totals: dict[int, Median], years: int) -> Plot:
    found = {year: median for year, median in totals.items() if median.count}
    published = [one for one in published_for("bpf-since") if (one.year or 0) <= years]

    def draw(axes: plots.Axes) -> None:
        plots.draw_points(axes, plots.Points.of(list(found), list(found.values())))
        plots.draw_published(axes, published)
        axes.axhline(0, color=plots.INK, linewidth=0.8)
        plots.finish(
            axes, x="End of year after the first course", y="Median change since the start, %",
            years=list(totals),
        )  # fmt: skip

    return Plot(
        "plot-volume-since",
        "Median change of brain parenchymal fraction since treatment began",
        "Points with 95 % intervals for this record, open marks for published medians. The numbers "
        "are in the table below.",
        draw,
    )


def _since_table(study: Study, measure: Volume) -> Table:
    rows = []
    for year in years_of(study):
        found = _since(study, measure, year)
        median = compute_median([row.change_pct for row in found if row.change_pct is not None])
        rows.append((*median_cells(year, median), count(len(found) - median.count)))
    return Table(
        f"Change of {measure} since the scan before treatment, % in all",
        ("End of year", "People", "Median", "95 % interval", "Middle half", "Not assessable"),
        tuple(rows),
    )


def _start_table(study: Study, measure: Volume) -> Table:
    start = study.volume_start
    years: dict[int, list[VolumeChange]] = {
        year: [] for year in years_of(study) if 12 * year > start.months
    }
    for person in study.outcomes:
        for row in person.extension.volume[measure].since_start:
            if row.year in years:
                years[row.year].append(row)
    since = f"month {start.months}" if start.months else "the scan before treatment"
    rows = []
    for year, found in years.items():
        median = compute_median(changes_of(found))
        rows.append((*median_cells(year, median), count(len(found) - median.count)))
    return Table(
        f"Change of {measure} from {since} on, % a year",
        ("End of year", "People", "Median", "95 % interval", "Middle half", "Not assessable"),
        tuple(rows) or (("None", "0", "–", "–", "–", "0"),),
    )
