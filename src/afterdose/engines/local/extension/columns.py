"""What the outcomes after the first course are read from: plain arrays by person, then day.

Everything stands as it was known on one day, so that a kernel asks of no row whether it was known.
``offsets`` is int64, one more than people: rows ``offsets[i]`` up to, but not including,
``offsets[i + 1]`` are person ``i``'s. Days are int32 since 1970-01-01.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class People(NamedTuple):
    """What the table of people says.

    Attributes
    ----------
    died : numpy.ndarray
        int32 a person; `NEVER` where not known to have died.
    cause : numpy.ndarray
        int32 a person: a position in `Packed.causes`; -1 where not recorded.
    asked : numpy.ndarray
        int8 a person: earlier autoimmune disease as stated, of `EARLIER`.
    phenotype : numpy.ndarray
        int8 a person: of `PHENOTYPES`.
    """

    died: np.ndarray
    cause: np.ndarray
    asked: np.ndarray
    phenotype: np.ndarray


class Treatments(NamedTuple):
    """Courses of the drug begun by the day asked, by first day; ``number`` 0: not recorded."""

    offsets: np.ndarray
    start: np.ndarray
    number: np.ndarray


class FollowUp(NamedTuple):
    """Spans of follow-up by first day.

    ``last`` is `NEVER` where it is open; ``why`` is a position in `END_REASONS`, and the last one
    where no reason is stated.
    """

    offsets: np.ndarray
    first: np.ndarray
    last: np.ndarray
    why: np.ndarray


class Relapses(NamedTuple):
    """Relapses that count, by onset; ``is_stated`` is whether they were confirmed."""

    offsets: np.ndarray
    onset: np.ndarray
    is_stated: np.ndarray


class Visits(NamedTuple):
    """EDSS scores, one a day."""

    offsets: np.ndarray
    day: np.ndarray
    value: np.ndarray


class LesionDays(NamedTuple):
    """Days with scans; ``new_t2`` and ``gd`` are 1 with lesions, 0 without, -1 not counted."""

    offsets: np.ndarray
    day: np.ndarray
    new_t2: np.ndarray
    gd: np.ndarray


class VolumeRows(NamedTuple):
    """Rows of scans: several of one day are kept apart.

    ``bpf`` and ``pbvc`` are not a number where not measured; ``method`` and ``scanner`` are
    positions in their names by the alphabet, -1 where not recorded.
    """

    offsets: np.ndarray
    day: np.ndarray
    bpf: np.ndarray
    pbvc: np.ndarray
    method: np.ndarray
    scanner: np.ndarray


class AdverseEvents(NamedTuple):
    """Adverse events by the first day the onset can mean; ``last`` is the last such day.

    ``category`` is a position in `EVENT_CATEGORIES`.
    """

    offsets: np.ndarray
    first: np.ndarray
    last: np.ndarray
    category: np.ndarray
    is_serious: np.ndarray


@dataclass(frozen=True)
class Packed:
    """Everybody's rows, as known on one day.

    ``methods`` and ``causes`` are names by the alphabet.
    """

    people: People
    treatments: Treatments
    follow_up: FollowUp
    relapses: Relapses
    visits: Visits
    lesions: LesionDays
    volumes: VolumeRows
    events: AdverseEvents
    methods: tuple[str, ...]
    causes: tuple[str, ...]


class Timelines(NamedTuple):
    """When things are counted, of those whose first course the record holds.

    Attributes
    ----------
    person : numpy.ndarray
        int64 (people,): position in the record.
    start, died : numpy.ndarray
        int32 (people,): first day of the first course; day of death, or `NEVER`.
    seen : numpy.ndarray
        int16 (people,): the year of the last day under observation; 0 without one.
    span : numpy.ndarray
        int64 (people + 1,): spans under observation ``span[i]`` up to ``span[i + 1]``.
    first, last : numpy.ndarray
        int32 a span: its ends, both included; spans neither touch nor overlap.
    anniversary : numpy.ndarray
        int32 (people, years + 1): first day of each year, and of the one after the last.
    baseline_from, before_from, volume_from : numpy.ndarray
        int32 (people,): the earliest day of a baseline; the first day of the months in which
        relapses before treatment are counted; the day near which brain volume is measured anew.
    """

    person: np.ndarray
    start: np.ndarray
    died: np.ndarray
    seen: np.ndarray
    span: np.ndarray
    first: np.ndarray
    last: np.ndarray
    anniversary: np.ndarray
    baseline_from: np.ndarray
    before_from: np.ndarray
    volume_from: np.ndarray
