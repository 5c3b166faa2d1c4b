"""What is asked of years lived after so many courses: one row of that table each."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from afterdose.engines.extension import MET, NEDA_IDS, NOT_MET
from afterdose.outcomes.brain_volume import Volume
from afterdose.outcomes.neda import NEDA_3
from afterdose.outcomes.person import ANY
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import compute_median, exact_proportion, poisson_rate
from afterdose.study.model import Behind, Cell
from afterdose.study.numbers import count_cell
from afterdose.study.people import Study
from afterdose.study.sections.ageing import held_measures
from afterdose.study.sections.autoimmunity import at_risk_by_year
from afterdose.study.sections.brain_volume import volumes_of
from afterdose.study.sections.stratum_measures import median, rate, share, years_lived


@dataclass(frozen=True, slots=True)
class Years:
    """Some years of some people, each of which the person was seen in.

    Attributes
    ----------
    study : Study
    chosen : numpy.ndarray
        bool (people, years).
    """

    study: Study
    chosen: np.ndarray

    def behind(
        self, outcome: str, counted: np.ndarray | None = None, *, of: np.ndarray | None = None
    ) -> Behind:
        """Whose rows a number rests on: the people who have such a year.

        Parameters
        ----------
        outcome : str
            A name in `afterdose.study.tracing`.
        counted, of : numpy.ndarray, optional
            bool (people, years): years of the numerator and of the denominator; all of them where
            left out.
        """
        asked = self.chosen if of is None else self.chosen & of
        own = asked if counted is None else asked & counted
        return self.study.behind(outcome, asked.any(axis=1), own.any(axis=1), years=asked)


@dataclass(frozen=True, slots=True)
class YearMeasure:
    """One row: its title, the tables it needs, how it is had, and whether it is an estimate."""

    title: str
    tables: tuple[str, ...]
    of: Callable[[Years], Cell]
    is_estimate: bool = True


def _people(years: Years) -> Cell:
    return count_cell(int(np.count_nonzero(years.chosen.any(axis=1))), years.behind("person"))


def _days(years: Years) -> int:
    return int(years.study.columns.followed.days[years.chosen].sum())


def _patient_years(years: Years) -> Cell:
    return years_lived(_days(years), years.behind("observation"))


def _retreated(years: Years) -> Cell:
    begun = years.study.columns.courses.begun.any(axis=2)
    found = exact_proportion(
        int(np.count_nonzero(begun[years.chosen])), int(np.count_nonzero(years.chosen))
    )
    return share(found, years.behind("courses", begun))


def _relapses(years: Years) -> Cell:
    counted = years.study.columns.relapses.counted
    return rate(
        poisson_rate(int(counted[years.chosen].sum()), _days(years) / DAYS_PER_YEAR),
        years.behind("relapses", counted > 0),
    )


def _answers(years: Years, table: np.ndarray, outcome: str) -> Cell:
    """The share met of those assessed; ``table`` holds codes of `ANSWERS`."""
    met, known = table == MET, (table == MET) | (table == NOT_MET)
    found = exact_proportion(
        int(np.count_nonzero(met[years.chosen])), int(np.count_nonzero(known[years.chosen]))
    )
    return share(found, years.behind(outcome, met, of=known))


def _relapse_free(years: Years) -> Cell:
    return _answers(years, years.study.columns.relapses.free, "relapse-free")


def _mri(years: Years) -> Cell:
    return _answers(years, years.study.columns.mri.either, "mri")


def _neda(years: Years) -> Cell:
    answers = years.study.columns.neda[NEDA_IDS.index(NEDA_3.id)].answer
    return _answers(years, answers, NEDA_3.id)


def _autoimmune(years: Years) -> Cell:
    days, has_event = at_risk_by_year(years.study, ANY)
    return rate(
        poisson_rate(
            int(np.count_nonzero(has_event[years.chosen])),
            int(days[years.chosen].sum()) / DAYS_PER_YEAR,
            per_years=100,
        ),
        years.behind(f"autoimmune.{ANY}", has_event, of=days > 0),
    )


def _deaths(years: Years) -> Cell:
    deaths = years.study.columns.deaths
    numbers = np.arange(1, years.chosen.shape[1] + 1)
    died = deaths.observed[:, np.newaxis] & (deaths.year[:, np.newaxis] == numbers)
    return rate(
        poisson_rate(
            int(np.count_nonzero(died[years.chosen])), _days(years) / DAYS_PER_YEAR, per_years=100
        ),
        years.behind("death", died),
    )


_MEASURES = (
    YearMeasure("People", (), _people, is_estimate=False),
    YearMeasure(
        "Patient-years under observation", ("follow_up",), _patient_years, is_estimate=False
    ),
    YearMeasure("A further course in the year", ("follow_up",), _retreated),
    YearMeasure("Relapses a year", ("relapses", "follow_up"), _relapses),
    YearMeasure("Free of relapses in the year", ("relapses", "follow_up"), _relapse_free),
    YearMeasure("MRI activity in the year", ("mri",), _mri),
    YearMeasure(
        "NEDA-3 in the year", ("relapses", "assessments", "mri", "follow_up"), _neda
    ),
    YearMeasure(
        "First autoimmune disease per 100 patient-years at risk", ("events", "follow_up"),
        _autoimmune,
    ),
    YearMeasure("Deaths per 100 patient-years", ("follow_up",), _deaths),
)  # fmt: skip


def measures_for(study: Study) -> tuple[YearMeasure, ...]:
    """The rows of the table, one for each measure of volume the record holds."""
    return (*_MEASURES, *(_volume(measure) for measure in held_measures(study)))


def _volume(measure: Volume) -> YearMeasure:
    def of(years: Years) -> Cell:
        changes, name = volumes_of(years.study, measure).yearly, f"volume-yearly.{measure.lower()}"
        has_value = years.chosen & ~np.isnan(changes)
        found = compute_median(changes[has_value])
        return median(found, years.behind(name, of=has_value))

    return YearMeasure(f"Yearly change of {measure}, median, %", ("mri",), of)
