"""Deaths: how many, of what, and the rate."""

import numpy as np

from afterdose.outcomes.definitions import DEATH, PATIENT_YEARS
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import poisson_rate
from afterdose.study.model import Part, Section, Table
from afterdose.study.numbers import count_cell, rate_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.words import count, interval, or_nobody, people, signed


def build(study: Study) -> Section:
    """Deaths after the first course."""
    study.record.require("people", "treatments", "follow_up", question="deaths")
    columns = study.columns
    died = columns.deaths.year > 0
    observed = died & columns.deaths.observed
    number = int(observed.sum())
    years = int(columns.followed.days_in_all.sum()) / DAYS_PER_YEAR
    rate = poisson_rate(number, years, per_years=100)
    behind = study.behind("death", columns.followed.days_in_all > 0, observed)
    return Section(
        id="deaths",
        title="Deaths",
        headline=or_nobody(
            years,
            f"{count(number)} of {people(study.treated)} died under observation, in "
            f"{count(round(years))} patient-years: {signed(rate.value, 2)} per 100 patient-years "
            f"(95 % interval {interval(rate.low, rate.high, 2)}).",
            nobody=f"none of {people(study.treated)} was under observation after the first course",
        ),
        estimates=(rate_number("Deaths under observation", rate, behind),),
        parts=(
            Part(
                Table(
                    "Deaths after the first course by cause",
                    ("Cause as reported", "Deaths", "Under observation"),
                    _rows(study, died, observed) or (("No death", "0", "0"),),
                ),
                published=published_for("deaths"),
            ),
        ),
        notes=(
            f"{count(int(died.sum()) - number)} deaths after observation had ended are in the "
            "table and not in the rate.",
            "Few deaths: the interval matters more than the rate. Whether treatment played a part "
            "is not for this report to say.",
        ),
        definitions=(DEATH, PATIENT_YEARS),
    )


def _rows(
    study: Study, died: np.ndarray, observed: np.ndarray
) -> tuple[tuple[str, ...], ...]:  # fmt: skip
    """By cause, the most frequent first."""
    codes = study.columns.deaths.cause
    of_cause = {name: died & (codes == code) for code, name in enumerate(study.columns.causes)}
    of_cause["not recorded"] = of_cause.get("not recorded", False) | (died & (codes < 0))
    found = [
        (
            cause, int(own.sum()), study.behind("death", died, own),
            int((own & observed).sum()), study.behind("death", died, own & observed),
        )
        for cause, own in of_cause.items()
    ]  # fmt: skip
    return tuple(
        (cause, count_cell(deaths, behind), count_cell(seen, behind_seen))
        for cause, deaths, behind, seen, behind_seen in sorted(
            found, key=lambda row: (-row[1], row[0])
        )
        if deaths
    )
