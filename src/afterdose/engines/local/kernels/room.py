"""Working space of the kernels, made once for a share of the people and filled again for each."""

from typing import NamedTuple

import numpy as np
from numba import njit

from afterdose.engines.local.compile import MOST_ANALYTES, Rules
from afterdose.engines.local.kernels.bare import bare
from afterdose.engines.local.labs import Labs

MOST_CODES = 512
"""Analytes there is room for."""
MOST_SLOTS = 64
"""Analytes and examinations one check can ask for."""


class Room(NamedTuple):
    """Space for one person's work.

    Attributes
    ----------
    runs, pending : numpy.ndarray
        By analyte, where the person's results, and the announced ones, begin and end.
    bases : numpy.ndarray
        By analyte, the place of the baseline; -1: none.
    order, whose : numpy.ndarray
        Places of several analytes' results by moment, and whose they are.
    at : numpy.ndarray
        Where each analyte, or slot, has got to, and where it ends.
    upcoming : numpy.ndarray
        By slot, the day of the row it has got to.
    latest : numpy.ndarray
        By need, the newest day it was met.
    changed, done : numpy.ndarray
        The days on which a check's last test changed, and to which day.
    breaks : numpy.ndarray
        Days on which courses or observation change.
    days : numpy.ndarray
        The same, and those on which a check around a course may change besides.
    may : numpy.ndarray
        By scan, whether any result can meet the predicate.
    answer, received, missing : numpy.ndarray
        By node of a predicate, what it answered.
    """

    runs: np.ndarray
    pending: np.ndarray
    bases: np.ndarray
    order: np.ndarray
    whose: np.ndarray
    at: np.ndarray
    upcoming: np.ndarray
    latest: np.ndarray
    changed: np.ndarray
    done: np.ndarray
    breaks: np.ndarray
    days: np.ndarray
    may: np.ndarray
    answer: np.ndarray
    received: np.ndarray
    missing: np.ndarray


def room_for(
    people: np.ndarray,
    labs: Labs,
    rules: Rules,
    exam_from: np.ndarray,
    course_from: np.ndarray,
    seen_from: np.ndarray,
) -> Room:
    """Room for any of the people ``people[0]`` up to ``people[1]``."""
    some = slice(people[0], people[1] + 1)
    results = np.diff(labs.run_start[labs.person_run[some]])
    examinations = np.diff(exam_from[:, some]).sum(axis=0)
    courses = np.diff(course_from[:, some]).max(axis=0, initial=0)
    most = int((results + examinations).max(initial=0)) + 1
    stated = int((rules.checks["day_to"] - rules.checks["day_from"]).max(initial=0))
    around = 8 + (5 + stated) * courses + 2 * np.diff(seen_from[some])
    breaks = int(around.max(initial=8)) + most
    nodes = len(rules.nodes)
    return Room(
        runs=np.zeros((MOST_CODES, 2), np.int64),
        pending=np.zeros((MOST_CODES, 2), np.int64),
        bases=np.full(MOST_CODES, -1, np.int64),
        order=np.zeros(most, np.int64),
        whose=np.zeros(most, np.int16),
        at=np.zeros((max(MOST_SLOTS, MOST_ANALYTES), 2), np.int64),
        upcoming=np.zeros(MOST_SLOTS, np.int32),
        latest=np.zeros(MOST_SLOTS, np.int32),
        changed=np.zeros(most, np.int32),
        done=np.zeros(most, np.int32),
        breaks=np.zeros(breaks, np.int32),
        days=np.zeros(breaks, np.int32),
        may=np.zeros(len(rules.scans), np.bool_),
        answer=np.zeros(nodes, np.int8),
        received=np.zeros(nodes, np.int32),
        missing=np.zeros(nodes, np.int16),
    )


@njit(inline="always")
def bare_room(room):
    """The room without counted references; see `bare`."""
    return Room(
        bare(room.runs),
        bare(room.pending),
        bare(room.bases),
        bare(room.order),
        bare(room.whose),
        bare(room.at),
        bare(room.upcoming),
        bare(room.latest),
        bare(room.changed),
        bare(room.done),
        bare(room.breaks),
        bare(room.days),
        bare(room.may),
        bare(room.answer),
        bare(room.received),
        bare(room.missing),
    )
