"""Everybody's outcomes, collected in one pass over the histories."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from afterdose.cohort import Cohort, Record
from afterdose.outcomes.answers import Because
from afterdose.outcomes.autoimmunity import (
    AUTOIMMUNE_TYPES,
    Earlier,
    autoimmune_events,
    earlier_autoimmunity,
)
from afterdose.outcomes.brain_volume import FROM_MONTH_12, VolumeStart
from afterdose.outcomes.deaths import Death, evaluate_death
from afterdose.outcomes.disability import (
    CARE_MS_CDI,
    CARE_MS_CDW,
    EdssAtYear,
    FirstChange,
    edss_visits,
    evaluate_edss_at_year,
    evaluate_first_change,
)
from afterdose.outcomes.events import evaluate_first_event
from afterdose.outcomes.first_events import FirstEvent
from afterdose.outcomes.relapses import RelapsesInYear, count_relapses, counted_relapses
from afterdose.outcomes.retreatment import Retreatment, evaluate_retreatment
from afterdose.outcomes.timeline import Timeline, timeline_of
from afterdose.record.history import History
from afterdose.study.extension import PersonExtension, evaluate_extension

TABLES = ("people", "treatments", "assessments", "relapses", "mri", "events", "follow_up")
"""What the report reads; laboratory results are not among them."""
ANY = "any"
"""The key under which the first autoimmune event of whatever type is kept."""


@dataclass(frozen=True, slots=True)
class PersonOutcomes:
    """One treated person's outcomes."""

    timeline: Timeline
    end_reason: str | None
    retreatment: Retreatment
    relapses: tuple[RelapsesInYear, ...]
    edss: tuple[EdssAtYear, ...]
    cdw: FirstChange
    cdi: FirstChange
    earlier: Earlier
    first_events: dict[str, FirstEvent]
    death: Death | None
    extension: PersonExtension


@dataclass(frozen=True)
class Study:
    """Everybody's outcomes, and what the sections ask of them.

    Attributes
    ----------
    record : Record
        For saying which table a question lacks.
    drug : str
    as_of : date
    in_record, untreated, first_course_unknown : int
        People: in all; without a course of the drug; whose first course the record does not hold.
    outcomes : tuple of PersonOutcomes
        Everybody whose first course had begun by ``as_of``.
    years : int
        Years after the first course that anybody completed under observation; at least one.
    volume_start : VolumeStart
        The re-baseline of brain volume.
    """

    record: Record
    drug: str
    as_of: date
    in_record: int
    untreated: int
    first_course_unknown: int
    outcomes: tuple[PersonOutcomes, ...]
    years: int
    volume_start: VolumeStart = FROM_MONTH_12

    @property
    def treated(self) -> int:
        return len(self.outcomes)

    def entering(self, year: int) -> list[PersonOutcomes]:
        """People under observation on the first day of a year."""
        return [
            person
            for person in self.outcomes
            if person.timeline.is_observed(person.timeline.year_start(year))
        ]

    def of(self, group: Iterable[PersonOutcomes]) -> "Study":
        """The same study of a part of its people; nothing else changes."""
        return replace(self, outcomes=tuple(group))

    def headline_year(self) -> int:
        """The last year at whose end at least half of those treated were under observation."""
        return self._headline_year

    @cached_property
    def _headline_year(self) -> int:
        completed = [_years_completed(person.timeline) for person in self.outcomes]
        for year in range(self.years, 1, -1):
            if 2 * sum(done >= year for done in completed) >= self.treated:
                return year
        return 1


def collect(
    cohort: Cohort, drug: str, *, as_of: date, volume_start: VolumeStart = FROM_MONTH_12
) -> Study:
    """Everybody's outcomes, reading only the tables the report needs."""
    held = [table for table in TABLES if table in cohort.frames]
    needed = Cohort(
        cohort.person_ids,
        {table: cohort.frames[table] for table in held},
        {table: cohort.offsets[table] for table in held},
        cohort.about,
    )
    untreated = first_course_unknown = 0
    outcomes = []
    for history in needed.histories():
        timeline = timeline_of(history, drug, as_of=as_of)
        if not timeline.is_treated:
            untreated += 1
        elif timeline.start is None:
            first_course_unknown += 1
        else:
            outcomes.append(_outcomes_of(history, timeline, volume_start))
    return Study(
        record=Record(cohort.frames, cohort.about),
        drug=drug,
        as_of=as_of,
        in_record=len(cohort),
        untreated=untreated,
        first_course_unknown=first_course_unknown,
        outcomes=tuple(outcomes),
        years=max([1, *(_years_completed(person.timeline) for person in outcomes)]),
        volume_start=volume_start,
    )


def rows_behind(reasons: Iterable[Because]) -> dict[str, int]:
    """How many rows of each table decided these answers, each row counted once."""
    rows: dict[int, Any] = {id(row): row for reason in reasons for row in reason.rows}
    found: dict[str, int] = {}
    for row in rows.values():
        table = _TABLE_OF[type(row).__name__]
        found[table] = found.get(table, 0) + 1
    return {table: found[table] for table in TABLES if table in found}


_TABLE_OF = {
    "Person": "people",
    "Treatment": "treatments",
    "Assessment": "assessments",
    "Relapse": "relapses",
    "Mri": "mri",
    "Event": "events",
}


def _outcomes_of(history: History, timeline: Timeline, start: VolumeStart) -> PersonOutcomes:
    years = _years_seen(timeline)
    visits = edss_visits(timeline, history.assessments)
    counted = counted_relapses(timeline, history.relapses)
    cdw = evaluate_first_change(timeline, visits, CARE_MS_CDW)
    events = autoimmune_events(timeline, history.events)
    types = {category: (category,) for category in AUTOIMMUNE_TYPES}
    known_spans = [span for span in history.follow_up if span.start_date <= timeline.as_of]
    last_span = max(known_spans, key=lambda span: span.start_date, default=None)
    return PersonOutcomes(
        timeline=timeline,
        end_reason=last_span.end_reason
        if last_span and last_span.end_date and last_span.end_date <= timeline.as_of
        else None,
        retreatment=evaluate_retreatment(timeline),
        relapses=count_relapses(timeline, counted, years=years),
        edss=tuple(
            evaluate_edss_at_year(timeline, visits, year=year) for year in range(1, years + 1)
        ),
        cdw=cdw,
        cdi=evaluate_first_change(timeline, visits, CARE_MS_CDI),
        earlier=earlier_autoimmunity(timeline, history, events)[0],
        first_events={
            name: evaluate_first_event(timeline, events, categories)
            for name, categories in {**types, ANY: tuple(AUTOIMMUNE_TYPES)}.items()
        },
        death=evaluate_death(timeline, history.person),
        extension=evaluate_extension(
            history,
            timeline,
            years=years,
            visits=visits,
            counted=counted,
            worsening=cdw,
            start=start,
        ),
    )


def _years_seen(timeline: Timeline) -> int:
    """The year after the first course of the last day under observation."""
    return timeline.year_of(timeline.observed[-1][1]) if timeline.observed else 0


def _years_completed(timeline: Timeline) -> int:
    """The last year whose last day was under observation."""
    return next(
        (
            year
            for year in range(_years_seen(timeline), 0, -1)
            if timeline.is_observed(timeline.year_start(year + 1) - timedelta(days=1))
        ),
        0,
    )
