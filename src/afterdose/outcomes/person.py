"""One person's outcomes after the first course: everything the extension report asks."""

from dataclasses import dataclass
from datetime import date, timedelta

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
from afterdose.outcomes.years import PersonExtension, evaluate_extension
from afterdose.record.history import History

ANY = "any"
"""The key under which the first autoimmune event of whatever type is kept."""


@dataclass(frozen=True, slots=True)
class PersonOutcomes:
    """One treated person's outcomes.

    Attributes
    ----------
    timeline : Timeline
    end_reason : str or None
        Why the last span of follow-up ended, where it ended by the timeline's day.
    retreatment : Retreatment
    relapses : tuple of RelapsesInYear
        Years with a day under observation.
    edss : tuple of EdssAtYear
        Years 1, 2, ... up to that of the last day under observation.
    cdw, cdi : FirstChange
    earlier : Earlier
    first_events : dict of str to FirstEvent
        By autoimmune type, and `ANY`.
    death : Death or None
    extension : PersonExtension
    """

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


def evaluate_person(
    history: History, drug: str, *, as_of: date, volume_start: VolumeStart = FROM_MONTH_12
) -> PersonOutcomes | None:
    """One person's outcomes; None without a first course that the record holds.

    Parameters
    ----------
    history : History
        Laboratory results are not read.
    drug : str
        Lower-case international non-proprietary name.
    as_of : date
        Rows recorded after this day do not exist yet.
    volume_start : VolumeStart, default `FROM_MONTH_12`
        The re-baseline of brain volume.

    Examples
    --------
    >>> from afterdose.record.tables import Person, Treatment
    >>> history = History(
    ...     Person("P1"), treatments=(Treatment("P1", "alemtuzumab", date(2012, 3, 1), 1),)
    ... )
    >>> evaluate_person(history, "alemtuzumab", as_of=date(2014, 1, 1)).cdw.answer.value
    'not assessable'
    """
    timeline = timeline_of(history, drug, as_of=as_of)
    if timeline.start is None:
        return None
    years = years_seen(timeline)
    visits = edss_visits(timeline, history.assessments)
    counted = counted_relapses(timeline, history.relapses)
    cdw = evaluate_first_change(timeline, visits, CARE_MS_CDW)
    events = autoimmune_events(timeline, history.events)
    types = {category: (category,) for category in AUTOIMMUNE_TYPES}
    return PersonOutcomes(
        timeline=timeline,
        end_reason=_end_reason(history, as_of),
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
            start=volume_start,
        ),
    )


def years_seen(timeline: Timeline) -> int:
    """The year after the first course of the last day under observation; 0 without one."""
    return timeline.year_of(timeline.observed[-1][1]) if timeline.observed else 0


def years_completed(timeline: Timeline) -> int:
    """The last year whose last day was under observation; 0 without one."""
    return next(
        (
            year
            for year in range(years_seen(timeline), 0, -1)
            if timeline.is_observed(timeline.year_start(year + 1) - timedelta(days=1))
        ),
        0,
    )


def _end_reason(history: History, as_of: date) -> str | None:
    known = [span for span in history.follow_up if span.start_date <= as_of]
    last = max(known, key=lambda span: span.start_date, default=None)
    if last is None or last.end_date is None or last.end_date > as_of:
        return None
    return last.end_reason
