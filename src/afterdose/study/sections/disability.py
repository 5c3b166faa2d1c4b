"""Statement (d): EDSS better, same or worse than baseline, and changes a later visit confirms."""

from collections import Counter
from operator import attrgetter

from afterdose.outcomes.answers import Answer
from afterdose.outcomes.definitions import CARE_MS_CDI, CARE_MS_CDW, EDSS_AT_YEAR, STUDY_YEAR
from afterdose.outcomes.disability import Against, Confirmed
from afterdose.outcomes.timeline import Timeline
from afterdose.stats import CumulativeIncidence, aalen_johansen, exact_proportion
from afterdose.study import plots
from afterdose.study.model import Part, Plot, Section, Table
from afterdose.study.people import Study, rows_behind
from afterdose.study.published import published_for
from afterdose.study.words import count, interval, people, percent, share_estimate

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
            *(share_estimate(f"EDSS {a}, end of year {shown}", s) for a, s in shares.items()),
            share_estimate(f"EDSS same or better, end of year {shown}", stable),
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
        rows_behind=rows_behind(row.because for p in study.outcomes for row in p.edss),
    )


def _plot(by_year: dict[int, Counter[Against]]) -> Plot | None:
    years = list(by_year)
    with plots.drawing(
        "plot-d",
        "EDSS against baseline at each year's end",
        "One bar a year, split into better, same and worse from below, each labelled with its "
        "percentage. The numbers are in the table below.",
    ) as drawn:
        bottom = [0.0] * len(years)
        for against in _SHOWN:
            fill, edge, hatch, ink = _FILLS[against]
            heights = [_percent_of(by_year[year], against) for year in years]
            bars = drawn.axes.bar(
                years, heights, bottom=bottom, color=fill, edgecolor=edge, hatch=hatch,
                label=against.capitalize(), width=0.75,
            )  # fmt: skip
            labels = [f"{height:.0f}" if height >= 8 else "" for height in heights]
            box = {"facecolor": fill, "edgecolor": "none", "pad": 1.5}
            drawn.axes.bar_label(bars, labels, label_type="center", color=ink, bbox=box)
            bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
        drawn.axes.set_ylim(0, 100)
        plots.finish(
            drawn.axes, x="End of year after the first course", y="% of people with a score",
            years=years, legend_columns=3,
        )  # fmt: skip
    return drawn.plot


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
        found: Confirmed = attrgetter(which)(person)
        if found.answer is not Answer.NOT_ASSESSABLE:
            days, ending = _time_to_change(person.timeline, found)
            times.append(days)
            endings.append(ending)
    return aalen_johansen(times, endings)


def _time_to_change(timeline: Timeline, found: Confirmed) -> tuple[int, int]:
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
    years = range(1, study.years + 1)
    with plots.drawing(
        f"plot-{which}",
        f"{title}: cumulative incidence",
        "A step curve from the first course with its 95 % band; open marks for published figures. "
        "The numbers are in the table below.",
    ) as drawn:
        plots.draw_curve(drawn.axes, curve, "This record, 95 % band")
        plots.draw_published(drawn.axes, published_for(which))
        drawn.axes.set_ylim(bottom=0)
        drawn.axes.set_xlim(0, max(years, default=1) + 0.3)
        plots.finish(
            drawn.axes, x="Years after the first course", y="With the change, %", years=[0, *years]
        )
    rows = []
    for year in years:
        value, low, high = curve.at(year * 365.25)
        rows.append(
            (
                str(year), percent(value), interval(low, high, scale=100),
                count(curve.at_risk_at(year * 365.25)),
            )
        )  # fmt: skip
    not_assessable = study.treated - assessed
    table = Table(
        f"{title}, of {people(assessed)} in whom it can be assessed "
        f"({count(not_assessable)} cannot)",
        ("End of year", "Cumulative incidence", "95 % interval", "Still at risk"),
        tuple(rows),
    )
    return Part(table, drawn.plot, published_for(which))
