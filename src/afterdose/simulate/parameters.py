"""The simulation's parameters, as read from ``parameters.toml``."""

import tomllib
from datetime import date
from importlib import resources
from typing import Any

_EPOCH = date(1970, 1, 1)
_DATA: dict[str, Any] = tomllib.loads(
    resources.files("afterdose.simulate").joinpath("parameters.toml").read_text("utf-8")
)

CALIBRATED: dict[str, Any] = _DATA["calibrated"]
NOT_CALIBRATED: dict[str, Any] = _DATA["not_calibrated"]


def day_number(day: date) -> int:
    """Days since 1 January 1970."""
    return (day - _EPOCH).days
