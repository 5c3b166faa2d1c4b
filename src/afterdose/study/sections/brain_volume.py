"""Statement (e): yearly change of brain volume beside the ageing reference."""

import numpy as np

from afterdose.engines.extension import NO_YEAR, VOLUMES, Volumes
from afterdose.outcomes.brain_volume import MISSING, YEARLY_PBVC, Volume
from afterdose.outcomes.definitions import STUDY_YEAR, YEARLY_BPF
from afterdose.study import plots
from afterdose.study.medians import PeopleMedian, median_in_year
from afterdose.study.model import Cell, Part, Plot, Section, Table
from afterdose.study.numbers import count_cell
from afterdose.study.people import Study
from afterdose.study.published import PublishedFigure, published_for
from afterdose.study.words import interval, or_nobody, people, signed

_HEADER = ("Year", "People", "Median", "95 % interval", "Middle half")


def build(study: Study) -> Section:
    """The median yearly change of brain parenchymal fraction."""
    study.record.require("treatments", "mri", "follow_up", question="brain volume")
    by_year = _yearly(study, Volume.BPF)
    shown = last_with_values(by_year, study.headline_year())
    chosen = by_year[shown].median
    figures = published_for("bpf")
    beside = " and ".join(f"{signed(f.value, 2)} % ({f.study})" for f in figures if f.year == shown)
    nobody = f"none of {people(study.treated)} has two comparable scans of BPF"
    return Section(
        id="e",
        title="(e) Yearly change of brain volume",
        headline=or_nobody(
            chosen.count,
            f"In year {shown} the median change of brain parenchymal fraction was "
            f"{signed(chosen.value, 2)} % a year (95 % interval "
            f"{interval(chosen.low, chosen.high, 2)}) in {people(chosen.count)} with two "
            "comparable scans.",
            nobody=nobody,
        ),
        summary=or_nobody(
            chosen.count,
            f"Brain volume, year {shown}: median BPF change {signed(chosen.value, 2)} % a year "
            f"({interval(chosen.low, chosen.high, 2)}) in {chosen.count} of "
            f"{people(study.treated)}; published {beside or 'no figure found'}",
            nobody=nobody,
        ),
        estimates=tuple(
            found.number(f"Median BPF change, year {year}") for year, found in by_year.items()
        ),
        parts=(
            Part(
                _table(by_year, Volume.BPF),
                _plot(by_year),
                (*published_for("bpf"), *_ageing_at_45()),
            ),
            *_by_method(study, Volume.BPF),
            *_pbvc(study),
            Part(_reasons(study)),
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


def volumes_of(study: Study, measure: Volume) -> Volumes:
    """Everybody's brain volume by one measure."""
    return study.columns.volume[VOLUMES.index(measure)]


def years_of(study: Study) -> range:
    """The years shown."""
    return range(1, study.years + 1)


def _yearly(study: Study, measure: Volume) -> dict[int, PeopleMedian]:
    yearly, name = volumes_of(study, measure).yearly, f"volume-yearly.{measure.lower()}"
    return {year: median_in_year(study, yearly, year, outcome=name) for year in years_of(study)}


def _scanner_changes(study: Study) -> int:
    changed = np.stack([one.scanner_changed for one in study.columns.volume])
    return int(np.count_nonzero(changed.any(axis=0)))


def last_with_values(found: dict[int, PeopleMedian], latest: int) -> int:
    """The headline year, or the last before it in which any two scans can be compared."""
    held = (year for year, one in found.items() if one.median.count and year <= latest)
    return max(held, default=latest)


def _ageing_at_45() -> list[PublishedFigure]:
    """The mean and the 95th percentile of loss in healthy people of 45."""
    figures = published_for("ageing-mean", "ageing-p95")
    return [figure for figure in figures if figure.population == "age 45"]


def _plot(by_year: dict[int, PeopleMedian]) -> Plot:
    found = {year: one.median for year, one in by_year.items() if one.median.count}
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
            years=list(by_year),
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


def _table(by_year: dict[int, PeopleMedian], measure: Volume) -> Table:
    names = {Volume.BPF: "brain parenchymal fraction", Volume.PBVC: "brain volume (PBVC)"}
    return Table(
        f"Yearly change of {names[measure]}, % a year",
        (*_HEADER, "Not assessable"),
        tuple((str(year), *found.row(), found.without()) for year, found in by_year.items()),
    )


def _by_method(study: Study, measure: Volume) -> list[Part]:
    """One table a method, where there is more than one."""
    volumes, name = volumes_of(study, measure), f"volume-yearly.{measure.lower()}"
    held = np.unique(volumes.method[:, : study.years])
    codes = [int(code) for code in held if code >= 0]
    if len(codes) < 2:
        return []
    return [
        Part(
            Table(
                f"Yearly change by the method {study.columns.methods[code]}, % a year",
                _HEADER,
                tuple(
                    (
                        str(year),
                        *median_in_year(
                            study, volumes.yearly, year, outcome=name,
                            group=volumes.method[:, year - 1] == code,
                        ).row(),
                    )
                    for year in years_of(study)
                ),
            )
        )
        for code in codes
    ]  # fmt: skip


def _pbvc(study: Study) -> list[Part]:
    """Percentage brain volume change on its own, where the record holds it."""
    by_year = _yearly(study, Volume.PBVC)
    if not any(found.median.count for found in by_year.values()):
        return []
    return [Part(_table(by_year, Volume.PBVC)), *_by_method(study, Volume.PBVC)]


def _reasons(study: Study) -> Table:
    missing = volumes_of(study, Volume.BPF).missing[:, : study.years]
    held = {MISSING[code]: code for code in np.unique(missing) if code != NO_YEAR and MISSING[code]}
    return Table(
        "Years that could not be assessed, by what was missing",
        ("Missing", *(f"Year {year}" for year in years_of(study))),
        tuple(
            (reason, *(_lacking(study, missing, code, year) for year in years_of(study)))
            for reason, code in sorted(held.items())
        )
        or (("Nothing", *("0" for _ in years_of(study))),),
    )


def _lacking(study: Study, missing: np.ndarray, code: int, year: int) -> Cell:
    asked, lacks = missing[:, year - 1] != NO_YEAR, missing[:, year - 1] == code
    return count_cell(
        int(np.count_nonzero(lacks)),
        study.behind("volume-yearly.bpf", asked, lacks, year=year),
    )
