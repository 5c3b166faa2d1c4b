"""What an outcome's answer rests on: the definition, the rows used, and what was missing."""

from dataclasses import dataclass
from typing import Any


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
