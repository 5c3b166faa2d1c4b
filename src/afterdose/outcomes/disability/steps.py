"""The smallest change that counts, as data: bands of the reference value."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from afterdose.record.errors import DefinitionError


class Worse(StrEnum):
    """Which way a measure gets worse."""

    HIGHER = "higher"
    LOWER = "lower"

    @property
    def sign(self) -> int:
        """Multiplies a change so that positive is worse."""
        return 1 if self is Worse.HIGHER else -1


@dataclass(frozen=True, slots=True)
class Band:
    """The step for reference values up to ``up_to``.

    Attributes
    ----------
    up_to : float, unit of the measure
        The highest reference value of the band, itself included; infinity for the last one.
    points : float, unit of the measure
        The step in points; infinity where only the percentage counts.
    percent : float
        The step in percent of the reference value; infinity where only points count. Where both
        are given, the smaller of the two is the step.
    """

    up_to: float = inf
    points: float = inf
    percent: float = inf

    def __post_init__(self) -> None:
        if min(self.points, self.percent) == inf:
            raise DefinitionError("a step has neither points nor percent. Give one or both.")
        if not min(self.points, self.percent) > 0:
            raise DefinitionError("a step is not above 0. Give points or percent above 0.")

    def step_from(self, reference: float) -> float:
        """The smallest change that counts from ``reference``."""
        # A fifth and 20 % of a score differ in the last bit, and visits lie exactly on the step.
        percent = inf if self.percent == inf else reference / (100 / self.percent)
        return min(self.points, percent)


@dataclass(frozen=True, slots=True)
class StepRule:
    """Bands in rising order, the last without an upper end.

    Examples
    --------
    >>> [EDSS_HALF_ABOVE_5.step_from(score) for score in (0.0, 1.0, 5.0, 5.5)]
    [1.5, 1.0, 1.0, 0.5]
    >>> SDMT_4_OR_20_PERCENT.step_from(50.0), SDMT_4_OR_20_PERCENT.step_from(10.0)
    (4.0, 2.0)
    """

    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        ends = [band.up_to for band in self.bands]
        if not ends or ends[-1] != inf or ends != sorted(set(ends)):
            raise DefinitionError(
                f"the steps end at {', '.join(f'{end:g}' for end in ends) or 'nothing'}. "
                "Permitted: rising ends, the last step without up_to. Put the steps in order."
            )

    def step_from(self, reference: float) -> float:
        """The smallest change that counts from ``reference``, in the unit of the measure."""
        for band in self.bands:
            if reference <= band.up_to:
                return band.step_from(reference)
        raise AssertionError("the last band has no upper end")


Step = StepRule | Callable[[float], float]
"""A rule as data or, from Python alone, any function of the reference value."""


def step_from(step: Step, reference: float) -> float:
    """The smallest change that counts from ``reference``, by a rule or a function."""
    return step.step_from(reference) if isinstance(step, StepRule) else step(reference)


EDSS_HALF_ABOVE_5 = StepRule((Band(0.0, points=1.5), Band(5.0, points=1.0), Band(points=0.5)))
EDSS_HALF_ABOVE_5_5 = StepRule((Band(0.0, points=1.5), Band(5.5, points=1.0), Band(points=0.5)))
TWENTY_PERCENT = StepRule((Band(percent=20.0),))
SDMT_4_OR_20_PERCENT = StepRule((Band(points=4.0, percent=20.0),))
