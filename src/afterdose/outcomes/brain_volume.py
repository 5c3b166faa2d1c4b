"""Change of brain volume: by one measure, one method, one scanner, over a long enough time."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import (
    SCANS_APART_MONTHS,
    YEAR_END_DAYS,
    YEARLY_BPF,
    Definition,
)
from afterdose.outcomes.timeline import Timeline, known_rows
from afterdose.outcomes.visits import baseline_row, year_end_row
from afterdose.record.dates import DAYS_PER_YEAR, Period, add_months
from afterdose.record.tables import Mri

_APART = Period(months=SCANS_APART_MONTHS)
Key: TypeAlias = tuple[str | None, str | None, int]


class Volume(StrEnum):
    """What was measured; the two are never mixed."""

    BPF = "BPF"
    PBVC = "PBVC"


@dataclass(frozen=True, slots=True)
class VolumeStart(Definition):
    """From which scan on change is measured.

    Attributes
    ----------
    months : int
        0: the scan before treatment. Otherwise this many months after the first course.
    """

    months: int


_FROM_SCAN = (
    "From then to the end of each later year: in percent of the first scan's volume, and that "
    "divided by the years between. Which scans are compared is as for the yearly change, and two "
    f"scans less than {SCANS_APART_MONTHS} months apart are not."
)
FROM_BASELINE = VolumeStart(
    id="volume-from-baseline",
    title="Change of brain volume since treatment began",
    words=f"The first scan is the last before the first course. {_FROM_SCAN} It includes the fall "
    "that comes as inflammation resolves.",
    source="policy",
    months=0,
)
YEARLY_PBVC = Definition(
    id="yearly-pbvc",
    title="Yearly percentage brain volume change (PBVC)",
    words=(
        "The changes since the scan before, compounded from one year's scan to the next year's, "
        "and divided by the years between. Every scan between must have one, by the same recorded "
        "method on the same recorded scanner. Otherwise as for brain parenchymal fraction."
    ),
    source="policy",
)


def volume_start(months: int) -> VolumeStart:
    """A re-baseline that many months after the first course, or the scan before it.

    Parameters
    ----------
    months : int, 0 or more

    Examples
    --------
    >>> volume_start(12).id
    'volume-from-month-12'
    """
    if months == 0:
        return FROM_BASELINE
    return VolumeStart(
        id=f"volume-from-month-{months}",
        title=f"Change of brain volume from month {months} on",
        words=(
            f"The first scan is the one nearest to {months} months after the first day of the "
            f"first course, at most {YEAR_END_DAYS} days from it, so that the fall that comes as "
            f"inflammation resolves is left out. {_FROM_SCAN}"
        ),
        source="policy; no source that was read says when that fall is over",
        months=months,
    )


FROM_MONTH_12 = volume_start(12)


@dataclass(frozen=True, slots=True)
class VolumeScan:
    """One scan's volume by one measure.

    Attributes
    ----------
    row : Mri
    level : float
        The fraction; for PBVC an index that compounds the changes since the stretch's first scan.
    key : tuple or None
        Scans with equal keys can be compared. None: method or scanner is not recorded.
    """

    row: Mri
    level: float
    key: Key | None

    @property
    def date(self) -> date:
        return self.row.date


@dataclass(frozen=True, slots=True)
class VolumeChange:
    """One person's change of volume between two scans.

    Attributes
    ----------
    measure : Volume
    year : int
        The year at whose end the later scan lies.
    change_pct : float or None
        In percent of the earlier scan; negative is loss. None: not assessable, and
        ``because.missing`` says what was lacking.
    change_pct_per_year : float or None
    because : Because
    """

    measure: Volume
    year: int
    change_pct: float | None
    change_pct_per_year: float | None
    because: Because


_NO_FIRST = "a scan at the start"
_NO_LAST = "a scan at the end of the year"
_NO_VOLUME = "a volume above zero"
_NOT_RECORDED = "the method and scanner of both scans"
_OTHER_METHOD = "the same method at both scans"
_OTHER_SCANNER = "the same scanner at both scans"
_BROKEN = "the change at every scan between, by one method on one scanner"
_TOO_NEAR = f"{SCANS_APART_MONTHS} months between the scans"
MISSING = (
    "", _NO_FIRST, _NO_LAST, _NO_VOLUME, _NOT_RECORDED, _OTHER_METHOD, _OTHER_SCANNER, _BROKEN,
    _TOO_NEAR,
)  # fmt: skip
"""What a change between two scans can lack, in the order asked; the first where nothing is."""


def volume_scans(timeline: Timeline, mri: Iterable[Mri], measure: Volume) -> list[VolumeScan]:
    """Scans with a volume by ``measure`` known on the timeline's day, one a day, by date.

    Of several methods on one day, the one used most often in this person stands; of several rows
    by it, the last.
    """
    known = _with_volume(known_rows(mri, as_of=timeline.as_of), measure)
    often = Counter(row.method for row in known)
    known.sort(key=lambda row: (row.date, often[row.method], row.method or ""))
    rows = list({row.date: row for row in known}.values())
    return _levels_of_bpf(rows) if measure is Volume.BPF else _levels_of_pbvc(rows)


def evaluate_yearly_volume(
    timeline: Timeline, scans: list[VolumeScan], *, year: int, measure: Volume
) -> VolumeChange:
    """The change over one year after the first course.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    scans : list of VolumeScan
        From `volume_scans`.
    year : int
        1: from the scan before treatment to the end of year 1, and so on.
    measure : Volume
    """
    earlier = first_scan(timeline, scans, months=12 * (year - 1))
    definition = YEARLY_BPF if measure is Volume.BPF else YEARLY_PBVC
    return _change(timeline, scans, earlier, year, measure, definition.id)


def evaluate_volume_since(
    timeline: Timeline, scans: list[VolumeScan], *, year: int, measure: Volume, start: VolumeStart
) -> VolumeChange:
    """The change from the scan that `start` names to the end of a year.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    scans : list of VolumeScan
        From `volume_scans`.
    year : int
        A year that ends later than ``start``.
    measure : Volume
    start : VolumeStart
    """
    earlier = first_scan(timeline, scans, months=start.months)
    return _change(timeline, scans, earlier, year, measure, start.id)


def first_scan(timeline: Timeline, scans: list[VolumeScan], *, months: int) -> VolumeScan | None:
    """The scan before treatment (0 months), or the one nearest to a time after it."""
    assert timeline.start is not None
    if months == 0:
        return baseline_row(scans, timeline.start)
    return year_end_row(scans, add_months(timeline.start, months))


def _change(
    timeline: Timeline, scans: list[VolumeScan], earlier: VolumeScan | None, year: int,
    measure: Volume, definition: str,
) -> VolumeChange:  # fmt: skip
    later = year_end_row(scans, timeline.year_start(year + 1))
    missing = _missing(earlier, later)
    if missing:
        return VolumeChange(measure, year, None, None, Because(definition, missing=missing))
    assert earlier is not None
    assert later is not None
    change = 100 * (later.level - earlier.level) / earlier.level
    years = (later.date - earlier.date).days / DAYS_PER_YEAR
    because = Because(definition, rows=(earlier.row, later.row))
    return VolumeChange(measure, year, change, change / years, because)


def _missing(earlier: VolumeScan | None, later: VolumeScan | None) -> str:
    """Why two scans cannot be compared; empty where they can."""
    if earlier is None:
        return _NO_FIRST
    if later is None:
        return _NO_LAST
    if not earlier.level:
        return _NO_VOLUME
    if earlier.key is None or later.key is None:
        return _NOT_RECORDED
    if earlier.row.method != later.row.method:
        return _OTHER_METHOD
    if earlier.row.scanner != later.row.scanner:
        return _OTHER_SCANNER
    if earlier.key != later.key:
        return _BROKEN
    if later.date < _APART.after(earlier.date):
        return _TOO_NEAR
    return ""


def _with_volume(rows: list[Mri], measure: Volume) -> list[Mri]:
    if measure is Volume.BPF:
        return [row for row in rows if row.bpf is not None]
    # A scan by a method that gives PBVC counts without one too: the first has none.
    methods = {row.method for row in rows if row.pbvc_pct is not None}
    return [row for row in rows if row.pbvc_pct is not None or (row.method or "") in methods]


def _levels_of_bpf(rows: list[Mri]) -> list[VolumeScan]:
    return [VolumeScan(row, row.bpf or 0.0, _key(row, 0)) for row in rows]


def _levels_of_pbvc(rows: list[Mri]) -> list[VolumeScan]:
    """An index that begins at 100 with each stretch of comparable scans."""
    found: list[VolumeScan] = []
    stretch, level, before = 0, 100.0, None
    for row in rows:
        alike = before is not None and _key(before, 0) == _key(row, 0)
        if alike and row.pbvc_pct is not None:
            level *= 1 + row.pbvc_pct / 100
        else:
            stretch, level = stretch + 1, 100.0
        found.append(VolumeScan(row, level, _key(row, stretch)))
        before = row
    return found


def _key(row: Mri, stretch: int) -> Key | None:
    if row.method is None or row.scanner is None:
        return None
    return row.method, row.scanner, stretch
