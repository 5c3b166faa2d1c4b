"""Statement (d): EDSS better, same or worse than baseline, and changes a later visit confirms."""

from collections import Counter
from operator import attrgetter

from afterdose.outcomes.definitions import EDSS_AT_YEAR, STUDY_YEAR
from afterdose.outcomes.disability import CARE_MS_CDI, CARE_MS_CDW, Against, FirstChange
from afterdose.outcomes.timeline import Timeline
from afterdose.record.answers import Answer
from afterdose.stats import CumulativeIncidence, aalen_johansen, exact_proportion
from afterdose.study import plots
from afterdose.study.model import Part, Plot, Section, Table
from afterdose.study.numbers import share_number
from afterdose.study.people import Study
from afterdose.study.published import published_for
from afterdose.study.sections.through_time import curve_plot, curve_table
from afterdose.study.words import count, interval, people, percent

_SHOWN = (Against.BETTER, Against.SAME, Against.WORSE)
_FILLS = {
    Against.BETTER: (plots.GREEN, "white", "", "#ffffff"),
    Against.SAME: ("#e7ecf0", plots.GREY, "", plots.INK),
    Against.WORSE: ("#f4d9c4", plots.ORANGE, "//", plots.INK),
}


def build(study: Study) -> Section:
    """EDSS against baseline at each year's end."""
    study.record.require("treatments", "assessments", question="disability")
    by_year = {
        year: Counter(row.against for p in study.outcomes for row in p.edss if row.year == year)
        for year in range(1, study.years + 1)
    }
    shown = study.headline_year()
    found = by_year.get(shown, Counter())
    total = sum(found[against] for against in _SHOWN)
    shares = {against: exact_proportion(found[against], total) for against in _SHOWN}
    stable = exact_proportion(found[Against.BETTER] + found[Against.SAME], total)
    figures = published_for("edss")
    beside = "; ".join(f"{f.value:g} % in year {f.year} ({f.study})" for f in figures)
    return Section(
        id="d",
        title="(d) EDSS better, same or worse than baseline",
        headline=(
            f"At the end of year {shown}, of {people(total)} with a score then and before "
            "treatment, "
            + ", ".join(
                f"{count(share.numerator)} were {'the ' if against is Against.SAME else ''}"
                f"{against} ({percent(share.value)}, 95 % interval "
                f"{interval(share.low, share.high, scale=100)})"
                for against, share in shares.items()
            )
            + "."
        ),
        summary=(
            f"EDSS, end of year {shown}: better {found[Against.BETTER]}, same "
            f"{found[Against.SAME]}, worse {found[Against.WORSE]} of {total}; same or better "
            f"{percent(stable.value)} ({interval(stable.low, stable.high, scale=100)}); "
            f"published {beside}"
        ),
        estimates=(
            *(share_number(f"EDSS {a}, end of year {shown}", s) for a, s in shares.items()),
            share_number(f"EDSS same or better, end of year {shown}", stable),
        ),
        parts=(
            Part(_table(by_year), _plot(by_year), figures),
            _confirmed_part(study, "cdw", CARE_MS_CDW.title),
            _confirmed_part(study, "cdi", CARE_MS_CDI.title),
        ),
        notes=(
            "A single visit decides better, same or worse; it may fall into a relapse. The "
            "confirmed changes below ask for six months.",
            "People without a score near a year's end are in no percentage of that year; the table "
            "shows how many. If they fared worse, the percentages flatter.",
        ),
        definitions=(EDSS_AT_YEAR, CARE_MS_CDW, CARE_MS_CDI, STUDY_YEAR),
    )


def _plot(by_year: dict[int, Counter[Against]]) -> Plot:
    years = list(by_year)

    def draw(axes: plots.Axes) -> None:
        bottom = [0.0] * len(years)
        for against in _SHOWN:
            fill, edge, hatch, ink = _FILLS[against]
            heights = [_percent_of(by_year[year], against) for year in years]
            bars = axes.bar(
                years, heights, bottom=bottom, color=fill, edgecolor=edge, hatch=hatch,
                label=against.capitalize(), width=0.75,
            )  # fmt: skip
            labels = [f"{height:.0f}" if height >= 8 else "" for height in heights]
            box = {"facecolor": fill, "edgecolor": "none", "pad": 1.5}
            axes.bar_label(bars, labels, label_type="center", color=ink, bbox=box)
            bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
        axes.set_ylim(0, 100)
        plots.finish(
            axes, x="End of year after the first course", y="% of people with a score",
            years=years, legend_columns=3,
        )  # fmt: skip

    return Plot(
        "plot-d",
        "EDSS against baseline at each year's end",
        "One bar a year, split into better, same and worse from below, each labelled with its "
        "percentage. The numbers are in the table below.",
        draw,
    )


def _percent_of(found: Counter[Against], against: Against) -> float:
    total = sum(found[one] for one in _SHOWN)
    return 100 * found[against] / total if total else 0.0


def _table(by_year: dict[int, Counter[Against]]) -> Table:
    rows = []
    for year, found in by_year.items():
        total = sum(found[against] for against in _SHOWN)
        cells = [str(year), count(total)]
        for against in _SHOWN:
            share = exact_proportion(found[against], total)
            cells.append(
                f"{count(share.numerator)} ({percent(share.value)}; "
                f"{interval(share.low, share.high, scale=100)})"
            )
        rows.append((*cells, count(found[Against.NOT_ASSESSABLE])))
    return Table(
        "EDSS against baseline: people, percentage and 95 % interval",
        ("End of year", "With a score", "Better", "Same", "Worse", "Not assessable"),
        tuple(rows),
    )


def confirmed_curve(study: Study, which: str) -> CumulativeIncidence:
    """Time in days from the first course to a confirmed change, death competing.

    Without a change, time ends at the last visit that could still have been confirmed.
    """
    times, endings = [], []
    for person in study.outcomes:
        found: FirstChange = attrgetter(which)(person)
        if found.answer is not Answer.NOT_ASSESSABLE:
            days, ending = _time_to_change(person.timeline, found)
            times.append(days)
            endings.append(ending)
    return aalen_johansen(times, endings)


def _time_to_change(timeline: Timeline, found: FirstChange) -> tuple[int, int]:
    assert timeline.start is not None
    if found.onset is not None:
        return (found.onset - timeline.start).days, 1
    if timeline.died_on is not None and timeline.is_observed(timeline.died_on):
        return (timeline.died_on - timeline.start).days, 2
    assert found.censored_on is not None
    return (found.censored_on - timeline.start).days, 0


def _confirmed_part(study: Study, which: str, title: str) -> Part:
    curve = confirmed_curve(study, which)
    assessed = int(curve.at_risk[0])
    published = published_for(which)
    return Part(
        curve_table(
            f"{title}, of {people(assessed)} in whom it can be assessed "
            f"({count(study.treated - assessed)} cannot)",
            "Cumulative incidence",
            curve,
            years=study.years,
        ),
        curve_plot(
            f"plot-{which}",
            f"{title}: cumulative incidence",
            curve,
            y="With the change, %",
            years=study.years,
            published=published,
        ),
        published,
    )
