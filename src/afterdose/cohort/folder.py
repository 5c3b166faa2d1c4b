"""Records on disk: a folder with one file, or one folder of parts, per table."""

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import polars as pl

from afterdose.cohort.about import About, read_about, write_about
from afterdose.cohort.frames import schema_of
from afterdose.cohort.problems import Validation
from afterdose.cohort.switch import finish, written_as_one
from afterdose.cohort.validation import TableCheck, check_table, write_set_aside
from afterdose.record.errors import MissingTableError, RecordError, UnreadableInputError, UsageError
from afterdose.record.tables import SPECS

_BESIDE = frozenset(
    {
        "about.json",
        "approvals.csv",
        "site.toml",
        "doses.csv",
        "identities.csv",
        "identity_decisions.csv",
        "links.csv",
        "set_aside.csv",
        "settled.csv",
        "unmatched.csv",
        "README.md",
    }
)
"""Files that may stand beside the tables."""
_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)")
_BESIDE_FOLDERS = frozenset({"approvals", "landed", "receipts", "truth"})


@dataclass
class Record:
    """A set of tables that keep to their specification.

    Attributes
    ----------
    frames : dict of str to polars.DataFrame
        The tables held, with every column of the specification in its canonical type.
    about : About
    """

    frames: dict[str, pl.DataFrame]
    about: About = field(default_factory=About)

    def require(self, *tables: str, question: str) -> None:
        """Raise `MissingTableError` naming what ``question`` lacks, if it lacks a table."""
        missing = [table for table in tables if table not in self.frames]
        if missing:
            raise MissingTableError(
                f"The question of {question} needs the table {' and '.join(missing)}, which this "
                f"record does not hold. Held: {', '.join(self.frames) or 'none'}. "
                "Add the table, or ask another question."
            )


def read_record(
    folder: Path, *, quarantine: Path | None = None, tables: Sequence[str] | None = None
) -> Record:
    """Read a record folder and hold it to its specification.

    Parameters
    ----------
    folder : Path
    quarantine : Path, optional
        Where to set bad rows aside, with a reason each. Without it a record with any bad row is
        refused as a whole.
    tables : sequence of str, optional
        Only these tables.

    Returns
    -------
    Record

    Raises
    ------
    RecordError
        The record breaks its specification; the message groups the problems.
    UnreadableInputError
        A file is not what its name says.
    """
    checked = _check_folder(folder, tables)
    validation = Validation(tuple(check.outcome for check in checked))
    structural = [problem for problem in validation.problems if problem.is_structural]
    if validation.problems and (quarantine is None or structural):
        raise RecordError(
            f"The record was refused.\n{validation.as_text()}\n"
            "Correct the files."
            + (
                ""
                if structural
                else " `afterdose validate RECORD --quarantine FILE` writes the bad rows to a file,"
                " with a reason each."
            )
        )
    if quarantine is not None:
        write_set_aside(checked, quarantine)
    return Record(
        frames={check.outcome.table: check.accepted() for check in checked},
        about=read_about(folder),
    )


def validate_folder(folder: Path) -> Validation:
    """Every problem of a record folder, and how many rows of each table would be accepted."""
    return Validation(tuple(check.outcome for check in _check_folder(folder, None)))


def write_record(
    record: Record, folder: Path, *, file_format: Literal["parquet", "csv"] = "parquet"
) -> None:
    """Write every table of ``record`` and its description; existing tables are replaced.

    All of them at once: whatever stops the program, the folder holds the old ones or the new.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with new_files(folder) as beside:
        write_tables(record, beside, file_format=file_format)


def write_tables(
    record: Record, beside: Path, *, file_format: Literal["parquet", "csv"] = "parquet"
) -> None:
    """Write the tables and the description among a record's `new_files`."""
    for table, frame in record.frames.items():
        _write_table(frame, beside / f"{table}.{file_format}", record.about)
    write_about(record.about, beside)


def new_files(folder: Path) -> AbstractContextManager[Path]:
    """Where to write a record's new files; see `afterdose.cohort.switch.written_as_one`."""
    return written_as_one(folder, clear=_clear)


def finish_writing(folder: Path) -> None:
    """Put a record's new files in their places where a program was stopped before it had.

    Raises
    ------
    RecordError
        They cannot be moved: the record's tables are of two mornings.
    """
    try:
        finish(folder, clear=_clear)
    except OSError as error:
        raise RecordError(
            f"This record was being written when the program was stopped, and cannot be put in "
            f"order: {error.strerror}. Permitted: a folder that may be written to. Open it once "
            "as somebody who may write to it."
        ) from None


def _clear(target: Path) -> None:
    """A table has one form: take away the others before a new one comes."""
    if target.parent.name not in _BESIDE_FOLDERS and target.stem in SPECS:
        for path in _forms(target.parent, target.stem):
            if path != target:
                _remove(path)


class RecordWriter:
    """Writes a record batch by batch, each batch the next people in order: bounded memory.

    Each table becomes a folder of Parquet parts.
    """

    def __init__(self, folder: Path, about: About) -> None:
        self._folder = folder
        self._about = about
        self._part = 0

    def __enter__(self) -> Self:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = [str(path.name) for table in SPECS for path in _forms(self._folder, table)]
        if held:
            raise UsageError(
                f"The folder already holds a record ({', '.join(held)}). "
                "Name an empty or new folder."
            )
        write_about(self._about, self._folder)
        return self

    def write(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Append one batch of people."""
        for table, frame in frames.items():
            part = self._folder / table / f"part-{self._part:05d}.parquet"
            part.parent.mkdir(exist_ok=True)
            _write_table(frame, part, self._about)
        self._part += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


def read_table(folder: Path, table: str) -> pl.DataFrame | None:
    """One table as it stands on disk, unchecked; None where the record does not hold it."""
    forms = _forms(folder, table)
    if not forms:
        return None
    if len(forms) > 1:
        raise RecordError(
            f"The table {table} is there twice: {', '.join(path.name for path in forms)}. "
            "Keep one of them."
        )
    return read_table_file(forms[0])


def read_table_file(path: Path) -> pl.DataFrame:
    """A CSV file (every column as text), a Parquet file, or a folder of Parquet parts."""
    try:
        if path.is_dir():
            return pl.read_parquet(sorted(path.glob("part-*.parquet")))
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        return pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError):
        raise UnreadableInputError(
            f"{path.name} cannot be read as {path.suffix.lstrip('.') or 'Parquet parts'}. "
            "Permitted: CSV in UTF-8 with a header line, or Parquet. Write the file anew."
        ) from None


def _check_folder(folder: Path, tables: Sequence[str] | None) -> list[TableCheck]:
    finish_writing(folder)
    _refuse_strangers(folder)
    frames = {
        table: frame
        for table in SPECS
        if (tables is None or table in tables) and (frame := read_table(folder, table)) is not None
    }
    if not frames:
        raise UsageError(
            f"There is no record in this folder. A record is one file per table: "
            f"{', '.join(SPECS)}, as .csv or .parquet. Name a folder that holds some of them."
        )
    people = frames["people"]["person_id"] if _has_ids(frames.get("people")) else None
    return [check_table(SPECS[table], frame, people) for table, frame in frames.items()]


def _has_ids(people: pl.DataFrame | None) -> bool:
    return people is not None and "person_id" in people.columns


def _refuse_strangers(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        name = path.name
        if name in _BESIDE or name in _BESIDE_FOLDERS or name.startswith("."):
            continue
        if path.stem in SPECS and (path.is_dir() or path.suffix in (".csv", ".parquet")):
            continue
        raise RecordError(
            f"'{name}' is not a table of a record. Tables: {', '.join(SPECS)}, as .csv, .parquet "
            "or a folder of parts. Rename it, or move it elsewhere."
        )


def _forms(folder: Path, table: str) -> list[Path]:
    names = (f"{table}.parquet", f"{table}.csv", table)
    return [folder / name for name in names if (folder / name).exists()]


def _remove(path: Path) -> None:
    """Take a table's file away, or its parts; somebody else may do so at this moment."""
    with suppress(FileNotFoundError):
        if path.is_dir():
            for part in path.iterdir():
                part.unlink(missing_ok=True)
            path.rmdir()
        else:
            path.unlink()


def _write_table(frame: pl.DataFrame, path: Path, about: About) -> None:
    """Write under a temporary name first, so that nobody ever reads half a table."""
    spec = SPECS[path.stem if path.stem in SPECS else path.parent.name]
    frame = frame.select(list(schema_of(spec)))
    temporary = path.with_name(f".{path.name}.new")
    try:
        if path.suffix == ".csv":
            frame.write_csv(temporary)
        else:
            says = {"afterdose": "record", "simulated": "true" if about.simulated else "false"}
            frame.write_parquet(temporary, metadata=says)
    except pl.exceptions.ComputeError as error:
        # A full disk is not always an OSError here: some writers name it in words only.
        match = _SYSTEM_ERROR.search(str(error))
        if match is None:
            raise
        raise OSError(int(match[1]), os.strerror(int(match[1]))) from None
    temporary.replace(path)
