"""Brain volume since treatment began, and from a later start on."""

import numpy as np

from afterdose.outcomes.brain_volume import FROM_BASELINE, Volume
from afterdose.outcomes.definitions import STUDY_YEAR
from afterdose.study import plots
from afterdose.study.medians import PeopleMedian, median_in_year
from afterdose.study.model import Part, Plot, Section, Table
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.brain_volume import last_with_values, volumes_of, years_of
from afterdose.study.words import interval, or_nobody, people, signed

_HEADER = ("End of year", "People", "Median", "95 % interval", "Middle half", "Not assessable")


def build(study: Study) -> Section:
    """The change since treatment began, and from the re-baseline on."""
    study.record.require("treatments", "mri", "follow_up", question="brain volume")
    start = study.volume_start
    totals = _since(study, Volume.BPF)
    shown = last_with_values(totals, study.headline_year())
    chosen = totals[shown].median
    published = published_for("bpf-since")
    measures = [measure for measure in Volume if _is_held(study, measure)]
    return Section(
        id="volume-since",
        title="Brain volume since treatment began, and after the first fall",
        headline=or_nobody(
            chosen.count,
            f"By the end of year {shown} the median change of brain parenchymal fraction since "
            f"treatment began was {signed(chosen.value, 2)} % (95 % interval "
            f"{interval(chosen.low, chosen.high, 2)}) in {people(chosen.count)}.",
            nobody=f"none of {people(study.treated)} has a scan of BPF comparable with the one "
            "before treatment",
        ),
        estimates=tuple(
            one.number(f"Median BPF change since treatment began, year {year}", unit="%")
            for year, one in totals.items()
        ),
        parts=(
            Part(_since_table(totals, Volume.BPF), _since_plot(totals, study.years), published),
            *(
                Part(_since_table(_since(study, measure), measure))
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


def _since(study: Study, measure: Volume) -> dict[int, PeopleMedian]:
    changes, name = volumes_of(study, measure).since_baseline, f"volume-since-baseline.{measure}"
    return {
        year: median_in_year(study, changes, year, outcome=name.lower()) for year in years_of(study)
    }


def _is_held(study: Study, measure: Volume) -> bool:
    """Whether anybody has a change since the scan before treatment in the years shown."""
    changes = volumes_of(study, measure).since_baseline[:, : study.years]
    return not np.isnan(changes).all()


def _since_plot(totals: dict[int, PeopleMedian], years: int) -> Plot:
    found = {year: one.median for year, one in totals.items() if one.median.count}
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


def _since_table(totals: dict[int, PeopleMedian], measure: Volume) -> Table:
    return Table(
        f"Change of {measure} since the scan before treatment, % in all",
        _HEADER,
        tuple((str(year), *found.row(unit="%"), found.without()) for year, found in totals.items()),
    )


def _start_table(study: Study, measure: Volume) -> Table:
    start = study.volume_start
    changes, name = volumes_of(study, measure).since_start, f"volume-since-start.{measure.lower()}"
    found = {
        year: median_in_year(study, changes, year, outcome=name)
        for year in years_of(study)
        if 12 * year > start.months
    }
    since = f"month {start.months}" if start.months else "the scan before treatment"
    return Table(
        f"Change of {measure} from {since} on, % a year",
        _HEADER,
        tuple((str(year), *one.row(), one.without()) for year, one in found.items())
        or (("No such year", "0", "–", "–", "–", "0"),),
    )
