"""Whole cohorts: every engine gives the plain code's answers."""
