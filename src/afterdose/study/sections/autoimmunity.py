"""Statement (f): autoimmune disease by type and year; and people with earlier autoimmunity."""

from collections.abc import Sequence

from afterdose.outcomes.autoimmunity import AUTOIMMUNE_TYPES, Earlier
from afterdose.outcomes.definitions import EARLIER_AUTOIMMUNITY, FIRST_AUTOIMMUNE, STUDY_YEAR
from afterdose.outcomes.events import EXPOSURE_ADJUSTED
from afterdose.outcomes.first_events import Ending, FirstEvent
from afterdose.outcomes.person import ANY, PersonOutcomes
from afterdose.outcomes.timeline import Timeline
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.stats import CumulativeIncidence, Rate, aalen_johansen, poisson_rate
from afterdose.study import plots
from afterdose.study.model import Estimate, Part, Plot, Section, Table
from afterdose.study.numbers import rate_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.exposure import exposure_estimates, exposure_table
from afterdose.study.sections.through_time import last_day_of_year, points_plot
from afterdose.study.words import DASH, count, interval, people, percent, signed

_TITLES = {**AUTOIMMUNE_TYPES, ANY: "Any of these"}
_CODES = {Ending.OBSERVATION: 0, Ending.EVENT: 1, Ending.DEATH: 2}
_DEFINITIONS = (FIRST_AUTOIMMUNE, EXPOSURE_ADJUSTED, EARLIER_AUTOIMMUNITY, STUDY_YEAR)


def build(study: Study) -> Section:
    """First autoimmune events after the first course, by type and by year."""
    study.record.require(
        "people", "treatments", "events", "follow_up", question="autoimmune disease"
    )
    group = [person for person in study.outcomes if person.earlier is not Earlier.YES]
    never_asked = sum(person.earlier is Earlier.NEVER_ASKED for person in group)
    curves = {category: cumulative_incidence(group, category) for category in _TITLES}
    rates = {category: yearly_rates(group, category, study.years) for category in _TITLES}
    shown = study.headline_year()
    first = [person.first_events[ANY] for person in group]
    not_assessable = sum(found.ending is None for found in first)
    return Section(
        id="f",
        title="(f) Autoimmune disease by type and year",
        headline=_headline(group, curves, shown),
        summary=_summary(group, curves, shown),
        estimates=(
            *(_estimate(curves[category], category, group, shown) for category in _TITLES),
            *(
                rate_number(f"{title}, first events in year {year}", rate)
                for category, title in _TITLES.items()
                for year, rate in enumerate(rates[category], 1)
            ),
            *exposure_estimates(group, _TITLES),
        ),
        parts=(
            Part(
                _by_end(curves, group, study),
                _curves_plot(curves, study.years),
                published_for("autoimmune"),
            ),
            Part(_by_year(rates), _rates_plot(rates["thyroid"])),
            Part(exposure_table(group, _TITLES)),
        ),
        notes=(
            f"Everybody treated without recorded earlier autoimmune disease: {people(len(group))}, "
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
        group = [person for person in study.outcomes if person.earlier is earlier]
        curve = cumulative_incidence(group, ANY)
        value, low, high = curve.at(last_day_of_year(shown))
        rows.append(
            (
                words, count(len(group)), count(_events(group, ANY)), percent(value),
                interval(low, high, scale=100),
            )
        )  # fmt: skip
        estimates.append(_estimate(curve, ANY, group, shown, words))
    having = [person for person in study.outcomes if person.earlier is Earlier.YES]
    return Section(
        id="earlier",
        title="People with earlier autoimmune disease",
        headline=(
            f"{people(len(having))} of {count(study.treated)} had autoimmune disease before the "
            f"first course; {count(_events(having, ANY))} of them had an autoimmune event "
            "afterwards."
        ),
        estimates=tuple(estimates),
        parts=(
            Part(
                Table(
                    "First autoimmune event of any type after the first course, by what was known "
                    f"before it; cumulative incidence at the end of year {shown}, death competing",
                    ("Before the first course", "People", "With an event", "Incidence",
                     "95 % interval"),
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

    )  # fmt: skip


def cumulative_incidence(group: Sequence[PersonOutcomes], category: str) -> CumulativeIncidence:
    """Time in days from the first course to the first event of a type, death competing."""
    found = [person.first_events[category] for person in group]
    assessed = [one for one in found if one.ending is not None and one.days_at_risk is not None]
    return aalen_johansen(
        [float((one.days_at_risk or 1) - 1) for one in assessed],
        [_CODES[one.ending] for one in assessed if one.ending is not None],
    )


def yearly_rates(group: Sequence[PersonOutcomes], category: str, years: int) -> list[Rate]:
    """First events of a type per 100 patient-years at risk, year by year."""
    rates = []
    for year in range(1, years + 1):
        events, days = 0, 0
        for person in group:
            found = person.first_events[category]
            if found.ending is not None:
                days += days_at_risk(person.timeline, found, year)
                events += is_event_in(person.timeline, found, year)
        rates.append(poisson_rate(events, days / DAYS_PER_YEAR, per_years=100))
    return rates


def days_at_risk(timeline: Timeline, found: FirstEvent, year: int) -> int:
    """Days of a year spent at risk of a first event."""
    assert found.last_day is not None
    first = timeline.year_start(year)
    last = min(found.last_day.toordinal(), timeline.year_start(year + 1).toordinal() - 1)
    return max(0, last - first.toordinal() + 1)


def is_event_in(timeline: Timeline, found: FirstEvent, year: int) -> bool:
    """Whether the first event fell into a year."""
    if found.ending is not Ending.EVENT or found.last_day is None:
        return False
    return timeline.year_of(found.last_day) == year


def _events(group: Sequence[PersonOutcomes], category: str) -> int:
    return sum(person.first_events[category].ending is Ending.EVENT for person in group)


def _headline(
    group: list[PersonOutcomes], curves: dict[str, CumulativeIncidence], shown: int
) -> str:
    value, low, high = curves["thyroid"].at(last_day_of_year(shown))
    itp, nephropathy = (count(_events(group, category)) for category in ("itp", "nephropathy"))
    return (
        f"Thyroid disease began in {count(_events(group, 'thyroid'))} of {people(len(group))}: "
        f"{percent(value)} by the end of year {shown} (95 % interval "
        f"{interval(low, high, scale=100)}), death competing; immune "
        f"thrombocytopenia in {itp}, nephropathy in {nephropathy}."
    )


def _summary(
    group: list[PersonOutcomes], curves: dict[str, CumulativeIncidence], shown: int
) -> str:
    value, low, high = curves["thyroid"].at(last_day_of_year(shown))
    published = " and ".join(
        f"{figure.value:g} %"
        for figure in published_for("autoimmune")
        if "thyroid" in figure.measure
    )
    return (
        f"Autoimmune disease by the end of year {shown}: thyroid {_events(group, 'thyroid')} of "
        f"{len(group)}, {percent(value)} ({interval(low, high, scale=100)}); ITP "
        f"{_events(group, 'itp')}, nephropathy {_events(group, 'nephropathy')}; published thyroid "
        f"{published} (CARE-MS I and II, year 6)"
    )


def _estimate(
    curve: CumulativeIncidence,
    category: str,
    group: Sequence[PersonOutcomes],
    shown: int,
    words: str = "",
) -> Estimate:
    value, low, high = (100 * part for part in curve.at(last_day_of_year(shown)))
    label = f"{_TITLES[category]} by the end of year {shown}"
    return Estimate(
        f"{label}: {words}" if words else label,
        _events(group, category), int(curve.at_risk[0]), value, low, high, "%",
    )  # fmt: skip


def _by_end(
    curves: dict[str, CumulativeIncidence], group: list[PersonOutcomes], study: Study
) -> Table:
    years = range(1, study.years + 1)
    return Table(
        f"Cumulative incidence in %, with its 95 % interval, at the end of each year, death "
        f"competing, of {people(len(group))}",
        ("Type", "With an event", *(f"Year {year}" for year in years)),
        tuple(
            (
                title,
                count(_events(group, category)),
                *(_value_with_interval(curves[category], year) for year in years),
            )
            for category, title in _TITLES.items()
        ),
    )


def _value_with_interval(curve: CumulativeIncidence, year: int) -> str:
    value, low, high = curve.at(last_day_of_year(year))
    within = interval(low, high, scale=100)
    shown = signed(100 * value, 1)
    return shown if within == DASH else f"{shown} ({within})"


def _by_year(rates: dict[str, list[Rate]]) -> Table:
    return Table(
        "First events in each year, with the rate per 100 patient-years at risk",
        ("Type", *(f"Year {year}" for year, _ in enumerate(rates[ANY], 1))),
        tuple(
            (
                title,
                *(
                    f"{count(rate.events)} ({signed(rate.value, 1)}; "
                    f"{interval(rate.low, rate.high)})"
                    for rate in rates[category]
                ),
            )
            for category, title in _TITLES.items()
        ),
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
