"""From a cohort to what outcomes look at, as known on one day."""

from datetime import date

import numpy as np
import polars as pl

from afterdose.cohort import Cohort
from afterdose.engines.local.days import NEVER, number_of, refuse_other_centuries
from afterdose.engines.local.frozen import all_frozen, frozen
from afterdose.engines.local.outcomes.columns import (
    Doses,
    PackedOutcomes,
    Relapses,
    Scans,
    Visits,
)


def pack_outcomes(cohort: Cohort, *, as_of: date) -> PackedOutcomes:
    """Pack what a cohort's outcomes rest on, as known on a day.

    Parameters
    ----------
    cohort : Cohort
    as_of : date
        Rows recorded after this day do not exist yet.

    Raises
    ------
    UsageError
        A visit or a treatment is dated before 1900 or after 2149.
    """
    morning = number_of(as_of)
    drugs, doses = _doses(cohort, morning)
    return PackedOutcomes(
        as_of=as_of,
        person_ids=cohort.person_ids,
        died=frozen(_died(cohort, morning)),
        visits=_visits(cohort, morning),
        relapses=_relapses(cohort, morning),
        scans=_scans(cohort, morning),
        doses=doses,
        drugs=drugs,
    )


def _died(cohort: Cohort, morning: int) -> np.ndarray:
    died = np.full(len(cohort), NEVER, np.int32)
    frame = cohort.frames.get("people")
    if frame is not None and len(frame):
        offsets = cohort.offsets["people"]
        described = np.flatnonzero(np.diff(offsets))
        days = _days(frame["death_date"].fill_null(date.max))[offsets[described]]
        died[described] = np.where(days <= morning, days, NEVER)
    return died


def _visits(cohort: Cohort, morning: int) -> dict[str, Visits]:
    frame = cohort.frames.get("assessments")
    if frame is None:
        return {}
    day = _days(frame["date"])
    refuse_other_centuries(day, "assessments.date")
    known = _known(frame, "date", morning)
    value = frame["value"].to_numpy()
    person = _persons(cohort, "assessments")
    found = {}
    for measure in frame["measure"].unique().to_list():
        given = (frame["measure"] == measure).to_numpy()
        kept = given & known
        who, when = person[kept], day[kept]
        # The last row of a day stands; rows of one person and day keep their order.
        last = np.ones(len(who), bool)
        last[:-1] = (who[1:] != who[:-1]) | (when[1:] != when[:-1])
        found[measure] = all_frozen(
            Visits(
                offsets=_offsets(who[last], len(cohort)),
                day=when[last],
                value=value[kept][last],
                given=_counts(person[given], len(cohort)),
                known=_counts(who, len(cohort)),
            )
        )
    return found


def _relapses(cohort: Cohort, morning: int) -> Relapses:
    frame = cohort.frames.get("relapses")
    if frame is None:
        none = np.zeros(0, np.int32)
        return all_frozen(Relapses(np.zeros(len(cohort) + 1, np.int64), none, none))
    ruled_out = (frame["confirmed"] == False).fill_null(value=False).to_numpy()  # noqa: E712
    kept = _known(frame, "onset_date", morning) & ~ruled_out
    ends = frame["end_date"].fill_null(frame["onset_date"])
    offsets = _offsets(_persons(cohort, "relapses")[kept], len(cohort))
    return all_frozen(Relapses(offsets, _days(frame["onset_date"])[kept], _days(ends)[kept]))


def _scans(cohort: Cohort, morning: int) -> Scans:
    """Scans that say whether there was activity: both counts known, or one of them above none."""
    frame = cohort.frames.get("mri")
    if frame is None:
        none = np.zeros(len(cohort) + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, bool)
        return all_frozen(Scans(*none))
    lesions, gadolinium = frame["new_t2_lesions"], frame["gd_lesions"]
    active = ((lesions.fill_null(0) != 0) | (gadolinium.fill_null(0) != 0)).to_numpy()
    told = active | (lesions.is_not_null() & gadolinium.is_not_null()).to_numpy()
    kept = _known(frame, "date", morning) & told
    offsets = _offsets(_persons(cohort, "mri")[kept], len(cohort))
    return all_frozen(Scans(offsets, _days(frame["date"])[kept], active[kept]))


def _doses(cohort: Cohort, morning: int) -> tuple[tuple[str, ...], Doses]:
    frame = cohort.frames.get("treatments")
    if frame is None or not len(frame):
        none = np.zeros(0, np.int32)
        nobody = np.zeros(len(cohort) + 1, np.int64)
        return (), all_frozen(Doses(nobody, none, none, none))
    drugs = tuple(sorted(frame["drug"].unique().to_list()))
    start = _days(frame["start_date"])
    refuse_other_centuries(start, "treatments.start_date")
    kept = _days(frame["recorded_date"].fill_null(frame["start_date"])) <= morning
    drug = frame["drug"].replace_strict(list(drugs), list(range(len(drugs))), return_dtype=pl.Int32)
    number = frame["course_number"].fill_null(0).cast(pl.Int32)
    offsets = _offsets(_persons(cohort, "treatments")[kept], len(cohort))
    return drugs, all_frozen(
        Doses(offsets, drug.to_numpy()[kept], start[kept], number.to_numpy()[kept])
    )


def _known(frame: pl.DataFrame, column: str, morning: int) -> np.ndarray:
    """Rows that had happened and were recorded by the day asked about."""
    recorded = _days(frame["recorded_date"].fill_null(frame[column]))
    return (_days(frame[column]) <= morning) & (recorded <= morning)


def _persons(cohort: Cohort, table: str) -> np.ndarray:
    """Whose each row is."""
    return np.repeat(np.arange(len(cohort), dtype=np.int32), np.diff(cohort.offsets[table]))


def _offsets(persons: np.ndarray, people: int) -> np.ndarray:
    return np.searchsorted(persons, np.arange(people + 1)).astype(np.int64)


def _counts(persons: np.ndarray, people: int) -> np.ndarray:
    return np.bincount(persons, minlength=people).astype(np.int32)


def _days(column: pl.Series) -> np.ndarray:
    return column.to_physical().cast(pl.Int32).to_numpy()
