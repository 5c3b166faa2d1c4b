"""Statement (c): the relapse rate by year."""

from afterdose.outcomes.definitions import PATIENT_YEARS, RELAPSE_RATE, STUDY_YEAR
from afterdose.outcomes.relapses import RelapsesInYear
from afterdose.stats import Rate, poisson_rate
from afterdose.study import plots
from afterdose.study.model import Part, Section, Table
from afterdose.study.people import Study, rows_behind
from afterdose.study.published import published_for
from afterdose.study.sections.through_time import points_plot
from afterdose.study.words import count, interval, rate_estimate, signed

_HEADLINE_YEAR = 3


def build(study: Study) -> Section:
    """Relapses per patient-year in every year after the first course."""
    study.record.require("treatments", "relapses", "follow_up", question="relapses")
    by_year = [
        [row for person in study.outcomes for row in person.relapses if row.year == year]
        for year in range(1, study.years + 1)
    ]
    rates = [
        poisson_rate(sum(row.relapses for row in rows), sum(row.patient_years for row in rows))
        for rows in by_year
    ]
    shown = min(_HEADLINE_YEAR, study.years)
    chosen = rates[shown - 1] if rates else poisson_rate(0, 0.0)
    not_stated = sum(row.not_stated for rows in by_year for row in rows)
    counted = sum(row.relapses for rows in by_year for row in rows)
    figures = published_for("relapse-rate")
    beside = " and ".join(
        f"{figure.value:.2f} ({figure.study})" for figure in figures if figure.year == shown
    )
    plot = points_plot(
        "plot-c",
        "Relapses per patient-year by year",
        plots.Points.of(range(1, study.years + 1), rates),
        y="Relapses per patient-year",
        published=figures,
    )
    return Section(
        id="c",
        title="(c) Relapse rate by year",
        headline=(
            f"In year {shown} there were {count(chosen.events)} relapses in "
            f"{count(round(chosen.patient_years))} patient-years, {signed(chosen.value, 2)} a year "
            f"(95 % interval {interval(chosen.low, chosen.high, 2)})."
        ),
        summary=(
            f"Relapse rate, year {shown}: {chosen.events} in {chosen.patient_years:.0f} "
            f"patient-years, {signed(chosen.value, 2)} a year "
            f"({interval(chosen.low, chosen.high, 2)}); published {beside or 'no figure found'}"
        ),
        estimates=tuple(
            rate_estimate(f"Relapse rate, year {year}", rate) for year, rate in enumerate(rates, 1)
        ),
        parts=(Part(_table(rates, by_year), plot, figures),),
        notes=(
            f"{count(not_stated)} of {count(counted)} relapses counted are neither confirmed nor "
            "refuted in the record; they count.",
            "Several relapses of one person are not independent, so the true intervals are "
            "somewhat wider than the exact Poisson ones shown.",
        ),
        definitions=(RELAPSE_RATE, STUDY_YEAR, PATIENT_YEARS),
        rows_behind=rows_behind(row.because for rows in by_year for row in rows),
    )


def _table(rates: list[Rate], by_year: list[list[RelapsesInYear]]) -> Table:
    return Table(
        "Relapses by year after the first course",
        ("Year", "People", "Relapses", "Patient-years", "Rate a year", "95 % interval"),
        tuple(
            (
                str(year), count(len(rows)), count(rate.events), f"{rate.patient_years:.1f}",
                signed(rate.value, 2), interval(rate.low, rate.high, 2),
            )
            for year, (rate, rows) in enumerate(zip(rates, by_year, strict=True), 1)
        ),
    )  # fmt: skip
