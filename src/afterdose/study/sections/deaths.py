"""Deaths: how many, of what, and the rate."""

from collections import Counter

from afterdose.outcomes.definitions import DEATH, PATIENT_YEARS
from afterdose.stats import poisson_rate
from afterdose.study.model import Part, Section, Table
from afterdose.study.numbers import rate_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.words import count, interval, people, signed


def build(study: Study) -> Section:
    """Deaths after the first course."""
    study.record.require("people", "treatments", "follow_up", question="deaths")
    deaths = [person.death for person in study.outcomes if person.death is not None]
    observed = [death for death in deaths if death.is_observed]
    years = sum(person.timeline.patient_years() for person in study.outcomes)
    rate = poisson_rate(len(observed), years, per_years=100)
    causes = Counter(death.cause or "not recorded" for death in deaths)
    return Section(
        id="deaths",
        title="Deaths",
        headline=(
            f"{count(len(observed))} of {people(study.treated)} died under observation, in "
            f"{count(round(years))} patient-years: {signed(rate.value, 2)} per 100 patient-years "
            f"(95 % interval {interval(rate.low, rate.high, 2)})."
        ),
        estimates=(rate_number("Deaths under observation", rate),),
        parts=(
            Part(
                Table(
                    "Deaths after the first course by cause",
                    ("Cause as reported", "Deaths", "Under observation"),
                    tuple(
                        (
                            cause,
                            count(number),
                            count(sum((d.cause or "not recorded") == cause for d in observed)),
                        )
                        for cause, number in sorted(causes.items(), key=lambda c: (-c[1], c[0]))
                    )
                    or (("No death", "0", "0"),),
                ),
                published=published_for("deaths"),
            ),
        ),
        notes=(
            f"{count(len(deaths) - len(observed))} deaths after observation had ended are in the "
            "table and not in the rate.",
            "Few deaths: the interval matters more than the rate. Whether treatment played a part "
            "is not for this report to say.",
        ),
        definitions=(DEATH, PATIENT_YEARS),
    )
