"""Statements (a) and (b): who was retreated, and in which year."""

from afterdose.outcomes.definitions import PATIENT_YEARS, RETREATMENT, STUDY_YEAR
from afterdose.outcomes.person import PersonOutcomes
from afterdose.outcomes.retreatment import is_retreated_in_year
from afterdose.outcomes.timeline import Timeline
from afterdose.record.answers import Answer
from afterdose.stats import CumulativeIncidence, Proportion, aalen_johansen, exact_proportion
from afterdose.study import plots
from afterdose.study.model import Part, Section, Table
from afterdose.study.numbers import share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.through_time import curve_plot, curve_table, points_plot
from afterdose.study.words import (
    count,
    interval,
    people,
    percent,
)

_FIRST_YEAR = 3
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
    entered = study.entering(_FIRST_YEAR)
    share, unknown = _share(entered, year)
    compared = next(figure for figure in published_for("third-course") if figure.year == year)
    title = f"Retreated in year {year}"
    return Section(
        id=letter,
        title=f"({letter}) {title}",
        headline=(
            f"{count(share.numerator)} of the {people(share.denominator)} under observation when "
            f"year 3 began had a third or later course for the first time in year {year}: "
            f"{percent(share.value)} (95 % interval {interval(share.low, share.high, scale=100)})."
        ),
        summary=(
            f"{title}: {share.numerator} of {share.denominator}, {percent(share.value)} "
            f"({interval(share.low, share.high, scale=100)}); "
            f"published {compared.as_text()}, {compared.study}"
        ),
        estimates=tuple(
            share_number(f"Retreated in year {shown}", _share(entered, shown)[0])
            for shown in _years(study)
        ),
        parts=(part,),
        notes=(
            f"The denominator stays the same in every year: the {count(len(entered))} people under "
            "observation on the first day of year 3. The published denominators are people who "
            "entered the extension.",
            f"{count(unknown)} of them left observation before the end of year {year} without "
            "having been retreated: not assessable for that year, and counted in the denominator. "
            "The cumulative incidence allows for them.",
        ),
        definitions=_DEFINITIONS,
    )


def _share(entered: list[PersonOutcomes], year: int) -> tuple[Proportion, int]:
    """First retreated in the year, of everybody who entered year 3; and how many not assessable."""
    answers = [is_retreated_in_year(person.timeline, year)[0] for person in entered]
    unknown = answers.count(Answer.NOT_ASSESSABLE)
    return exact_proportion(answers.count(Answer.MET), len(entered)), unknown


def _years(study: Study) -> range:
    return range(_FIRST_YEAR, max(study.years, _FIRST_YEAR + 1) + 1)


def _by_year_part(study: Study) -> Part:
    entered = study.entering(_FIRST_YEAR)
    published = published_for("third-course")
    found = [(year, *_share(entered, year)) for year in _years(study)]
    table = Table(
        "First retreatment by year, of everybody under observation when year 3 began",
        ("Year", "Retreated", "Of", "%", "95 % interval", "Not assessable"),
        tuple(
            (
                str(year), count(share.numerator), count(share.denominator), percent(share.value),
                interval(share.low, share.high, scale=100), count(unknown),
            )
            for year, share, unknown in found
        ),
    )  # fmt: skip
    years = [year for year, _, _ in found]
    plot = points_plot(
        "plot-a",
        "Share first retreated in each year",
        plots.Points.of(years, [share for _, share, _ in found], scale=100),
        y="First retreated, %",
        published=published,
    )
    return Part(table, plot, published)


def cumulative_retreatment(study: Study) -> CumulativeIncidence:
    """Time in days from the first course to the first retreatment, death competing."""
    times, endings = [], []
    for person in study.outcomes:
        days, ending = _time_to_retreatment(person.timeline, person)
        times.append(days)
        endings.append(ending)
    return aalen_johansen(times, endings)


def _time_to_retreatment(timeline: Timeline, person: PersonOutcomes) -> tuple[int, int]:
    assert timeline.start is not None
    until = timeline.observed_through() or timeline.start
    on = person.retreatment.on
    if on is not None and on <= until:
        return (on - timeline.start).days, 1
    ending = 2 if timeline.died_on is not None and timeline.died_on <= until else 0
    return (until - timeline.start).days, ending


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
