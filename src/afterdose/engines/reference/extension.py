"""Everybody's outcomes after the first course, by the plain code, one person after the other."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from math import nan
from typing import Any

import numpy as np

from afterdose.cohort import Cohort
from afterdose.engines.extension import (
    AGAINST,
    ANSWERS,
    AUTOIMMUNE,
    BANDS,
    COURSE_NUMBERS,
    EARLIER,
    END_REASONS,
    ENDINGS,
    NEDA_IDS,
    NEVER,
    NO_YEAR,
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
from afterdose.outcomes import brain_volume, mri_activity
from afterdose.outcomes.brain_volume import FROM_MONTH_12, Volume, VolumeStart
from afterdose.outcomes.disability import FirstChange
from afterdose.outcomes.events import EventsSeen, first_possible_day
from afterdose.outcomes.first_events import FirstEvent
from afterdose.outcomes.neda import Component
from afterdose.outcomes.person import (
    PersonOutcomes,
    evaluate_person,
    years_completed,
    years_seen,
)
from afterdose.outcomes.timeline import timeline_of
from afterdose.record.tables import EVENT_CATEGORIES

TABLES = ("people", "treatments", "assessments", "relapses", "mri", "events", "follow_up")
"""What outcomes are read from; laboratory results are not among them."""
_EPOCH = date(1970, 1, 1)
_NONE_SEEN = EventsSeen((), 0)


def build_extension(
    cohort: Cohort, *, drug: str, as_of: date, volume_start: VolumeStart = FROM_MONTH_12
) -> ExtensionColumns:
    """Everybody's outcomes.

    Parameters
    ----------
    cohort : Cohort
    drug : str
        Lower-case international non-proprietary name.
    as_of : date
        Rows recorded after this day do not exist yet.
    volume_start : VolumeStart, default `FROM_MONTH_12`
        The re-baseline of brain volume.
    """
    untreated = unknown = 0
    who, found = [], []
    for place, history in enumerate(outcome_tables(cohort).histories()):
        outcomes = evaluate_person(history, drug, as_of=as_of, volume_start=volume_start)
        if outcomes is not None:
            who.append(place)
            found.append(outcomes)
        elif timeline_of(history, drug, as_of=as_of).is_treated:
            unknown += 1
        else:
            untreated += 1
    methods = _names(
        row.because.rows[0].method for p in found for row in _yearly(p) if _is_had(row)
    )
    causes = _names(p.death.cause for p in found if p.death is not None)
    years = max([1, *(years_seen(person.timeline) for person in found)])
    return ExtensionColumns(
        drug=drug,
        as_of=as_of,
        volume_from_month=volume_start.months,
        in_record=len(cohort),
        untreated=untreated,
        first_course_unknown=unknown,
        person=np.array(who, np.int64),
        methods=methods,
        causes=causes,
        followed=_followed(found, years, as_of),
        courses=_courses(found, years),
        relapses=_relapses(found, years),
        edss=_edss(found, years),
        cdw=_change(found, lambda person: person.cdw),
        cdi=_change(found, lambda person: person.cdi),
        mri=_mri(found, years),
        volume=tuple(_volumes(found, years, measure, methods) for measure in VOLUMES),
        neda=tuple(_nedas(found, years, name) for name in NEDA_IDS),
        events=_events(found, years),
        deaths=_deaths(found, causes),
        strata=_strata(found),
    )


def outcome_tables(cohort: Cohort) -> Cohort:
    """The same people with no more tables than outcomes are read from."""
    held = [table for table in TABLES if table in cohort.frames]
    return Cohort(
        cohort.person_ids,
        {table: cohort.frames[table] for table in held},
        {table: cohort.offsets[table] for table in held},
        cohort.about,
    )


_People = Sequence[PersonOutcomes]


def _one(found: _People, get: Callable[[PersonOutcomes], Any], kind: Any) -> np.ndarray:
    """One value a person."""
    return np.array([get(person) for person in found], kind).reshape(len(found))


def _table(
    found: _People,
    years: int,
    get: Callable[[PersonOutcomes], Sequence[Any]],
    kind: Any,
    empty: Any,
) -> np.ndarray:
    """One value a person and year, for the years a person has."""
    table = np.full((len(found), years), empty, kind)
    for place, person in enumerate(found):
        values = get(person)
        table[place, : len(values)] = values
    return table


def _days(person: PersonOutcomes, day: date | None) -> int:
    """Days from the first course."""
    assert person.timeline.start is not None
    return int(NEVER) if day is None else (day - person.timeline.start).days


def _followed(found: _People, years: int, as_of: date) -> Followed:
    lines = [person.timeline for person in found]
    ends = [_end_of(person, as_of) for person in found]
    every = range(1, years + 1)
    starts = [[line.year_start(year) for year in range(1, years + 2)] for line in lines]
    return Followed(
        start=np.array([(line.start - _EPOCH).days for line in lines if line.start], np.int32),
        years_seen=np.array([years_seen(line) for line in lines], np.int16),
        years_completed=np.array([years_completed(line) for line in lines], np.int16),
        years_over=np.array([line.year_of(max(as_of, line.start)) - 1 + _is_last_day(line, as_of)
                             for line in lines if line.start], np.int16),
        unbroken=np.array([-1 if line.observed_through() is None
                           else _days(person, line.observed_through())
                           for person, line in zip(found, lines, strict=True)], np.int32),
        days_in_all=np.array([sum((end - begin).days + 1 for begin, end in line.observed)
                              for line in lines], np.int32),
        spans=np.array([len(line.observed) for line in lines], np.int16),
        on_data_day=np.array([line.is_observed(as_of) for line in lines], bool),
        end_year=np.array([year for year, _ in ends], np.int16),
        end_why=np.array([why for _, why in ends], np.int8),
        anniversary=np.array([[(day - own[0]).days for day in own] for own in starts],
                             np.int32).reshape(-1, years + 1),
        entered=np.array([[line.is_observed(own[year - 1]) for year in every]
                          for line, own in zip(lines, starts, strict=True)],
                         bool).reshape(-1, years),
        completed=np.array([[line.is_observed(date.fromordinal(own[year].toordinal() - 1))
                             for year in every]
                            for line, own in zip(lines, starts, strict=True)],
                           bool).reshape(-1, years),
        days=np.array([[line.days_in_year(year) for year in every] for line in lines],
                      np.int32).reshape(-1, years),
    )  # fmt: skip


def _is_last_day(line: Any, day: date) -> bool:
    """Whether a day is the last of a year after the first course."""
    return bool(line.year_of(date.fromordinal(day.toordinal() + 1)) > line.year_of(day))


def _end_of(person: PersonOutcomes, as_of: date) -> tuple[int, int]:
    """The year in which observation ended, and why; 0 and -1 where it had not."""
    line = person.timeline
    if not line.died_on and (not line.observed or line.observed[-1][1] >= as_of):
        return 0, -1
    last = line.observed[-1][1] if line.observed else line.start
    assert last is not None
    why = "died" if line.died_on == last else person.end_reason or ""
    return line.year_of(last), END_REASONS.index(why)


def _courses(found: _People, years: int) -> Courses:
    begun = np.zeros((len(found), years, COURSE_NUMBERS), np.int16)
    for place, person in enumerate(found):
        for row in person.extension.courses:
            for number in row.begun:
                begun[place, row.year - 1, min(number, COURSE_NUMBERS) - 1] += 1
    return Courses(
        most=_one(found, lambda p: max(course.number for course in p.timeline.courses), np.int16),
        begun=begun,
        received=_table(
            found, years, lambda p: [row.received for row in p.extension.courses], np.int16, 0
        ),
        retreated_after=_one(found, lambda p: _days(p, p.retreatment.on), np.int32),
        retreated_year=_one(found, lambda p: p.retreatment.year or 0, np.int16),
    )


def _relapses(found: _People, years: int) -> Relapses:
    counted = np.zeros((len(found), years), np.int16)
    not_stated = np.zeros((len(found), years), np.int16)
    for place, person in enumerate(found):
        for row in person.relapses:
            counted[place, row.year - 1] = row.relapses
            not_stated[place, row.year - 1] = row.not_stated
    before = [person.extension.before for person in found]
    return Relapses(
        counted=counted,
        not_stated=not_stated,
        free=_table(found, years, lambda p: _codes(p.extension.relapse_free), np.int8, NO_YEAR),
        first_ending=_one(found, lambda p: _ending(p.extension.first_relapse), np.int8),
        first_days=_one(found, lambda p: p.extension.first_relapse.days_at_risk or 0, np.int32),
        before=np.array([-1 if b.relapses is None else b.relapses for b in before], np.int16),
        before_days=np.array([one.days for one in before], np.int32),
    )


def _edss(found: _People, years: int) -> Edss:
    return Edss(
        baseline=_one(found, lambda p: nan if p.cdw.baseline is None else p.cdw.baseline, float),
        score=_table(
            found,
            years,
            lambda p: [nan if row.score is None else row.score for row in p.edss],
            float,
            nan,
        ),
        against=_table(
            found, years, lambda p: [AGAINST.index(row.against) for row in p.edss], np.int8, NO_YEAR
        ),
    )


def _change(found: _People, get: Callable[[PersonOutcomes], FirstChange]) -> Change:
    return Change(
        answer=_one(found, lambda p: ANSWERS.index(get(p).answer), np.int8),
        onset=_one(found, lambda p: _days(p, get(p).onset), np.int32),
        censored=_one(found, lambda p: _days(p, get(p).censored_on), np.int32),
    )


def _mri(found: _People, years: int) -> Mri:
    def of(name: str) -> np.ndarray:
        return _table(
            found,
            years,
            lambda p: _codes(getattr(row, name) for row in p.extension.mri),
            np.int8,
            NO_YEAR,
        )

    missing = mri_activity.MISSING
    return Mri(
        new_t2=of("new_t2"),
        gd=of("gd"),
        either=of("either"),
        missing=_table(
            found,
            years,
            lambda p: [missing.index(row.because.missing) for row in p.extension.mri],
            np.int8,
            NO_YEAR,
        ),
    )


def _volumes(found: _People, years: int, measure: Volume, methods: tuple[str, ...]) -> Volumes:
    since_start = np.full((len(found), years), nan)
    for place, person in enumerate(found):
        for row in person.extension.volume[measure].since_start:
            since_start[place, row.year - 1] = _or_nan(row.change_pct_per_year)
    slopes = [person.extension.volume[measure].slope for person in found]

    def of(get: Callable[[Any], Any], kind: Any, empty: Any) -> np.ndarray:
        return _table(
            found,
            years,
            lambda p: [get(row) for row in p.extension.volume[measure].yearly],
            kind,
            empty,
        )

    return Volumes(
        yearly=of(lambda row: _or_nan(row.change_pct_per_year), float, nan),
        missing=of(lambda row: brain_volume.MISSING.index(row.because.missing), np.int8, NO_YEAR),
        method=of(
            lambda row: methods.index(row.because.rows[0].method) if _is_had(row) else -1,
            np.int16,
            -1,
        ),
        since_baseline=_table(
            found,
            years,
            lambda p: [_or_nan(r.change_pct) for r in p.extension.volume[measure].since_baseline],
            float,
            nan,
        ),
        since_start=since_start,
        slope=np.array([_or_nan(one.pct_per_year) for one in slopes]),
        low=np.array([_or_nan(one.low) for one in slopes]),
        high=np.array([_or_nan(one.high) for one in slopes]),
        scanner_changed=np.array([one.scanner_changed for one in slopes], bool),
    )


def _nedas(found: _People, years: int, name: str) -> Nedas:
    def bits(get: Callable[[Any], Iterable[Component]]) -> np.ndarray:
        parts = list(Component)
        return _table(
            found,
            years,
            lambda p: [sum(1 << parts.index(one) for one in get(row))
                       for row in p.extension.neda[name]],
            np.uint8,
            0,
        )  # fmt: skip

    return Nedas(
        answer=_table(
            found, years, lambda p: _codes(row.answer for row in p.extension.neda[name]), np.int8,
            NO_YEAR,
        ),
        through=_table(
            found, years, lambda p: _codes(row.answer for row in p.extension.neda_through[name]),
            np.int8, NO_YEAR,
        ),
        active=bits(lambda row: row.active),
        lacking=bits(lambda row: row.missing),
    )  # fmt: skip


def _events(found: _People, years: int) -> Events:
    def firsts(get: Callable[[PersonOutcomes], Any], names: Sequence[str], kind: str) -> np.ndarray:
        if kind == "ending":
            return np.array(
                [[_ending(get(p)[name]) for name in names] for p in found], np.int8
            ).reshape(-1, len(names))
        return np.array(
            [[get(p)[name].days_at_risk or 0 for name in names] for p in found], np.int32
        ).reshape(-1, len(names))

    shape = len(found), len(EVENT_CATEGORIES)
    seen, serious, unplaced = (np.zeros(shape, np.int16) for _ in range(3))
    by_year = np.zeros((len(found), years, len(EVENT_CATEGORIES)), np.int16)
    for place, person in enumerate(found):
        for kind, category in enumerate(EVENT_CATEGORIES):
            own = person.extension.events.get(category, _NONE_SEEN)
            seen[place, kind] = len(own.rows)
            serious[place, kind] = sum(bool(row.serious) for row in own.rows)
            unplaced[place, kind] = own.unplaced
            for row in own.rows:
                by_year[place, person.timeline.year_of(first_possible_day(row)) - 1, kind] += 1
    return Events(
        autoimmune_ending=firsts(lambda p: p.first_events, AUTOIMMUNE, "ending"),
        autoimmune_days=firsts(lambda p: p.first_events, AUTOIMMUNE, "days"),
        safety_ending=firsts(lambda p: p.extension.first_events, SAFETY, "ending"),
        safety_days=firsts(lambda p: p.extension.first_events, SAFETY, "days"),
        seen=seen,
        serious=serious,
        unplaced=unplaced,
        by_year=by_year,
    )


def _deaths(found: _People, causes: tuple[str, ...]) -> Deaths:
    after = [person.death for person in found]
    return Deaths(
        days=_one(found, lambda p: _days(p, p.timeline.died_on), np.int32),
        year=np.array([death.year if death else 0 for death in after], np.int16),
        observed=np.array([death is not None and death.is_observed for death in after], bool),
        cause=np.array(
            [causes.index(death.cause) if death and death.cause else -1 for death in after],
            np.int16,
        ),
    )


def _strata(found: _People) -> Strata:
    return Strata(
        earlier=_one(found, lambda p: EARLIER.index(p.earlier), np.int8),
        band=_one(found, lambda p: BANDS.index(p.extension.band), np.int8),
        phenotype=_one(found, lambda p: PHENOTYPES.index(p.extension.phenotype), np.int8),
        stage=_one(found, lambda p: STAGES.index(p.extension.stage), np.int8),
    )


def _codes(answers: Iterable[Any]) -> list[int]:
    return [ANSWERS.index(answer) for answer in answers]


def _ending(found: FirstEvent) -> int:
    return -1 if found.ending is None else ENDINGS.index(found.ending)


def _or_nan(value: float | None) -> float:
    return nan if value is None else value


def _yearly(person: PersonOutcomes) -> list[Any]:
    return [row for one in person.extension.volume.values() for row in one.yearly]


def _is_had(row: Any) -> bool:
    return row.change_pct_per_year is not None


def _names(found: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({name for name in found if name}))
