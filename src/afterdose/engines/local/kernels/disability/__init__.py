"""Confirmed disability change for everybody: says what `afterdose.outcomes.disability` says."""
