"""A cohort: everybody's record as columns, sorted by person, each person one contiguous run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from afterdose.cohort.about import About
from afterdose.cohort.folder import Record
from afterdose.record.errors import UsageError
from afterdose.record.history import History
from afterdose.record.tables import SPECS, Person

_BATCH = 256
"""People whose rows become Python objects at a time: enough to be quick, few enough to be small."""


@dataclass(frozen=True)
class Cohort:
    """Many people's record, ready to compute.

    Attributes
    ----------
    person_ids : list of str
        Everybody, sorted.
    frames : dict of str to polars.DataFrame
        Each table sorted by person, then by the table's own order.
    offsets : dict of str to numpy.ndarray
        Per table, int64 of length ``len(person_ids) + 1``: rows ``offsets[i]`` up to, but not
        including, ``offsets[i + 1]`` are person ``i``'s.
    about : About
    """

    person_ids: list[str]
    frames: dict[str, pl.DataFrame]
    offsets: dict[str, np.ndarray]
    about: About

    @classmethod
    def of(cls, record: Record) -> "Cohort":
        """Sort a record into a cohort; rows of one person and moment keep their order."""
        person_ids = _everybody(record)
        index = pl.DataFrame(
            {"person_id": person_ids}, schema={"person_id": pl.String}
        ).with_row_index("_person")
        frames, offsets = {}, {}
        for table, frame in record.frames.items():
            order = SPECS[table].order[1:]
            ordered = frame.join(index, on="person_id", how="left", maintain_order="left").sort(
                "_person", *order, maintain_order=True, nulls_last=True
            )
            people = ordered["_person"].to_numpy()
            offsets[table] = np.searchsorted(people, np.arange(len(person_ids) + 1)).astype(
                np.int64
            )
            frames[table] = ordered.drop("_person")
        return cls(person_ids, frames, offsets, record.about)

    def __len__(self) -> int:
        return len(self.person_ids)

    def run(self, table: str, person: int) -> pl.DataFrame:
        """One person's rows of one table."""
        first, last = self.offsets[table][person : person + 2]
        return self.frames[table].slice(first, last - first)

    def histories(self, person_ids: Iterable[str] | None = None) -> Iterator[History]:
        """Everybody's `History`, or that of the people asked for, in the cohort's order.

        Raises
        ------
        UsageError
            Somebody asked for is not in the cohort.
        """
        if person_ids is None:
            wanted = list(range(len(self.person_ids)))
        else:
            wanted = self._positions(person_ids)
        for start in range(0, len(wanted), _BATCH):
            yield from self._histories_of(wanted[start : start + _BATCH])

    def _positions(self, person_ids: Iterable[str]) -> list[int]:
        position = {person_id: place for place, person_id in enumerate(self.person_ids)}
        asked = list(person_ids)
        missing = sum(person_id not in position for person_id in asked)
        if missing:
            raise UsageError(
                f"{missing} of the people asked for are not in this record of "
                f"{len(self.person_ids)}. Check the identifiers."
            )
        return sorted(position[person_id] for person_id in asked)

    def _histories_of(self, people: list[int]) -> Iterator[History]:
        """Histories of a few people: rows become objects for the stretch they span."""
        first, last = people[0], people[-1]
        absent = frozenset(set(SPECS) - set(self.frames))
        rows: dict[str, list[tuple[object, ...]]] = {}
        for table, frame in self.frames.items():
            begin, end = self.offsets[table][first], self.offsets[table][last + 1]
            rows[table] = frame.slice(begin, end - begin).rows()
        for person in people:
            found: dict[str, tuple[object, ...]] = {}
            for table, content in rows.items():
                offsets = self.offsets[table]
                begin, end = offsets[person] - offsets[first], offsets[person + 1] - offsets[first]
                found[table] = tuple(map(SPECS[table].row._make, content[begin:end]))
            known = found.pop("people", ())
            yield History(
                person=known[0] if known else Person(self.person_ids[person]),
                absent=absent,
                **found,
            )


def _everybody(record: Record) -> list[str]:
    found = pl.concat([frame.get_column("person_id").unique() for frame in record.frames.values()])
    return sorted(found.unique().to_list())
