"""Free of relapses by disability before treatment: curves, restricted means, log-rank test."""

from math import nan

import numpy as np

from afterdose.engines.extension import BANDS
from afterdose.outcomes.strata import EdssBand
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import LogRank, NotEstimable, Survival, kaplan_meier, log_rank, restricted_mean
from afterdose.study.model import Behind, Cell, Estimate, Part, Table
from afterdose.study.numbers import count_cell
from afterdose.study.people import Study
from afterdose.study.sections.through_time import curve_number, last_day_of_year
from afterdose.study.words import count, interval, people, percent, signed


def by_band(
    study: Study, assessed: np.ndarray, days: np.ndarray, is_relapse: np.ndarray, *, year: int
) -> tuple[Part, tuple[Estimate, ...], str]:
    """A table by band to the end of a year, the test's numbers, and the test in words.

    Parameters
    ----------
    study : Study
    assessed, is_relapse : numpy.ndarray
        bool (people,).
    days : numpy.ndarray
        int (people,): from the first course to the first relapse, or to the end of observation.
    year : int
    """
    codes = study.columns.strata.band
    horizon = last_day_of_year(year)
    rows = []
    for code, band in enumerate(BANDS):
        own = assessed & (codes == code)
        if not own.any():
            continue
        curve = kaplan_meier(days[own], is_relapse[own])
        relapsed = study.behind("first-relapse", own, is_relapse & (days <= horizon), year=year)
        free = study.behind("first-relapse", own, ~(is_relapse & (days <= horizon)), year=year)
        number = curve_number(curve, year, free)
        share = f"{percent(number.value / 100)} ({interval(number.low, number.high)})"
        rows.append(
            (
                str(band),
                count_cell(int(own.sum()), free.whole()),
                count_cell(len(relapsed.counted), relapsed),
                Cell(share, number),
                _mean_cell(curve, horizon, relapsed.whole()),
            )
        )  # fmt: skip
    years = "year" if year == 1 else f"{year} years"
    table = Table(
        f"Free of relapses by EDSS before treatment, to the end of year {year}",
        (
            "EDSS before treatment", "People", "Relapsed by then", "Free (95 % interval)",
            f"Mean years free, of the first {years} (95 % interval)",
        ),
        tuple(rows) or (("Nobody can be assessed", "0", "0", "–", "–"),),
    )  # fmt: skip
    known = assessed & (codes != BANDS.index(EdssBand.UNKNOWN))
    numbers, words = _test(
        log_rank(days[known], is_relapse[known], codes[known]),
        study.behind("first-relapse", known, is_relapse),
        int(known.sum()),
    )
    return Part(table), numbers, words


def _mean_cell(curve: Survival, horizon: int, behind: Behind) -> str:
    found = restricted_mean(curve, horizon=horizon)
    if isinstance(found, NotEstimable):
        return "not estimable: observation ended before"
    value, low, high = (days / DAYS_PER_YEAR for days in (found.value, found.low, found.high))
    if found.variance == 0:
        low = high = nan  # nobody relapsed, which does not make the mean certain
    number = Estimate(
        "", None, len(behind.asked), value, low, high, "years", behind, "restricted-mean"
    )  # fmt: skip
    return Cell(f"{signed(value, 2)} ({interval(low, high, 2)})", number)


def _test(
    found: LogRank | NotEstimable, behind: Behind, tested: int
) -> tuple[tuple[Estimate, ...], str]:  # fmt: skip
    """The p value as a number, and the test in a sentence or two."""
    if isinstance(found, NotEstimable):
        return (), f"A log-rank test between the bands is not estimable. {found.reason}"
    label = "Log-rank test, free of relapses by EDSS before treatment"
    number = Estimate(label, None, tested, found.p_value, nan, nan, "p", behind, "log-rank")
    freedom = found.degrees_of_freedom
    return (number,), (
        f"Log-rank test between the bands, of {people(tested)} with an EDSS before treatment, over "
        f"all their time: {_p_in_words(found.p_value)} (chi-squared {found.chi_squared:.2f}, "
        f"{count(freedom)} degree{'s' if freedom > 1 else ''} of freedom). People were not "
        "randomised to bands, which differ in more than EDSS."
    )


def _p_in_words(p_value: float) -> str:
    return "p below 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
