"""What a reader yields: results and people as the sender wrote them, or rows it could not read."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from afterdose.ingest.national import NATIONAL

if TYPE_CHECKING:
    from afterdose.ingest.batch import Batch


@dataclass(frozen=True, slots=True)
class Identifier:
    """A person's identifier and who assigned it. Identity rests on the pair and on nothing else.

    Where the sender says that it is a number of a state, nobody is called by it: ``is_national``.
    """

    assigner: str
    value: str
    is_typed_national: bool = field(default=False, compare=False, repr=False)

    @property
    def is_national(self) -> bool:
        """Whether it is such a number, by what the sender says or by who assigned it."""
        return self.is_typed_national or self.assigner in NATIONAL


class Writing(NamedTuple):
    """What a sender wrote of a result besides who, when and where; fields as in `RawResult`.

    Laboratories write the same few things over and over: what a writing means is found once.
    """

    codes: tuple[tuple[str, str, str], ...]
    status: str
    value: str | None = None
    unit: str | None = None
    printed_unit: str | None = None
    comparator: str | None = None
    range_text: str | None = None
    range_unit: str | None = None
    absent_because: str | None = None
    decimal: str = "."


@dataclass(frozen=True, slots=True)
class RawResult:
    """One result, untouched.

    Attributes
    ----------
    locator : str
        Where in the file: a JSON pointer, a line and segment, or a CSV row.
    person : Identifier or None
    codes : tuple of (system, code, display)
        ``system`` is ``loinc`` or whatever the sender named.
    status : str
        As written.
    value, unit : str or None
        As written; ``value`` may carry a comparator or be a word.
    printed_unit : str or None
        The unit for human eyes, where the format has one beside the coded unit.
    comparator : str or None
        Where the format has a field of its own for it.
    range_text : str or None
        The reference range as written.
    range_unit : str or None
        The range's own unit, where it has one; else the range is in the unit of the value.
    specimen_time, issued_time : str or None
        As written, in the format's own notation.
    provider, accession, result_id : str or None
    absent_because : str or None
        The code a sender gives in place of a value.
    decimal : {".", ","}
        What stands before the decimals of ``value``: a comma only where somebody has stated it.
    """

    locator: str
    person: Identifier | None
    codes: tuple[tuple[str, str, str], ...]
    status: str
    value: str | None = None
    unit: str | None = None
    printed_unit: str | None = None
    comparator: str | None = None
    range_text: str | None = None
    range_unit: str | None = None
    specimen_time: str | None = None
    issued_time: str | None = None
    provider: str | None = None
    accession: str | None = None
    result_id: str | None = None
    absent_because: str | None = None
    decimal: str = "."

    @property
    def writing(self) -> Writing:
        """What was written of the result itself."""
        return Writing(
            self.codes,
            self.status,
            self.value,
            self.unit,
            self.printed_unit,
            self.comparator,
            self.range_text,
            self.range_unit,
            self.absent_because,
            self.decimal,
        )


@dataclass(frozen=True, slots=True)
class RawPerson:
    """One person: identifiers, and the few facts a record holds, as written.

    ``references`` are what the same sender's files may call the person besides. ``death_date`` is
    ``unknown`` where the sender says that somebody died and not when.
    """

    locator: str
    identifiers: tuple[Identifier, ...]
    sex: str | None = None
    birth_date: str | None = None
    death_date: str | None = None
    references: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class RawEntry:
    """A row of another table than people and results: a course, a scan, an event, a score.

    Attributes
    ----------
    locator : str
    table : str
        A table of the record; not ``people``, ``labs`` or ``owners``.
    person : Identifier or None
    cells : dict of str to str
        Columns of the table as text, without ``person_id``; what is not known is left out.
        Without ``recorded_date`` the row counts as known from the day the file landed.
    is_dose : bool
        A treatment that is doses given on neighbouring days: others of the same course may stand
        in other files.
    """

    locator: str
    table: str
    person: Identifier | None
    cells: dict[str, str]
    is_dose: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row the reader could not make sense of, with the reason code and what was seen."""

    locator: str
    reason: str
    seen: str


@dataclass(slots=True)
class Reading:
    """Everything a reader found in one file.

    ``passed_over`` counts what the format holds beside people and results, by kind, so that
    nothing is left out in silence. ``batch`` holds further results, read many at a time. ``notes``
    say what the receipt shall say of the file beside its counts; never a person's values.
    """

    results: list[RawResult] = field(default_factory=list)
    batch: "Batch | None" = None
    people: list[RawPerson] = field(default_factory=list)
    entries: list[RawEntry] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    passed_over: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def pass_over(self, kind: str) -> None:
        """Count one more thing of a kind that is neither a person nor a result."""
        self.passed_over[kind] = self.passed_over.get(kind, 0) + 1
