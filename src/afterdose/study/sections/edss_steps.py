"""EDSS against baseline under two rules for the step, and the change itself."""

from dataclasses import replace
from math import inf

import numpy as np

from afterdose.engines.extension import AGAINST, NO_YEAR
from afterdose.outcomes.definitions import EDSS_AT_YEAR, STUDY_YEAR
from afterdose.outcomes.disability import Against
from afterdose.outcomes.edss_steps import EDSS_STEPS, EdssSteps
from afterdose.stats import compute_mean, compute_median
from afterdose.study.model import Cell, Estimate, Part, Section, Table
from afterdose.study.numbers import cells, count_cell, mean_number, median_number, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.disability import EdssYear
from afterdose.study.words import count, interval, or_nobody, people, percent, signed

_SHOWN = (Against.BETTER, Against.SAME, Against.WORSE)


def build(study: Study) -> Section:
    """Better, same, worse under each rule, year by year."""
    study.record.require("treatments", "assessments", "follow_up", question="EDSS under two rules")
    shown = study.headline_year()
    found = {steps: _by_year(study, steps) for steps in EDSS_STEPS}
    means = _means(study)
    chosen = {steps: years[shown - 1] for steps, years in found.items()}
    worse = {steps: year.share(Against.WORSE) for steps, year in chosen.items()}
    whole, half = (worse[steps] for steps in EDSS_STEPS)
    return Section(
        id="edss-steps",
        title="EDSS under two rules for the step",
        headline=or_nobody(
            whole.denominator,
            f"At the end of year {shown}, of {people(whole.denominator)} with both scores, "
            f"{count(whole.numerator)} ({percent(whole.value)}) were worse by a whole point, and "
            f"{count(half.numerator)} ({percent(half.value)}) when half a point counts from 5.5 "
            "up.",
            nobody=next(iter(chosen.values())).nobody,
        ),
        estimates=(
            *(
                share_number(
                    f"EDSS {against}, end of year {shown}, {steps.id}",
                    year.share(against),
                    year.behind[against],
                )
                for steps, year in chosen.items()
                for against in _SHOWN
            ),
            *means,
        ),
        parts=(
            *(Part(_table(steps, years)) for steps, years in found.items()),
            Part(_change_table(study)),
            Part(_mean_table(means), published=published_for("edss-mean-change")),
        ),
        no_published="The published shares stand under (d); the texts that were read do not give "
        "their step.",
        notes=(
            "Both rules look at the same two visits. They differ only for people who began at 5.5 "
            "or above.",
            "EDSS is a scale of ranks: a step is not worth the same everywhere on it. The mean "
            "change stands here because trials published it; means of people followed to different "
            "years are of different people.",
        ),
        definitions=(*EDSS_STEPS, EDSS_AT_YEAR, STUDY_YEAR),
    )


def _by_year(study: Study, steps: EdssSteps) -> list[EdssYear]:
    codes = against_by_steps(study, steps)
    return [EdssYear.of(study, codes[:, year - 1], year) for year in range(1, study.years + 1)]


def against_by_steps(study: Study, steps: EdssSteps) -> np.ndarray:
    """Everybody's EDSS against baseline under a rule for the step.

    Returns
    -------
    numpy.ndarray
        int8 (people, years), of `AGAINST`; `NO_YEAR` where the year was not begun.
    """
    edss = study.columns.edss
    change = edss_change(study)
    baselines, place = np.unique(edss.baseline, return_inverse=True)
    step = np.array([steps.step_at(float(one)) for one in baselines])[place].reshape(-1, 1)
    answers = (
        (change >= step, Against.WORSE),
        (-change >= step, Against.BETTER),
        (np.isfinite(change), Against.SAME),
        (edss.against != NO_YEAR, Against.NOT_ASSESSABLE),
    )
    return np.select(
        [chosen & (edss.against != NO_YEAR) for chosen, _ in answers],
        [np.int8(AGAINST.index(against)) for _, against in answers],
        np.int8(NO_YEAR),
    )


def _table(steps: EdssSteps, years: list[EdssYear]) -> Table:
    return Table(
        f"{steps.title}: people (%; 95 % interval)",
        ("End of year", "With both scores", "Better", "Same", "Worse", "Not assessable"),
        tuple(year.cells() for year in years),
    )


_CHANGES = (
    ("2.0 or more down", -inf, -2.0),
    ("1.0 or 1.5 down", -1.5, -1.0),
    ("0.5 down", -0.5, -0.5),
    ("No change", 0.0, 0.0),
    ("0.5 up", 0.5, 0.5),
    ("1.0 or 1.5 up", 1.0, 1.5),
    ("2.0 or more up", 2.0, inf),
)


def _change_table(study: Study) -> Table:
    rows = []
    change = edss_change(study)
    for year in range(1, study.years + 1):
        own = change[:, year - 1]
        known = np.isfinite(own)
        behind = study.behind("edss", known, year=year)
        numbers = [
            study.behind("edss", known, (low <= own) & (own <= high), year=year)
            for _, low, high in _CHANGES
        ]
        median = compute_median(own[known])
        rows.append(
            (
                str(year),
                count_cell(median.count, behind),
                *(count_cell(len(number.counted), number) for number in numbers),
                Cell(signed(median.value, 1), median_number("", median, behind, unit="points")),
            )
        )
    return Table(
        "Change of EDSS from baseline, in points: people; up is worse",
        ("End of year", "With both scores", *(name for name, _, _ in _CHANGES), "Median"),
        tuple(rows),
    )


def _means(study: Study) -> list[Estimate]:
    change = edss_change(study)
    means = []
    for year in range(1, study.years + 1):
        own = change[:, year - 1]
        known = np.isfinite(own)
        means.append(
            mean_number(
                f"Mean change of EDSS, end of year {year}",
                compute_mean(own[known]),
                study.behind("edss", known, year=year),
                unit="points",
            )
        )
    return means


def _mean_table(means: list[Estimate]) -> Table:
    rows = []
    for year, mean in enumerate(means, 1):
        assert mean.behind is not None
        number = replace(mean, label="")
        rows.append(
            (
                str(year),
                count_cell(int(mean.denominator or 0), mean.behind),
                *cells(number, signed(mean.value, 2), interval(mean.low, mean.high, 2)),
            )
        )
    return Table(
        "Mean change of EDSS from baseline, in points; up is worse",
        ("End of year", "With both scores", "Mean change", "95 % interval"),
        tuple(rows),
    )


def edss_change(study: Study) -> np.ndarray:
    """Everybody's change of EDSS from baseline in points; up is worse.

    Returns
    -------
    numpy.ndarray
        float64 (people, years); not a number where it is not assessable.
    """
    edss = study.columns.edss
    change = edss.score - edss.baseline[:, None]
    return np.where(edss.against == NO_YEAR, np.nan, change)
