"""Autoimmune disease as crude shares and as rates over two denominators."""

from dataclasses import dataclass

import numpy as np

from afterdose.engines.extension import AUTOIMMUNE, ENDINGS
from afterdose.outcomes.autoimmunity import AUTOIMMUNE_TYPES
from afterdose.outcomes.first_events import Ending
from afterdose.outcomes.person import ANY
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.record.tables import EVENT_CATEGORIES
from afterdose.stats import Proportion, Rate, exact_proportion, poisson_rate
from afterdose.study.model import Behind, Cell, Estimate, Table
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
from afterdose.study.words import count, people


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
    behind, behind_every : Behind
        Asked: everybody assessed. Counted: who had a first event, who had any.
    behind_assessed, behind_exposure : Behind
        Asked: everybody, counted: who is assessed; the same people's time under observation.
    """

    crude: Proportion
    at_risk: Rate
    all_exposure: Rate
    every: Rate
    behind: Behind
    behind_every: Behind
    behind_assessed: Behind
    behind_exposure: Behind


def exposure_of(study: Study, category: str) -> Exposure:
    """Crude and exposure-adjusted numbers of one type, or of any."""
    columns, name = study.columns, f"autoimmune.{category}"
    assessed, had = assessed_and_had(study, category)
    types = tuple(AUTOIMMUNE_TYPES) if category == ANY else (category,)
    kinds = [EVENT_CATEGORIES.index(one) for one in types]
    seen = columns.events.seen[:, kinds].sum(axis=1)
    at_risk = columns.events.autoimmune_days[assessed, AUTOIMMUNE.index(category)]
    exposure = int(columns.followed.days_in_all[assessed].sum()) / DAYS_PER_YEAR
    events = int(np.count_nonzero(had))
    return Exposure(
        crude=exact_proportion(events, int(np.count_nonzero(assessed))),
        at_risk=poisson_rate(events, int(at_risk.sum()) / DAYS_PER_YEAR, per_years=100),
        all_exposure=poisson_rate(events, exposure, per_years=100),
        every=poisson_rate(int(seen[assessed].sum()), exposure, per_years=100),
        behind=study.behind(name, assessed, had),
        behind_every=study.behind(
            "events.autoimmune" if category == ANY else f"events.{category}", assessed, seen > 0
        ),
        behind_assessed=study.behind(name, study.everybody(), assessed),
        behind_exposure=study.behind("observation", assessed),
    )


def assessed_and_had(study: Study, category: str) -> tuple[np.ndarray, np.ndarray]:
    """Who can be assessed for a first event of a type, and who had one."""
    ending = study.columns.events.autoimmune_ending[:, AUTOIMMUNE.index(category)]
    return ending >= 0, ending == ENDINGS.index(Ending.EVENT)


def exposure_table(found: dict[str, Exposure], titles: dict[str, str], study: Study) -> Table:
    """Every type: crude, and per 100 patient-years over either denominator."""
    return Table(
        f"Crude and exposure-adjusted, per 100 patient-years (95 % interval), of "
        f"{people(study.treated)}",
        ("Type", "Assessed", "With a first event (%; 95 % interval)", "Patient-years at risk",
         "First events at risk", "All patient-years", "First events, all exposure", "All events",
         "All events, all exposure"),
        tuple((titles[category], *_row(one)) for category, one in found.items()),
    )  # fmt: skip


def _row(found: Exposure) -> tuple[Cell, ...]:
    every = rate_number("", found.every, found.behind_every)
    return (
        count_cell(found.crude.denominator, found.behind_assessed),
        share_cell(found.crude, found.behind),
        years_cell(found.at_risk.patient_years, found.behind),
        rate_cell(found.at_risk, found.behind),
        years_cell(found.all_exposure.patient_years, found.behind_exposure),
        rate_cell(found.all_exposure, found.behind),
        *cells(every, count(found.every.events)),
        rate_cell(found.every, found.behind_every),
    )


def exposure_estimates(found: dict[str, Exposure], titles: dict[str, str]) -> tuple[Estimate, ...]:
    """The same numbers, one by one."""
    return tuple(
        number
        for category, one in found.items()
        for number in (
            share_number(f"{titles[category]}, crude", one.crude, one.behind),
            rate_number(
                f"{titles[category]}, first events over time at risk", one.at_risk, one.behind
            ),
            rate_number(
                f"{titles[category]}, first events over all exposure", one.all_exposure, one.behind
            ),
            rate_number(
                f"{titles[category]}, all events over all exposure", one.every, one.behind_every
            ),
        )
    )
