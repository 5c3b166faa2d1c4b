"""What an outcome's answer looks like: three answers, the rows used, and what was missing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Answer(StrEnum):
    """Absent data never reads as normal, so there are three."""

    MET = "met"
    NOT_MET = "not met"
    NOT_ASSESSABLE = "not assessable"


@dataclass(frozen=True, slots=True)
class Because:
    """What an answer rests on.

    Attributes
    ----------
    definition : str
        Id of the definition applied.
    rows : tuple
        The rows of the record that decided it.
    missing : str
        What would have been needed; empty where nothing was.
    """

    definition: str
    rows: tuple[Any, ...] = ()
    missing: str = ""
