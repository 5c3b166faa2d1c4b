"""Compiled single-pass kernels. Each says the same as a module of `afterdose.monitoring`."""
