"""Who loses brain volume faster than healthy people: faster, slower, cannot tell."""

import numpy as np

from afterdose.outcomes.ageing import CUT_OFFS, SLOPE, AgeingCutOff, Loss
from afterdose.outcomes.brain_volume import Volume
from afterdose.stats import Proportion, exact_proportion
from afterdose.study import plots
from afterdose.study.medians import PeopleMedian
from afterdose.study.model import Behind, Part, Plot, Section, Table
from afterdose.study.numbers import share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.brain_volume import volumes_of
from afterdose.study.words import count, interval, or_nobody, people, signed

_SHOWN = (Loss.FASTER, Loss.SLOWER, Loss.CANNOT_TELL)


def build(study: Study) -> Section:
    """Each person's own slope beside named cut-offs."""
    study.record.require("treatments", "mri", question="brain volume beside healthy ageing")
    held = held_measures(study)
    slopes = median_slope(study, held[0])
    median = slopes.median
    cut_off = CUT_OFFS[-2]
    beside = {one: _beside(study, held[0], one) for one in CUT_OFFS}
    lost = {loss: share.numerator for loss, (share, _) in beside[cut_off].items()}
    return Section(
        id="ageing",
        title="Brain volume beside healthy ageing",
        headline=or_nobody(
            median.count,
            f"Of {people(median.count)} with a line of their own from "
            f"{_start_in_words(study)} on, {count(lost[Loss.FASTER])} lost {held[0]} faster than "
            f"{signed(cut_off.pct_per_year, 2)} % a year, {count(lost[Loss.SLOWER])} slower, and "
            f"in {count(lost[Loss.CANNOT_TELL])} their own scans cannot tell.",
            nobody=f"none of {people(study.treated)} has a line of their own from "
            f"{_start_in_words(study)} on",
        ),
        estimates=(
            slopes.number(f"Median of people's own slopes, {held[0]}"),
            *(
                share_number(_label(held[0], one, loss), *beside[one][loss])
                for one in CUT_OFFS
                for loss in _SHOWN
            ),
        ),
        parts=tuple(
            Part(
                _table(study, measure),
                _plot(study, measure),
                published=published_for("ageing-mean", "ageing-p95") if place == 0 else (),
            )
            for place, measure in enumerate(held)
        ),
        notes=(
            "The cut-offs were measured by SIENA (PBVC). Beside BPF, which the trials used, they "
            "show an order of magnitude: faster or slower than a cut-off of another measure says "
            "nothing about normal ageing.",
            "Healthy loss grows with age, from the 45 to the 65 of the cut-offs; nobody here is "
            "compared with people of their own age.",
            "Cannot tell is an answer: with a handful of scans the interval of one person is wide."
            + (
                f" The median of the slopes is {signed(median.value, 2)} % a year (95 % interval "
                f"{interval(median.low, median.high, 2)})."
                if median.count
                else ""
            ),
        ),
        definitions=(SLOPE, study.volume_start, *CUT_OFFS),
    )


def held_measures(study: Study) -> list[Volume]:
    """The measures by which anybody has a line of their own; BPF where nobody has."""
    return [measure for measure in Volume if has_line(study, measure).any()] or [Volume.BPF]


def has_line(study: Study, measure: Volume) -> np.ndarray:
    """Who has a line of their own."""
    return ~np.isnan(volumes_of(study, measure).slope)


def median_slope(study: Study, measure: Volume, group: np.ndarray | None = None) -> PeopleMedian:
    """The median of people's own slopes, % a year, of everybody or of a part."""
    return PeopleMedian.of(
        study,
        volumes_of(study, measure).slope,
        study.everybody() if group is None else group,
        outcome=slope_name(measure),
    )


def slope_name(measure: Volume) -> str:
    """What is asked of each person, for tracing."""
    return f"volume-slope.{measure.lower()}"


def _start_in_words(study: Study) -> str:
    months = study.volume_start.months
    return f"month {months}" if months else "the scan before treatment"


def _beside(
    study: Study, measure: Volume, cut_off: AgeingCutOff
) -> dict[Loss, tuple[Proportion, Behind]]:
    """Of those with a line of their own, as `VolumeSlope.beside` says of one."""
    volumes, asked = volumes_of(study, measure), has_line(study, measure)
    faster, slower = volumes.high < cut_off.pct_per_year, volumes.low > cut_off.pct_per_year
    found = {Loss.FASTER: faster, Loss.SLOWER: slower, Loss.CANNOT_TELL: asked & ~faster & ~slower}
    return {
        loss: (
            exact_proportion(int(counted.sum()), int(asked.sum())),
            study.behind(slope_name(measure), asked, counted),
        )
        for loss, counted in found.items()
    }


def _label(measure: Volume, cut_off: AgeingCutOff, loss: Loss) -> str:
    if loss is Loss.CANNOT_TELL:
        return f"Cannot tell: {cut_off.id}, {measure}"
    return f"{loss.capitalize()} than {cut_off.id}, {measure}"


_FILLS = {
    Loss.FASTER: ("#f4d9c4", plots.ORANGE, "//"),
    Loss.CANNOT_TELL: ("#e7ecf0", plots.GREY, ""),
    Loss.SLOWER: (plots.PALE, plots.BLUE, ""),
}


def _plot(study: Study, measure: Volume) -> Plot:
    names = [f"{signed(cut_off.pct_per_year, 2)} %" for cut_off in CUT_OFFS][::-1]
    found = [_beside(study, measure, cut_off) for cut_off in CUT_OFFS][::-1]
    parts = {
        loss: [100 * share.numerator / max(1, share.denominator) for share, _ in
               (one[loss] for one in found)]
        for loss in _SHOWN
    }  # fmt: skip

    def draw(axes: plots.Axes) -> None:
        left = [0.0] * len(names)
        for loss, (fill, edge, hatch) in _FILLS.items():
            widths = parts[loss]
            bars = axes.barh(
                names, widths, left=left, color=fill, edgecolor=edge, hatch=hatch, height=0.65,
                label=loss.capitalize(),
            )  # fmt: skip
            labels = [f"{width:.0f}" if width >= 8 else "" for width in widths]
            box = {"facecolor": fill, "edgecolor": "none", "pad": 1.5}
            axes.bar_label(bars, labels, label_type="center", bbox=box)
            left = [start + width for start, width in zip(left, widths, strict=True)]
        axes.set_xlim(0, 100)
        axes.grid(visible=False)
        plots.finish(
            axes, x="% of people with a line of their own", y="Cut-off, a year", legend_columns=3
        )

    return Plot(
        f"plot-ageing-{measure.lower()}",
        f"People's own yearly change of {measure} beside cut-offs measured by SIENA PBVC",
        "One horizontal bar a cut-off, split from the left into faster, cannot tell and slower, "
        "each labelled with its percentage. The numbers are in the table below.",
        draw,
    )


def _table(study: Study, measure: Volume) -> Table:
    slopes = median_slope(study, measure)
    rows = []
    for cut_off in CUT_OFFS:
        beside = _beside(study, measure, cut_off)
        rows.append(
            (
                f"{cut_off.title}, {signed(cut_off.pct_per_year, 2)} %",
                slopes.people(),
                *(share_cell(*beside[loss]) for loss in _SHOWN),
                slopes.without(),
            )
        )
    return Table(
        f"Each person's own yearly change of {measure} beside cut-offs measured by SIENA PBVC: "
        "people (%; 95 % interval)",
        ("Cut-off, a year", "With a line", "Faster loss", "Slower loss", "Cannot tell",
         "Not assessable"),
        tuple(rows),
    )  # fmt: skip
