"""The record a run adds to: what is there already, what is new, what is the same again."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

import polars as pl

from afterdose.cohort import Record, read_record, write_tables
from afterdose.cohort.about import About, read_about
from afterdose.cohort.frames import schema_of
from afterdose.cohort.validation import check_table
from afterdose.ingest.again import find_again
from afterdose.ingest.columns import INCOMING
from afterdose.ingest.doses import FILE_NAME as DOSES
from afterdose.ingest.doses import Dose, Doses, Key, span_of
from afterdose.ingest.withdrawals import taken_back
from afterdose.record.cited import each_source, joined_sources
from afterdose.record.errors import RecordError, UsageError
from afterdose.record.tables import SPECS, Lab, Mri, Person, TableSpec, Treatment

_LABS = schema_of(SPECS["labs"])
_FACTS = tuple(name for name in Person._fields if name not in ("person_id", "source"))
"""What is known of a person."""
_NOT_TOLD = frozenset({"recorded_date", "source"})
"""Columns that say how we know of a fact, and nothing of the fact."""

Outcome = Literal["accepted", "duplicate", "differs", "first-scan-stands", "course-stands"]
_ASIDE = {
    "differs": "person-differs",
    "first-scan-stands": "first-scan-stands",
    "course-stands": "course-stands",
}
"""Outcomes that set a row aside, and the reason."""


class Counts(NamedTuple):
    """What became of a file's results.

    Attributes
    ----------
    accepted, duplicates : int
        How many were new, and how many were there already.
    unread_corrections : int
        Corrections that are set aside and take back what they correct; counted nowhere else.
    unknown : tuple of int
        Of its withdrawals that lack a code or a day, those that take nothing back: their places.
    """

    accepted: int = 0
    duplicates: int = 0
    unread_corrections: int = 0
    unknown: tuple[int, ...] = ()


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
        self._stood: dict[str, Person] = {}
        self._added_labs: list[pl.DataFrame] = []
        self._new: dict[str, list[tuple[object, ...]]] = {
            table: [] for table in SPECS if table != "labs"
        }
        self._seen: dict[str, dict[tuple[object, ...], str | None]] = {}
        self._cited: dict[str, dict[tuple[object, ...], str]] = {}
        self._measured: dict[tuple[str, date, str | None], bool] | None = None
        self._labs: list[pl.DataFrame] = []
        self._doses = Doses()
        self._courses: dict[Key, list[Treatment]] | None = None
        self._gone: set[tuple[object, ...]] = set()
        self._astray: list[pl.DataFrame] = []
        self._placed_by: set[str] = set()
        if folder:
            self.hold(_held(folder), Doses.read(folder / DOSES).of_person(None))
        self._held_doses = len(self._doses)

    def hold(self, frames: Mapping[str, pl.DataFrame], doses: Iterable[Dose] = ()) -> None:
        """Rows and doses that are there already, of people of whom nothing was held before."""
        for dose in doses:
            self._doses.add(dose)
        self._held |= frozenset(frames)
        for table, frame in frames.items():
            standing = self._frames.get(table)
            self._frames[table] = frame if standing is None else pl.concat([standing, frame])
        if "people" in frames:
            people = map(Person._make, frames["people"].rows())
            known = {person.person_id: person for person in people}
            self._stood |= known
            self._people |= known
        # These are made anew when they are next asked for.
        self._seen.clear()
        self._measured = self._courses = None

    def added(self) -> dict[str, pl.DataFrame]:
        """What this run added, as settled: rows by table, and people who are new or of whom more
        is known now.
        """
        self._drop_gone()
        people = [row for name, row in self._people.items() if self._stood.get(name) != row]
        found = {table: rows for table, rows in self._new.items() if table != "people"}
        frames = {
            table: pl.DataFrame(rows, schema=schema_of(SPECS[table]), orient="row")
            for table, rows in {"people": people, **found}.items()
        }
        frames["labs"] = pl.concat([pl.DataFrame(schema=_LABS), *self._added_labs])
        return {table: frames[table] for table in SPECS if frames[table].height}

    def doses_of(self, person_id: str) -> list[Dose]:
        """Somebody's doses, with those that this run added."""
        return self._doses.of_person(person_id)

    def gone(self) -> list[Treatment]:
        """Courses that stood there and are others now, since further doses came; before `added`."""
        return [Treatment._make(row) for row in self._rows("treatments") if row in self._gone]

    @property
    def labs(self) -> pl.DataFrame:
        """Every result, as settled."""
        return self._frames.get("labs", pl.DataFrame(schema=_LABS))

    def person_ids(self) -> Iterable[str]:
        """Everybody in the record."""
        return self._people.keys()

    def add_labs(self, rows: pl.DataFrame, astray: pl.DataFrame | None = None) -> int:
        """Add a file's results; returns the file's number, for `settle`.

        Which of them are there already is found for all files together, and so is what a
        withdrawal that lacks a code or a day takes back. Columns are those of the table, or
        `afterdose.ingest.columns.INCOMING`.
        """
        number = len(self._labs)
        self._labs.append(_incoming(rows, number))
        self._astray.append(_incoming(rows.clear() if astray is None else astray, number))
        first = rows.select("person_id", "source").unique(
            "person_id", keep="first", maintain_order=True
        )
        for person_id, source in first.iter_rows():
            self._met(person_id, source)
        return number

    def settle(self) -> list[Counts]:
        """Tell new results from those that are there already; what became of each file's.

        Withdrawals are entered beside what they take back, whichever came first.
        """
        every = pl.concat([_incoming(self.labs, -1), *self._labs])
        astray = pl.concat([every.clear(), *self._astray]).with_row_index("astray")
        own = every.with_columns(astray=pl.lit(None, pl.UInt32), is_own=True)
        # Those of withdrawals in the record are no more in it than others.
        new = pl.col("file").clip(lower_bound=0)
        back = taken_back(every, astray).with_columns(new, is_own=False)
        every = pl.concat([own, back.select(own.columns)])
        is_again = find_again(every)
        stands = every.filter(~is_again)
        self._frames["labs"] = stands.select(list(_LABS))
        self._added_labs.append(stands.filter(pl.col("file") >= 0).select(list(_LABS)))
        self._placed_by |= set(astray["source"])
        settled = _counts(every.with_columns(is_again=is_again), astray, len(self._labs))
        self._labs, self._astray = [], []
        return settled

    def add_person(self, row: Person) -> Outcome:
        """Add a person, or fill in what was not known; facts that contradict are not taken.

        The person's row cites every source that added something, in order.
        """
        known = self._people.get(row.person_id)
        if known is None:
            self._people[row.person_id] = row
            return "accepted"
        facts = {name: (getattr(known, name), getattr(row, name)) for name in _FACTS}
        if not all(_agree(old, new) for old, new in facts.values()):
            return "differs"
        more = {name: new for name, (old, new) in facts.items() if _says_more(new, old)}
        if not more:
            self._met(row.person_id, row.source)
            return "duplicate"
        source = joined_sources(known.source, row.source)
        self._people[row.person_id] = known._replace(**more, source=source)
        return "accepted"

    def contradicting(self, row: Person) -> list[str]:
        """What is known of the person otherwise: ``sex``, ``birth date``. Dates are compared as
        far as both go.
        """
        known = self._people.get(row.person_id)
        return [
            name.replace("_", " ")
            for name in ("sex", "birth_date")
            if known is not None and not _agree(getattr(known, name), getattr(row, name))
        ]

    def add_table(
        self,
        spec: TableSpec,
        frame: pl.DataFrame,
        *,
        source: str,
        is_known: Callable[[str], bool] | None = None,
        doses: Collection[int] = (),
    ) -> TableOutcome:
        """Add the rows of a record table that keep to its specification.

        A row that cites no source of its own cites ``source`` and its number. With ``is_known``,
        only rows of people it knows are taken; whoever stands in ``people`` is known by that.
        ``doses`` are the numbers of treatments that join the course of other doses.

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
        place = pl.int_range(1, pl.len() + 1).cast(pl.String)
        frame = check.frame.with_columns(
            pl.col("source").fill_null(pl.lit(f"{source}row ") + place)
        )
        if spec.name == "labs":
            return self._add_lab_table(frame, bad)
        outcomes: list[Outcome] = []
        for number, cells in enumerate(frame.rows(), start=1):
            if number not in bad:
                add = self._add_dose if number in doses else self._add
                outcomes.append(add(spec, cells))
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
        self._drop_gone()
        for table in self._cited:
            self._cite(SPECS[table])
        if len(self._doses) or self._held_doses:
            self._doses.write(beside / DOSES)
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
            theirs = each_source(stated.source)
            emptied = tuple(
                name
                for name in _FACTS
                if getattr(known, name) is not None and getattr(stated, name) is not None
            )
            left = (one for one in each_source(known.source) if one not in theirs)
            self._people[person_id] = known._replace(
                **dict.fromkeys(emptied), source=joined_sources(*left)
            )
        return TakenOut(rows, emptied)

    def forget_if_empty(self, person_id: str) -> bool:
        """Take a person out of the record who has neither a row nor a fact."""
        has_rows = any(
            (frame["person_id"] == person_id).any()
            for table, frame in self._frames.items()
            if table != "people"
        ) or any(row[0] == person_id for rows in self._new.values() for row in rows)
        known = self._people.get(person_id)
        if has_rows or known is None or known._replace(source=None) != Person(person_id):
            return False
        del self._people[person_id]
        return True

    def _take_rows(self, spec: TableSpec, given: "Store", person_id: str | None) -> int:
        if spec.name not in self._frames or spec.name == "people":
            return 0
        rows = 0
        if spec.name == "treatments":
            rows = self._take_doses(given, person_id)
        kept = self._without(spec, given, person_id)
        rows += len(self._frames[spec.name]) - len(kept)
        self._frames[spec.name] = kept
        self._seen.pop(spec.name, None)
        self._courses = None
        return rows

    def _take_doses(self, given: "Store", person_id: str | None) -> int:
        """Take out doses; what is left of a course are the others'. How many courses changed."""
        changed = 0
        for dose in given._doses.of_person(person_id):
            if dose in self._doses:
                before = self._doses.courses(dose.key)
                self._doses.remove(dose)
                changed += self._change_courses(dose.key, before)
        self._drop_gone()
        return changed

    def _without(self, spec: TableSpec, given: "Store", person_id: str | None) -> pl.DataFrame:
        frame = self._frames[spec.name]
        if spec.name == "labs":
            placed_by = pl.Series("source", sorted(given._placed_by), pl.String)
            sources = pl.concat([given.labs["source"], placed_by])
            is_from = pl.col("source").is_in(sources.implode())
            is_theirs = (
                is_from if person_id is None else is_from & (pl.col("person_id") == person_id)
            )
            return frame.filter(~is_theirs.fill_null(value=False))
        told = {_told(spec, row) for row in given._new[spec.name]}
        kept = [row for row in frame.rows() if _told(spec, row) not in told]
        return pl.DataFrame(kept, schema=frame.schema, orient="row")

    def _add_lab_table(self, frame: pl.DataFrame, bad: dict[int, BadRow]) -> TableOutcome:
        defaults = {name: value for name, value in Lab._field_defaults.items() if value is not None}
        rows = frame.with_row_index("number", offset=1).with_columns(
            pl.col(name).fill_null(value) for name, value in defaults.items()
        )
        kept = rows.filter(~pl.col("number").is_in(list(bad))).select(list(_LABS))
        return TableOutcome(0, 0, tuple(sorted(bad.values())), self.add_labs(kept))

    def _add(self, spec: TableSpec, cells: tuple[object, ...]) -> Outcome:
        row = _with_defaults(spec, cells)
        if isinstance(row, Person):
            return self.add_person(row)
        person_id, source = str(row[0]), str(row[-1])
        self._met(person_id, source)
        known, told = self._known(spec), _told(spec, row)
        if told in known:
            if known[told] is None:  # of a record made before rows said where they came from
                known[told] = self._cited.setdefault(spec.name, {})[told] = source
            return "duplicate"
        if isinstance(row, Mri) and (outcome := self._as_scan(row)) != "accepted":
            return outcome
        if isinstance(row, Treatment):
            self._take_in_doses(row)
        self._append(spec, row)
        return "accepted"

    def _met(self, person_id: str, source: str | None) -> None:
        """Somebody a row is about is in the record from the first one on, and cites it."""
        known = self._people.setdefault(person_id, Person(person_id))
        if known.source is None:
            self._people[person_id] = known._replace(source=source)

    def _known(self, spec: TableSpec) -> dict[tuple[object, ...], str | None]:
        """What the rows of a table say already, and their source."""
        if spec.name not in self._seen:
            rows = [*self._rows(spec.name), *self._new[spec.name]]
            self._seen[spec.name] = {_told(spec, one): _text(one[-1]) for one in rows}
        return self._seen[spec.name]

    def _append(self, spec: TableSpec, row: tuple[object, ...]) -> None:
        self._known(spec)[_told(spec, row)] = _text(row[-1])
        if row in self._gone:
            self._gone.discard(row)
        else:
            self._new[spec.name].append(row)
        if isinstance(row, Treatment) and self._courses is not None:
            self._courses.setdefault((row.person_id, row.drug), []).append(row)
        self._met(str(row[0]), _text(row[-1]))

    def _add_dose(self, spec: TableSpec, cells: tuple[object, ...]) -> Outcome:
        """Add a dose to the course that other doses make.

        A course that a table or a statement gave has its doses already; where one lies beside it,
        somebody has to say what its days are.
        """
        dose = Dose.of(Treatment._make(_with_defaults(spec, cells)))
        before = self._doses.courses(dose.key)
        stated = self._stated(dose.key, before)
        if any(map(dose.lies_within, stated)):
            return "duplicate"
        if dose not in self._doses and any(map(dose.lies_beside, stated)):
            return "course-stands"
        self._doses.add(dose)
        return "accepted" if self._change_courses(dose.key, before) else "duplicate"

    def _stated(self, key: Key, made: list[Treatment]) -> list[Treatment]:
        """The courses that a table or a statement gave, beside those that doses ``made``."""
        spans = set(map(span_of, made))
        return [row for row in self._courses_of(key) if span_of(row) not in spans]

    def _change_courses(self, key: Key, before: list[Treatment]) -> int:
        """Put the courses that doses make now in place of those ``before``; how many changed."""
        stated, standing = self._stated(key, before), self._courses_of(key)
        after = {
            span_of(row): row
            for row in self._doses.courses(key)
            if not any(map(Dose.of(row).lies_within, stated))
        }
        gone = [row for row in standing if row not in stated and span_of(row) not in after]
        self._leave(gone)
        new = [row for span, row in after.items() if span not in set(map(span_of, standing))]
        for row in new:
            self._append(SPECS["treatments"], row)
        return max(len(gone), len(new))

    def _leave(self, rows: list[Treatment]) -> None:
        """These rows of treatments are no longer the record's."""
        for row in rows:
            self._courses_of((row.person_id, row.drug)).remove(row)
        self._gone.update(rows)

    def _take_in_doses(self, row: Treatment) -> None:
        """A course that is stated takes the place of one that doses made within it."""
        key = row.person_id, row.drug
        made = set(map(span_of, self._doses.courses(key)))
        if made:
            within = [
                one
                for one in self._courses_of(key)
                if span_of(one) in made and one != row and Dose.of(one).lies_within(row)
            ]
            self._leave(within)

    def _courses_of(self, key: Key) -> list[Treatment]:
        """The rows of treatments of a person and a drug."""
        if self._courses is None:
            self._courses = {}
            for row in map(Treatment._make, [*self._rows("treatments"), *self._new["treatments"]]):
                self._courses.setdefault((row.person_id, row.drug), []).append(row)
        return self._courses.setdefault(key, [])

    def _drop_gone(self) -> None:
        """Take out the rows of courses that other doses have joined since."""
        if not self._gone:
            return
        frame = self._frames.get("treatments")
        if frame is not None:
            kept = [row for row in frame.rows() if row not in self._gone]
            self._frames["treatments"] = pl.DataFrame(kept, schema=frame.schema, orient="row")
        new = self._new["treatments"]
        self._new["treatments"] = [row for row in new if row not in self._gone]
        self._gone = set()

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

    def _cite(self, spec: TableSpec) -> None:
        """Rows that cited nothing cite what told them again."""
        found = self._cited[spec.name]
        rows = self._frames[spec.name].rows()
        sources = [row[-1] or found.get(_told(spec, row)) for row in rows]
        cited = pl.Series("source", sources, pl.String)
        self._frames[spec.name] = self._frames[spec.name].with_columns(cited)

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
        return new is not None
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
    measures = (row.new_t2_lesions, row.gd_lesions, row.bpf, row.pbvc_pct, row.brain_volume_ml)
    return any(one is not None for one in measures)


def _told(spec: TableSpec, row: tuple[object, ...]) -> tuple[object, ...]:
    """A row without how we know of it: the same fact told again is one fact."""
    return tuple(
        cell for name, cell in zip(spec.row._fields, row, strict=True) if name not in _NOT_TOLD
    )


def _text(cell: object) -> str | None:
    return None if cell is None else str(cell)


def _held(folder: Path) -> dict[str, pl.DataFrame]:
    """What the folder holds already; a folder without any table is an empty record."""
    endings = (".parquet", ".csv", "")
    holds = any((folder / f"{table}{ending}").exists() for table in SPECS for ending in endings)
    return read_record(folder).frames if holds else {}


def _incoming(rows: pl.DataFrame, file: int) -> pl.DataFrame:
    """Results on their way in, and the number of their file; those of a table are as they are."""
    given = {
        "is_dated": pl.lit(value=True),
        "is_counted": pl.lit(value=True),
        "sender": pl.lit(None, pl.String),
    }
    lacking = {name: value for name, value in given.items() if name not in rows.columns}
    rows = rows.with_columns(**lacking)
    return rows.select(*INCOMING, file=pl.lit(file, pl.Int32))


def _counts(every: pl.DataFrame, astray: pl.DataFrame, files: int) -> list[Counts]:
    """What became of each file's results; ``astray`` are the withdrawals that had to be placed."""
    is_again, is_counted = pl.col("is_again"), pl.col("is_counted")
    own = {
        number: Counts(*counts)
        for number, *counts in every.filter("is_own")
        .group_by("file")
        .agg(
            accepted=(is_counted & ~is_again).sum(),
            duplicates=(is_counted & is_again).sum(),
            unread_corrections=(~is_counted).sum(),
        )
        .rows()
    }
    placed = (
        every.filter(pl.col("astray").is_not_null())
        .group_by("astray")
        .agg(is_new=(~is_again).any())
    )
    found = astray.select("astray", "file", place=pl.int_range(pl.len()).over("file")).join(
        placed, on="astray", how="left", maintain_order="left"
    )
    settled = [own.get(number, Counts()) for number in range(files)]
    for _, number, place, is_new in found.rows():
        counts = settled[number]
        if is_new is None:
            counts = counts._replace(unknown=(*counts.unknown, place))
        elif is_new:
            counts = counts._replace(accepted=counts.accepted + 1)
        else:
            counts = counts._replace(duplicates=counts.duplicates + 1)
        settled[number] = counts
    return settled
