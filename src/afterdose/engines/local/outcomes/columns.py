"""What outcomes look at, packed for one pass: plain arrays sorted by person, then day.

Everything stands as it was known on one day, so that a kernel asks of no row whether it was known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import NamedTuple

import numpy as np
import polars as pl

from afterdose.engines.local.days import number_of
from afterdose.engines.local.frozen import all_frozen, frozen
from afterdose.engines.local.kernels.disability.lives import LIFE, lives_of_all


class Visits(NamedTuple):
    """Visits of many people with a score of one measure, one a day.

    Attributes
    ----------
    offsets : numpy.ndarray
        int64, one more than people: visits ``offsets[i]`` up to ``offsets[i + 1]`` are person
        ``i``'s.
    day : numpy.ndarray
        int32 a visit.
    value : numpy.ndarray
        float64 a visit, in the unit of the measure.
    given, known : numpy.ndarray
        int32 a person: scores in the record, and scores known on the day asked about, of which
        several may be of one day.
    """

    offsets: np.ndarray
    day: np.ndarray
    value: np.ndarray
    given: np.ndarray
    known: np.ndarray


class Relapses(NamedTuple):
    """Relapses not ruled out, by first day; ``end`` is the first day where no last is recorded."""

    offsets: np.ndarray
    onset: np.ndarray
    end: np.ndarray


class Scans(NamedTuple):
    """MRI scans that say whether there was activity."""

    offsets: np.ndarray
    day: np.ndarray
    active: np.ndarray


class Doses(NamedTuple):
    """Treatment rows by first day, future ones that were known included.

    ``drug`` is a position in the names of the drugs; ``number`` is 0 where none is recorded.
    """

    offsets: np.ndarray
    drug: np.ndarray
    start: np.ndarray
    number: np.ndarray


@dataclass(frozen=True)
class PackedOutcomes:
    """Everybody's rows that outcomes look at, as known on one day.

    Attributes
    ----------
    as_of : date
    person_ids : polars.Series or sequence of str
    died : numpy.ndarray
        int32 a person; `NEVER` where not known to have died by then.
    visits : mapping of str to Visits
        By measure.
    relapses : Relapses
    scans : Scans
    doses : Doses
    drugs : tuple of str
    """

    as_of: date
    person_ids: Sequence[str] | pl.Series
    died: np.ndarray
    visits: Mapping[str, Visits]
    relapses: Relapses
    scans: Scans
    doses: Doses
    drugs: tuple[str, ...]
    _kept: dict[object, np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.died)

    def visits_of(self, measure: str) -> Visits:
        """The visits with a score of a measure; nobody has any of one the record does not hold."""
        held = self.visits.get(measure)
        if held is not None:
            return held
        nobody = np.zeros(len(self), np.int32)
        none = np.zeros(len(self) + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float64)
        return all_frozen(Visits(*none, nobody, nobody))

    def lives(self, drug: str) -> np.ndarray:
        """A `LIFE` record a person: death, and what was given of one drug and of others."""
        if ("lives", drug) not in self._kept:
            found = np.zeros(len(self), LIFE)
            code = self.drugs.index(drug) if drug in self.drugs else -1
            lives_of_all(self.died, self.doses, code, number_of(self.as_of), found)
            self._kept["lives", drug] = frozen(found)
        return self._kept["lives", drug]

    def draws(self, seed: int) -> np.ndarray:
        """float64 a person, from 0 to 1: what the plain code draws about everybody by a seed."""
        if ("draws", seed) not in self._kept:
            digests = (sha256(f"{seed}:{key}".encode()).digest() for key in self.person_ids)
            whole = (int.from_bytes(digest[:8]) for digest in digests)
            drawn = np.array([number / 2**64 for number in whole], np.float64)
            self._kept["draws", seed] = frozen(drawn)
        return self._kept["draws", seed]
