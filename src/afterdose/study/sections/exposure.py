"""Autoimmune disease as crude shares and as rates over two denominators."""

from collections.abc import Sequence
from dataclasses import dataclass

from afterdose.outcomes.autoimmunity import AUTOIMMUNE_TYPES
from afterdose.outcomes.events import EventsSeen
from afterdose.outcomes.first_events import Ending
from afterdose.outcomes.person import ANY, PersonOutcomes
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import Proportion, Rate, exact_proportion, poisson_rate
from afterdose.study.model import Estimate, Table
from afterdose.study.numbers import rate_number, share_cell, share_number
from afterdose.study.words import (
    count,
    interval,
    people,
    signed,
)

_NONE = EventsSeen((), 0)


@dataclass(frozen=True, slots=True)
class Exposure:
    """One type's numbers, of those who can be assessed.

    Attributes
    ----------
    crude : Proportion
        People with a first event.
    at_risk, all_exposure, every : Rate
        Per 100 patient-years: first events at risk, the same over all exposure, all events over
        all exposure.
    """

    crude: Proportion
    at_risk: Rate
    all_exposure: Rate
    every: Rate


def exposure_of(group: Sequence[PersonOutcomes], category: str) -> Exposure:
    """Crude and exposure-adjusted numbers of one type, or of any."""
    assessed = [p for p in group if p.first_events[category].ending is not None]
    firsts = [person.first_events[category] for person in assessed]
    events = sum(one.ending is Ending.EVENT for one in firsts)
    at_risk = sum(one.days_at_risk or 0 for one in firsts) / DAYS_PER_YEAR
    exposure = sum(person.timeline.patient_years() for person in assessed)
    types = tuple(AUTOIMMUNE_TYPES) if category == ANY else (category,)
    every = sum(
        len(person.extension.events.get(one, _NONE).rows) for person in assessed for one in types
    )
    return Exposure(
        crude=exact_proportion(events, len(assessed)),
        at_risk=poisson_rate(events, at_risk, per_years=100),
        all_exposure=poisson_rate(events, exposure, per_years=100),
        every=poisson_rate(every, exposure, per_years=100),
    )


def exposure_table(group: Sequence[PersonOutcomes], titles: dict[str, str]) -> Table:
    """Every type: crude, and per 100 patient-years over either denominator."""
    rows = []
    for category, title in titles.items():
        found = exposure_of(group, category)
        rows.append(
            (
                title, count(found.crude.denominator), share_cell(found.crude),
                f"{found.at_risk.patient_years:.1f}", _rate(found.at_risk),
                f"{found.all_exposure.patient_years:.1f}", _rate(found.all_exposure),
                count(found.every.events), _rate(found.every),
            )
        )  # fmt: skip
    return Table(
        f"Crude and exposure-adjusted, per 100 patient-years (95 % interval), of "
        f"{people(len(group))}",
        ("Type", "Assessed", "With a first event (%; 95 % interval)", "Patient-years at risk",
         "First events at risk", "All patient-years", "First events, all exposure", "All events",
         "All events, all exposure"),
        tuple(rows),
    )  # fmt: skip


def exposure_estimates(
    group: Sequence[PersonOutcomes], titles: dict[str, str]
) -> tuple[Estimate, ...]:
    """The same numbers, one by one."""
    found = []
    for category, title in titles.items():
        one = exposure_of(group, category)
        found += [
            share_number(f"{title}, crude", one.crude),
            rate_number(f"{title}, first events over time at risk", one.at_risk),
            rate_number(f"{title}, first events over all exposure", one.all_exposure),
            rate_number(f"{title}, all events over all exposure", one.every),
        ]
    return tuple(found)


def _rate(rate: Rate) -> str:
    return f"{signed(rate.value, 2)} ({interval(rate.low, rate.high, 2)})"
