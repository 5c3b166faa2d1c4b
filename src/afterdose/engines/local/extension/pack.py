"""From a cohort to what outcomes after the first course are read from, as known on one day."""

from collections.abc import Iterable
from datetime import date

import numpy as np
import polars as pl

from afterdose.cohort import Cohort
from afterdose.cohort.frames import empty_frame
from afterdose.engines.extension import EARLIER, END_REASONS, PHENOTYPES
from afterdose.engines.local.days import (
    FIRST,
    LAST_RECORDED,
    NEVER,
    number_of,
    refuse_other_centuries,
)
from afterdose.engines.local.extension.columns import (
    AdverseEvents,
    FollowUp,
    LesionDays,
    Packed,
    People,
    Relapses,
    Treatments,
    Visits,
    VolumeRows,
)
from afterdose.engines.local.frozen import all_frozen
from afterdose.engines.local.rows import (
    days_of,
    deaths_of,
    described,
    is_last_of_day,
    known_by,
    offsets_of,
    persons_of,
)
from afterdose.outcomes.autoimmunity import Earlier
from afterdose.outcomes.strata import Phenotype
from afterdose.record.errors import UsageError
from afterdose.record.tables import EVENT_CATEGORIES, SPECS


def pack_extension(cohort: Cohort, *, drug: str, as_of: date) -> Packed:
    """Pack what everybody's outcomes after the first course of a drug rest on.

    Parameters
    ----------
    cohort : Cohort
        A table it does not hold is as one without rows.
    drug : str
        Lower-case international non-proprietary name.
    as_of : date
        Rows recorded after this day do not exist yet.

    Raises
    ------
    UsageError
        A day from which the calendar is reckoned lies before 1900 or after 2149.
    """
    morning = number_of(as_of)
    if not FIRST <= morning <= LAST_RECORDED:
        raise UsageError(
            f"as_of is {as_of:%Y}. Permitted: 1900 to 2149. Ask about a day in those years."
        )
    causes, people = _people(cohort, morning)
    lesions, volumes, methods = _scans(cohort, morning)
    return Packed(
        people=people,
        treatments=_treatments(cohort, drug, morning),
        follow_up=_follow_up(cohort),
        relapses=_relapses(cohort, morning),
        visits=_visits(cohort, morning),
        lesions=lesions,
        volumes=volumes,
        events=_events(cohort, morning),
        methods=methods,
        causes=causes,
    )


def _frame(cohort: Cohort, table: str) -> pl.DataFrame:
    """A table, or one without rows where the record does not hold it."""
    found = cohort.frames.get(table)
    return empty_frame(SPECS[table]) if found is None else found


def _kept(cohort: Cohort, table: str, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whose each row kept is, and where each person's begin."""
    if table not in cohort.frames:
        return np.zeros(0, np.int32), np.zeros(len(cohort) + 1, np.int64)
    who = persons_of(cohort, table)[kept]
    return who, offsets_of(who, len(cohort))


def _people(cohort: Cohort, morning: int) -> tuple[tuple[str, ...], People]:
    frame = _frame(cohort, "people")
    who, rows = described(cohort)
    causes = _names(frame["death_cause"])
    said = frame["prior_autoimmunity"]
    asked = np.where(
        said.is_null().to_numpy(),
        EARLIER.index(Earlier.NEVER_ASKED),
        np.where(
            (said == "none").fill_null(value=False).to_numpy(),
            EARLIER.index(Earlier.NONE),
            EARLIER.index(Earlier.YES),
        ),
    )
    phenotype = _codes(
        frame["ms_phenotype"].str.to_uppercase(), PHENOTYPES, PHENOTYPES.index(Phenotype.UNKNOWN)
    )

    def of_everybody(values: np.ndarray, empty: int, kind: type) -> np.ndarray:
        found = np.full(len(cohort), empty, kind)
        found[who] = values[rows]
        return found

    return causes, all_frozen(
        People(
            died=deaths_of(cohort, morning),
            cause=of_everybody(_codes(frame["death_cause"], causes, -1), -1, np.int32),
            asked=of_everybody(asked, EARLIER.index(Earlier.NEVER_ASKED), np.int8),
            phenotype=of_everybody(phenotype, PHENOTYPES.index(Phenotype.UNKNOWN), np.int8),
        )
    )


def _treatments(cohort: Cohort, drug: str, morning: int) -> Treatments:
    frame = _frame(cohort, "treatments")
    start = days_of(frame["start_date"])
    refuse_other_centuries(start, "treatments.start_date")
    kept = (frame["drug"] == drug).to_numpy() & known_by(frame, "start_date", morning)
    _, offsets = _kept(cohort, "treatments", kept)
    number = frame["course_number"].fill_null(0).cast(pl.Int32).to_numpy()
    return all_frozen(Treatments(offsets, start[kept], number[kept]))


def _follow_up(cohort: Cohort) -> FollowUp:
    frame = _frame(cohort, "follow_up")
    open_end = frame["end_date"].is_null().to_numpy()
    last = days_of(frame["end_date"].fill_null(date.max))
    _, offsets = _kept(cohort, "follow_up", np.ones(len(frame), bool))
    return all_frozen(
        FollowUp(
            offsets=offsets,
            first=days_of(frame["start_date"]),
            last=np.where(open_end, NEVER, last),
            why=_codes(frame["end_reason"], END_REASONS, END_REASONS.index("")).astype(np.int8),
        )
    )


def _relapses(cohort: Cohort, morning: int) -> Relapses:
    frame = _frame(cohort, "relapses")
    is_refuted = (frame["confirmed"] == False).fill_null(value=False).to_numpy()  # noqa: E712
    kept = known_by(frame, "onset_date", morning) & ~is_refuted
    _, offsets = _kept(cohort, "relapses", kept)
    is_stated = frame["confirmed"].is_not_null().to_numpy()
    return all_frozen(Relapses(offsets, days_of(frame["onset_date"])[kept], is_stated[kept]))


def _visits(cohort: Cohort, morning: int) -> Visits:
    frame = _frame(cohort, "assessments")
    day = days_of(frame["date"])
    refuse_other_centuries(day, "assessments.date")
    kept = (frame["measure"] == "edss").to_numpy() & known_by(frame, "date", morning)
    who, _ = _kept(cohort, "assessments", kept)
    last = is_last_of_day(who, day[kept])
    value = frame["value"].to_numpy()[kept][last]
    return all_frozen(Visits(offsets_of(who[last], len(cohort)), day[kept][last], value))


def _scans(cohort: Cohort, morning: int) -> tuple[LesionDays, VolumeRows, tuple[str, ...]]:
    frame = _frame(cohort, "mri")
    day = days_of(frame["date"])
    refuse_other_centuries(day, "mri.date")
    kept = known_by(frame, "date", morning)
    who, offsets = _kept(cohort, "mri", kept)
    frame, day = frame.filter(kept), day[kept]
    last = np.flatnonzero(is_last_of_day(who, day))
    lesions = LesionDays(
        offsets=offsets_of(who[last], len(cohort)),
        day=day[last],
        new_t2=_last_counts(frame["new_t2_lesions"], last),
        gd=_last_counts(frame["gd_lesions"], last),
    )
    methods, scanners = _names(frame["method"]), _names(frame["scanner"])
    volumes = VolumeRows(
        offsets=offsets,
        day=day,
        bpf=frame["bpf"].fill_null(np.nan).to_numpy(),
        pbvc=frame["pbvc_pct"].fill_null(np.nan).to_numpy(),
        method=_codes(frame["method"], methods, -1).astype(np.int32),
        scanner=_codes(frame["scanner"], scanners, -1).astype(np.int32),
    )
    return all_frozen(lesions), all_frozen(volumes), methods


def _last_counts(counts: pl.Series, last: np.ndarray) -> np.ndarray:
    """Of each day's rows, which end at ``last``, the last count: 1, 0, or -1 without one."""
    found = (counts != 0).cast(pl.Int8).fill_null(-1).to_numpy()
    # The last row counted so far, or -1; it is of the day if it does not lie before it.
    so_far = np.maximum.accumulate(np.where(found >= 0, np.arange(len(found)), -1))[last]
    first = np.append(0, last[:-1] + 1)[: len(last)]
    return np.where(so_far >= first, found[so_far], np.int8(-1)).astype(np.int8)


def _events(cohort: Cohort, morning: int) -> AdverseEvents:
    frame = _frame(cohort, "events").select(
        "recorded_date",
        "serious",
        "category",
        first=_first_day(pl.col("onset_date")),
        last=_last_day(pl.col("onset_date")),
    )
    category = _codes(frame["category"], EVENT_CATEGORIES, -1)
    kept = known_by(frame, "first", morning) & (category >= 0)
    _, offsets = _kept(cohort, "events", kept)
    return all_frozen(
        AdverseEvents(
            offsets=offsets,
            first=days_of(frame["first"])[kept],
            last=days_of(frame["last"])[kept],
            category=category[kept].astype(np.int8),
            is_serious=frame["serious"].fill_null(value=False).to_numpy()[kept],
        )
    )


def _first_day(partial: pl.Expr) -> pl.Expr:
    """The first day that ``2024``, ``2024-03`` or ``2024-03-09`` can mean."""
    return (partial + pl.lit("-01-01").str.slice(0, 10 - partial.str.len_chars())).str.to_date(
        "%Y-%m-%d"
    )


def _last_day(partial: pl.Expr) -> pl.Expr:
    """The last day it can mean."""
    first, known = _first_day(partial), partial.str.len_chars()
    return (
        pl.when(known == 10)
        .then(first)
        .when(known == 7)
        .then(first.dt.month_end())
        .otherwise(first.dt.offset_by("11mo").dt.month_end())
    )


def _names(column: pl.Series) -> tuple[str, ...]:
    return tuple(sorted(column.drop_nulls().unique().to_list()))


def _codes(column: pl.Series, names: Iterable[str], other: int) -> np.ndarray:
    """Each value's position among names; ``other`` where it is not one of them, or empty."""
    codes = {str(name): place for place, name in enumerate(names)}
    found = column.replace_strict(codes, default=other, return_dtype=pl.Int32)
    return found.fill_null(other).to_numpy()
