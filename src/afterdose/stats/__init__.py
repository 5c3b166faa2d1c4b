"""Estimators on arrays: proportions, rates, survival, competing risks, medians.

Every estimate comes with an interval and names the source of its formula. Nothing here knows what
a person is.
"""

from afterdose.stats.competing import CumulativeIncidence, aalen_johansen
from afterdose.stats.medians import Median, compute_median
from afterdose.stats.proportions import Proportion, exact_proportion, wilson_proportion
from afterdose.stats.rates import Rate, poisson_rate
from afterdose.stats.survival import Survival, kaplan_meier

__all__ = [
    "CumulativeIncidence",
    "Median",
    "Proportion",
    "Rate",
    "Survival",
    "aalen_johansen",
    "compute_median",
    "exact_proportion",
    "kaplan_meier",
    "poisson_rate",
    "wilson_proportion",
]
