"""Everybody's outcomes after the first course: packs a cohort and hands it to the kernels."""

from datetime import date
from typing import NamedTuple

import numpy as np

from afterdose.cohort import Cohort
from afterdose.engines.extension import (
    AUTOIMMUNE,
    BANDS,
    COURSE_NUMBERS,
    PHENOTYPES,
    SAFETY,
    STAGES,
    VOLUMES,
    Change,
    Courses,
    Deaths,
    Edss,
    Events,
    ExtensionColumns,
    Followed,
    Mri,
    Nedas,
    Relapses,
    Strata,
    Volumes,
)
from afterdose.engines.local.days import number_of
from afterdose.engines.local.extension.calendar import calendar
from afterdose.engines.local.extension.columns import Packed, Timelines
from afterdose.engines.local.extension.pack import pack_extension
from afterdose.engines.local.extension.rules import change_rule, volume_rule
from afterdose.engines.local.extension.timelines import lay_out
from afterdose.engines.local.frozen import frozen
from afterdose.engines.local.kernels.extension.courses import courses_of_all
from afterdose.engines.local.kernels.extension.edss import changes_of_all, edss_of_all
from afterdose.engines.local.kernels.extension.events import events_of_all
from afterdose.engines.local.kernels.extension.following import deaths_of_all, followed_of_all
from afterdose.engines.local.kernels.extension.mri import mri_of_all
from afterdose.engines.local.kernels.extension.neda import neda_of_all
from afterdose.engines.local.kernels.extension.relapses import relapses_of_all
from afterdose.engines.local.kernels.extension.volumes import volumes_of_all
from afterdose.outcomes.ageing import student_t_975
from afterdose.outcomes.brain_volume import FROM_MONTH_12, Volume, VolumeStart
from afterdose.outcomes.definitions import YEAR_END_DAYS
from afterdose.outcomes.disability import CARE_MS_CDI, CARE_MS_CDW, DisabilityDefinition
from afterdose.outcomes.disability.at_year import BETTER_BY
from afterdose.outcomes.neda import NEDAS, Neda
from afterdose.outcomes.retreatment import PLANNED_COURSES
from afterdose.outcomes.strata import UPPER_ENDS, EdssBand, stage_of
from afterdose.record.tables import EVENT_CATEGORIES


def build_extension(
    cohort: Cohort, *, drug: str, as_of: date, volume_start: VolumeStart = FROM_MONTH_12
) -> ExtensionColumns:
    """Everybody's outcomes, with the answers of `afterdose.engines.reference.build_extension`.

    Parameters
    ----------
    cohort : Cohort
        Laboratory results are not read.
    drug : str
        Lower-case international non-proprietary name.
    as_of : date
        Rows recorded after this day do not exist yet.
    volume_start : VolumeStart, default `FROM_MONTH_12`
        The re-baseline of brain volume.

    Raises
    ------
    UsageError
        A day from which the calendar is reckoned lies before 1900 or after 2149.

    Notes
    -----
    Every number is the plain code's to the last bit, except ``slope``, ``low`` and ``high`` of a
    person's own line: within 1e-12, for their sums and squares may be rounded otherwise.
    """
    packed, morning = pack_extension(cohort, drug=drug, as_of=as_of), number_of(as_of)
    laid_out = lay_out(packed, morning, volume_months=volume_start.months)
    lines = laid_out.lines
    followed = _followed(lines, packed, morning)
    relapses = _relapses(lines, packed, followed.days)
    edss, closing = _edss(lines, packed)
    cdw = _change(lines, packed, CARE_MS_CDW)
    mri = _mri(lines, packed)
    by_method = [_volumes(lines, packed, measure, volume_start) for measure in VOLUMES]
    methods, volume = _with_methods(by_method, packed.methods)
    causes, deaths = _deaths(lines, packed, morning)
    events, earlier = _events(lines, packed)
    return ExtensionColumns(
        drug=drug,
        as_of=as_of,
        volume_from_month=volume_start.months,
        in_record=len(cohort),
        untreated=laid_out.untreated,
        first_course_unknown=laid_out.unknown,
        person=lines.person.copy(),
        methods=methods,
        causes=causes,
        followed=followed,
        courses=_courses(lines, packed, laid_out.numbers),
        relapses=relapses,
        edss=edss,
        cdw=cdw,
        cdi=_change(lines, packed, CARE_MS_CDI),
        mri=mri,
        volume=volume,
        neda=tuple(
            _neda(lines, one, closing, relapses.free, cdw, mri.either, volume) for one in NEDAS
        ),
        events=events,
        deaths=deaths,
        strata=_strata(packed.people.phenotype[lines.person], edss.baseline, earlier),
    )


def _years(lines: Timelines) -> tuple[int, int]:
    """People and years: the shape of most columns."""
    people, years = lines.anniversary.shape
    return people, years - 1


def _followed(lines: Timelines, packed: Packed, morning: int) -> Followed:
    shape = people, years = _years(lines)
    found = Followed(
        start=np.empty(people, np.int32),
        years_seen=np.empty(people, np.int16),
        years_completed=np.empty(people, np.int16),
        years_over=np.empty(people, np.int16),
        unbroken=np.empty(people, np.int32),
        days_in_all=np.empty(people, np.int32),
        spans=np.empty(people, np.int16),
        on_data_day=np.empty(people, bool),
        end_year=np.empty(people, np.int16),
        end_why=np.empty(people, np.int8),
        anniversary=np.empty((people, years + 1), np.int32),
        entered=np.empty(shape, bool),
        completed=np.empty(shape, bool),
        days=np.empty(shape, np.int32),
    )
    followed_of_all(morning, lines, packed.follow_up, calendar(), found)
    return found


def _courses(lines: Timelines, packed: Packed, numbers: np.ndarray) -> Courses:
    shape = people, _ = _years(lines)
    found = Courses(
        most=np.empty(people, np.int16),
        begun=np.zeros((*shape, COURSE_NUMBERS), np.int16),
        received=np.empty(shape, np.int16),
        retreated_after=np.empty(people, np.int32),
        retreated_year=np.empty(people, np.int16),
    )
    courses_of_all(lines, packed.treatments, numbers, PLANNED_COURSES, calendar(), found)
    return found


def _relapses(lines: Timelines, packed: Packed, days: np.ndarray) -> Relapses:
    shape = people, _ = _years(lines)
    found = Relapses(
        counted=np.zeros(shape, np.int16),
        not_stated=np.zeros(shape, np.int16),
        free=np.empty(shape, np.int8),
        first_ending=np.empty(people, np.int8),
        first_days=np.empty(people, np.int32),
        before=np.empty(people, np.int16),
        before_days=np.empty(people, np.int32),
    )
    relapses_of_all(lines, packed.relapses, packed.follow_up, days, calendar(), found)
    return found


def _edss(lines: Timelines, packed: Packed) -> tuple[Edss, np.ndarray]:
    """EDSS, and the day of the visit at each year's end."""
    shape = people, _ = _years(lines)
    found = Edss(baseline=np.empty(people), score=np.empty(shape), against=np.empty(shape, np.int8))
    closing = np.empty(shape, np.int32)
    rule = change_rule(CARE_MS_CDW)
    edss_of_all(lines, packed.visits, rule, BETTER_BY, YEAR_END_DAYS, closing, found)
    return found, closing


def _change(lines: Timelines, packed: Packed, definition: DisabilityDefinition) -> Change:
    people, _ = _years(lines)
    found = Change(
        answer=np.empty(people, np.int8),
        onset=np.empty(people, np.int32),
        censored=np.empty(people, np.int32),
    )
    changes_of_all(lines, packed.visits, change_rule(definition), found)
    return found


def _mri(lines: Timelines, packed: Packed) -> Mri:
    found = Mri(*(np.empty(_years(lines), np.int8) for _ in Mri._fields))
    mri_of_all(lines, packed.lesions, YEAR_END_DAYS, found)
    return found


class _OnePersonsScans(NamedTuple):
    """Room for the scans of one person with a volume by one measure."""

    row: np.ndarray
    day: np.ndarray
    level: np.ndarray
    method: np.ndarray
    scanner: np.ndarray
    stretch: np.ndarray


def _volumes(
    lines: Timelines, packed: Packed, measure: Volume, volume_start: VolumeStart
) -> Volumes:
    """Volumes, with methods by their position among all those in the record."""
    shape = people, _ = _years(lines)
    found = Volumes(
        yearly=np.empty(shape),
        missing=np.empty(shape, np.int8),
        method=np.empty(shape, np.int32),
        since_baseline=np.empty(shape),
        since_start=np.empty(shape),
        slope=np.empty(people),
        low=np.empty(people),
        high=np.empty(people),
        scanner_changed=np.empty(people, bool),
    )
    rows = packed.volumes
    most = int(np.diff(rows.offsets).max(initial=0))
    room = _OnePersonsScans(
        np.empty(most, np.int64), np.empty(most, np.int32), np.empty(most),
        *(np.empty(most, np.int32) for _ in range(3)),
    )  # fmt: skip
    student = np.array([np.nan, *(student_t_975(degrees) for degrees in range(1, most))])
    rule = volume_rule(measure, volume_start)
    volumes_of_all(lines, rows, rule, frozen(student), room, np.empty(most, bool), found)
    return found


def _with_methods(
    found: list[Volumes], methods: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[Volumes, ...]]:
    """The methods of the yearly changes, and the same volumes with their positions among these."""
    used = sorted(set().union(*(np.unique(one.method[one.method >= 0]) for one in found)))
    place = _places(used, len(methods))
    volumes = (one._replace(method=place[one.method]) for one in found)
    return tuple(methods[code] for code in used), tuple(volumes)


def _places(used: list[int], count: int) -> np.ndarray:
    """int16: by each of ``count`` codes its position among those used; -1 for others and for -1."""
    found = np.full(count + 1, -1, np.int16)
    found[used] = np.arange(len(used))
    return found


def _neda(
    lines: Timelines,
    definition: Neda,
    closing: np.ndarray,
    free: np.ndarray,
    cdw: Change,
    mri: np.ndarray,
    volume: tuple[Volumes, ...],
) -> Nedas:
    shape = _years(lines)
    found = Nedas(
        answer=np.empty(shape, np.int8),
        through=np.empty(shape, np.int8),
        active=np.empty(shape, np.uint8),
        lacking=np.empty(shape, np.uint8),
    )
    yearly, limit = np.empty((shape[0], 0)), 0.0
    if definition.volume is not None and definition.atrophy_limit is not None:
        yearly = volume[VOLUMES.index(definition.volume)].yearly
        limit = definition.atrophy_limit
    neda_of_all(lines, closing, free, cdw, mri, yearly, limit, YEAR_END_DAYS, found)
    return found


def _events(lines: Timelines, packed: Packed) -> tuple[Events, np.ndarray]:
    """Events, and what people had before the first course: as stated, or seen among the events."""
    people, years = _years(lines)
    categories = len(EVENT_CATEGORIES)
    found = Events(
        autoimmune_ending=np.empty((people, len(AUTOIMMUNE)), np.int8),
        autoimmune_days=np.empty((people, len(AUTOIMMUNE)), np.int32),
        safety_ending=np.empty((people, len(SAFETY)), np.int8),
        safety_days=np.empty((people, len(SAFETY)), np.int32),
        seen=np.zeros((people, categories), np.int16),
        serious=np.zeros((people, categories), np.int16),
        unplaced=np.zeros((people, categories), np.int16),
        by_year=np.zeros((people, years, categories), np.int16),
    )
    kinds = tuple(
        frozen(np.array([names.index(one) if one in names else -1 for one in EVENT_CATEGORIES]))
        for names in (AUTOIMMUNE, SAFETY)
    )
    decided = np.empty(len(AUTOIMMUNE), bool), np.empty(len(SAFETY), bool)
    earlier = packed.people.asked[lines.person]
    events_of_all(lines, packed.events, kinds, calendar(), decided, found, earlier)
    return found, earlier


def _deaths(lines: Timelines, packed: Packed, morning: int) -> tuple[tuple[str, ...], Deaths]:
    people, _ = _years(lines)
    found = Deaths(
        days=np.empty(people, np.int32),
        year=np.empty(people, np.int16),
        observed=np.empty(people, bool),
        cause=np.empty(people, np.int32),
    )
    cause = frozen(packed.people.cause[lines.person])
    deaths_of_all(lines, calendar(), morning, cause, found)
    stated = [code for code in np.unique(found.cause) if code >= 0]
    place = _places(stated, len(packed.causes))
    return (
        tuple(packed.causes[code] for code in stated),
        found._replace(cause=place[found.cause]),
    )


def _strata(phenotype: np.ndarray, baseline: np.ndarray, earlier: np.ndarray) -> Strata:
    ends = [end for _, end in UPPER_ENDS]
    rising = np.array([BANDS.index(band) for band in (*dict(UPPER_ENDS), EdssBand.HIGH)])
    band = np.where(
        np.isnan(baseline), BANDS.index(EdssBand.UNKNOWN), rising[np.digitize(baseline, ends) % 4]
    )
    stages = np.array(
        [[STAGES.index(stage_of(one, other)) for other in PHENOTYPES] for one in BANDS]
    )
    return Strata(
        earlier=earlier,
        band=band.astype(np.int8),
        phenotype=phenotype,
        stage=stages[band, phenotype].astype(np.int8),
    )
