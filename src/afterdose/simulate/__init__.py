"""Cohorts with known truth. Everything made here says that it is simulated."""

from afterdose.simulate.cohort import simulate_batches, simulate_cohort, write_simulated

__all__ = ["simulate_batches", "simulate_cohort", "write_simulated"]
