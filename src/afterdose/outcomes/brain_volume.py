"""Yearly change of brain parenchymal fraction, by one method on one scanner."""

from collections.abc import Iterable
from dataclasses import dataclass

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import YEARLY_BPF
from afterdose.outcomes.timeline import Timeline, known_rows
from afterdose.outcomes.visits import baseline_row, last_per_day, year_end_row
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.record.tables import Mri


@dataclass(frozen=True, slots=True)
class YearlyBpf:
    """One person's change over one year.

    Attributes
    ----------
    year : int
    change_pct_per_year : float or None
        Negative is loss. None: not assessable, and ``because.missing`` says what was lacking.
    because : Because
    """

    year: int
    change_pct_per_year: float | None
    because: Because


def bpf_scans(timeline: Timeline, mri: Iterable[Mri]) -> list[Mri]:
    """Scans with a brain parenchymal fraction known on the timeline's day, by date."""
    rows = (row for row in mri if row.bpf is not None)
    return last_per_day(known_rows(rows, as_of=timeline.as_of))


def evaluate_yearly_bpf(timeline: Timeline, scans: list[Mri], *, year: int) -> YearlyBpf:
    """The change over one year after the first course.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    scans : list of Mri
        From `bpf_scans`.
    year : int
        1: from the scan before treatment to the end of year 1, and so on.
    """
    assert timeline.start is not None
    if year == 1:
        earlier = baseline_row(scans, timeline.start)
    else:
        earlier = year_end_row(scans, timeline.year_start(year))
    later = year_end_row(scans, timeline.year_start(year + 1))
    missing = _missing(earlier, later)
    if missing:
        return YearlyBpf(year, None, Because(YEARLY_BPF.id, missing=missing))
    assert earlier is not None
    assert later is not None
    before, after = earlier.bpf, later.bpf
    assert before is not None
    assert after is not None
    years_between = (later.date - earlier.date).days / DAYS_PER_YEAR
    change = 100 * (after - before) / before / years_between
    return YearlyBpf(year, change, Because(YEARLY_BPF.id, rows=(earlier, later)))


def _missing(earlier: Mri | None, later: Mri | None) -> str:
    """Why two scans cannot be compared; empty where they can."""
    if earlier is None:
        return "a scan at the start of the year"
    if later is None:
        return "a scan at the end of the year"
    if not earlier.bpf:
        return "a volume above zero"
    if None in (earlier.method, later.method, earlier.scanner, later.scanner):
        return "the method and scanner of both scans"
    if earlier.method != later.method:
        return "the same method at both scans"
    if earlier.scanner != later.scanner:
        return "the same scanner at both scans"
    return ""
