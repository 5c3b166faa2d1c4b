"""From a cohort to what outcomes look at, as known on one day."""

from datetime import date

import numpy as np
import polars as pl

from afterdose.cohort import Cohort
from afterdose.engines.local.days import number_of, refuse_other_centuries
from afterdose.engines.local.frozen import all_frozen, frozen
from afterdose.engines.local.outcomes.columns import (
    Doses,
    PackedOutcomes,
    Relapses,
    Scans,
    Visits,
)
from afterdose.engines.local.rows import (
    days_of,
    deaths_of,
    is_last_of_day,
    known_by,
    offsets_of,
    persons_of,
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
        died=frozen(deaths_of(cohort, morning)),
        visits=_visits(cohort, morning),
        relapses=_relapses(cohort, morning),
        scans=_scans(cohort, morning),
        doses=doses,
        drugs=drugs,
    )


def _visits(cohort: Cohort, morning: int) -> dict[str, Visits]:
    frame = cohort.frames.get("assessments")
    if frame is None:
        return {}
    day = days_of(frame["date"])
    refuse_other_centuries(day, "assessments.date")
    known = known_by(frame, "date", morning)
    value = frame["value"].to_numpy()
    person = persons_of(cohort, "assessments")
    found = {}
    for measure in frame["measure"].unique().to_list():
        given = (frame["measure"] == measure).to_numpy()
        kept = given & known
        who, when = person[kept], day[kept]
        last = is_last_of_day(who, when)
        found[measure] = all_frozen(
            Visits(
                offsets=offsets_of(who[last], len(cohort)),
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
    kept = known_by(frame, "onset_date", morning) & ~ruled_out
    ends = frame["end_date"].fill_null(frame["onset_date"])
    offsets = offsets_of(persons_of(cohort, "relapses")[kept], len(cohort))
    return all_frozen(Relapses(offsets, days_of(frame["onset_date"])[kept], days_of(ends)[kept]))


def _scans(cohort: Cohort, morning: int) -> Scans:
    """Scans that say whether there was activity: both counts known, or one of them above none."""
    frame = cohort.frames.get("mri")
    if frame is None:
        none = np.zeros(len(cohort) + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, bool)
        return all_frozen(Scans(*none))
    lesions, gadolinium = frame["new_t2_lesions"], frame["gd_lesions"]
    active = ((lesions.fill_null(0) != 0) | (gadolinium.fill_null(0) != 0)).to_numpy()
    told = active | (lesions.is_not_null() & gadolinium.is_not_null()).to_numpy()
    kept = known_by(frame, "date", morning) & told
    offsets = offsets_of(persons_of(cohort, "mri")[kept], len(cohort))
    return all_frozen(Scans(offsets, days_of(frame["date"])[kept], active[kept]))


def _doses(cohort: Cohort, morning: int) -> tuple[tuple[str, ...], Doses]:
    frame = cohort.frames.get("treatments")
    if frame is None or not len(frame):
        none = np.zeros(0, np.int32)
        nobody = np.zeros(len(cohort) + 1, np.int64)
        return (), all_frozen(Doses(nobody, none, none, none))
    drugs = tuple(sorted(frame["drug"].unique().to_list()))
    start = days_of(frame["start_date"])
    refuse_other_centuries(start, "treatments.start_date")
    kept = days_of(frame["recorded_date"].fill_null(frame["start_date"])) <= morning
    drug = frame["drug"].replace_strict(list(drugs), list(range(len(drugs))), return_dtype=pl.Int32)
    number = frame["course_number"].fill_null(0).cast(pl.Int32)
    offsets = offsets_of(persons_of(cohort, "treatments")[kept], len(cohort))
    return drugs, all_frozen(
        Doses(offsets, drug.to_numpy()[kept], start[kept], number.to_numpy()[kept])
    )


def _counts(persons: np.ndarray, people: int) -> np.ndarray:
    return np.bincount(persons, minlength=people).astype(np.int32)
