"""What an estimator answers: an estimate with its interval, or that there is none and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its interval.

    Attributes
    ----------
    value, low, high : float
        Always finite.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class NotEstimable:
    """The stated answer where the data hold no estimate.

    Attributes
    ----------
    reason : str
        Why, as a sentence for the reader of a report.
    """

    reason: str
