"""Whether a person loses brain volume faster than healthy people of an age: yes, no, cannot tell.

Each person's own scans give a slope with an interval; the interval decides. No source that was
read gives the measurement error of a single scan, so none is assumed.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import takewhile
from math import atan, cos, pi, sin, sqrt

from afterdose.outcomes.answers import Because
from afterdose.outcomes.brain_volume import Volume, VolumeScan, VolumeStart, first_scan
from afterdose.outcomes.definitions import Definition
from afterdose.outcomes.timeline import Timeline
from afterdose.record.dates import DAYS_PER_YEAR, Period

FEWEST_SCANS = 3
SHORTEST_SPAN = Period(months=18)
SLOPE = Definition(
    id="volume-slope",
    title="A person's own rate of brain volume loss",
    words=(
        "The least-squares line through the scans from the first scan named on, in percent of that "
        "scan a year, by one measure and by the method and scanner of that scan; from the first "
        f"scan by another on, none is used. It takes {FEWEST_SCANS} scans over "
        f"{SHORTEST_SPAN.months} months. The 95 % interval comes from the scatter of the person's "
        "own scans about the line (Student's t). With a cut-off: faster where the whole interval "
        "lies below it, slower where it lies above, cannot tell where the interval holds it. "
        "People without a slope are counted apart."
    ),
    source="policy",
)


class Loss(StrEnum):
    """A person's rate of loss beside a cut-off."""

    FASTER = "faster"
    SLOWER = "slower"
    CANNOT_TELL = "cannot tell"
    NOT_ASSESSABLE = "not assessable"


@dataclass(frozen=True, slots=True)
class AgeingCutOff(Definition):
    """A yearly change of brain volume that a source gives for healthy people or against them.

    Attributes
    ----------
    pct_per_year : float
        Negative is loss; by SIENA PBVC.
    """

    pct_per_year: float


_OPFER = "Opfer, et al. Neurobiol Aging 2018;65:1-6. doi:10.1016/j.neurobiolaging.2017.12.024"
_BY_SIENA = (
    "By SIENA PBVC; beside BPF it shows an order of magnitude, for the two are not the same "
    "measure."
)


def _opfer(age: int, what: str, value: float) -> AgeingCutOff:
    mean = what == "mean"
    return AgeingCutOff(
        id=f"healthy-{age}-{what}",
        title=f"Healthy at {age}: {'mean' if mean else '95th percentile of loss'}",
        words=f"{value:.2f} % a year in healthy people of {age}. {_BY_SIENA}".replace("-", "−"),
        source=_OPFER,
        pct_per_year=value,
    )


HEALTHY_45_MEAN = _opfer(45, "mean", -0.15)
HEALTHY_45_P95 = _opfer(45, "p95", -0.52)
HEALTHY_65_P95 = _opfer(65, "p95", -1.05)
MS_CUT_OFF = AgeingCutOff(
    id="pathological-0.40",
    title="Cut-off with a specificity of 80 %",
    words=f"−0.40 % a year. {_BY_SIENA}",
    source="De Stefano, et al. J Neurol Neurosurg Psychiatry 2016;87:93-99. "
    "doi:10.1136/jnnp-2014-309903 (secondary: read in other texts, not in the paper)",
    pct_per_year=-0.40,
)
CUT_OFFS = (HEALTHY_45_MEAN, MS_CUT_OFF, HEALTHY_45_P95, HEALTHY_65_P95)


@dataclass(frozen=True, slots=True)
class VolumeSlope:
    """One person's rate of change.

    Attributes
    ----------
    measure : Volume
    scans : int
        That lie on the line.
    pct_per_year, low, high : float or None
        With a 95 % interval; negative is loss. None: not assessable.
    scanner_changed : bool
        A later scan was by another method or scanner, and was left out.
    because : Because
    """

    measure: Volume
    scans: int
    pct_per_year: float | None
    low: float | None
    high: float | None
    scanner_changed: bool
    because: Because

    def beside(self, cut_off: AgeingCutOff) -> Loss:
        """Faster, slower, cannot tell; or not assessable."""
        if self.low is None or self.high is None:
            return Loss.NOT_ASSESSABLE
        if self.high < cut_off.pct_per_year:
            return Loss.FASTER
        return Loss.SLOWER if self.low > cut_off.pct_per_year else Loss.CANNOT_TELL


def evaluate_slope(
    timeline: Timeline, scans: list[VolumeScan], *, measure: Volume, start: VolumeStart
) -> VolumeSlope:
    """The line through a person's comparable scans.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    scans : list of VolumeScan
        From `afterdose.outcomes.brain_volume.volume_scans`.
    measure : Volume
    start : VolumeStart
        Where the line begins.
    """
    first = first_scan(timeline, scans, months=start.months)
    if first is None or first.key is None or not first.level:
        missing = "a scan at the start, with its method and scanner"
        return _no_slope(measure, 0, False, missing)
    later = [scan for scan in scans if scan.date >= first.date]
    line = list(takewhile(lambda scan: scan.key == first.key, later))
    changed = any((s.row.method, s.row.scanner) != first.key[:2] for s in later[len(line) :])
    if len(line) < FEWEST_SCANS or line[-1].date < SHORTEST_SPAN.after(first.date):
        missing = f"{FEWEST_SCANS} comparable scans over {SHORTEST_SPAN.months} months"
        return _no_slope(measure, len(line), changed, missing)
    years = [(scan.date - first.date).days / DAYS_PER_YEAR for scan in line]
    slope, half = _least_squares(years, [100 * scan.level / first.level for scan in line])
    because = Because(SLOPE.id, rows=tuple(scan.row for scan in line))
    return VolumeSlope(measure, len(line), slope, slope - half, slope + half, changed, because)


def _no_slope(measure: Volume, scans: int, changed: bool, missing: str) -> VolumeSlope:
    because = Because(SLOPE.id, missing=missing)
    return VolumeSlope(measure, scans, None, None, None, changed, because)


def _least_squares(x: list[float], y: list[float]) -> tuple[float, float]:
    """The slope, and half the width of its 95 % interval."""
    count = len(x)
    middle_x, middle_y = sum(x) / count, sum(y) / count
    spread = sum((one - middle_x) ** 2 for one in x)
    slope = sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / spread
    residual = sum((b - middle_y - slope * (a - middle_x)) ** 2 for a, b in zip(x, y, strict=True))
    return slope, student_t_975(count - 2) * sqrt(residual / (count - 2) / spread)


@cache
def student_t_975(degrees: int) -> float:
    """The 97.5th percentile of Student's t.

    Parameters
    ----------
    degrees : int, 1 or more
        Degrees of freedom.

    Notes
    -----
    The closed form for whole degrees of freedom, inverted by halving.

    References
    ----------
    .. [1] Abramowitz M, Stegun IA. Handbook of Mathematical Functions. 1964, 26.7.3 and 26.7.4.

    Examples
    --------
    >>> [round(student_t_975(degrees), 3) for degrees in (1, 2, 10)]
    [12.706, 4.303, 2.228]
    """
    low, high = 0.0, 100.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, degrees) < 0.95 else (low, middle)
    return (low + high) / 2


def _within(t: float, degrees: int) -> float:
    """The chance that a value of Student's t lies between ``-t`` and ``t``."""
    angle = atan(t / sqrt(degrees))
    term = cos(angle) if degrees % 2 else 1.0
    total = 0.0
    for step in range(1 + degrees % 2, degrees, 2):
        total += term
        term *= cos(angle) ** 2 * step / (step + 1)
    total *= sin(angle)
    return 2 / pi * (angle + total) if degrees % 2 else total
