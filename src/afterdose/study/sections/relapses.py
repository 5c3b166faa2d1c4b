"""Statement (c): the relapse rate by year."""

from afterdose.outcomes.definitions import (
    EARLIER_AUTOIMMUNITY,
    FEW_PEOPLE,
    PATIENT_YEARS,
    RELAPSE_MODELS,
    RELAPSE_RATE,
    STUDY_YEAR,
)
from afterdose.outcomes.strata import BASELINE_DISABILITY, PHENOTYPE
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import Rate, poisson_rate
from afterdose.study import plots
from afterdose.study.model import Behind, Part, Section, Table
from afterdose.study.numbers import cells, count_cell, rate_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.relapse_models import relapse_models
from afterdose.study.sections.through_time import points_plot
from afterdose.study.words import count, interval, or_nobody, signed

_HEADLINE_YEAR = 3


def build(study: Study) -> Section:
    """Relapses per patient-year in every year after the first course."""
    study.record.require("treatments", "relapses", "follow_up", question="relapses")
    years = range(1, study.years + 1)
    rates = [relapse_rate(study, year, year) for year in years]
    behind = [relapses_behind(study, year) for year in years]
    shown = min(_HEADLINE_YEAR, study.years)
    chosen = rates[shown - 1]
    counted = study.columns.relapses.counted.sum()
    not_stated = study.columns.relapses.not_stated.sum()
    models = relapse_models(study)
    figures = published_for("relapse-rate")
    beside = " and ".join(
        f"{figure.value:.2f} ({figure.study})" for figure in figures if figure.year == shown
    )
    plot = points_plot(
        "plot-c",
        "Relapses per patient-year by year",
        plots.Points.of(years, rates),
        y="Relapses per patient-year",
        published=figures,
    )
    return Section(
        id="c",
        title="(c) Relapse rate by year",
        headline=or_nobody(
            chosen.patient_years,
            f"In year {shown} there were {count(chosen.events)} relapses in "
            f"{count(round(chosen.patient_years))} patient-years, {signed(chosen.value, 2)} a year "
            f"(95 % interval {interval(chosen.low, chosen.high, 2)}).",
            nobody=_nobody(shown),
        ),
        summary=or_nobody(
            chosen.patient_years,
            f"Relapse rate, year {shown}: {chosen.events} in {chosen.patient_years:.0f} "
            f"patient-years, {signed(chosen.value, 2)} a year "
            f"({interval(chosen.low, chosen.high, 2)}); published {beside or 'no figure found'}",
            nobody=_nobody(shown),
        ),
        estimates=(
            *(
                rate_number(f"Relapse rate, year {year}", rate, rows)
                for year, rate, rows in zip(years, rates, behind, strict=True)
            ),
            *models.estimates,
        ),
        parts=(Part(_table(rates, behind), plot, figures), *models.parts),
        notes=(
            f"{count(not_stated)} of {count(counted)} relapses counted are neither confirmed nor "
            "refuted in the record; they count.",
            "Several relapses of one person are not independent, so the true intervals are "
            "somewhat wider than the exact Poisson ones by year; those of the models below allow "
            "for it.",
            "Strata are not randomised groups, and no test of difference was made between them. "
            f"Their intervals are robust, or exact where fewer than {FEW_PEOPLE} people were there "
            "or nobody relapsed; exact ones take relapses as independent.",
            *models.notes(),
        ),
        definitions=(
            RELAPSE_RATE,
            RELAPSE_MODELS,
            STUDY_YEAR,
            PATIENT_YEARS,
            EARLIER_AUTOIMMUNITY,
            BASELINE_DISABILITY,
            PHENOTYPE,
        ),
    )


def _nobody(year: int) -> str:
    return f"nobody was under observation in year {year}"


def relapse_rate(study: Study, first: int, last: int) -> Rate:
    """Relapses per patient-year over the years from one to another, both included."""
    years = slice(first - 1, last)
    return poisson_rate(
        int(study.columns.relapses.counted[:, years].sum()),
        int(study.columns.followed.days[:, years].sum()) / DAYS_PER_YEAR,
    )


def relapses_behind(study: Study, year: int) -> Behind:
    """Who was under observation in a year, and who relapsed in it."""
    seen = study.columns.followed.days[:, year - 1] > 0
    relapsed = study.columns.relapses.counted[:, year - 1] > 0
    return study.behind("relapses", seen, relapsed, year=year)


def _table(rates: list[Rate], behind: list[Behind]) -> Table:
    rows = []
    for year, (rate, rows_behind) in enumerate(zip(rates, behind, strict=True), 1):
        number = rate_number("", rate, rows_behind)
        rows.append(
            (
                str(year),
                count_cell(len(rows_behind.asked), rows_behind.whole()),
                *cells(
                    number, count(rate.events), f"{rate.patient_years:.1f}",
                    signed(rate.value, 2), interval(rate.low, rate.high, 2),
                ),
            )
        )  # fmt: skip
    return Table(
        "Relapses by year after the first course",
        ("Year", "People", "Relapses", "Patient-years", "Rate a year", "95 % interval"),
        tuple(rows),
    )
