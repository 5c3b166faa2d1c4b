"""Does later-stage disease lose less brain too? Brain volume by stage, disability and phenotype."""

from collections.abc import Callable
from enum import StrEnum

from afterdose.outcomes.ageing import SLOPE
from afterdose.outcomes.brain_volume import Volume
from afterdose.outcomes.person import PersonOutcomes
from afterdose.outcomes.strata import (
    BASELINE_DISABILITY,
    LATER_STAGE,
    PHENOTYPE,
    EdssBand,
    Phenotype,
    Stage,
)
from afterdose.stats import Median, compute_median
from afterdose.study import plots
from afterdose.study.model import Part, Plot, Section, Table
from afterdose.study.numbers import median_number
from afterdose.study.people import Study
from afterdose.study.sections.ageing import slopes_of
from afterdose.study.sections.brain_volume import changes_of
from afterdose.study.words import count, interval, people, signed

_STRATA: tuple[tuple[str, type[StrEnum], Callable[[PersonOutcomes], StrEnum]], ...] = (
    ("Stage", Stage, lambda person: person.extension.stage),
    ("EDSS before treatment", EdssBand, lambda person: person.extension.band),
    ("Phenotype", Phenotype, lambda person: person.extension.phenotype),
)


def build(study: Study) -> Section:
    """The median of people's own slopes of brain volume, stratum by stratum."""
    study.record.require(
        "people", "treatments", "assessments", "mri", question="brain volume by stage"
    )
    measure = _measure(study)
    groups = [
        (title, value, [person for person in study.outcomes if get(person) is value])
        for title, values, get in _STRATA
        for value in values
    ]
    groups = [one for one in groups if one[2] or one[0] == "Stage"]
    medians = [compute_median(slopes_of(group, measure)) for _, _, group in groups]
    return Section(
        id="later",
        title="Does later-stage disease lose less brain too?",
        headline=_headline(study, measure),
        estimates=tuple(
            median_number(f"Median of own slopes, {measure}, {title}: {value}", median)
            for (title, value, _), median in zip(groups, medians, strict=True)
        ),
        parts=(
            Part(
                _table(groups, medians, measure),
                _plot(groups, medians, measure),
            ),
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
    return max(Volume, key=lambda measure: len(slopes_of(study.outcomes, measure)))


def _headline(study: Study, measure: Volume) -> str:
    medians = {}
    for stage in Stage:
        group = [person for person in study.outcomes if person.extension.stage is stage]
        medians[stage] = compute_median(slopes_of(group, measure)), len(group)
    later, number = medians[Stage.LATER]
    earlier, _ = medians[Stage.EARLIER]
    unknown = medians[Stage.UNKNOWN][1]
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


_Groups = list[tuple[str, StrEnum, list[PersonOutcomes]]]


def _table(groups: _Groups, medians: list[Median], measure: Volume) -> Table:
    return Table(
        f"People's own yearly change of {measure}, % a year, by what they were before treatment",
        ("Stratum", "People", "With a line", "Median", "95 % interval", "Middle half",
         "Not assessable"),
        tuple(
            (
                f"{title}: {value}", count(len(group)), count(median.count),
                signed(median.value, 2), interval(median.low, median.high, 2),
                interval(median.lower_quartile, median.upper_quartile, 2),
                count(len(group) - median.count),
            )
            for (title, value, group), median in zip(groups, medians, strict=True)
        ),
    )  # fmt: skip


def _plot(groups: _Groups, medians: list[Median], measure: Volume) -> Plot:
    shown = [
        (f"{value} ({median.count})", median)
        for (_, value, _), median in zip(groups, medians, strict=True)
        if median.count
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
    rows = []
    for year in range(1, study.years + 1):
        cells = []
        for stage in Stage:
            found = [
                person.extension.volume[measure].yearly[year - 1]
                for person in study.outcomes
                if person.extension.stage is stage
                and len(person.extension.volume[measure].yearly) >= year
            ]
            median = compute_median(changes_of(found))
            cells.append(
                f"{signed(median.value, 2)} ({interval(median.low, median.high, 2)}) "
                f"of {count(median.count)}"
            )
        rows.append((str(year), *cells))
    return Table(
        f"Median yearly change of {measure} in each year, % a year (95 % interval), of how many "
        "people",
        ("Year", *(stage.capitalize() for stage in Stage)),
        tuple(rows),
    )
