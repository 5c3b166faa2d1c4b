"""Statement (f): autoimmune disease by type and year; and people with earlier autoimmunity."""

import numpy as np

from afterdose.engines.extension import AUTOIMMUNE, EARLIER, ENDINGS
from afterdose.outcomes.autoimmunity import AUTOIMMUNE_TYPES, Earlier
from afterdose.outcomes.definitions import EARLIER_AUTOIMMUNITY, FIRST_AUTOIMMUNE, STUDY_YEAR
from afterdose.outcomes.events import EXPOSURE_ADJUSTED
from afterdose.outcomes.first_events import Ending
from afterdose.outcomes.person import ANY
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import CumulativeIncidence, Rate, aalen_johansen, poisson_rate
from afterdose.study import plots
from afterdose.study.model import Behind, Cell, Estimate, Part, Plot, Section, Table
from afterdose.study.numbers import cells, count_cell, rate_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.exposure import (
    assessed_and_had,
    exposure_estimates,
    exposure_of,
    exposure_table,
)
from afterdose.study.sections.through_time import (
    began,
    curve_number,
    last_day_of_year,
    points_plot,
)
from afterdose.study.words import DASH, count, interval, or_nobody, people, percent, signed

_TITLES = {**AUTOIMMUNE_TYPES, ANY: "Any of these"}
_KINDS = {Ending.OBSERVATION: 0, Ending.EVENT: 1, Ending.DEATH: 2}
_KIND_OF_CODE = np.array([_KINDS[ending] for ending in ENDINGS])
_NOBODY = "nobody was under observation from the first course on"
_DEFINITIONS = (FIRST_AUTOIMMUNE, EXPOSURE_ADJUSTED, EARLIER_AUTOIMMUNITY, STUDY_YEAR)


def build(study: Study) -> Section:
    """First autoimmune events after the first course, by type and by year."""
    study.record.require(
        "people", "treatments", "events", "follow_up", question="autoimmune disease"
    )
    group = study.of(~_is_earlier(study, Earlier.YES))
    never_asked = int(np.count_nonzero(_is_earlier(group, Earlier.NEVER_ASKED)))
    curves = {category: cumulative_incidence(group, category) for category in _TITLES}
    rates = {category: yearly_rates(group, category) for category in _TITLES}
    exposure = {category: exposure_of(group, category) for category in _TITLES}
    shown = study.headline_year()
    not_assessable = int(np.count_nonzero(~assessed_and_had(group, ANY)[0]))
    return Section(
        id="f",
        title="(f) Autoimmune disease by type and year",
        headline=_headline(group, curves, shown),
        summary=_summary(group, curves, shown),
        estimates=(
            *(_estimate(curves[category], category, group, shown) for category in _TITLES),
            *(
                rate_number(f"{title}, first events in year {year}", *rate)
                for category, title in _TITLES.items()
                for year, rate in enumerate(rates[category], 1)
            ),
            *exposure_estimates(exposure, _TITLES),
        ),
        parts=(
            Part(
                _by_end(curves, group),
                _curves_plot(curves, study.years),
                published_for("autoimmune"),
            ),
            Part(_by_year(rates), _rates_plot([rate for rate, _ in rates["thyroid"]])),
            Part(exposure_table(exposure, _TITLES, group)),
        ),
        notes=(
            f"Everybody treated without recorded earlier autoimmune disease: "
            f"{people(group.treated)}, "
            f"of whom {count(never_asked)} were never asked. The published figures take everybody.",
            f"Not assessable, and in no number here: {count(not_assessable)}.",
            "The two published thyroid figures have the same denominator and time, and disagree.",
        ),
        definitions=_DEFINITIONS,
    )


def build_earlier(study: Study) -> Section:
    """New autoimmune disease in people who had autoimmune disease before the first course."""
    study.record.require(
        "people", "treatments", "events", "follow_up", question="earlier autoimmunity"
    )
    shown = study.headline_year()
    rows, estimates = [], []
    for earlier, words in (
        (Earlier.YES, "With earlier autoimmune disease"),
        (Earlier.NONE, "None, when asked"),
        (Earlier.NEVER_ASKED, "Never asked"),
    ):
        chosen = _is_earlier(study, earlier)
        group = study.of(chosen)
        curve = cumulative_incidence(group, ANY)
        number = curve_number(curve, shown, incidence_behind(group, ANY, shown))
        rows.append(
            (
                words,
                count_cell(
                    group.treated,
                    study.behind("earlier-autoimmunity", study.everybody(), chosen),
                ),
                _with_event(group, ANY),
                *cells(number, percent(number.value / 100), interval(number.low, number.high)),
            )
        )
        estimates.append(_estimate(curve, ANY, group, shown, words))
    having = study.of(_is_earlier(study, Earlier.YES))
    return Section(
        id="earlier",
        title="People with earlier autoimmune disease",
        headline=(
            f"{people(having.treated)} of {count(study.treated)} had autoimmune disease before the "
            f"first course; {count(_events(having, ANY))} of them had an autoimmune event "
            "afterwards."
        ),
        estimates=tuple(estimates),
        parts=(
            Part(
                Table(
                    "First autoimmune event of any type after the first course, by what was known "
                    f"before it; cumulative incidence at the end of year {shown}, death competing",
                    (
                        "Before the first course",
                        "People",
                        "With an event",
                        "Incidence",
                        "95 % interval",
                    ),
                    tuple(rows),
                )
            ),
        ),
        no_published="No figure was found for new autoimmune disease in people with earlier "
        "autoimmune disease.",
        notes=(
            "Whether an event after the first course is new disease or the earlier one continuing "
            "is for a clinician to say; this line counts every type.",
        ),
        definitions=(EARLIER_AUTOIMMUNITY, FIRST_AUTOIMMUNE),
    )


def _is_earlier(study: Study, earlier: Earlier) -> np.ndarray:
    return study.columns.strata.earlier == EARLIER.index(earlier)


def cumulative_incidence(study: Study, category: str) -> CumulativeIncidence:
    """Time in days from the first course to the first event of a type, death competing."""
    events, place = study.columns.events, AUTOIMMUNE.index(category)
    assessed, _ = assessed_and_had(study, category)
    return aalen_johansen(
        events.autoimmune_days[assessed, place] - 1,
        _KIND_OF_CODE[events.autoimmune_ending[assessed, place]],
    )


def incidence_behind(study: Study, category: str, year: int) -> Behind:
    """Who can be assessed, and who had the first event by the end of a year."""
    assessed, had = assessed_and_had(study, category)
    days = study.columns.events.autoimmune_days[:, AUTOIMMUNE.index(category)] - 1
    by_then = had & (days <= last_day_of_year(year))
    return study.behind(f"autoimmune.{category}", assessed, by_then, year=year)


def yearly_rates(study: Study, category: str) -> list[tuple[Rate, Behind]]:
    """First events of a type per 100 patient-years at risk, year by year, and who is behind."""
    days, has_event = at_risk_by_year(study, category)
    return [
        (
            poisson_rate(
                int(np.count_nonzero(has_event[:, year - 1])),
                int(days[:, year - 1].sum()) / DAYS_PER_YEAR,
                per_years=100,
            ),
            study.behind(
                f"autoimmune.{category}", days[:, year - 1] > 0, has_event[:, year - 1], year=year
            ),
        )
        for year in range(1, study.years + 1)
    ]


def at_risk_by_year(study: Study, category: str) -> tuple[np.ndarray, np.ndarray]:
    """Days at risk of a first event in each year, and whether it fell into the year.

    Returns
    -------
    tuple of numpy.ndarray
        int32 and bool (people, years); zero for those who cannot be assessed.
    """
    days = study.columns.events.autoimmune_days[:, AUTOIMMUNE.index(category), np.newaxis]
    _, had = assessed_and_had(study, category)
    year_starts = study.columns.followed.anniversary
    # Both ends of the time at risk count: an event on day 0, in year 1, makes one day.
    is_past = days > year_starts
    return (
        np.diff(np.minimum(days, year_starts), axis=1),
        had[:, np.newaxis] & is_past[:, :-1] & ~is_past[:, 1:],
    )


def _events(study: Study, category: str) -> int:
    return int(np.count_nonzero(assessed_and_had(study, category)[1]))


def _with_event(study: Study, category: str) -> Cell:
    _, had = assessed_and_had(study, category)
    behind = study.behind(f"autoimmune.{category}", study.everybody(), had)
    return count_cell(int(np.count_nonzero(had)), behind)


def _headline(group: Study, curves: dict[str, CumulativeIncidence], shown: int) -> str:
    value, low, high = curves["thyroid"].at(last_day_of_year(shown))
    thyroid, itp, nephropathy = _by_then(group, shown)
    return or_nobody(
        began(curves["thyroid"]),
        f"By the end of year {shown} thyroid disease had begun in {count(thyroid)} of "
        f"{people(began(curves['thyroid']))}: {percent(value)} (95 % interval "
        f"{interval(low, high, scale=100)}), those who had left allowed for and death competing; "
        f"immune thrombocytopenia in {count(itp)}, nephropathy in {count(nephropathy)}.",
        nobody=_NOBODY,
    )


def _summary(group: Study, curves: dict[str, CumulativeIncidence], shown: int) -> str:
    value, low, high = curves["thyroid"].at(last_day_of_year(shown))
    published = " and ".join(
        f"{figure.value:g} %"
        for figure in published_for("autoimmune")
        if "thyroid" in figure.measure
    )
    thyroid, itp, nephropathy = _by_then(group, shown)
    return or_nobody(
        began(curves["thyroid"]),
        f"Autoimmune disease by the end of year {shown}: thyroid {thyroid} of "
        f"{began(curves['thyroid'])}, {percent(value)} ({interval(low, high, scale=100)}); ITP "
        f"{itp}, nephropathy {nephropathy}; published thyroid {published} (CARE-MS I and II, "
        "year 6)",
        nobody=_NOBODY,
    )


def _by_then(group: Study, year: int) -> tuple[int, ...]:
    """People whose thyroid disease, ITP, nephropathy had begun by the end of a year."""
    return tuple(
        len(incidence_behind(group, category, year).counted)
        for category in ("thyroid", "itp", "nephropathy")
    )


def _estimate(
    curve: CumulativeIncidence,
    category: str,
    group: Study,
    shown: int,
    words: str = "",
) -> Estimate:
    value, low, high = (100 * part for part in curve.at(last_day_of_year(shown)))
    label = f"{_TITLES[category]} by the end of year {shown}"
    behind = incidence_behind(group, category, shown)
    return Estimate(
        f"{label}: {words}" if words else label,
        len(behind.counted), began(curve), value, low, high, "%", behind, "aalen-johansen",
    )  # fmt: skip


def _by_end(curves: dict[str, CumulativeIncidence], group: Study) -> Table:
    years = range(1, group.years + 1)
    return Table(
        f"Cumulative incidence in %, with its 95 % interval, at the end of each year, death "
        f"competing, of {people(group.treated)}",
        ("Type", "With an event", *(f"Year {year}" for year in years)),
        tuple(
            (
                title,
                _with_event(group, category),
                *(_value_with_interval(group, curves[category], category, y) for y in years),
            )
            for category, title in _TITLES.items()
        ),
    )


def _value_with_interval(
    group: Study, curve: CumulativeIncidence, category: str, year: int
) -> Cell:
    number = curve_number(curve, year, incidence_behind(group, category, year))
    within, shown = interval(number.low, number.high), signed(number.value, 1)
    return Cell(shown if within == DASH else f"{shown} ({within})", number)


def _by_year(rates: dict[str, list[tuple[Rate, Behind]]]) -> Table:
    return Table(
        "First events in each year, with the rate per 100 patient-years at risk",
        ("Type", *(f"Year {year}" for year, _ in enumerate(rates[ANY], 1))),
        tuple(
            (title, *(_events_and_rate(*one) for one in rates[category]))
            for category, title in _TITLES.items()
        ),
    )


def _events_and_rate(rate: Rate, behind: Behind) -> Cell:
    return Cell(
        f"{count(rate.events)} ({signed(rate.value, 1)}; {interval(rate.low, rate.high)})",
        rate_number("", rate, behind),
    )


def _curves_plot(curves: dict[str, CumulativeIncidence], years: int) -> Plot:
    def draw(axes: plots.Axes) -> None:
        plots.draw_curve(axes, curves[ANY], "Any type", colour=plots.ORANGE, dashed=True)
        plots.draw_curve(axes, curves["thyroid"], "Thyroid")
        plots.draw_published(axes, published_for("autoimmune"))
        plots.finish_curves(axes, y="With a first event, %", years=years)

    return Plot(
        "plot-f",
        "Cumulative incidence of autoimmune disease",
        "Step curves from the first course with 95 % bands: any type (dashed) and thyroid disease "
        "(solid); open marks for published thyroid figures. The numbers are in the table below.",
        draw,
    )


def _rates_plot(rates: list[Rate]) -> Plot:
    return points_plot(
        "plot-f-rate",
        "First thyroid events per 100 patient-years at risk, by year",
        plots.Points.of(range(1, len(rates) + 1), rates),
        y="Thyroid, per 100 patient-years",
    )
