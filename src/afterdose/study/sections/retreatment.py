"""Statements (a) and (b): who was retreated, and in which year."""

import numpy as np

from afterdose.engines.extension import MET, NO_YEAR, NOT_ASSESSABLE, NOT_MET
from afterdose.outcomes.definitions import PATIENT_YEARS, RETREATMENT, STUDY_YEAR
from afterdose.stats import CumulativeIncidence, Proportion, aalen_johansen, exact_proportion
from afterdose.study import plots
from afterdose.study.model import Behind, Part, Section, Table
from afterdose.study.numbers import cells, count_cell, share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.through_time import (
    curve_plot,
    curve_table,
    last_day_of_year,
    points_plot,
)
from afterdose.study.words import (
    count,
    interval,
    or_nobody,
    people,
    percent,
)
from afterdose.study.yearly import Answers

_FIRST_YEAR = 3
_NOBODY = f"nobody was under observation when year {_FIRST_YEAR} began"
_DEFINITIONS = (RETREATMENT, STUDY_YEAR, PATIENT_YEARS)


def build_year_3(study: Study) -> Section:
    """(a): retreated in year 3, with every later year beside it."""
    study.record.require("treatments", "follow_up", question="retreatment")
    return _build(study, "a", 3, _by_year_part(study))


def build_year_4(study: Study) -> Section:
    """(b): retreated in year 4, with the cumulative incidence beside it."""
    study.record.require("treatments", "follow_up", question="retreatment")
    return _build(study, "b", 4, _cumulative_part(study))


def _build(study: Study, letter: str, year: int, part: Part) -> Section:
    share, answers, _ = _found(study, year)
    compared = next(figure for figure in published_for("third-course") if figure.year == year)
    title = f"Retreated in year {year}"
    return Section(
        id=letter,
        title=f"({letter}) {title}",
        headline=or_nobody(
            share.denominator,
            f"{count(share.numerator)} of the {people(share.denominator)} under observation when "
            f"year 3 began had a third or later course for the first time in year {year}: "
            f"{percent(share.value)} (95 % interval {interval(share.low, share.high, scale=100)}).",
            nobody=_NOBODY,
        ),
        summary=or_nobody(
            share.denominator,
            f"{title}: {share.numerator} of {share.denominator}, {percent(share.value)} "
            f"({interval(share.low, share.high, scale=100)}); "
            f"published {compared.as_text()}, {compared.study}",
            nobody=_NOBODY,
        ),
        estimates=tuple(
            share_number(f"Retreated in year {shown}", own, behind)
            for shown in _years(study)
            for own, _, behind in (_found(study, shown),)
        ),
        parts=(part,),
        notes=(
            "The denominator stays the same in every year: the "
            f"{count(share.denominator)} people under observation on the first day of year 3. The "
            "published denominators are people who entered the extension.",
            f"{count(answers.unknown)} of them left observation before the end of year {year} "
            "without having been retreated: not assessable for that year, and counted in the "
            "denominator. The cumulative incidence allows for them.",
        ),
        definitions=_DEFINITIONS,
    )


def retreated_in_year(study: Study, year: int) -> np.ndarray:
    """Whether the first retreatment fell into a year: int8 (people,), of `ANSWERS`.

    Not assessable where observation ended before the year did and nothing had been given by then.
    """
    own = study.columns.courses.retreated_year
    completed = study.columns.followed.completed
    if year <= study.columns.years:
        answers = np.where(completed[:, year - 1], NOT_MET, NOT_ASSESSABLE)
    else:
        answers = np.full(study.treated, NOT_ASSESSABLE)
    answers[(own > 0) & (own < year)] = NOT_MET
    answers[own == year] = MET
    return answers.astype(np.int8)


def _found(study: Study, year: int) -> tuple[Proportion, Answers, Behind]:
    """First retreated in the year, of everybody who entered year 3; those unknown stay in it."""
    entered = study.entered(_FIRST_YEAR)
    answers = np.where(entered, retreated_in_year(study, year), NO_YEAR)
    found = Answers.of(study, answers, outcome="retreatment", year=year)
    behind = study.behind("retreatment", entered, answers == MET, year=year)
    return exact_proportion(found.met, found.asked), found, behind


def _years(study: Study) -> range:
    return range(_FIRST_YEAR, max(study.years, _FIRST_YEAR + 1) + 1)


def _by_year_part(study: Study) -> Part:
    published = published_for("third-course")
    found = {year: _found(study, year) for year in _years(study)}
    table = Table(
        "First retreatment by year, of everybody under observation when year 3 began",
        ("Year", "Retreated", "Of", "%", "95 % interval", "Not assessable"),
        tuple(
            (
                str(year),
                count_cell(share.numerator, behind),
                count_cell(share.denominator, behind.whole()),
                *cells(
                    share_number("", share, behind), percent(share.value),
                    interval(share.low, share.high, scale=100),
                ),
                count_cell(answers.unknown, answers.behind_unknown),
            )
            for year, (share, answers, behind) in found.items()
        ),
    )  # fmt: skip
    plot = points_plot(
        "plot-a",
        "Share first retreated in each year",
        plots.Points.of(list(found), [share for share, _, _ in found.values()], scale=100),
        y="First retreated, %",
        published=published,
    )
    return Part(table, plot, published)


def cumulative_retreatment(study: Study) -> CumulativeIncidence:
    """Time in days from the first course to the first retreatment, death competing."""
    until = _until(study)
    retreated = is_retreated_within(study)
    died = ~retreated & (study.columns.deaths.days <= until)
    days = np.where(retreated, study.columns.courses.retreated_after, until)
    return aalen_johansen(days, retreated + 2 * died)


def is_retreated_within(study: Study, days: int | None = None) -> np.ndarray:
    """Who was seen to be retreated, within some days of the first course or ever.

    Returns
    -------
    numpy.ndarray
        bool (people,).
    """
    after = study.columns.courses.retreated_after
    until = _until(study)
    return after <= (until if days is None else np.minimum(until, days))


def _until(study: Study) -> np.ndarray:
    """Days to the end of unbroken observation; 0 for those not under observation at all."""
    return np.maximum(study.columns.followed.unbroken, 0)


def _cumulative_part(study: Study) -> Part:
    curve = cumulative_retreatment(study)
    published = published_for("retreated-by")
    in_year_4 = tuple(figure for figure in published_for("third-course") if figure.year == 4)
    return Part(
        curve_table(
            "Cumulative incidence of retreatment at the end of each year, death competing",
            "Ever retreated",
            curve,
            years=study.years,
            behind=lambda year: study.behind(
                "retreatment",
                study.everybody(),
                is_retreated_within(study, last_day_of_year(year)),
                year=year,
            ),
        ),
        curve_plot(
            "plot-b",
            "Cumulative incidence of retreatment",
            curve,
            y="Ever retreated, %",
            years=study.years,
            published=published,
        ),
        (*in_year_4, *published),
    )
