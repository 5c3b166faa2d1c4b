"""EDSS against baseline under two rules for the step, and the change itself."""

from collections import Counter
from math import inf

from afterdose.outcomes.definitions import EDSS_AT_YEAR, STUDY_YEAR
from afterdose.outcomes.disability import Against
from afterdose.outcomes.edss_steps import EDSS_STEPS, EdssSteps, evaluate_by_steps
from afterdose.stats import Proportion, compute_median, exact_proportion
from afterdose.study.model import Part, Section, Table
from afterdose.study.numbers import share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.words import (
    count,
    people,
    percent,
    signed,
)

_SHOWN = (Against.BETTER, Against.SAME, Against.WORSE)


def build(study: Study) -> Section:
    """Better, same, worse under each rule, year by year."""
    study.record.require("treatments", "assessments", "follow_up", question="EDSS under two rules")
    shown = study.headline_year()
    found = {steps: _by_year(study, steps) for steps in EDSS_STEPS}
    worse = {steps: _share(years[shown], Against.WORSE) for steps, years in found.items()}
    whole, half = (worse[steps] for steps in EDSS_STEPS)
    return Section(
        id="edss-steps",
        title="EDSS under two rules for the step",
        headline=(
            f"At the end of year {shown}, of {people(whole.denominator)} with both scores, "
            f"{count(whole.numerator)} ({percent(whole.value)}) were worse by a whole point, and "
            f"{count(half.numerator)} ({percent(half.value)}) when half a point counts from 5.5 up."
        ),
        estimates=tuple(
            share_number(f"EDSS {against}, end of year {shown}, {steps.id}", share)
            for steps, years in found.items()
            for against, share in ((one, _share(years[shown], one)) for one in _SHOWN)
        ),
        parts=(
            *(Part(_table(steps, years)) for steps, years in found.items()),
            Part(_change_table(study)),
        ),
        no_published="The published shares stand under (d); the texts that were read do not give "
        "their step.",
        notes=(
            "Both rules look at the same two visits. They differ only for people who began at 5.5 "
            "or above.",
        ),
        definitions=(*EDSS_STEPS, EDSS_AT_YEAR, STUDY_YEAR),
    )


def _by_year(study: Study, steps: EdssSteps) -> dict[int, Counter[Against]]:
    found: dict[int, Counter[Against]] = {
        year: Counter() for year in range(1, study.years + 1)
    }  # fmt: skip
    for person in study.outcomes:
        for row in person.edss:
            if row.year in found:
                found[row.year][evaluate_by_steps(row, steps)] += 1
    return found


def _share(found: Counter[Against], against: Against) -> Proportion:
    return exact_proportion(found[against], sum(found[one] for one in _SHOWN))


def _table(steps: EdssSteps, years: dict[int, Counter[Against]]) -> Table:
    return Table(
        f"{steps.title}: people (%; 95 % interval)",
        ("End of year", "With both scores", "Better", "Same", "Worse", "Not assessable"),
        tuple(
            (
                str(year),
                count(sum(found[one] for one in _SHOWN)),
                *(share_cell(_share(found, against)) for against in _SHOWN),
                count(found[Against.NOT_ASSESSABLE]),
            )
            for year, found in years.items()
        ),
    )


_CHANGES = (
    ("2.0 or more down", -inf, -2.0),
    ("1.0 or 1.5 down", -1.5, -1.0),
    ("0.5 down", -0.5, -0.5),
    ("None", 0.0, 0.0),
    ("0.5 up", 0.5, 0.5),
    ("1.0 or 1.5 up", 1.0, 1.5),
    ("2.0 or more up", 2.0, inf),
)


def _change_table(study: Study) -> Table:
    rows = []
    for year in range(1, study.years + 1):
        changes = [
            row.change
            for person in study.outcomes
            for row in person.edss
            if row.year == year and row.change is not None
        ]
        cells = (
            count(sum(low <= change <= high for change in changes)) for _, low, high in _CHANGES
        )
        median = signed(compute_median(changes).value, 1)
        rows.append((str(year), count(len(changes)), *cells, median))
    return Table(
        "Change of EDSS from baseline, in points: people; up is worse",
        ("End of year", "With both scores", *(name for name, _, _ in _CHANGES), "Median"),
        tuple(rows),
    )
