"""Infections, malignancies and every other category of event, with exact intervals."""

from dataclasses import dataclass

import numpy as np

from afterdose.engines.extension import ENDINGS, SAFETY
from afterdose.outcomes.definitions import PATIENT_YEARS, STUDY_YEAR
from afterdose.outcomes.events import EXPOSURE_ADJUSTED, SAFETY_EVENTS
from afterdose.outcomes.first_events import Ending
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.record.tables import EVENT_CATEGORIES
from afterdose.stats import Proportion, Rate, exact_proportion, poisson_rate
from afterdose.study.model import Behind, Cell, Part, Section, Table
from afterdose.study.numbers import (
    cells,
    count_cell,
    rate_cell,
    rate_number,
    share_cell,
    share_number,
    years_cell,
)
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.words import count, interval, or_nobody, people, share_in_words, signed

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
    behind, behind_serious, behind_first : Behind
        Asked: everybody assessed. Counted: who had an event, a serious one, a first one at risk.
    behind_assessed, behind_unplaced : Behind
        Asked: everybody. Counted: who is assessed, who had an event that may lie before the first
        course.
    """

    people: Proportion
    serious: Proportion
    first: Rate
    every: Rate
    unplaced: int
    behind: Behind
    behind_serious: Behind
    behind_first: Behind
    behind_assessed: Behind
    behind_unplaced: Behind


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
        headline=or_nobody(
            infections.people.denominator + malignancies.people.denominator,
            f"{share_in_words(infections.people, of='people')} had an infection, "
            f"{share_in_words(infections.serious, of='people')} a serious one, and "
            f"{share_in_words(malignancies.people, of='people')} a malignancy.",
            nobody=f"none of {people(study.treated)} was under observation from the first course "
            "on",
        ),
        estimates=tuple(
            estimate
            for category, numbers in found.items()
            for estimate in (
                share_number(f"{TITLES[category]}: people", numbers.people, numbers.behind),
                share_number(
                    f"{TITLES[category]}: people, serious", numbers.serious, numbers.behind_serious
                ),
                rate_number(
                    f"{TITLES[category]}: first events at risk", numbers.first, numbers.behind_first
                ),
                rate_number(f"{TITLES[category]}: all events", numbers.every, numbers.behind),
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
    columns, events = study.columns, study.columns.events
    place, kind = SAFETY.index(category), EVENT_CATEGORIES.index(category)
    ending = events.safety_ending[:, place]
    assessed, first = ending >= 0, ending == ENDINGS.index(Ending.EVENT)
    seen, serious = events.seen[:, kind], assessed & (events.serious[:, kind] > 0)
    unplaced = events.unplaced[:, kind]
    total = int(np.count_nonzero(assessed))
    at_risk = int(events.safety_days[:, place].sum()) / DAYS_PER_YEAR
    exposure = int(columns.followed.days_in_all[assessed].sum()) / DAYS_PER_YEAR
    every = f"events.{category}"
    return SafetyNumbers(
        people=exact_proportion(int(np.count_nonzero(seen[assessed])), total),
        serious=exact_proportion(int(np.count_nonzero(serious)), total),
        first=poisson_rate(int(np.count_nonzero(first)), at_risk, per_years=100),
        every=poisson_rate(int(seen[assessed].sum()), exposure, per_years=100),
        unplaced=int(unplaced.sum()),
        behind=study.behind(every, assessed, seen > 0),
        behind_serious=study.behind(every, assessed, serious),
        behind_first=study.behind(f"first-event.{category}", assessed, first),
        behind_assessed=study.behind(f"first-event.{category}", study.everybody(), assessed),
        behind_unplaced=study.behind(every, study.everybody(), unplaced > 0),
    )


def _table(found: dict[str, SafetyNumbers]) -> Table:
    return Table(
        "Events after the first course; rates per 100 patient-years (95 % interval)",
        ("Category", "People (%; 95 % interval)", "Serious: people", "Of", "First events, rate",
         "All events", "Rate of all events", "Not placed"),
        tuple((TITLES[category], *_row(numbers)) for category, numbers in found.items()),
    )  # fmt: skip


def _row(numbers: SafetyNumbers) -> tuple[Cell, ...]:
    every = rate_number("", numbers.every, numbers.behind)
    return (
        share_cell(numbers.people, numbers.behind),
        share_cell(numbers.serious, numbers.behind_serious),
        count_cell(numbers.people.denominator, numbers.behind_assessed),
        rate_cell(numbers.first, numbers.behind_first),
        *cells(every, count(numbers.every.events)),
        rate_cell(numbers.every, numbers.behind),
        count_cell(numbers.unplaced, numbers.behind_unplaced, unit="events"),
    )


def _by_year(study: Study) -> Table:
    columns = study.columns
    rows = []
    for year in range(1, study.years + 1):
        days = columns.followed.days[:, year - 1]
        events = {
            f"events.{category}": columns.events.by_year[
                :, year - 1, EVENT_CATEGORIES.index(category)
            ]
            for category in _YEARLY
        }
        events["death"] = columns.deaths.observed & (columns.deaths.year == year)
        rows.append(
            (
                str(year),
                years_cell(
                    int(days.sum()) / DAYS_PER_YEAR,
                    study.behind("observation", days > 0, year=year),
                ),
                *(_yearly(study, name, year, counts, days) for name, counts in events.items()),
            )
        )
    return Table(
        "Events in each year: how many, and per 100 patient-years (95 % interval)",
        ("Year", "Patient-years", *(TITLES[category] for category in _YEARLY), "Deaths"),
        tuple(rows),
    )


def _yearly(study: Study, name: str, year: int, counts: np.ndarray, days: np.ndarray) -> Cell:
    events, total = int(counts.sum()), int(days.sum())
    rate = poisson_rate(events, total / DAYS_PER_YEAR, per_years=100)
    text = f"{count(events)} ({signed(rate.value, 2)}; {interval(rate.low, rate.high, 2)})"
    return Cell(text, rate_number("", rate, study.behind(name, days > 0, counts > 0, year=year)))
