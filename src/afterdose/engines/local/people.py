"""What the kernels need to know about people besides their results, as plain arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from afterdose.cohort import Cohort
from afterdose.engines.local.days import NEVER, NONE, refuse_other_centuries
from afterdose.monitoring.model import Dosing, Protocol
from afterdose.record.dates import PartialDate
from afterdose.record.tables import EVENT_CATEGORIES, SPECS

SEXES = ("", "female", "male", "other")
"""Sexes by code; not recorded is 0."""
TABLES = tuple(SPECS)


@dataclass(frozen=True)
class Spans:
    """Rows per person: ``start[i]`` up to ``start[i + 1]`` are person ``i``'s."""

    offsets: np.ndarray
    columns: dict[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def some(self, first: int, stop: int) -> "Spans":
        """The rows of people ``first`` up to, but not including, ``stop``."""
        offsets = self.offsets[first : stop + 1]
        rows = slice(offsets[0], offsets[-1])
        columns = {name: column[rows] for name, column in self.columns.items()}
        return Spans(offsets - offsets[0], columns)


@dataclass(frozen=True)
class People:
    """Everybody, with the rows of the small tables.

    Attributes
    ----------
    born, died : numpy.ndarray
        int32 a person; `NONE` and `NEVER` where not known. A partial birth date is its first day.
    sex : numpy.ndarray
        int8 a person; see `SEXES`.
    treatments : Spans
        ``drug`` (position in ``drugs``), ``start``, ``end`` (`NONE`: not recorded), ``known``,
        ``number`` (0: not recorded).
    drugs : tuple of str
    follow_up : Spans
        ``start``, ``end`` (`NEVER`: still observed), ``cut`` (whether it ended by a data cut, which
        says nothing about the person).
    examinations : dict of str to Spans
        By need (``mri``, ``examination:ecg``): ``date``, ``known``.
    events : Spans
        ``category``, ``onset`` (first day it can mean), ``known``.
    absent : frozenset of str
        Tables the record does not hold.
    """

    born: np.ndarray
    died: np.ndarray
    sex: np.ndarray
    treatments: Spans
    drugs: tuple[str, ...]
    follow_up: Spans
    examinations: dict[str, Spans]
    events: Spans
    absent: frozenset[str]

    def __len__(self) -> int:
        return len(self.born)

    def some(self, first: int, stop: int) -> "People":
        """People ``first`` up to, but not including, ``stop``."""
        return replace(
            self,
            born=self.born[first:stop],
            died=self.died[first:stop],
            sex=self.sex[first:stop],
            treatments=self.treatments.some(first, stop),
            follow_up=self.follow_up.some(first, stop),
            examinations={
                name: spans.some(first, stop) for name, spans in self.examinations.items()
            },
            events=self.events.some(first, stop),
        )


def pack_people(cohort: Cohort) -> People:
    """Everything but the results of a cohort, as arrays.

    Raises
    ------
    UsageError
        A treatment began before 1900 or after 2199.
    """
    count = len(cohort)
    person = _aligned(cohort)
    drugs, treatments = _treatments(cohort)
    refuse_other_centuries(treatments["start"], "treatments.start_date")
    ends = treatments["end"]
    refuse_other_centuries(ends[ends != NONE], "treatments.end_date")
    assert len(person) == count
    return People(
        born=_partial(person["birth_date"]),
        died=_days(person["death_date"], NEVER),
        sex=_codes(person["sex"].fill_null(""), SEXES, np.int8),
        treatments=treatments,
        drugs=drugs,
        follow_up=_follow_up(cohort),
        examinations=_examinations(cohort),
        events=_events(cohort),
        absent=frozenset(set(SPECS) - set(cohort.frames)),
    )


def _aligned(cohort: Cohort) -> pl.DataFrame:
    """One row a person, in the cohort's order, whether or not the record describes them."""
    everybody = pl.DataFrame({"person_id": cohort.person_ids}, schema={"person_id": pl.String})
    known = cohort.frames.get("people")
    if known is None:
        return everybody.with_columns(
            birth_date=pl.lit(None, pl.String),
            death_date=pl.lit(None, pl.Date),
            sex=pl.lit(None, pl.String),
        )
    first = known.unique("person_id", keep="first", maintain_order=True)
    return everybody.join(first, on="person_id", how="left", maintain_order="left")


def _treatments(cohort: Cohort) -> tuple[tuple[str, ...], Spans]:
    frame = cohort.frames.get("treatments")
    if frame is None or not len(frame):
        return (), _none(cohort, "drug", "start", "end", "known", "number")
    drugs = tuple(sorted(frame["drug"].unique().to_list()))
    return drugs, Spans(
        cohort.offsets["treatments"],
        {
            "drug": _codes(frame["drug"], drugs, np.int32),
            "start": _days(frame["start_date"]),
            "end": _days(frame["end_date"]),
            "known": _days(frame["recorded_date"].fill_null(frame["start_date"])),
            "number": frame["course_number"].fill_null(0).to_numpy().astype(np.int32),
        },
    )


def _follow_up(cohort: Cohort) -> Spans:
    frame = cohort.frames.get("follow_up")
    if frame is None:
        return _none(cohort, "start", "end", "cut")
    cut = (frame["end_reason"] == "data_cut").fill_null(value=False)
    return Spans(
        cohort.offsets["follow_up"],
        {
            "start": _days(frame["start_date"]),
            "end": _days(frame["end_date"], NEVER),
            "cut": cut.to_numpy(),
        },
    )


def _examinations(cohort: Cohort) -> dict[str, Spans]:
    found = {}
    frame = cohort.frames.get("examinations")
    if frame is not None:
        for name in frame["examination"].unique().to_list():
            kept = (frame["examination"] == name).to_numpy()
            found[f"examination:{name}"] = _dated(cohort, "examinations", frame, kept)
    scans = cohort.frames.get("mri")
    if scans is not None:
        found["mri"] = _dated(cohort, "mri", scans, np.ones(len(scans), bool))
    return found


def _dated(cohort: Cohort, table: str, frame: pl.DataFrame, kept: np.ndarray) -> Spans:
    before = np.append(0, np.cumsum(kept))
    days = _days(frame["date"])
    known = np.maximum(days, _days(frame["recorded_date"].fill_null(frame["date"])))
    return Spans(before[cohort.offsets[table]], {"date": days[kept], "known": known[kept]})


def _events(cohort: Cohort) -> Spans:
    frame = cohort.frames.get("events")
    if frame is None:
        return _none(cohort, "category", "onset", "known")
    onset = _partial(frame["onset_date"])
    recorded = _days(frame["recorded_date"])
    return Spans(
        cohort.offsets["events"],
        {
            "category": _codes(frame["category"], EVENT_CATEGORIES, np.int32),
            "onset": onset,
            "known": np.where(recorded == NONE, onset, recorded),
        },
    )


def _none(cohort: Cohort, *names: str) -> Spans:
    return Spans(
        np.zeros(len(cohort) + 1, np.int64), {name: np.zeros(0, np.int32) for name in names}
    )


def _days(column: pl.Series, missing: np.int32 = NONE) -> np.ndarray:
    return column.to_physical().cast(pl.Int32).fill_null(int(missing)).to_numpy()


def _partial(column: pl.Series) -> np.ndarray:
    """The first day each partial date can mean."""
    names = column.unique().drop_nulls().to_list()
    days = {name: PartialDate.parse(name).earliest() for name in names}
    return _days(column.replace_strict(days, default=None, return_dtype=pl.Date))


def _codes(column: pl.Series, names: Sequence[str], kind: type) -> np.ndarray:
    codes = column.replace_strict(list(names), list(range(len(names))), return_dtype=pl.Int32)
    return codes.to_numpy().astype(kind)


# Courses ------------------------------------------------------------------------------------------


COURSE = np.dtype([(name, np.int32) for name in ("start", "last", "known", "number")])
"""A course: first day; last day (`NEVER`: a continuous drug still taken as far as is known; the
first day where a course's last is not recorded); the day it was known; its number."""


def courses_of_protocol(
    people: People, protocol: Protocol, as_of: int
) -> tuple[np.ndarray, np.ndarray]:
    """Everybody's courses of one protocol's drugs known on ``as_of``, by first day.

    Returns
    -------
    tuple of numpy.ndarray
        Offsets, one more than people, and `COURSE` records, as
        `afterdose.record.courses.courses_of` says.
    """
    spans = people.treatments
    drugs = [code for code, name in enumerate(people.drugs) if name in protocol.drugs]
    kept = np.isin(spans["drug"], drugs) & (spans["known"] <= as_of)
    before = np.append(0, np.cumsum(kept)).astype(np.int64)
    offsets = before[spans.offsets]
    start, end, known, number = (spans[name][kept] for name in ("start", "end", "known", "number"))
    if protocol.dosing is Dosing.CONTINUOUS:
        return _stretches(offsets, start, end, known)
    last = np.where(end == NONE, start, end)
    return offsets, _courses(start, last, known, _numbers(offsets, number))


def _courses(
    start: np.ndarray, last: np.ndarray, known: np.ndarray, number: np.ndarray
) -> np.ndarray:
    found = np.zeros(len(start), COURSE)
    found["start"], found["last"], found["known"], found["number"] = start, last, known, number
    return found


def _numbers(offsets: np.ndarray, number: np.ndarray) -> np.ndarray:
    """A course without a recorded number takes the one after the course before."""
    found = number.copy()
    firsts = set(offsets[:-1].tolist())
    for place in np.flatnonzero(number == 0):
        found[place] = 1 if place in firsts else found[place - 1] + 1
    return found


def _stretches(
    offsets: np.ndarray, start: np.ndarray, end: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a continuous drug that follow each other without a day between, as one."""
    last = np.where(end == NONE, NEVER, end)
    is_first = np.zeros(len(start), bool)
    is_first[offsets[:-1][np.diff(offsets) > 0]] = True
    opens = is_first.copy()
    reach = last.copy()
    for place in range(1, len(start)):
        if is_first[place]:
            continue
        if reach[place - 1] == NEVER or start[place] <= reach[place - 1] + 1:
            before = reach[place - 1]
            joined = last[place] if before == NEVER else max(before, last[place])
            reach[place] = joined
        else:
            opens[place] = True
    begins = np.flatnonzero(opens)
    ends = (np.append(begins, len(start)) - 1)[1:]
    new = np.append(0, np.cumsum(opens)).astype(np.int64)[offsets]
    person_first = np.repeat(new[:-1], np.diff(new))
    number = np.arange(len(begins)) - person_first + 1
    return new, _courses(start[begins], reach[ends], known[begins], number)
