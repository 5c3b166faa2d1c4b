"""What is wrong with a record, in words, and how many rows of each table are not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One kind of problem in one column.

    Attributes
    ----------
    table, column : str
    rows : tuple of int
        Rows it occurs in, counted from 1 below the header. Empty for a problem of the table as a
        whole, which no setting aside of rows can mend.
    seen, permitted, do : str
    """

    table: str
    column: str
    rows: tuple[int, ...]
    seen: str
    permitted: str
    do: str

    @property
    def is_structural(self) -> bool:
        return not self.rows

    def __str__(self) -> str:
        where = f"{self.table}.{self.column}"
        if self.rows:
            first = ", ".join(str(row) for row in self.rows[:3])
            more = f" and {len(self.rows) - 3} more" if len(self.rows) > 3 else ""
            where += f", row {first}{more}"
        return f"{where}: {self.seen}. Permitted: {self.permitted}. {self.do}"


@dataclass(frozen=True)
class TableOutcome:
    """What became of one table: ``read`` = ``accepted`` + ``set_aside``.

    ``notes`` are of accepted rows: permitted, and probably not what was meant.
    """

    table: str
    read: int
    set_aside: int
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()

    @property
    def accepted(self) -> int:
        return self.read - self.set_aside


@dataclass(frozen=True)
class Validation:
    """What became of every table of a record."""

    tables: tuple[TableOutcome, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(problem for table in self.tables for problem in table.problems)

    @property
    def notes(self) -> tuple[Problem, ...]:
        return tuple(note for table in self.tables for note in table.notes)

    def as_text(self) -> str:
        """A line per table, then a line per kind of problem, then the notes."""
        lines = [
            f"{table.table}: {table.read} rows read, {table.accepted} accepted, "
            f"{table.set_aside} with problems"
            for table in self.tables
        ]
        problems = [f"  {problem}" for problem in self.problems]
        notes = [f"  Note on {note}" for note in self.notes]
        return "\n".join([*lines, *(problems or ["No problem found."]), *notes])
