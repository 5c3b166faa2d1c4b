"""Free of relapses since the first course and in each year; the relapse rate by epoch."""

from dataclasses import dataclass
from math import isnan

import numpy as np

from afterdose.engines.extension import ENDINGS
from afterdose.outcomes.definitions import PATIENT_YEARS, RELAPSE_RATE
from afterdose.outcomes.first_events import Ending
from afterdose.outcomes.relapse_free import BEFORE_MONTHS, RELAPSE_EPOCHS, RELAPSE_FREE
from afterdose.outcomes.strata import BASELINE_DISABILITY
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import Rate, Survival, kaplan_meier, poisson_rate
from afterdose.study import plots
from afterdose.study.model import Behind, Estimate, Part, Plot, Section, Table
from afterdose.study.numbers import cells, count_cell, rate_number, share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.relapse_free_bands import by_band
from afterdose.study.sections.through_time import began, curve_table, last_day_of_year
from afterdose.study.words import (
    count,
    interval,
    people,
    percent,
    signed,
)
from afterdose.study.yearly import answers_in_year


def build(study: Study) -> Section:
    """The share without any relapse."""
    study.record.require("treatments", "relapses", "follow_up", question="freedom from relapses")
    curve = relapse_free_curve(study)
    assessed = began(curve)
    shown = study.headline_year()
    by_year = {
        year: answers_in_year(study, study.columns.relapses.free, year, outcome="relapse-free")
        for year in range(1, study.years + 1)
    }
    epochs = _epochs(study)
    bands, tests, words = _by_band(study, shown)
    return Section(
        id="relapse-free",
        title="Free of relapses",
        headline=_headline(curve, shown),
        estimates=(
            *(
                share_number(f"Relapse-free in year {year}", found.share, found.behind)
                for year, found in by_year.items()
            ),
            *(rate_number(f"Relapse rate, {one.name}", one.rate, one.behind) for one in epochs),
            *tests,
        ),
        parts=(
            Part(
                curve_table(
                    f"Free of relapses since the first course, of {people(assessed)} "
                    f"({count(study.treated - assessed)} cannot be assessed)",
                    "Free of relapses",
                    curve,
                    years=study.years,
                    behind=lambda year: study.behind(
                        "first-relapse",
                        _is_assessed(study),
                        ~(_is_relapse(study) & (_days(study) <= last_day_of_year(year))),
                        year=year,
                    ),
                ),
                _plot(curve, study.years),
                published_for("relapse-free"),
            ),
            Part(
                Table(
                    "Free of relapses in each year",
                    ("Year", "Assessed", "Free (%; 95 % interval)", "Not assessable"),
                    tuple(
                        (
                            str(year),
                            count_cell(found.share.denominator, found.behind_known),
                            share_cell(found.share, found.behind),
                            count_cell(found.unknown, found.behind_unknown),
                        )
                        for year, found in by_year.items()
                    ),
                ),
                published=published_for("relapse-free-in-year"),
            ),
            Part(_epochs_table(epochs), published=published_for("relapse-epoch")),
            *bands,
        ),
        notes=(
            "The curve is Kaplan-Meier and treats those who died, or left, as if they would have "
            "fared like the others.",
            "Relapses before treatment are recalled, not counted, unless the record held the "
            "person under observation then.",
            *words,
        ),
        definitions=(
            RELAPSE_FREE,
            RELAPSE_EPOCHS,
            RELAPSE_RATE,
            PATIENT_YEARS,
            *((BASELINE_DISABILITY,) if bands else ()),
        ),
    )


def _headline(curve: Survival, year: int) -> str:
    value, low, high = curve.at(last_day_of_year(year))
    assessed = people(began(curve))
    if isnan(value):
        return (
            f"Not assessable: of {assessed} under observation from the first course on, nobody "
            f"was followed to the end of year {year} without a relapse."
        )
    return (
        f"{percent(value)} of {assessed} were still free of relapses at the end of year {year} "
        f"(95 % interval {interval(low, high, scale=100)})."
    )


def _by_band(
    study: Study, year: int
) -> tuple[tuple[Part, ...], tuple[Estimate, ...], tuple[str, ...]]:
    """Nothing where the record holds no EDSS at all."""
    if "assessments" not in study.record.frames:
        return (), (), ()
    part, tests, words = by_band(
        study, _is_assessed(study), _days(study), _is_relapse(study), year=year
    )
    return (part,), tests, (words,)


def relapse_free_curve(study: Study) -> Survival:
    """Time in days from the first course to the first relapse."""
    assessed = _is_assessed(study)
    return kaplan_meier(_days(study)[assessed], _is_relapse(study)[assessed])


def _is_assessed(study: Study) -> np.ndarray:
    return study.columns.relapses.first_ending >= 0


def _is_relapse(study: Study) -> np.ndarray:
    return study.columns.relapses.first_ending == ENDINGS.index(Ending.EVENT)


def _days(study: Study) -> np.ndarray:
    """From the first course, whose day is day 0."""
    return np.maximum(study.columns.relapses.first_days, 1) - 1


@dataclass(frozen=True, slots=True)
class _Epoch:
    """A stretch of time with the relapses in it."""

    name: str
    people: int
    rate: Rate
    behind: Behind

    @classmethod
    def of(
        cls,
        study: Study,
        name: str,
        outcome: str,
        relapses: np.ndarray,
        days: np.ndarray,
        years: slice | None = None,
    ) -> "_Epoch":
        """From each one's relapses and days; nobody without a day is asked."""
        asked = days > 0
        return cls(
            name,
            int(asked.sum()),
            poisson_rate(int(relapses[asked].sum()), int(days[asked].sum()) / DAYS_PER_YEAR),
            study.behind(
                outcome, asked, relapses > 0, years=None if years is None else study.seen_in(years)
            ),
        )


def _epochs(study: Study) -> list[_Epoch]:
    relapses, followed = study.columns.relapses, study.columns.followed
    counted = np.where(followed.days > 0, relapses.counted, 0)
    watched = np.where(relapses.before >= 0, relapses.before_days, 0)
    return [
        _Epoch.of(
            study, f"the {BEFORE_MONTHS} months before treatment", "relapses-before",
            relapses.before, watched,
        ),
        *(
            _Epoch.of(
                study, name, "relapses",
                counted[:, years].sum(axis=1), followed.days[:, years].sum(axis=1), years,
            )
            for name, years in _EPOCHS.items()
        ),
    ]  # fmt: skip


_EPOCHS = {"years 1 and 2": slice(0, 2), "from year 3 on": slice(2, None)}


def _epochs_table(epochs: list[_Epoch]) -> Table:
    rows = []
    for one in epochs:
        rate = one.rate
        rows.append(
            (
                one.name[0].upper() + one.name[1:],
                count_cell(one.people, one.behind.whole()),
                *cells(
                    rate_number("", rate, one.behind), count(rate.events),
                    f"{rate.patient_years:.1f}",
                    signed(rate.value, 2) if one.people else "nobody to count",
                    interval(rate.low, rate.high, 2),
                ),
            )
        )  # fmt: skip
    return Table(
        "Relapse rate by epoch",
        ("Epoch", "People", "Relapses", "Patient-years", "Rate a year", "95 % interval"),
        tuple(rows),
    )


def _plot(curve: Survival, years: int) -> Plot:
    published = published_for("relapse-free")

    def draw(axes: plots.Axes) -> None:
        plots.draw_curve(axes, curve, "This record, 95 % band")
        plots.draw_published(axes, [one for one in published if (one.year or 0) <= years])
        plots.finish_curves(axes, y="Free of relapses, %", years=years)

    return Plot(
        "plot-relapse-free",
        "Free of relapses since the first course",
        "A falling step curve from the first course with its 95 % band; open marks for published "
        "figures. The numbers are in the table below.",
        draw,
    )
