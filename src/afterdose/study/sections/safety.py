"""Infections, malignancies and every other category of event, with exact intervals."""

from dataclasses import dataclass

from afterdose.outcomes.definitions import PATIENT_YEARS, STUDY_YEAR
from afterdose.outcomes.events import (
    EXPOSURE_ADJUSTED,
    SAFETY_EVENTS,
    EventsSeen,
    first_possible_day,
)
from afterdose.outcomes.first_events import Ending
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import Proportion, Rate, exact_proportion, poisson_rate
from afterdose.study.model import Part, Section, Table
from afterdose.study.numbers import rate_number, share_cell, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.words import (
    count,
    interval,
    people,
    share_in_words,
    signed,
)

TITLES = {
    "infection": "Infections",
    "malignancy": "Malignancies",
    "pml": "Progressive multifocal leukoencephalopathy",
    "infusion_reaction": "Infusion-associated reactions",
    "cardiovascular": "Cardiovascular events",
    "hlh": "Haemophagocytic lymphohistiocytosis",
    "pregnancy": "Pregnancies",
    "other": "Other events",
}
_YEARLY = ("infection", "malignancy")
_NONE = EventsSeen((), 0)


@dataclass(frozen=True, slots=True)
class SafetyNumbers:
    """One category's numbers.

    Attributes
    ----------
    people, serious : Proportion
        With an event; with a serious one; of everybody assessed.
    first, every : Rate
        Per 100 patient-years: first events at risk, all events over all exposure.
    unplaced : int
        Events that may lie before the first course.
    """

    people: Proportion
    serious: Proportion
    first: Rate
    every: Rate
    unplaced: int


def build(study: Study) -> Section:
    """Every category of event that is not autoimmune disease."""
    study.record.require(
        "treatments", "events", "follow_up", question="infections and other events"
    )
    found = {category: numbers_of(study, category) for category in TITLES}
    infections, malignancies = found["infection"], found["malignancy"]
    return Section(
        id="safety",
        title="Infections, malignancies and other events",
        headline=(
            f"{share_in_words(infections.people, of='people')} had an infection, "
            f"{share_in_words(infections.serious, of='people')} a serious one, and "
            f"{share_in_words(malignancies.people, of='people')} a malignancy."
        ),
        estimates=tuple(
            estimate
            for category, numbers in found.items()
            for estimate in (
                share_number(f"{TITLES[category]}: people", numbers.people),
                share_number(f"{TITLES[category]}: people, serious", numbers.serious),
                rate_number(f"{TITLES[category]}: first events at risk", numbers.first),
                rate_number(f"{TITLES[category]}: all events", numbers.every),
            )
        ),
        parts=(
            Part(_table(found), published=published_for("infections", "malignancy")),
            Part(_by_year(study)),
        ),
        notes=(
            f"Of {people(study.treated)} treated, those are left out of a category who were not "
            "under observation from the first course on, or whose first event may lie before it.",
            "A category without events is shown with its upper limit: none seen is not none.",
            "Several events of one person are not independent, so the interval of all events is "
            "too short.",
        ),
        definitions=(SAFETY_EVENTS, EXPOSURE_ADJUSTED, PATIENT_YEARS, STUDY_YEAR),
    )


def numbers_of(study: Study, category: str) -> SafetyNumbers:
    """One category of everybody whose observation begins with the first course."""
    group = [
        p for p in study.outcomes if p.extension.first_events[category].days_at_risk is not None
    ]
    firsts = [person.extension.first_events[category] for person in group]
    seen = [person.extension.events.get(category, _NONE) for person in group]
    exposure = sum(person.timeline.patient_years() for person in group)
    at_risk = sum(one.days_at_risk or 0 for one in firsts) / DAYS_PER_YEAR
    return SafetyNumbers(
        people=exact_proportion(sum(bool(one.rows) for one in seen), len(group)),
        serious=exact_proportion(
            sum(any(row.serious for row in one.rows) for one in seen), len(group)
        ),
        first=poisson_rate(
            sum(one.ending is Ending.EVENT for one in firsts), at_risk, per_years=100
        ),
        every=poisson_rate(sum(len(one.rows) for one in seen), exposure, per_years=100),
        unplaced=sum(
            p.extension.events.get(category, _NONE).unplaced for p in study.outcomes
        ),
    )  # fmt: skip


def _table(found: dict[str, SafetyNumbers]) -> Table:
    return Table(
        "Events after the first course; rates per 100 patient-years (95 % interval)",
        ("Category", "People (%; 95 % interval)", "Serious: people", "Of", "First events, rate",
         "All events", "Rate of all events", "Not placed"),
        tuple(
            (
                TITLES[category],
                share_cell(numbers.people),
                share_cell(numbers.serious),
                count(numbers.people.denominator),
                _rate(numbers.first),
                count(numbers.every.events),
                _rate(numbers.every),
                count(numbers.unplaced),
            )
            for category, numbers in found.items()
        ),
    )  # fmt: skip


def _rate(rate: Rate) -> str:
    return f"{signed(rate.value, 2)} ({interval(rate.low, rate.high, 2)})"


def _by_year(study: Study) -> Table:
    rows = []
    for year in range(1, study.years + 1):
        days = sum(person.timeline.days_in_year(year) for person in study.outcomes)
        cells = []
        for category in _YEARLY:
            events = sum(
                person.timeline.year_of(first_possible_day(row)) == year
                for person in study.outcomes
                for row in person.extension.events.get(category, _NONE).rows
            )
            cells.append(_yearly(events, days))
        deaths = sum(
            person.death is not None and person.death.is_observed and person.death.year == year
            for person in study.outcomes
        )
        rows.append((str(year), f"{days / DAYS_PER_YEAR:.1f}", *cells, _yearly(deaths, days)))
    return Table(
        "Events in each year: how many, and per 100 patient-years (95 % interval)",
        ("Year", "Patient-years", *(TITLES[category] for category in _YEARLY), "Deaths"),
        tuple(rows),
    )


def _yearly(events: int, days: int) -> str:
    rate = poisson_rate(events, days / DAYS_PER_YEAR, per_years=100)
    return f"{count(events)} ({signed(rate.value, 2)}; {interval(rate.low, rate.high, 2)})"
