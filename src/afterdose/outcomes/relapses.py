"""Relapses by year after the first course."""

from collections.abc import Iterable
from dataclasses import dataclass

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import RELAPSE_RATE
from afterdose.outcomes.timeline import Timeline, known_rows
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.record.tables import Relapse


@dataclass(frozen=True, slots=True)
class RelapsesInYear:
    """One person's relapses in one year.

    Attributes
    ----------
    year : int
    relapses : int
        With onset on a day under observation.
    not_stated : int
        Of these, how many are neither confirmed nor refuted.
    patient_years : float
        Days under observation in the year, divided by 365.25.
    because : Because
    """

    year: int
    relapses: int
    not_stated: int
    patient_years: float
    because: Because


def counts_as_relapse(row: Relapse) -> bool:
    """Whether a relapse counts: refuted ones never do, those not stated do."""
    return row.confirmed is not False


def counted_relapses(timeline: Timeline, relapses: Iterable[Relapse]) -> list[Relapse]:
    """Relapses known on the timeline's day that count, with onset on a day under observation."""
    return [
        row
        for row in known_rows(relapses, as_of=timeline.as_of)
        if counts_as_relapse(row) and timeline.is_observed(row.onset_date)
    ]


def count_relapses(
    timeline: Timeline, counted: list[Relapse], *, years: int
) -> tuple[RelapsesInYear, ...]:
    """Relapses and patient-years of years 1 to ``years``; years without observation left out.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    counted : list of Relapse
        From `counted_relapses`.
    years : int
        How many years to look at.
    """
    found = []
    for year in range(1, years + 1):
        days = timeline.days_in_year(year)
        if not days:
            continue
        rows = tuple(row for row in counted if timeline.year_of(row.onset_date) == year)
        found.append(
            RelapsesInYear(
                year=year,
                relapses=len(rows),
                not_stated=sum(row.confirmed is None for row in rows),
                patient_years=days / DAYS_PER_YEAR,
                because=Because(RELAPSE_RATE.id, rows=rows),
            )
        )
    return tuple(found)
