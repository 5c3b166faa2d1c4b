"""The record a run adds to: what is there already, what is new, what is the same again."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import polars as pl

from afterdose.cohort import Record, read_record, write_tables
from afterdose.cohort.about import About, read_about
from afterdose.cohort.frames import schema_of
from afterdose.cohort.validation import check_table
from afterdose.record.errors import RecordError, UsageError
from afterdose.record.tables import SPECS, Lab, Mri, Person, TableSpec

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

_LABS = schema_of(SPECS["labs"])

Outcome = Literal["accepted", "duplicate", "differs", "first-scan-stands"]
_ASIDE = {"differs": "person-differs", "first-scan-stands": "first-scan-stands"}
"""Outcomes that set a row aside, and the reason."""


class Counts(NamedTuple):
    """How many of a file's results were new, and how many were there already."""

    accepted: int
    duplicates: int


class BadRow(NamedTuple):
    """A row of a table that was not taken: its number, reason code and what was seen."""

    number: int
    reason: str
    seen: str


@dataclass(frozen=True)
class TableOutcome:
    """What became of a table's rows; ``labs`` is the number to ask `Store.settle` for."""

    accepted: int
    duplicates: int
    bad: tuple[BadRow, ...]
    labs: int | None = None


class TakenOut(NamedTuple):
    """How many rows were taken out of the record, and which facts about the person were emptied."""

    rows: int
    emptied: tuple[str, ...]


class Store:
    """The tables of a record in memory while a run adds to them; without a folder, in memory only.

    Raises
    ------
    UsageError
        The record holds a simulated cohort: people who exist do not belong there.
    """

    def __init__(self, folder: Path | None) -> None:
        self._about = read_about(folder) if folder and folder.is_dir() else About()
        if self._about.simulated:
            raise UsageError(
                "This record holds a simulated cohort. Permitted: a record of people who exist, "
                "or a new folder. Name another folder."
            )
        self._frames: dict[str, pl.DataFrame] = {}
        self._held: frozenset[str] = frozenset()
        self._people: dict[str, Person] = {}
        self._known: dict[str, Person] = {}
        self._added_labs: list[pl.DataFrame] = []
        self._new: dict[str, list[tuple[object, ...]]] = {
            table: [] for table in SPECS if table != "labs"
        }
        self._seen: dict[str, set[tuple[object, ...]]] = {}
        self._measured: dict[tuple[str, date, str | None], bool] | None = None
        self._labs: list[pl.DataFrame] = []
        self.hold(_held(folder) if folder else {})

    def hold(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Rows that are there already, of people of whom nothing was held before."""
        self._held |= frozenset(frames)
        for table, frame in frames.items():
            standing = self._frames.get(table)
            self._frames[table] = frame if standing is None else pl.concat([standing, frame])
        if "people" in frames:
            people = map(Person._make, frames["people"].rows())
            known = {person.person_id: person for person in people}
            self._known |= known
            self._people |= known
        # Both are made anew when they are next asked for.
        self._seen.clear()
        self._measured = None

    def added(self) -> dict[str, pl.DataFrame]:
        """What this run added, as settled: rows by table, and people who are new or of whom more
        is known now.
        """
        people = [row for name, row in self._people.items() if self._known.get(name) != row]
        found = {table: rows for table, rows in self._new.items() if table != "people"}
        frames = {
            table: pl.DataFrame(rows, schema=schema_of(SPECS[table]), orient="row")
            for table, rows in {"people": people, **found}.items()
        }
        frames["labs"] = pl.concat([pl.DataFrame(schema=_LABS), *self._added_labs])
        return {table: frames[table] for table in SPECS if frames[table].height}

    @property
    def labs(self) -> pl.DataFrame:
        """Every result, as settled."""
        return self._frames.get("labs", pl.DataFrame(schema=_LABS))

    def person_ids(self) -> Iterable[str]:
        """Everybody in the record."""
        return self._people.keys()

    def add_labs(self, rows: pl.DataFrame) -> int:
        """Add a file's results; returns the file's number, for `settle`.

        Which of them are there already is found for all files together.
        """
        self._labs.append(rows)
        for person_id in rows["person_id"].unique(maintain_order=True):
            self._people.setdefault(person_id, Person(person_id))
        return len(self._labs) - 1

    def settle(self) -> list[Counts]:
        """Tell new results from those that are there already; what became of each file's.

        Of rows alike in `_SAME_RESULT` the first stays.
        """
        frames = [self.labs, *self._labs]
        file = pl.Series(
            np.repeat(np.arange(-1, len(self._labs)), [len(frame) for frame in frames])
        )
        every = pl.concat(frames).with_columns(file=file)
        is_again = _is_again(every) & (file >= 0)
        self._frames["labs"] = every.filter(~is_again).drop("file")
        self._added_labs.append(every.filter(~is_again & (file >= 0)).drop("file"))
        found = (
            every.select("file", again=is_again)
            .group_by("file")
            .agg(pl.col("again").sum(), rows=pl.len())
        )
        counts = {number: Counts(rows - again, again) for number, again, rows in found.rows()}
        settled = [counts.get(number, Counts(0, 0)) for number in range(len(self._labs))]
        self._labs = []
        return settled

    def add_person(self, row: Person) -> Outcome:
        """Add a person, or fill in what was not known; facts that contradict are not taken."""
        known = self._people.get(row.person_id)
        if known is None:
            self._people[row.person_id] = row
            return "accepted"
        if not all(map(_agree, known, row)):
            return "differs"
        facts = zip(known, row, strict=True)
        filled = Person._make(new if _says_more(new, old) else old for old, new in facts)
        self._people[row.person_id] = filled
        return "duplicate" if filled == known else "accepted"

    def add_table(
        self,
        spec: TableSpec,
        frame: pl.DataFrame,
        *,
        source: str,
        is_known: Callable[[str], bool] | None = None,
    ) -> TableOutcome:
        """Add the rows of a record table that keep to its specification.

        With ``is_known``, only those of people it knows; whoever stands in ``people`` is known by
        that.

        Raises
        ------
        RecordError
            A column is missing or unknown: no row can be read with certainty.
        """
        check = check_table(spec, frame, None)
        structural = [str(problem) for problem in check.outcome.problems if problem.is_structural]
        if structural:
            raise RecordError(" ".join(structural))
        bad = {} if is_known is None else _strangers(spec, check.frame, is_known)
        for problem in check.outcome.problems:
            for number in problem.rows:
                seen = f"{problem.column}: {problem.seen}"
                bad.setdefault(number, BadRow(number, "breaks-specification", seen))
        if spec.name == "labs":
            return self._add_lab_table(check.frame, bad, source)
        outcomes: list[Outcome] = []
        for number, cells in enumerate(check.frame.rows(), start=1):
            if number not in bad:
                outcomes.append(self._add(spec, cells))
                if outcomes[-1] in _ASIDE:
                    bad[number] = BadRow(number, _ASIDE[outcomes[-1]], "")
        return TableOutcome(
            accepted=outcomes.count("accepted"),
            duplicates=outcomes.count("duplicate"),
            bad=tuple(sorted(bad.values())),
        )

    def write(self, beside: Path) -> None:
        """Write every table, in the record's order, among the record's new files."""
        for table, rows in self._new.items():
            self._extend(table, rows)
        self._frames["people"] = pl.DataFrame(
            list(self._people.values()), schema=schema_of(SPECS["people"]), orient="row"
        )
        frames = {
            table: self._frames[table].sort(*spec.order, maintain_order=True, nulls_last=True)
            for table, spec in SPECS.items()
            if table in self._frames and (self._frames[table].height or table in self._held)
        }
        write_tables(Record(frames, self._about), beside)

    def take_back(self, given: "Store") -> int:
        """Take out every row that ``given`` holds; how many. What is known of people stays."""
        return sum(self._take_rows(spec, given, None) for spec in SPECS.values())

    def take_out(self, given: "Store", person_id: str, *, is_certain: bool = True) -> TakenOut:
        """Take out what ``given`` holds of a person.

        Results are known by their source, other rows by what they say. A fact about the person that
        ``given`` states is emptied, since whose it was is not known any more; unless it is not
        certain that anything of ``given`` is here, and no row was.
        """
        rows = sum(self._take_rows(spec, given, person_id) for spec in SPECS.values())
        emptied: tuple[str, ...] = ()
        known, stated = self._people.get(person_id), given._people.get(person_id)
        if (is_certain or rows) and known is not None and stated is not None:
            emptied = tuple(
                name
                for name, fact in known._asdict().items()
                if name != "person_id" and fact is not None and getattr(stated, name) is not None
            )
            self._people[person_id] = known._replace(**dict.fromkeys(emptied))
        return TakenOut(rows, emptied)

    def forget_if_empty(self, person_id: str) -> bool:
        """Take a person out of the record who has neither a row nor a fact."""
        has_rows = any(
            (frame["person_id"] == person_id).any()
            for table, frame in self._frames.items()
            if table != "people"
        ) or any(row[0] == person_id for rows in self._new.values() for row in rows)
        if has_rows or self._people.get(person_id) != Person(person_id):
            return False
        del self._people[person_id]
        return True

    def _take_rows(self, spec: TableSpec, given: "Store", person_id: str | None) -> int:
        if spec.name not in self._frames or spec.name == "people":
            return 0
        kept = self._without(spec, given, person_id)
        rows = len(self._frames[spec.name]) - len(kept)
        self._frames[spec.name] = kept
        self._seen.pop(spec.name, None)
        return rows

    def _without(self, spec: TableSpec, given: "Store", person_id: str | None) -> pl.DataFrame:
        frame = self._frames[spec.name]
        if spec.name == "labs":
            is_from = pl.col("source").is_in(given.labs["source"].implode())
            is_theirs = (
                is_from if person_id is None else is_from & (pl.col("person_id") == person_id)
            )
            return frame.filter(~is_theirs.fill_null(value=False))
        told = {_told(spec, row) for row in given._new[spec.name]}
        kept = [row for row in frame.rows() if _told(spec, row) not in told]
        return pl.DataFrame(kept, schema=frame.schema, orient="row")

    def _add_lab_table(
        self, frame: pl.DataFrame, bad: dict[int, BadRow], source: str
    ) -> TableOutcome:
        """Rows that cite no source of their own cite the file."""
        defaults = {name: value for name, value in Lab._field_defaults.items() if value is not None}
        rows = frame.with_row_index("number", offset=1).with_columns(
            pl.col("source").fill_null(pl.concat_str(pl.lit(f"{source}row "), "number")),
            *(pl.col(name).fill_null(value) for name, value in defaults.items()),
        )
        kept = rows.filter(~pl.col("number").is_in(list(bad))).select(list(_LABS))
        return TableOutcome(0, 0, tuple(sorted(bad.values())), self.add_labs(kept))

    def _add(self, spec: TableSpec, cells: tuple[object, ...]) -> Outcome:
        row = _with_defaults(spec, cells)
        if isinstance(row, Person):
            return self.add_person(row)
        if spec.name not in self._seen:
            rows = (*self._rows(spec.name), *self._new[spec.name])
            self._seen[spec.name] = {_told(spec, one) for one in rows}
        seen, told = self._seen[spec.name], _told(spec, row)
        if told in seen:
            return "duplicate"
        if isinstance(row, Mri) and (outcome := self._as_scan(row)) != "accepted":
            return outcome
        seen.add(told)
        self._new[spec.name].append(row)
        self._people.setdefault(str(row[0]), Person(str(row[0])))
        return "accepted"

    def _as_scan(self, row: Mri) -> Outcome:
        """Whether a scan by the same method on the same day is there already.

        A row that says only that there was a scan adds nothing to one that says more. The other way
        round, change would be counted from both: somebody has to take the lesser row out.
        """
        if self._measured is None:
            self._measured = {}
            for one in map(Mri._make, (*self._rows("mri"), *self._new["mri"])):
                self._note_scan(one)
        standing = self._measured.get((row.person_id, row.date, row.method))
        if standing is not None and row.method is not None:
            if not _is_measured(row):
                return "duplicate"
            if not standing:
                return "first-scan-stands"
        self._note_scan(row)
        return "accepted"

    def _note_scan(self, row: Mri) -> None:
        assert self._measured is not None  # made by the one caller
        key = (row.person_id, row.date, row.method)
        self._measured[key] = self._measured.get(key, False) or _is_measured(row)

    def _rows(self, table: str) -> list[tuple[object, ...]]:
        return self._frames[table].rows() if table in self._frames else []

    def _extend(self, table: str, rows: list[tuple[object, ...]]) -> None:
        new = pl.DataFrame(rows, schema=schema_of(SPECS[table]), orient="row")
        standing = self._frames.get(table)
        self._frames[table] = new if standing is None else pl.concat([standing, new])


def _strangers(
    spec: TableSpec, frame: pl.DataFrame, is_known: Callable[[str], bool]
) -> dict[int, BadRow]:
    """The rows of people nobody knows; ``seen`` is who they name."""
    if spec.name == "people":
        return {}
    return {
        number: BadRow(number, "person-unmatched", person_id)
        for number, person_id in enumerate(frame["person_id"], start=1)
        if person_id is not None and not is_known(person_id)
    }


def _agree(old: object, new: object) -> bool:
    """Whether both can be true: a date's year alone agrees with the whole date."""
    return old is None or new is None or str(old).startswith(str(new)) or _says_more(new, old)


def _says_more(new: object, old: object) -> bool:
    if new is None or old is None:
        return old is None
    return new != old and str(new).startswith(str(old))


def _with_defaults(spec: TableSpec, cells: tuple[object, ...]) -> tuple[object, ...]:
    """The cells as a row of the table; an empty cell takes the column's default."""
    defaults = spec.row._field_defaults
    row: tuple[object, ...] = spec.row._make(
        defaults.get(name) if cell is None else cell
        for name, cell in zip(spec.row._fields, cells, strict=True)
    )
    return row


def _is_measured(row: Mri) -> bool:
    """Whether a scan's row holds any of what is measured."""
    measures = (row.new_t2_lesions, row.gd_lesions, row.bpf, row.pbvc_pct)
    return any(one is not None for one in measures)


def _told(spec: TableSpec, row: tuple[object, ...]) -> tuple[object, ...]:
    """A row without the day we learnt of it: the same fact told again is one fact."""
    return tuple(
        cell for name, cell in zip(spec.row._fields, row, strict=True) if name != "recorded_date"
    )


def _held(folder: Path) -> dict[str, pl.DataFrame]:
    """What the folder holds already; a folder without any table is an empty record."""
    endings = (".parquet", ".csv", "")
    holds = any((folder / f"{table}{ending}").exists() for table in SPECS for ending in endings)
    return read_record(folder).frames if holds else {}


def _is_again(rows: pl.DataFrame) -> pl.Series:
    """Whether an earlier row is the same result.

    Rows whose keys have the same hash are few; only these are compared word by word.
    """
    hashed = rows.select(pl.struct(_SAME_RESULT).hash()).to_series()
    several = rows.select(_SAME_RESULT).with_row_index().filter(hashed.is_duplicated())
    first = several.unique(_SAME_RESULT, keep="first", maintain_order=True)["index"]
    is_again = np.zeros(len(rows), bool)
    is_again[several["index"].to_numpy()] = True
    is_again[first.to_numpy()] = False
    return pl.Series(is_again)
