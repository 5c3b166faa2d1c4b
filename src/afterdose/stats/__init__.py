"""Estimators on arrays: proportions, rates, survival, competing and recurrent events, regression.

Every estimate comes with an interval and names the source of its formula. Nothing here knows what
a person is. Whatever is counted over people adds over parts of them, so that a registry in parts
gives the numbers of the whole; each docstring says what adds.
"""

from afterdose.stats.answers import Estimate, NotEstimable
from afterdose.stats.competing import CumulativeIncidence, aalen_johansen
from afterdose.stats.log_rank import (
    GroupedRiskSets,
    LogRank,
    compare,
    grouped_risk_sets,
    log_rank,
)
from afterdose.stats.medians import Median, compute_median
from afterdose.stats.proportions import Proportion, exact_proportion, wilson_proportion
from afterdose.stats.rates import Rate, poisson_rate
from afterdose.stats.restricted_mean import RestrictedMean, restricted_mean
from afterdose.stats.risk_sets import RiskSets, risk_sets
from afterdose.stats.survival import Survival, kaplan_meier

__all__ = [
    "CumulativeIncidence",
    "Estimate",
    "GroupedRiskSets",
    "LogRank",
    "Median",
    "NotEstimable",
    "Proportion",
    "Rate",
    "RestrictedMean",
    "RiskSets",
    "Survival",
    "aalen_johansen",
    "compare",
    "compute_median",
    "exact_proportion",
    "grouped_risk_sets",
    "kaplan_meier",
    "log_rank",
    "poisson_rate",
    "restricted_mean",
    "risk_sets",
    "wilson_proportion",
]
