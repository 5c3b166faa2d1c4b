"""Everybody's years after the first course, laid out once for all kernels."""

from typing import NamedTuple

import numpy as np

from afterdose.engines.local.days import FIRST, NONE, period_tables
from afterdose.engines.local.extension.calendar import calendar
from afterdose.engines.local.extension.columns import Packed, Timelines
from afterdose.engines.local.frozen import all_frozen, frozen
from afterdose.engines.local.kernels.extension.following import spans_of_all
from afterdose.engines.local.kernels.extension.years import anniversaries_of_all
from afterdose.outcomes.definitions import BASELINE_MONTHS
from afterdose.outcomes.relapse_free import BEFORE_MONTHS
from afterdose.record.dates import Period


class LaidOut(NamedTuple):
    """Timelines, and who has none.

    Attributes
    ----------
    lines : Timelines
    numbers : numpy.ndarray
        int32 a row of treatments: the number of the course, stated or counted.
    untreated, unknown : int
        People without a course of the drug; people whose first course the record does not hold.
    """

    lines: Timelines
    numbers: np.ndarray
    untreated: int
    unknown: int


def lay_out(packed: Packed, morning: int, *, volume_months: int) -> LaidOut:
    """Timelines of everybody whose first course the record holds.

    Parameters
    ----------
    packed : Packed
    morning : int
        The day asked about.
    volume_months : int
        Months after the first course from which brain volume is measured anew.
    """
    people, treatments, follow_up = packed.people, packed.treatments, packed.follow_up
    count, spans = len(people.died), len(follow_up.first)
    numbers = np.empty(len(treatments.start), np.int32)
    start, seen, held = np.empty(count, np.int32), np.empty(count, np.int16), np.empty(count, int)
    first, last = np.empty(spans, np.int32), np.empty(spans, np.int32)
    spans_of_all(
        morning, people.died, treatments, follow_up, calendar(),
        (numbers, start, seen, held, first, last),
    )  # fmt: skip
    person = np.flatnonzero(start != NONE)
    own, seen, held = start[person], seen[person], held[person]
    span = np.append(0, np.cumsum(held))
    # A person's spans stand where their rows of follow-up stood: now without places between.
    kept = np.repeat(follow_up.offsets[person] - span[:-1], held) + np.arange(span[-1])
    anniversary = np.empty((len(person), max(1, int(seen.max(initial=0))) + 1), np.int32)
    anniversaries_of_all(calendar(), own, anniversary)
    back, before, volume = period_tables(
        (Period(months=-BASELINE_MONTHS), Period(months=-BEFORE_MONTHS), Period(volume_months))
    )
    treated = np.count_nonzero(np.diff(treatments.offsets))
    lines = Timelines(
        person=person,
        start=own,
        died=people.died[person],
        seen=seen,
        span=span,
        first=first[kept],
        last=last[kept],
        anniversary=anniversary,
        baseline_from=back[own - FIRST],
        before_from=before[own - FIRST],
        volume_from=volume[own - FIRST],
    )
    return LaidOut(all_frozen(lines), frozen(numbers), count - treated, treated - len(person))
