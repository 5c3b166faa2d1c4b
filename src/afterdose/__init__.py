"""Afterdose follows people with multiple sclerosis after treatment.

It advises and records; it does not diagnose.
"""

__version__ = "0.1.0"
