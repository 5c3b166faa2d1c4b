"""Everybody's outcomes after the first course, compiled."""

from afterdose.engines.local.extension.build import build_extension

__all__ = ["build_extension"]
