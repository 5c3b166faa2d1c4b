"""The record a run adds to: what is there already, what is new, what is the same again."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from afterdose.cohort import Record, read_record, write_record
from afterdose.cohort.about import read_about
from afterdose.cohort.frames import schema_of
from afterdose.cohort.validation import check_table
from afterdose.record.tables import SPECS, Lab, Person, TableSpec

_SAME_RESULT = (
    "person_id",
    "specimen_date",
    "specimen_time",
    "analyte",
    "value",
    "comparator",
    "status",
    "provider",
    "accession",
    "result_id",
    "original_code",
)
"""Two rows alike in these are one result that arrived twice."""


@dataclass(frozen=True)
class TableOutcome:
    """What became of a table's rows; ``bad`` holds row numbers and what was seen."""

    accepted: int
    duplicates: int
    bad: list[tuple[int, str]]


class Store:
    """The tables of a record in memory while a run adds to them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._frames = _held(folder)
        self._people: dict[str, Person] = {
            row[0]: Person._make(row) for row in self._rows("people")
        }
        self._labs: list[Lab] = []
        self._seen: dict[str, set[tuple[object, ...]]] = {
            "labs": {_key(Lab._make(row)) for row in self._rows("labs")}
        }

    def person_ids(self) -> Iterable[str]:
        """Everybody in the record."""
        return self._people.keys()

    def add_lab(self, row: Lab) -> bool:
        """Add a result; false if it is one that is there already."""
        key = _key(row)
        if key in self._seen["labs"]:
            return False
        self._seen["labs"].add(key)
        self._labs.append(row)
        self._people.setdefault(row.person_id, Person(row.person_id))
        return True

    def add_person(self, row: Person) -> Literal["new", "same", "differs"]:
        """Add a person, or fill in what was not known; facts that contradict are not taken."""
        known = self._people.get(row.person_id)
        if known is None:
            self._people[row.person_id] = row
            return "new"
        if any(
            new is not None and old is not None and new != old
            for old, new in zip(known, row, strict=True)
        ):
            return "differs"
        filled = Person(*(old if old is not None else new for old, new in zip(known, row)))  # noqa: B905
        self._people[row.person_id] = filled
        return "same" if filled == known else "new"

    def add_table(self, spec: TableSpec, frame: pl.DataFrame, *, source: str) -> TableOutcome:
        """Add the rows of a record table that keep to its specification."""
        check = check_table(spec, frame, None)
        bad: dict[int, str] = {}
        for problem in check.outcome.problems:
            for row in problem.rows or range(1, frame.height + 1):
                bad.setdefault(row, f"{problem.column}: {problem.seen}")
        rows = [
            spec.row._make(row)
            for number, row in enumerate(check.frame.rows(), start=1)
            if number not in bad
        ]
        accepted = sum(self._add(spec, row, f"{source}:table") for row in rows)
        return TableOutcome(accepted, len(rows) - accepted, sorted(bad.items()))

    def write(self) -> None:
        """Write every table back, in the record's order."""
        self._frames["people"] = pl.DataFrame(
            list(self._people.values()), schema=schema_of(SPECS["people"]), orient="row"
        )
        self._extend("labs", self._labs)
        frames = {
            table: frame.sort(*SPECS[table].order, maintain_order=True, nulls_last=True)
            for table, frame in self._frames.items()
            if frame.height
        }
        write_record(Record(frames, read_about(self._folder)), self._folder)

    def _add(self, spec: TableSpec, row: tuple[object, ...], source: str) -> bool:
        if isinstance(row, Person):
            return self.add_person(row) == "new"
        if isinstance(row, Lab):
            return self.add_lab(row if row.source else row._replace(source=source))
        seen = self._seen.setdefault(spec.name, set(self._rows(spec.name)))
        if tuple(row) in seen:
            return False
        seen.add(tuple(row))
        self._extend(spec.name, [row])
        person_id = str(row[0])
        self._people.setdefault(person_id, Person(person_id))
        return True

    def _rows(self, table: str) -> list[tuple[object, ...]]:
        return self._frames[table].rows() if table in self._frames else []

    def _extend(self, table: str, rows: list[tuple[object, ...]]) -> None:
        schema = schema_of(SPECS[table])
        new = pl.DataFrame(rows, schema=schema, orient="row")
        standing = self._frames.get(table)
        self._frames[table] = new if standing is None else pl.concat([standing, new])


def _held(folder: Path) -> dict[str, pl.DataFrame]:
    has_tables = any((folder / f"{table}{end}").exists() for table in SPECS
                     for end in (".parquet", ".csv", ""))  # fmt: skip
    return read_record(folder).frames if has_tables else {}


def _key(row: Lab) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _SAME_RESULT)
