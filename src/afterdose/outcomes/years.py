"""One person year by year, beyond the headline outcomes."""

from dataclasses import dataclass

from afterdose.outcomes.ageing import VolumeSlope, evaluate_slope
from afterdose.outcomes.answers import Because
from afterdose.outcomes.autoimmunity import AUTOIMMUNE_TYPES
from afterdose.outcomes.brain_volume import (
    FROM_BASELINE,
    Volume,
    VolumeChange,
    VolumeScan,
    VolumeStart,
    evaluate_volume_since,
    evaluate_yearly_volume,
    volume_scans,
)
from afterdose.outcomes.courses import CoursesInYear, count_courses
from afterdose.outcomes.disability import FirstChange
from afterdose.outcomes.events import (
    SAFETY_EVENTS,
    EventsSeen,
    evaluate_first_event,
    events_seen,
    known_events,
)
from afterdose.outcomes.first_events import FirstEvent
from afterdose.outcomes.mri_activity import MriYear, evaluate_mri_activity, lesion_scans
from afterdose.outcomes.neda import (
    NEDAS,
    Component,
    Finding,
    NedaInYear,
    atrophy_finding,
    evaluate_neda,
    evaluate_neda_through,
    relapse_finding,
    worsening_finding,
)
from afterdose.outcomes.relapse_free import (
    RelapsesBefore,
    count_relapses_before,
    evaluate_first_relapse,
    is_relapse_free_in_year,
)
from afterdose.outcomes.strata import EdssBand, Phenotype, Stage, edss_band, phenotype_of, stage_of
from afterdose.outcomes.timeline import Timeline
from afterdose.record.answers import Answer
from afterdose.record.history import History
from afterdose.record.tables import EVENT_CATEGORIES, Assessment, Relapse

SAFETY_CATEGORIES = tuple(name for name in EVENT_CATEGORIES if name not in AUTOIMMUNE_TYPES)
"""Event categories that are not autoimmune disease."""


@dataclass(frozen=True, slots=True)
class VolumeOutcomes:
    """One person's brain volume by one measure.

    Attributes
    ----------
    yearly, since_baseline, since_start : tuple of VolumeChange
        Years 1 on; the last only for years that end after the report's re-baseline.
    slope : VolumeSlope
        From the re-baseline on.
    """

    yearly: tuple[VolumeChange, ...]
    since_baseline: tuple[VolumeChange, ...]
    since_start: tuple[VolumeChange, ...]
    slope: VolumeSlope


@dataclass(frozen=True, slots=True)
class PersonExtension:
    """One treated person's years, and the strata the person belongs to.

    Attributes
    ----------
    courses : tuple of CoursesInYear
    before : RelapsesBefore
    first_relapse : FirstEvent
    relapse_free : tuple of Answer
        Years 1, 2, ...
    mri : tuple of MriYear
    volume : dict of Volume to VolumeOutcomes
    neda, neda_through : dict of str to tuple of NedaInYear
        By id of the definition; years 1, 2, ... and since the first course.
    first_events : dict of str to FirstEvent
        By event category, those that are not autoimmune disease.
    events : dict of str to EventsSeen
        By event category; categories without any left out.
    band, phenotype, stage : EdssBand, Phenotype, Stage
    """

    courses: tuple[CoursesInYear, ...]
    before: RelapsesBefore
    first_relapse: FirstEvent
    relapse_free: tuple[Answer, ...]
    mri: tuple[MriYear, ...]
    volume: dict[Volume, VolumeOutcomes]
    neda: dict[str, tuple[NedaInYear, ...]]
    neda_through: dict[str, tuple[NedaInYear, ...]]
    first_events: dict[str, FirstEvent]
    events: dict[str, EventsSeen]
    band: EdssBand
    phenotype: Phenotype
    stage: Stage


def evaluate_extension(
    history: History,
    timeline: Timeline,
    *,
    years: int,
    visits: list[Assessment],
    counted: list[Relapse],
    worsening: FirstChange,
    start: VolumeStart,
) -> PersonExtension:
    """One person's years 1 to ``years``.

    Parameters
    ----------
    history : History
    timeline : Timeline
        With a first course.
    years : int
        The year of the last day under observation.
    visits : list of Assessment
        EDSS scores known on the timeline's day.
    counted : list of Relapse
        From `afterdose.outcomes.relapses.counted_relapses`.
    worsening : FirstChange
    start : VolumeStart
        The re-baseline of brain volume.
    """
    band, phenotype = edss_band(timeline, visits), phenotype_of(history.person)
    free = [is_relapse_free_in_year(timeline, counted, year) for year in range(1, years + 1)]
    mri = evaluate_mri_activity(timeline, lesion_scans(timeline, history.mri), years=years)
    volume = {
        measure: _volume(
            timeline, volume_scans(timeline, history.mri, measure), measure, years, start
        )
        for measure in Volume
    }
    neda = _neda(timeline, visits, free, mri, volume, worsening)
    events = known_events(timeline, history.events)
    present = {row.category for row in events}
    nothing = evaluate_first_event(timeline, [], (), definition=SAFETY_EVENTS)
    return PersonExtension(
        courses=count_courses(timeline, years=years),
        before=count_relapses_before(timeline, history, history.relapses),
        first_relapse=evaluate_first_relapse(timeline, counted),
        relapse_free=tuple(answer for answer, _ in free),
        mri=mri,
        volume=volume,
        neda=neda,
        neda_through={
            definition.id: evaluate_neda_through(definition, neda[definition.id])
            for definition in NEDAS
        },
        first_events={
            category: evaluate_first_event(timeline, events, (category,), definition=SAFETY_EVENTS)
            if category in present
            else nothing
            for category in SAFETY_CATEGORIES
        },
        events={
            category: events_seen(timeline, events, (category,)) for category in sorted(present)
        },
        band=band,
        phenotype=phenotype,
        stage=stage_of(band, phenotype),
    )


def _neda(
    timeline: Timeline,
    visits: list[Assessment],
    free: list[tuple[Answer, Because]],
    mri: tuple[MriYear, ...],
    volume: dict[Volume, VolumeOutcomes],
    worsening: FirstChange,
) -> dict[str, tuple[NedaInYear, ...]]:
    found: dict[str, list[NedaInYear]] = {definition.id: [] for definition in NEDAS}
    for year, (relapse, scans) in enumerate(zip(free, mri, strict=True), 1):
        three = [
            relapse_finding(*relapse),
            worsening_finding(timeline, visits, worsening, year),
            Finding(Component.MRI, scans.either, scans.because),
        ]
        for definition in NEDAS:
            asked = three
            if definition.volume is not None:
                change = volume[definition.volume].yearly[year - 1]
                asked = [*three, atrophy_finding(definition, change)]
            found[definition.id].append(evaluate_neda(definition, year, asked))
    return {name: tuple(answers) for name, answers in found.items()}


def _volume(
    timeline: Timeline, scans: list[VolumeScan], measure: Volume, years: int, start: VolumeStart
) -> VolumeOutcomes:
    def since(first: VolumeStart) -> tuple[VolumeChange, ...]:
        return tuple(
            evaluate_volume_since(timeline, scans, year=year, measure=measure, start=first)
            for year in range(1, years + 1)
            if 12 * year > first.months
        )

    return VolumeOutcomes(
        yearly=tuple(
            evaluate_yearly_volume(timeline, scans, year=year, measure=measure)
            for year in range(1, years + 1)
        ),
        since_baseline=since(FROM_BASELINE),
        since_start=since(start),
        slope=evaluate_slope(timeline, scans, measure=measure, start=start),
    )
