"""Who loses brain volume faster than healthy people: faster, slower, cannot tell."""

from collections import Counter
from collections.abc import Sequence

from afterdose.outcomes.ageing import CUT_OFFS, SLOPE, AgeingCutOff, Loss
from afterdose.outcomes.brain_volume import Volume
from afterdose.outcomes.person import PersonOutcomes
from afterdose.stats import compute_median, exact_proportion
from afterdose.study import plots
from afterdose.study.model import Part, Plot, Section, Table
from afterdose.study.numbers import median_number, share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.words import (
    count,
    interval,
    people,
    signed,
)

_SHOWN = (Loss.FASTER, Loss.SLOWER, Loss.CANNOT_TELL)


def build(study: Study) -> Section:
    """Each person's own slope beside named cut-offs."""
    study.record.require("treatments", "mri", question="brain volume beside healthy ageing")
    held = held_measures(study)
    found = slopes_of(study.outcomes, held[0])
    median = compute_median(found)
    cut_off = CUT_OFFS[-2]
    beside = _beside(study, held[0], cut_off)
    return Section(
        id="ageing",
        title="Brain volume beside healthy ageing",
        headline=(
            f"Of {people(len(found))} with a line of their own from "
            f"{_start_in_words(study)} on, {count(beside[Loss.FASTER])} lost {held[0]} faster than "
            f"{signed(cut_off.pct_per_year, 2)} % a year, {count(beside[Loss.SLOWER])} slower, and "
            f"in {count(beside[Loss.CANNOT_TELL])} their own scans cannot tell."
        ),
        estimates=(
            median_number(f"Median of people's own slopes, {held[0]}", median),
            *(
                share_number(
                    f"{loss.capitalize()} than {one.id}, {held[0]}"
                    if loss is not Loss.CANNOT_TELL
                    else f"Cannot tell: {one.id}, {held[0]}",
                    exact_proportion(_beside(study, held[0], one)[loss], len(found)),
                )
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
            "Cannot tell is an answer: with a handful of scans the interval of one person is wide. "
            f"The median of the slopes is {signed(median.value, 2)} % a year (95 % interval "
            f"{interval(median.low, median.high, 2)}).",
        ),
        definitions=(SLOPE, study.volume_start, *CUT_OFFS),
    )


def held_measures(study: Study) -> list[Volume]:
    """The measures by which anybody has a line of their own; BPF where nobody has."""
    return [m for m in Volume if slopes_of(study.outcomes, m)] or [Volume.BPF]


def slopes_of(group: Sequence[PersonOutcomes], measure: Volume) -> list[float]:
    """People's own slopes, % a year, of those who have one."""
    found = (person.extension.volume[measure].slope.pct_per_year for person in group)
    return [slope for slope in found if slope is not None]


def _start_in_words(study: Study) -> str:
    months = study.volume_start.months
    return f"month {months}" if months else "the scan before treatment"


def _beside(study: Study, measure: Volume, cut_off: AgeingCutOff) -> Counter[Loss]:
    return Counter(p.extension.volume[measure].slope.beside(cut_off) for p in study.outcomes)


_FILLS = {
    Loss.FASTER: ("#f4d9c4", plots.ORANGE, "//"),
    Loss.CANNOT_TELL: ("#e7ecf0", plots.GREY, ""),
    Loss.SLOWER: (plots.PALE, plots.BLUE, ""),
}


def _plot(study: Study, measure: Volume) -> Plot:
    names = [f"{signed(cut_off.pct_per_year, 2)} %" for cut_off in CUT_OFFS][::-1]
    found = [_beside(study, measure, cut_off) for cut_off in CUT_OFFS][::-1]

    def draw(axes: plots.Axes) -> None:
        left = [0.0] * len(names)
        for loss, (fill, edge, hatch) in _FILLS.items():
            widths = [100 * one[loss] / max(1, sum(one[each] for each in _SHOWN)) for one in found]
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
    rows = []
    for cut_off in CUT_OFFS:
        found = _beside(study, measure, cut_off)
        total = sum(found[loss] for loss in _SHOWN)
        rows.append(
            (
                f"{cut_off.title}, {signed(cut_off.pct_per_year, 2)} %",
                count(total),
                *(share_cell(exact_proportion(found[loss], total)) for loss in _SHOWN),
                count(found[Loss.NOT_ASSESSABLE]),
            )
        )
    return Table(
        f"Each person's own yearly change of {measure} beside cut-offs measured by SIENA PBVC: "
        "people (%; 95 % interval)",
        ("Cut-off, a year", "With a line", "Faster loss", "Slower loss", "Cannot tell",
         "Not assessable"),
        tuple(rows),
    )  # fmt: skip
