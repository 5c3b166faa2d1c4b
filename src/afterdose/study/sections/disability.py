"""Statement (d): EDSS better, same or worse than baseline, and changes a later visit confirms."""

from dataclasses import dataclass

import numpy as np

from afterdose.engines.extension import AGAINST, MET, NEVER, NOT_ASSESSABLE, Change
from afterdose.outcomes.definitions import EDSS_AT_YEAR, STUDY_YEAR
from afterdose.outcomes.disability import (
    CARE_MS_CDI,
    CARE_MS_CDW,
    Against,
    DisabilityDefinition,
)
from afterdose.stats import CumulativeIncidence, Proportion, aalen_johansen, exact_proportion
from afterdose.study import plots
from afterdose.study.model import Behind, Part, Plot, Section, Table
from afterdose.study.numbers import count_cell, share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.through_time import (
    began,
    curve_plot,
    curve_table,
    last_day_of_year,
)
from afterdose.study.words import count, interval, or_nobody, people, percent

_SHOWN = (Against.BETTER, Against.SAME, Against.WORSE)
_FILLS = {
    Against.BETTER: (plots.GREEN, "white", "", "#ffffff"),
    Against.SAME: ("#e7ecf0", plots.GREY, "", plots.INK),
    Against.WORSE: ("#f4d9c4", plots.ORANGE, "//", plots.INK),
}


@dataclass(frozen=True, slots=True)
class EdssYear:
    """How many people's EDSS at one year's end stands where against baseline.

    Attributes
    ----------
    year : int
    found : dict of Against to int
    behind : dict of Against to Behind
        Asked: those with a score then and before treatment; for the not assessable, everybody who
        began the year.
    """

    year: int
    found: dict[Against, int]
    behind: dict[Against, Behind]

    @classmethod
    def of(cls, study: Study, codes: np.ndarray, year: int) -> "EdssYear":
        """From one code a person, of `AGAINST`; `NO_YEAR` is not counted."""
        own = {against: codes == code for code, against in enumerate(AGAINST)}
        unknown = own[Against.NOT_ASSESSABLE]
        known = (codes >= 0) & ~unknown
        return cls(
            year,
            {against: int(chosen.sum()) for against, chosen in own.items()},
            {
                against: study.behind(
                    "edss", codes >= 0 if chosen is unknown else known, chosen, year=year
                )
                for against, chosen in own.items()
            },
        )

    @property
    def total(self) -> int:
        """People with a score then and before treatment."""
        return sum(self.found[against] for against in _SHOWN)

    @property
    def nobody(self) -> str:
        """What to say where nobody has both scores."""
        unknown = self.found[Against.NOT_ASSESSABLE]
        return (
            f"of {people(unknown)} under observation when year {self.year} began, nobody has an "
            "EDSS both before treatment and at its end"
        )

    def share(self, *any_of: Against) -> Proportion:
        """Of those with both scores."""
        return exact_proportion(sum(self.found[against] for against in any_of), self.total)

    def cells(self) -> tuple[str, ...]:
        """A table's row."""
        return (
            str(self.year),
            count_cell(self.total, self.behind[Against.SAME].whole()),
            *(share_cell(self.share(against), self.behind[against]) for against in _SHOWN),
            count_cell(self.found[Against.NOT_ASSESSABLE], self.behind[Against.NOT_ASSESSABLE]),
        )


def build(study: Study) -> Section:
    """EDSS against baseline at each year's end."""
    study.record.require("treatments", "assessments", "follow_up", question="disability")
    against = study.columns.edss.against
    by_year = [EdssYear.of(study, against[:, year - 1], year) for year in range(1, study.years + 1)]
    shown = study.headline_year()
    chosen = by_year[shown - 1]
    found, total = chosen.found, chosen.total
    shares = {against: chosen.share(against) for against in _SHOWN}
    stable = chosen.share(Against.BETTER, Against.SAME)
    codes = against[:, shown - 1]
    not_worse = np.isin(codes, [AGAINST.index(Against.BETTER), AGAINST.index(Against.SAME)])
    is_stable = study.behind(
        "edss", not_worse | (codes == AGAINST.index(Against.WORSE)), not_worse, year=shown
    )
    figures = published_for("edss")
    beside = "; ".join(f"{f.value:g} % in year {f.year} ({f.study})" for f in figures)
    return Section(
        id="d",
        title="(d) EDSS better, same or worse than baseline",
        headline=or_nobody(
            total,
            f"At the end of year {shown}, of {people(total)} with a score then and before "
            "treatment, "
            + ", ".join(
                f"{count(share.numerator)} were {'the ' if one is Against.SAME else ''}"
                f"{one} ({percent(share.value)}, 95 % interval "
                f"{interval(share.low, share.high, scale=100)})"
                for one, share in shares.items()
            )
            + ".",
            nobody=chosen.nobody,
        ),
        summary=or_nobody(
            total,
            f"EDSS, end of year {shown}: better {found[Against.BETTER]}, same "
            f"{found[Against.SAME]}, worse {found[Against.WORSE]} of {total}; same or better "
            f"{percent(stable.value)} ({interval(stable.low, stable.high, scale=100)}); "
            f"published {beside}",
            nobody=chosen.nobody,
        ),
        estimates=(
            *(
                share_number(f"EDSS {one}, end of year {shown}", share, chosen.behind[one])
                for one, share in shares.items()
            ),
            share_number(f"EDSS same or better, end of year {shown}", stable, is_stable),
        ),
        parts=(
            Part(_table(by_year), _plot(by_year), figures),
            _confirmed_part(study, "cdw", CARE_MS_CDW),
            _confirmed_part(study, "cdi", CARE_MS_CDI),
        ),
        notes=(
            "A single visit decides better, same or worse; it may fall into a relapse. The "
            "confirmed changes below ask for six months.",
            "People without a score near a year's end are in no percentage of that year; the table "
            "shows how many. If they fared worse, the percentages flatter.",
        ),
        definitions=(EDSS_AT_YEAR, CARE_MS_CDW, CARE_MS_CDI, STUDY_YEAR),
    )


def _plot(by_year: list[EdssYear]) -> Plot:
    years = [one.year for one in by_year]

    def draw(axes: plots.Axes) -> None:
        bottom = [0.0] * len(years)
        for against in _SHOWN:
            fill, edge, hatch, ink = _FILLS[against]
            heights = [
                100 * one.found[against] / one.total if one.total else 0.0 for one in by_year
            ]
            bars = axes.bar(
                years, heights, bottom=bottom, color=fill, edgecolor=edge, hatch=hatch,
                label=against.capitalize(), width=0.75,
            )  # fmt: skip
            labels = [f"{height:.0f}" if height >= 8 else "" for height in heights]
            box = {"facecolor": fill, "edgecolor": "none", "pad": 1.5}
            axes.bar_label(bars, labels, label_type="center", color=ink, bbox=box)
            bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
        axes.set_ylim(0, 100)
        plots.finish(
            axes, x="End of year after the first course", y="% of people with a score",
            years=years, legend_columns=3,
        )  # fmt: skip

    return Plot(
        "plot-d",
        "EDSS against baseline at each year's end",
        "One bar a year, split into better, same and worse from below, each labelled with its "
        "percentage. The numbers are in the table below.",
        draw,
    )


def _table(by_year: list[EdssYear]) -> Table:
    return Table(
        "EDSS against baseline: people, percentage and 95 % interval",
        ("End of year", "With a score", "Better", "Same", "Worse", "Not assessable"),
        tuple(one.cells() for one in by_year),
    )


def confirmed_curve(study: Study, which: str) -> CumulativeIncidence:
    """Time in days from the first course to a confirmed change, death competing.

    Without a change, time ends at the last visit that could still have been confirmed.

    Parameters
    ----------
    study : Study
    which : str
        ``cdw`` or ``cdi``.
    """
    found: Change = getattr(study.columns, which)
    deaths = study.columns.deaths
    assessed = found.answer != NOT_ASSESSABLE
    met = found.onset != NEVER
    died = ~met & deaths.observed
    days = np.where(met, found.onset, np.where(died, deaths.days, found.censored))
    return aalen_johansen(days[assessed], (met + 2 * died)[assessed])


def _confirmed_part(study: Study, which: str, definition: DisabilityDefinition) -> Part:
    curve = confirmed_curve(study, which)
    assessed = began(curve)
    published = published_for(which)
    title = definition.title
    found: Change = getattr(study.columns, which)
    return Part(
        curve_table(
            f"{title}, of {people(assessed)} in whom it can be assessed "
            f"({count(study.treated - assessed)} cannot)",
            "Cumulative incidence",
            curve,
            years=study.years,
            behind=lambda year: study.behind(
                which, found.answer != NOT_ASSESSABLE,
                (found.answer == MET) & (found.onset <= last_day_of_year(year)), year=year,
            ),
        ),
        curve_plot(
            f"plot-{which}",
            f"{title}: cumulative incidence",
            curve,
            y="With the change, %",
            years=study.years,
            published=published,
        ),
        published,
    )  # fmt: skip
