"""What is asked of each stratum of people: one row of the side-by-side tables each."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from afterdose.engines.extension import (
    AGAINST,
    ENDINGS,
    MET,
    NEDA_IDS,
    NO_YEAR,
    NOT_ASSESSABLE,
    Change,
)
from afterdose.outcomes.brain_volume import Volume
from afterdose.outcomes.disability import Against
from afterdose.outcomes.first_events import Ending
from afterdose.outcomes.neda import NEDA_3
from afterdose.outcomes.person import ANY
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import (
    CumulativeIncidence,
    Median,
    Proportion,
    Rate,
    Survival,
    exact_proportion,
    poisson_rate,
)
from afterdose.study.model import Behind, Cell
from afterdose.study.numbers import (
    count_cell,
    median_number,
    rate_number,
    share_number,
    share_text,
    years_number,
)
from afterdose.study.people import Study
from afterdose.study.sections.ageing import held_measures, median_slope
from afterdose.study.sections.autoimmunity import cumulative_incidence, incidence_behind
from afterdose.study.sections.disability import confirmed_curve
from afterdose.study.sections.neda import neda_year
from afterdose.study.sections.relapse_free import relapse_free_curve
from afterdose.study.sections.retreatment import cumulative_retreatment, is_retreated_within
from afterdose.study.sections.safety import numbers_of
from afterdose.study.sections.through_time import began, curve_number, last_day_of_year
from afterdose.study.words import count, interval, percent, signed
from afterdose.study.yearly import answers_in_year


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of a table.

    Attributes
    ----------
    title : str
        With the year in braces.
    tables : tuple of str
        The tables without which the row is left out.
    of : callable
        The cell of a stratum at a year.
    year : callable
        The year, asked of everybody once, so that all strata are asked the same.
    is_estimate : bool
        Whether its numbers are among the section's estimates; how many were asked is not.
    """

    title: str
    tables: tuple[str, ...]
    of: Callable[[Study, int], Cell]
    year: Callable[[Study], int] = Study.headline_year
    is_estimate: bool = True


_NOBODY = "nobody"


def share(found: Proportion, behind: Behind) -> Cell:
    """A share with its denominator."""
    text = f"{share_text(found)} of {count(found.denominator)}"
    return Cell(text if found.denominator else _NOBODY, share_number("", found, behind))


def rate(found: Rate, behind: Behind, digits: int = 2) -> Cell:
    """A rate with its events and patient-years."""
    text = (
        f"{signed(found.value, digits)} ({interval(found.low, found.high, digits)}); "
        f"{count(found.events)} in {count(round(found.patient_years))} patient-years"
    )
    return Cell(text if found.patient_years else "no patient-years", rate_number("", found, behind))


def median(found: Median, behind: Behind) -> Cell:
    """A median with how many values it is of."""
    text = (
        f"{signed(found.value, 2)} ({interval(found.low, found.high, 2)}) of {count(found.count)}"
    )
    return Cell(text if found.count else _NOBODY, median_number("", found, behind))


def years_lived(days: int, behind: Behind) -> Cell:
    """Patient-years, to the whole year."""
    number = years_number(days / DAYS_PER_YEAR, behind)
    return Cell(count(round(number.value)), number)


def _curve(curve: CumulativeIncidence | Survival, year: int, behind: Behind) -> Cell:
    number = curve_number(curve, year, behind)
    text = (
        f"{percent(number.value / 100)} ({interval(number.low, number.high)}) "
        f"of {count(began(curve))}"
    )
    return Cell(text if began(curve) else _NOBODY, number)


def _last_year(curve: CumulativeIncidence, study: Study) -> int:
    """The headline year, or the last before it at whose end somebody was still at risk."""
    years = range(1, study.headline_year() + 1)
    return max((y for y in years if curve.at_risk_at(last_day_of_year(y))), default=1)


def _people(study: Study, year: int) -> Cell:
    return count_cell(study.treated, study.behind("person", study.everybody()))


def _patient_years(study: Study, year: int) -> Cell:
    days = study.columns.followed.days_in_all
    return years_lived(int(days.sum()), study.behind("observation", days > 0))


def _retreated(study: Study, year: int) -> Cell:
    retreated = is_retreated_within(study, last_day_of_year(year))
    behind = study.behind("retreatment", study.everybody(), retreated, year=year)
    return _curve(cumulative_retreatment(study), year, behind)


def _relapses(study: Study, year: int) -> Cell:
    relapses, days = study.columns.relapses.counted, study.columns.followed.days
    return rate(
        poisson_rate(int(relapses.sum()), int(days.sum()) / DAYS_PER_YEAR),
        study.behind("relapses", (days > 0).any(axis=1), (relapses > 0).any(axis=1)),
    )


def _relapse_free(study: Study, year: int) -> Cell:
    found = study.columns.relapses
    relapsed = found.first_ending == ENDINGS.index(Ending.EVENT)
    by_then = relapsed & (found.first_days - 1 <= last_day_of_year(year))
    behind = study.behind("first-relapse", found.first_ending >= 0, ~by_then, year=year)
    return _curve(relapse_free_curve(study), year, behind)


def _edss(study: Study, year: int) -> Cell:
    codes = study.columns.edss.against[:, year - 1]
    known = (codes != NO_YEAR) & (codes != AGAINST.index(Against.NOT_ASSESSABLE))
    held = known & (codes != AGAINST.index(Against.WORSE))
    found = exact_proportion(int(np.count_nonzero(held)), int(np.count_nonzero(known)))
    return share(found, study.behind("edss", known, held, year=year))


def _confirmed(study: Study, year: int, which: str) -> Cell:
    change: Change = getattr(study.columns, which)
    by_then = (change.answer == MET) & (change.onset <= last_day_of_year(year))
    behind = study.behind(which, change.answer != NOT_ASSESSABLE, by_then, year=year)
    return _curve(confirmed_curve(study, which), year, behind)


def _mri(study: Study, year: int) -> Cell:
    found = answers_in_year(study, study.columns.mri.either, year, outcome="mri")
    assert found.behind is not None
    return share(found.share, found.behind)


def _neda(study: Study, year: int) -> Cell:
    answers = study.columns.neda[NEDA_IDS.index(NEDA_3.id)].answer
    found = answers_in_year(study, answers, year, outcome=NEDA_3.id)
    assert found.behind is not None
    return share(found.share, found.behind)


def _autoimmune(study: Study, year: int, category: str) -> Cell:
    behind = incidence_behind(study, category, year)
    return _curve(cumulative_incidence(study, category), year, behind)


def _serious_infections(study: Study, year: int) -> Cell:
    found = numbers_of(study, "infection")
    return share(found.serious, found.behind_serious)


def _malignancies(study: Study, year: int) -> Cell:
    found = numbers_of(study, "malignancy")
    return share(found.people, found.behind)


def _deaths(study: Study, year: int) -> Cell:
    died, days = study.columns.deaths.observed, study.columns.followed.days_in_all
    return rate(
        poisson_rate(int(np.count_nonzero(died)), int(days.sum()) / DAYS_PER_YEAR, per_years=100),
        study.behind("death", days > 0, died),
    )


def _slope(study: Study, measure: Volume) -> Cell:
    found = median_slope(study, measure)
    return median(found.median, found.behind_median)


_EVENTS = ("events", "follow_up")
_MEASURES = (
    Measure("People", (), _people, is_estimate=False),
    Measure(
        "Patient-years under observation", ("follow_up",), _patient_years, is_estimate=False
    ),
    Measure("Retreated by the end of year {}", ("follow_up",), _retreated),
    Measure("Relapses a year", ("relapses", "follow_up"), _relapses),
    Measure("Free of relapses to the end of year {}", ("relapses", "follow_up"), _relapse_free),
    Measure("EDSS same or better, end of year {}", ("assessments",), _edss),
    Measure(
        "Confirmed worsening by the end of year {}", ("assessments",),
        lambda study, year: _confirmed(study, year, "cdw"),
        lambda study: _last_year(confirmed_curve(study, "cdw"), study),
    ),
    Measure(
        "Confirmed improvement by the end of year {}", ("assessments",),
        lambda study, year: _confirmed(study, year, "cdi"),
        lambda study: _last_year(confirmed_curve(study, "cdi"), study),
    ),
    Measure("MRI activity in year {}", ("mri",), _mri),
    Measure(
        "NEDA-3 in year {}", ("relapses", "assessments", "mri", "follow_up"), _neda, neda_year
    ),
    Measure(
        "Any autoimmune disease by the end of year {}", _EVENTS,
        lambda study, year: _autoimmune(study, year, ANY),
    ),
    Measure(
        "Thyroid disease by the end of year {}", _EVENTS,
        lambda study, year: _autoimmune(study, year, "thyroid"),
    ),
    Measure("People with a serious infection", _EVENTS, _serious_infections),
    Measure("People with a malignancy", _EVENTS, _malignancies),
    Measure("Deaths per 100 patient-years", ("follow_up",), _deaths),
)  # fmt: skip


def measures_for(study: Study) -> tuple[Measure, ...]:
    """The rows of the side-by-side tables, one for each measure of volume the record holds."""
    volume = tuple(
        Measure(
            f"Own yearly change of {measure}, median, %", ("mri",),
            lambda part, year, measure=measure: _slope(part, measure),
        )
        for measure in held_measures(study)
    )  # fmt: skip
    return (*_MEASURES, *volume)
