"""MRI activity by year: new T2 lesions, enhancing lesions, either; not scanned kept apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import YEAR_END_DAYS, Definition
from afterdose.outcomes.timeline import Timeline, known_rows
from afterdose.outcomes.visits import year_end_row
from afterdose.record.answers import Answer
from afterdose.record.tables import Mri

MRI_ACTIVITY = Definition(
    id="mri-activity",
    title="MRI activity in a year",
    words=(
        "New or enlarging T2 lesions, enhancing lesions, or either. The scan nearest to the end of "
        f"a year, at most {YEAR_END_DAYS} days from it, closes the year (without one, the "
        "anniversary does). To it belongs every scan after the one that closed the year before; to "
        "year 1, every scan after the first day of the first course. A single lesion at any of "
        "them is activity. No new T2 lesion needs a closing scan and a count at every scan of the "
        "year, since each counts what is new since the one before; no enhancing lesion needs a "
        "count at the closing scan. Anything else is not assessable: a year without a scan is not "
        "a quiet year. After a year without a scan, new T2 lesions count in the year in which they "
        "were found."
    ),
    source=(
        "CARE-MS II, 7-year MRI results: abstract DX65, CMSC annual meeting 2018 (which lesions); "
        "policy for the windows"
    ),
)


@dataclass(frozen=True, slots=True)
class DayOfScans:
    """The lesion counts of one day, from one row or several.

    Attributes
    ----------
    date : date
    new_t2, gd : int or None
        None: not counted.
    rows : tuple of Mri
    """

    date: date
    new_t2: int | None
    gd: int | None
    rows: tuple[Mri, ...]


@dataclass(frozen=True, slots=True)
class MriYear:
    """One person's MRI activity in one year; met means active.

    Attributes
    ----------
    year : int
    new_t2, gd, either : Answer
    because : Because
        Of ``either``.
    scans : tuple of Mri
        Every scan of the year, whatever the answer.
    """

    year: int
    new_t2: Answer
    gd: Answer
    either: Answer
    because: Because
    scans: tuple[Mri, ...] = ()


def lesion_scans(timeline: Timeline, mri: Iterable[Mri]) -> list[DayOfScans]:
    """Scans known on the timeline's day, one a day, by date.

    A volume and a lesion count of one scan may be two rows; of several counts the last stands.
    """
    days: dict[date, list[Mri]] = {}
    for row in known_rows(mri, as_of=timeline.as_of):
        days.setdefault(row.date, []).append(row)
    return [
        DayOfScans(
            date=day,
            new_t2=_last(row.new_t2_lesions for row in rows),
            gd=_last(row.gd_lesions for row in rows),
            rows=tuple(rows),
        )
        for day, rows in sorted(days.items())
    ]


def evaluate_mri_activity(
    timeline: Timeline, scans: list[DayOfScans], *, years: int
) -> tuple[MriYear, ...]:
    """MRI activity in years 1 to ``years``.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    scans : list of DayOfScans
        From `lesion_scans`.
    years : int
    """
    assert timeline.start is not None
    found, begin = [], timeline.start
    for year in range(1, years + 1):
        anniversary = timeline.year_start(year + 1)
        closing = year_end_row(scans, anniversary)
        end = closing.date if closing is not None else anniversary
        own = [scan for scan in scans if begin < scan.date <= end]
        found.append(_activity(year, own, closing))
        begin = end
    return tuple(found)


def _activity(year: int, own: list[DayOfScans], closing: DayOfScans | None) -> MriYear:
    new_t2, missing_t2 = _new_t2(own, closing)
    gd, missing_gd = _enhancing(own, closing)
    active = [scan for scan in own if scan.new_t2 or scan.gd]
    if active:
        either, used, missing = Answer.MET, active, ""
    elif new_t2 is gd is Answer.NOT_MET:
        either, used, missing = Answer.NOT_MET, own, ""
    else:
        either, used, missing = Answer.NOT_ASSESSABLE, [], missing_t2 or missing_gd
    rows = tuple(row for scan in used for row in scan.rows)
    because = Because(MRI_ACTIVITY.id, rows=rows, missing=missing)
    scans = tuple(row for scan in own for row in scan.rows)
    return MriYear(year, new_t2, gd, either, because, scans)


_NO_SCAN = "a scan at the end of the year"
_EVERY_T2 = "a count of new T2 lesions at every scan of the year"
_CLOSING_GD = "a count of enhancing lesions at the end of the year"
MISSING = ("", _NO_SCAN, _EVERY_T2, _CLOSING_GD)
"""What an answer can lack; the first where nothing is."""


def _new_t2(own: list[DayOfScans], closing: DayOfScans | None) -> tuple[Answer, str]:
    if any(scan.new_t2 for scan in own):
        return Answer.MET, ""
    if closing is None:
        return Answer.NOT_ASSESSABLE, _NO_SCAN
    if any(scan.new_t2 is None for scan in own):
        return Answer.NOT_ASSESSABLE, _EVERY_T2
    return Answer.NOT_MET, ""


def _enhancing(own: list[DayOfScans], closing: DayOfScans | None) -> tuple[Answer, str]:
    if any(scan.gd for scan in own):
        return Answer.MET, ""
    if closing is None:
        return Answer.NOT_ASSESSABLE, _NO_SCAN
    if closing.gd is None:
        return Answer.NOT_ASSESSABLE, _CLOSING_GD
    return Answer.NOT_MET, ""


def _last(counts: Iterable[int | None]) -> int | None:
    found = [number for number in counts if number is not None]
    return found[-1] if found else None
