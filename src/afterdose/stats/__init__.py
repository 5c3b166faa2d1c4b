"""Estimators on arrays: proportions, rates, survival, competing and recurrent events, regression.

Every estimate comes with an interval and names the source of its formula. Nothing here knows what
a person is. Whatever is counted over people adds over parts of them, so that a registry in parts
gives the numbers of the whole; each docstring says what adds.
"""

from afterdose.stats.answers import Estimate, NotEstimable
from afterdose.stats.competing import CumulativeIncidence, aalen_johansen
from afterdose.stats.count_regression import CountRegression, add_up
from afterdose.stats.count_rows import CountRows, count_rows
from afterdose.stats.incidence import PersonTime, eaer, eair, person_time
from afterdose.stats.log_rank import (
    GroupedRiskSets,
    LogRank,
    compare,
    grouped_risk_sets,
    log_rank,
)
from afterdose.stats.means import Mean, compute_mean
from afterdose.stats.medians import Median, compute_median
from afterdose.stats.negative_binomial import negative_binomial_regression
from afterdose.stats.period_counts import PeriodCounts, period_counts
from afterdose.stats.poisson_regression import poisson_regression
from afterdose.stats.proportions import Proportion, exact_proportion, wilson_proportion
from afterdose.stats.rates import Rate, poisson_rate
from afterdose.stats.recurrent import (
    MeanCumulativeFunction,
    RecurrentEvents,
    mean_cumulative_function,
)
from afterdose.stats.restricted_mean import RestrictedMean, restricted_mean
from afterdose.stats.risk_sets import RiskSets, risk_sets
from afterdose.stats.survival import Survival, kaplan_meier

__all__ = [
    "CountRegression",
    "CountRows",
    "CumulativeIncidence",
    "Estimate",
    "GroupedRiskSets",
    "LogRank",
    "Mean",
    "MeanCumulativeFunction",
    "Median",
    "NotEstimable",
    "PeriodCounts",
    "PersonTime",
    "Proportion",
    "Rate",
    "RecurrentEvents",
    "RestrictedMean",
    "RiskSets",
    "Survival",
    "aalen_johansen",
    "add_up",
    "compare",
    "compute_mean",
    "compute_median",
    "count_rows",
    "eaer",
    "eair",
    "exact_proportion",
    "grouped_risk_sets",
    "kaplan_meier",
    "log_rank",
    "mean_cumulative_function",
    "negative_binomial_regression",
    "period_counts",
    "person_time",
    "poisson_rate",
    "poisson_regression",
    "restricted_mean",
    "risk_sets",
    "wilson_proportion",
]
