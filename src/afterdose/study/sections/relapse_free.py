"""Free of relapses since the first course and in each year; the relapse rate by epoch."""

from afterdose.outcomes.definitions import PATIENT_YEARS, RELAPSE_RATE
from afterdose.outcomes.first_events import Ending
from afterdose.outcomes.relapse_free import BEFORE_MONTHS, RELAPSE_EPOCHS, RELAPSE_FREE
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import Rate, Survival, kaplan_meier, poisson_rate
from afterdose.study import plots
from afterdose.study.model import Part, Plot, Section, Table
from afterdose.study.numbers import rate_number, share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.through_time import curve_table, last_day_of_year
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
    assessed = int(curve.at_risk[0])
    shown = study.headline_year()
    value, low, high = curve.at(last_day_of_year(shown))
    by_year = {
        year: answers_in_year(study.outcomes, lambda p: p.extension.relapse_free, year)
        for year in range(1, study.years + 1)
    }
    epochs = _epochs(study)
    return Section(
        id="relapse-free",
        title="Free of relapses",
        headline=(
            f"{percent(value)} of {people(assessed)} were still free of relapses at the end of "
            f"year {shown} (95 % interval {interval(low, high, scale=100)})."
        ),
        estimates=(
            *(
                share_number(f"Relapse-free in year {year}", found.share)
                for year, found in by_year.items()
            ),
            *(rate_number(f"Relapse rate, {name}", rate) for name, _, rate in epochs),
        ),
        parts=(
            Part(
                curve_table(
                    f"Free of relapses since the first course, of {people(assessed)} "
                    f"({count(study.treated - assessed)} cannot be assessed)",
                    "Free of relapses",
                    curve,
                    years=study.years,
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
                            count(found.share.denominator),
                            share_cell(found.share),
                            count(found.unknown),
                        )
                        for year, found in by_year.items()
                    ),
                ),
                published=published_for("relapse-free-in-year"),
            ),
            Part(_epochs_table(epochs), published=published_for("relapse-epoch")),
        ),
        notes=(
            "The curve is Kaplan-Meier and treats those who died, or left, as if they would have "
            "fared like the others.",
            "Relapses before treatment are recalled, not counted, unless the record held the "
            "person under observation then.",
        ),
        definitions=(RELAPSE_FREE, RELAPSE_EPOCHS, RELAPSE_RATE, PATIENT_YEARS),
    )


def relapse_free_curve(study: Study) -> Survival:
    """Time in days from the first course to the first relapse."""
    found = [person.extension.first_relapse for person in study.outcomes]
    assessed = [one for one in found if one.days_at_risk is not None]
    return kaplan_meier(
        [float((one.days_at_risk or 1) - 1) for one in assessed],
        [one.ending is Ending.EVENT for one in assessed],
    )


def _epochs(study: Study) -> list[tuple[str, int, Rate]]:
    """Each epoch's name, people and rate."""
    before = [p.extension.before for p in study.outcomes if p.extension.before.relapses is not None]
    rows = [
        (
            f"the {BEFORE_MONTHS} months before treatment",
            len(before),
            poisson_rate(
                sum(one.relapses or 0 for one in before),
                sum(one.days for one in before) / DAYS_PER_YEAR,
            ),
        )
    ]
    for name, first, last in (("years 1 and 2", 1, 2), ("from year 3 on", 3, study.years + 99)):
        own = [[row for row in p.relapses if first <= row.year <= last] for p in study.outcomes]
        counted = [row for person in own for row in person]
        rate = poisson_rate(
            sum(row.relapses for row in counted), sum(row.patient_years for row in counted)
        )
        rows.append((name, sum(bool(person) for person in own), rate))
    return rows


def _epochs_table(epochs: list[tuple[str, int, Rate]]) -> Table:
    return Table(
        "Relapse rate by epoch",
        ("Epoch", "People", "Relapses", "Patient-years", "Rate a year", "95 % interval"),
        tuple(
            (
                name[0].upper() + name[1:], count(number), count(rate.events),
                f"{rate.patient_years:.1f}",
                signed(rate.value, 2) if number else "nobody to count",
                interval(rate.low, rate.high, 2),
            )
            for name, number, rate in epochs
        ),
    )  # fmt: skip


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
