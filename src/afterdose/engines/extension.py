"""Everybody's outcomes after the first course, as columns: what any engine hands to the report.

One row is a treated person whose first course the record holds, in the record's order; a second
axis, where there is one, is the year after the first course, from year 1 at position 0. A year
that a person did not begin under observation holds `NO_YEAR`, or not a number.

Answers and categories are kept as whole numbers: the position of the answer in the tuple named.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from afterdose.outcomes.autoimmunity import AUTOIMMUNE_TYPES, Earlier
from afterdose.outcomes.brain_volume import Volume
from afterdose.outcomes.disability import Against
from afterdose.outcomes.first_events import Ending
from afterdose.outcomes.neda import NEDAS
from afterdose.outcomes.person import ANY
from afterdose.outcomes.strata import EdssBand, Phenotype, Stage
from afterdose.record.answers import Answer
from afterdose.record.tables import EVENT_CATEGORIES

NO_YEAR = -1
"""In the place of an answer: the person did not begin this year under observation."""
NEVER = np.int32(2**31 - 1)
"""In the place of a number of days: it did not come about."""
ANSWERS: tuple[Answer, ...] = tuple(Answer)
AGAINST: tuple[Against, ...] = tuple(Against)
ENDINGS: tuple[Ending, ...] = tuple(Ending)
EARLIER: tuple[Earlier, ...] = tuple(Earlier)
BANDS: tuple[EdssBand, ...] = tuple(EdssBand)
PHENOTYPES: tuple[Phenotype, ...] = tuple(Phenotype)
STAGES: tuple[Stage, ...] = tuple(Stage)
AUTOIMMUNE: tuple[str, ...] = (*AUTOIMMUNE_TYPES, ANY)
SAFETY: tuple[str, ...] = tuple(one for one in EVENT_CATEGORIES if one not in AUTOIMMUNE_TYPES)
VOLUMES: tuple[Volume, ...] = tuple(Volume)
NEDA_IDS: tuple[str, ...] = tuple(definition.id for definition in NEDAS)
END_REASONS = ("death", "withdrawn", "lost", "moved", "data_cut", "other", "died", "")
"""Why observation ended: the record's reasons, seen to have died on the last day, not stated."""
COURSE_NUMBERS = 5
"""Courses begun are counted by number: first, second, third, fourth, fifth or later."""

MET, NOT_MET, NOT_ASSESSABLE = range(len(ANSWERS))


class Followed(NamedTuple):
    """How long people were under observation.

    Attributes
    ----------
    start : numpy.ndarray
        int32 (people,): first day of the first course, as days since 1970-01-01.
    years_seen, years_completed, years_over : numpy.ndarray
        int16 (people,): the year of the last day under observation; the last year whose last day
        was under observation; the last year that was over by the data day, observed or not.
    unbroken : numpy.ndarray
        int32 (people,): days from the first course to the last day of unbroken observation; -1
        for those who were not under observation from the first course on.
    days_in_all : numpy.ndarray
        int32 (people,): days under observation.
    spans : numpy.ndarray
        int16 (people,): spans of observation that neither touch nor overlap.
    on_data_day : numpy.ndarray
        bool (people,).
    end_year : numpy.ndarray
        int16 (people,): the year in which observation ended; 0 where it had not.
    end_why : numpy.ndarray
        int8 (people,): of `END_REASONS`; -1 where it had not ended.
    anniversary : numpy.ndarray
        int32 (people, years + 1): days from the first course to the first day of each year, and
        of the year after the last.
    entered, completed : numpy.ndarray
        bool (people, years): the first, the last day of the year was under observation.
    days : numpy.ndarray
        int32 (people, years): days under observation in the year.
    """

    start: np.ndarray
    years_seen: np.ndarray
    years_completed: np.ndarray
    years_over: np.ndarray
    unbroken: np.ndarray
    days_in_all: np.ndarray
    spans: np.ndarray
    on_data_day: np.ndarray
    end_year: np.ndarray
    end_why: np.ndarray
    anniversary: np.ndarray
    entered: np.ndarray
    completed: np.ndarray
    days: np.ndarray


class Courses(NamedTuple):
    """Courses given.

    Attributes
    ----------
    most : numpy.ndarray
        int16 (people,): the highest number of a course begun by the data day.
    begun : numpy.ndarray
        int16 (people, years, `COURSE_NUMBERS`): courses begun under observation.
    received : numpy.ndarray
        int16 (people, years): the highest number begun before the year; 0 in years not begun.
    retreated_after : numpy.ndarray
        int32 (people,): days from the first course to the first one beyond the planned two, or
        `NEVER`.
    retreated_year : numpy.ndarray
        int16 (people,): its year; 0 without one.
    """

    most: np.ndarray
    begun: np.ndarray
    received: np.ndarray
    retreated_after: np.ndarray
    retreated_year: np.ndarray


class Relapses(NamedTuple):
    """Relapses that count.

    Attributes
    ----------
    counted, not_stated : numpy.ndarray
        int16 (people, years): relapses; of these, neither confirmed nor refuted.
    free : numpy.ndarray
        int8 (people, years): free of relapses, of `ANSWERS`.
    first_ending : numpy.ndarray
        int8 (people,): what ended the time to the first relapse, of `ENDINGS`; -1: not assessable.
    first_days : numpy.ndarray
        int32 (people,): days at risk, both ends counted; 0 where not assessable.
    before : numpy.ndarray
        int16 (people,): in the months before the first course; -1: not assessable.
    before_days : numpy.ndarray
        int32 (people,).
    """

    counted: np.ndarray
    not_stated: np.ndarray
    free: np.ndarray
    first_ending: np.ndarray
    first_days: np.ndarray
    before: np.ndarray
    before_days: np.ndarray


class Edss(NamedTuple):
    """EDSS at each year's end.

    Attributes
    ----------
    baseline : numpy.ndarray
        float64 (people,): before treatment; not a number without one.
    score : numpy.ndarray
        float64 (people, years): nearest to the year's end; not a number without one.
    against : numpy.ndarray
        int8 (people, years): of `AGAINST`.
    """

    baseline: np.ndarray
    score: np.ndarray
    against: np.ndarray


class Change(NamedTuple):
    """The first confirmed change.

    Attributes
    ----------
    answer : numpy.ndarray
        int8 (people,): of `ANSWERS`.
    onset, censored : numpy.ndarray
        int32 (people,): days from the first course to the change, or to the last visit that could
        still have been confirmed; `NEVER` where there is none.
    """

    answer: np.ndarray
    onset: np.ndarray
    censored: np.ndarray


class Mri(NamedTuple):
    """MRI activity.

    Attributes
    ----------
    new_t2, gd, either : numpy.ndarray
        int8 (people, years): active, of `ANSWERS`.
    missing : numpy.ndarray
        int8 (people, years): what ``either`` lacks, of `afterdose.outcomes.mri_activity.MISSING`.
    """

    new_t2: np.ndarray
    gd: np.ndarray
    either: np.ndarray
    missing: np.ndarray


class Volumes(NamedTuple):
    """Brain volume by one measure, in percent of the earlier scan; negative is loss.

    Attributes
    ----------
    yearly : numpy.ndarray
        float64 (people, years), % a year; not a number where not assessable.
    missing : numpy.ndarray
        int8 (people, years): what it lacks, of `afterdose.outcomes.brain_volume.MISSING`.
    method : numpy.ndarray
        int16 (people, years): of the methods in `ExtensionColumns.methods`; -1 where not
        assessable.
    since_baseline : numpy.ndarray
        float64 (people, years): % in all, since the scan before treatment.
    since_start : numpy.ndarray
        float64 (people, years): % a year, from the re-baseline on.
    slope, low, high : numpy.ndarray
        float64 (people,): a person's own line, % a year, with its 95 % interval.
    scanner_changed : numpy.ndarray
        bool (people,): a later scan was by another method or scanner.
    """

    yearly: np.ndarray
    missing: np.ndarray
    method: np.ndarray
    since_baseline: np.ndarray
    since_start: np.ndarray
    slope: np.ndarray
    low: np.ndarray
    high: np.ndarray
    scanner_changed: np.ndarray


class Nedas(NamedTuple):
    """No evidence of disease activity by one definition.

    Attributes
    ----------
    answer, through : numpy.ndarray
        int8 (people, years): in the year, and since the first course; of `ANSWERS`.
    active, lacking : numpy.ndarray
        uint8 (people, years): a bit a component, in the order of
        `afterdose.outcomes.neda.Component`: with activity; not assessable.
    """

    answer: np.ndarray
    through: np.ndarray
    active: np.ndarray
    lacking: np.ndarray


class Events(NamedTuple):
    """Adverse events after the first course.

    Attributes
    ----------
    autoimmune_ending, autoimmune_days : numpy.ndarray
        int8, int32 (people, `AUTOIMMUNE`): what ended the time to the first event of a type, of
        `ENDINGS` or -1; days at risk, both ends counted, 0 where not assessable.
    safety_ending, safety_days : numpy.ndarray
        The same (people, `SAFETY`).
    seen, serious, unplaced : numpy.ndarray
        int16 (people, `EVENT_CATEGORIES`): events under observation; of these, serious ones;
        events that may lie before the first course or after it.
    by_year : numpy.ndarray
        int16 (people, years, `EVENT_CATEGORIES`): those seen, by year.
    """

    autoimmune_ending: np.ndarray
    autoimmune_days: np.ndarray
    safety_ending: np.ndarray
    safety_days: np.ndarray
    seen: np.ndarray
    serious: np.ndarray
    unplaced: np.ndarray
    by_year: np.ndarray


class Deaths(NamedTuple):
    """Deaths known on the data day.

    Attributes
    ----------
    days : numpy.ndarray
        int32 (people,): from the first course; negative where the record says before it; `NEVER`.
    year : numpy.ndarray
        int16 (people,): the year after the first course; 0 without a death after it.
    observed : numpy.ndarray
        bool (people,): on a day under observation.
    cause : numpy.ndarray
        int16 (people,): of `ExtensionColumns.causes`; -1: not recorded, or no death after it.
    """

    days: np.ndarray
    year: np.ndarray
    observed: np.ndarray
    cause: np.ndarray


class Strata(NamedTuple):
    """What people were before the first course.

    Attributes
    ----------
    earlier, band, phenotype, stage : numpy.ndarray
        int8 (people,): of `EARLIER`, `BANDS`, `PHENOTYPES`, `STAGES`.
    """

    earlier: np.ndarray
    band: np.ndarray
    phenotype: np.ndarray
    stage: np.ndarray


@dataclass(frozen=True, eq=False)
class ExtensionColumns:
    """Everybody's outcomes.

    Attributes
    ----------
    drug : str
    as_of : date
    volume_from_month : int
        The re-baseline of brain volume.
    in_record, untreated, first_course_unknown : int
        People: in all; without a course of the drug; whose first course the record does not hold.
    person : numpy.ndarray
        int64 (people,): each one's position in the record.
    methods, causes : tuple of str
        Methods of brain volume, and causes of death, in the order of the alphabet.
    followed : Followed
    courses : Courses
    relapses : Relapses
    edss : Edss
    cdw, cdi : Change
    mri : Mri
    volume : tuple of Volumes
        By position in `VOLUMES`.
    neda : tuple of Nedas
        By position in `NEDA_IDS`.
    events : Events
    deaths : Deaths
    strata : Strata
    """

    drug: str
    as_of: date
    volume_from_month: int
    in_record: int
    untreated: int
    first_course_unknown: int
    person: np.ndarray
    methods: tuple[str, ...]
    causes: tuple[str, ...]
    followed: Followed
    courses: Courses
    relapses: Relapses
    edss: Edss
    cdw: Change
    cdi: Change
    mri: Mri
    volume: tuple[Volumes, ...]
    neda: tuple[Nedas, ...]
    events: Events
    deaths: Deaths
    strata: Strata

    def __len__(self) -> int:
        return len(self.person)

    @property
    def years(self) -> int:
        """Length of the second axis: the last year anybody was seen in; at least one."""
        return int(self.followed.days.shape[1])

    def take(self, chosen: np.ndarray) -> "ExtensionColumns":
        """The same columns of some people.

        Parameters
        ----------
        chosen : numpy.ndarray
            bool (people,), or positions.
        """
        places = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        return replace(
            self,
            **{
                field.name: _taken(getattr(self, field.name), places)
                for field in fields(self)
                if field.name not in _OF_EVERYBODY
            },
        )

    def arrays(self) -> Iterator[tuple[str, np.ndarray]]:
        """Every array with its name, such as ``edss.score`` or ``volume.0.slope``."""
        for field in fields(self):
            if field.name not in _OF_EVERYBODY:
                yield from _named(field.name, getattr(self, field.name))


_OF_EVERYBODY = frozenset(
    ("drug", "as_of", "volume_from_month", "in_record", "untreated", "first_course_unknown",
     "methods", "causes")
)  # fmt: skip


def _taken(value: Any, places: np.ndarray) -> Any:
    if isinstance(value, np.ndarray):
        return value.take(places, axis=0)  # several times faster than by truth values
    parts = (_taken(part, places) for part in value)
    return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)


def _named(name: str, value: Any) -> Iterator[tuple[str, np.ndarray]]:
    if isinstance(value, np.ndarray):
        yield name, value
        return
    names = getattr(value, "_fields", range(len(value)))
    for part, one in zip(names, value, strict=True):
        yield from _named(f"{name}.{part}", one)
