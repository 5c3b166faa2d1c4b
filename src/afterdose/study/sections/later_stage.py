"""Does later-stage disease lose less brain too? Brain volume by stage, disability and phenotype."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from afterdose.engines.extension import BANDS, PHENOTYPES, STAGES
from afterdose.outcomes.ageing import SLOPE
from afterdose.outcomes.brain_volume import Volume
from afterdose.outcomes.strata import BASELINE_DISABILITY, LATER_STAGE, PHENOTYPE, Stage
from afterdose.stats import Median
from afterdose.study import plots
from afterdose.study.medians import PeopleMedian, median_in_year
from afterdose.study.model import Cell, Part, Plot, Section, Table
from afterdose.study.numbers import count_cell
from afterdose.study.people import Study
from afterdose.study.sections.ageing import has_line, median_slope, slope_name
from afterdose.study.sections.brain_volume import volumes_of, years_of
from afterdose.study.words import count, interval, people, signed


@dataclass(frozen=True, slots=True)
class _Group:
    """A stratum, who is in it, and their median slope."""

    title: str
    value: StrEnum
    everybody: np.ndarray
    slope: PeopleMedian

    @property
    def name(self) -> str:
        return f"{self.title}: {self.value}"


def build(study: Study) -> Section:
    """The median of people's own slopes of brain volume, stratum by stratum."""
    study.record.require(
        "people", "treatments", "assessments", "mri", question="brain volume by stage"
    )
    measure = _measure(study)
    groups = _groups(study, measure)
    return Section(
        id="later",
        title="Does later-stage disease lose less brain too?",
        headline=_headline(groups, measure),
        estimates=tuple(
            group.slope.number(f"Median of own slopes, {measure}, {group.name}") for group in groups
        ),
        parts=(
            Part(_table(study, groups, measure), _plot(groups, measure)),
            Part(_by_year(study, measure)),
        ),
        no_published="No published figure of brain volume by stage was found for this drug.",
        notes=(
            "People were not assigned to a stage: they differ in age, in time since onset and in "
            "what was lost already. No test of difference was made.",
            "A smaller loss where the disease is later can mean less to lose.",
            "Every person stands in one stratum of each kind, so the people of a kind add up to "
            "everybody treated.",
        ),
        definitions=(LATER_STAGE, BASELINE_DISABILITY, PHENOTYPE, SLOPE, study.volume_start),
    )


def _measure(study: Study) -> Volume:
    """The measure that more people have a slope by; BPF where it is even."""
    return max(Volume, key=lambda measure: np.count_nonzero(has_line(study, measure)))


def _groups(study: Study, measure: Volume) -> list[_Group]:
    """Every stratum that anybody is in, and every stage."""
    strata = study.columns.strata
    kinds: tuple[tuple[str, np.ndarray, tuple[StrEnum, ...]], ...] = (
        ("Stage", strata.stage, STAGES),
        ("EDSS before treatment", strata.band, BANDS),
        ("Phenotype", strata.phenotype, PHENOTYPES),
    )
    return [
        _Group(title, value, codes == code, median_slope(study, measure, codes == code))
        for title, codes, values in kinds
        for code, value in enumerate(values)
        if title == "Stage" or (codes == code).any()
    ]


def _headline(groups: list[_Group], measure: Volume) -> str:
    stages = {group.value: group for group in groups if isinstance(group.value, Stage)}
    later, earlier = stages[Stage.LATER].slope.median, stages[Stage.EARLIER].slope.median
    number, unknown = (
        int(np.count_nonzero(stages[stage].everybody)) for stage in (Stage.LATER, Stage.UNKNOWN)
    )
    if not later.count or not earlier.count:
        return (
            f"Cannot be answered from this record: {people(later.count)} at a later stage and "
            f"{people(earlier.count)} at an earlier one have a line of their own through enough "
            f"scans ({people(number)} at a later stage in all; the stage of {people(unknown)} is "
            "not known)."
        )
    return (
        f"The median yearly change of {measure} was {_in_words(later)} at a later stage and "
        f"{_in_words(earlier)} at an earlier one; the stage of {people(unknown)} is not known."
    )


def _in_words(median: Median) -> str:
    return (
        f"{signed(median.value, 2)} % (95 % interval {interval(median.low, median.high, 2)}; "
        f"{people(median.count)})"
    )


def _table(study: Study, groups: list[_Group], measure: Volume) -> Table:
    return Table(
        f"People's own yearly change of {measure}, % a year, by what they were before treatment",
        ("Stratum", "People", "With a line", "Median", "95 % interval", "Middle half",
         "Not assessable"),
        tuple(
            (
                group.name,
                count_cell(
                    int(np.count_nonzero(group.everybody)),
                    study.behind(slope_name(measure), group.everybody),
                ),
                *group.slope.row(),
                group.slope.without(),
            )
            for group in groups
        ),
    )  # fmt: skip


def _plot(groups: list[_Group], measure: Volume) -> Plot:
    shown = [
        (f"{group.value} ({group.slope.median.count})", group.slope.median)
        for group in groups
        if group.slope.median.count
    ][::-1]

    def draw(axes: plots.Axes) -> None:
        plots.draw_rows(axes, [name for name, _ in shown], [median for _, median in shown])
        axes.axvline(0, color=plots.INK, linewidth=0.8)
        plots.finish(axes, x=f"Median yearly change of {measure}, %", y="")

    return Plot(
        "plot-later",
        f"Median yearly change of {measure} by stage, disability and phenotype",
        "One row a stratum with its number of people: a point with its 95 % interval, further to "
        "the left is more loss. The numbers are in the table below.",
        draw,
    )


def _by_year(study: Study, measure: Volume) -> Table:
    return Table(
        f"Median yearly change of {measure} in each year, % a year (95 % interval), of how many "
        "people",
        ("Year", *(stage.capitalize() for stage in STAGES)),
        tuple(
            (str(year), *(_in_stage(study, measure, year, code) for code, _ in enumerate(STAGES)))
            for year in years_of(study)
        ),
    )


def _in_stage(study: Study, measure: Volume, year: int, code: int) -> Cell:
    found = median_in_year(
        study,
        volumes_of(study, measure).yearly,
        year,
        outcome=f"volume-yearly.{measure.lower()}",
        group=study.columns.strata.stage == code,
    )
    median = found.median
    text = (
        f"{signed(median.value, 2)} ({interval(median.low, median.high, 2)}) "
        f"of {count(median.count)}"
    )
    return Cell(text if median.count else "nobody", found.number())
