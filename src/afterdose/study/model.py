"""What a report is made of, before it is rendered."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from afterdose.outcomes.definitions import Definition
from afterdose.outcomes.disability import DisabilityDefinition
from afterdose.study.authorship import UNNAMED, Authorship
from afterdose.study.published import PublishedFigure


@dataclass(frozen=True, slots=True, eq=False)
class Behind:
    """Whose rows a number rests on, for `afterdose.study.tracing`.

    Kept as bits, since a report of a registry has thousands of numbers.

    Attributes
    ----------
    outcome : str
        What was asked of each person.
    year : int or None
        The year after the first course, where the number is of one.
    person : numpy.ndarray
        int64: positions in the record of the people the bits are about.
    asked_bits, counted_bits : numpy.ndarray
        uint8: a bit a person. Asked: the denominator. Counted: the numerator.
    years_bits : numpy.ndarray or None
        uint8: a bit a year of each person, where the number is of some years of each.
    """

    outcome: str
    year: int | None
    person: np.ndarray
    asked_bits: np.ndarray
    counted_bits: np.ndarray
    years_bits: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        outcome: str,
        person: np.ndarray,
        asked: np.ndarray,
        counted: np.ndarray,
        year: int | None,
        years: np.ndarray | None = None,
    ) -> "Behind":
        """From one truth value a person, and one a person and year."""
        return cls(
            outcome,
            year,
            person,
            np.packbits(asked),
            np.packbits(counted & asked),
            None if years is None else np.packbits(years, axis=1),
        )

    @property
    def asked(self) -> np.ndarray:
        """int64: positions in the record."""
        return self._positions(self.asked_bits)

    @property
    def counted(self) -> np.ndarray:
        """int64: positions in the record."""
        return self._positions(self.counted_bits)

    def years_of(self, position: int) -> tuple[int | None, ...]:
        """The years asked of one person, by the person's position in the record.

        One None: all of the time after the first course together.
        """
        if self.years_bits is None:
            return (self.year,)
        place = int(np.searchsorted(self.person, position))
        return tuple(int(one) + 1 for one in np.flatnonzero(np.unpackbits(self.years_bits[place])))

    def whole(self) -> "Behind":
        """For the denominator itself: everybody asked is counted."""
        return replace(self, counted_bits=self.asked_bits)

    def _positions(self, bits: np.ndarray) -> np.ndarray:
        return self.person[np.unpackbits(bits, count=len(self.person)).astype(bool)]


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with what it is made of.

    Attributes
    ----------
    label : str
        Unique in its section; empty in a cell, which its row and column name.
    numerator, denominator : float or None
        People, or events and patient-years. A median has only a denominator.
    value, low, high : float
        With a 95 % interval; not a number where it cannot be had.
    unit : str
        ``people``, ``%``, ``per patient-year``, ``per 100 patient-years``, ``% a year``, ...
    behind : Behind or None
        None: a number that rests on other numbers, or on what no row holds.
    method : str
        Of `afterdose.study.methods.METHODS`: how value and interval were had; empty for a count.
    """

    label: str
    numerator: float | None
    denominator: float | None
    value: float
    low: float
    high: float
    unit: str
    behind: Behind | None = None
    method: str = ""


class Cell(str):
    """A cell as readers see it, and the number it shows.

    Examples
    --------
    >>> from math import nan
    >>> one = Estimate("", None, None, 7, nan, nan, "people")
    >>> Cell("7", one) + " people", Cell("7", one).number.unit
    ('7 people', 'people')
    """

    __slots__ = ("number",)
    number: Estimate

    def __new__(cls, text: str, number: Estimate) -> "Cell":
        cell = super().__new__(cls, text)
        cell.number = number
        return cell


@dataclass(frozen=True, slots=True)
class Table:
    """A table as readers see it; the first cell of a row is its heading.

    A cell that shows a number of the record is a `Cell`, so that the number can be traced.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing still to be made, and the sentences that say what it shows.

    Attributes
    ----------
    id : str
        Unique in the report.
    title, description : str
        For readers who do not see it.
    draw : callable
        Draws on the axes it is given; called only when the report is rendered.
    """

    id: str
    title: str
    description: str
    draw: Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Part:
    """One plot with the table under it, and the published figures beside it."""

    table: Table
    plot: Plot | None = None
    published: tuple[PublishedFigure, ...] = ()


@dataclass(frozen=True)
class Section:
    """One statement of the report.

    Attributes
    ----------
    id : str
    title : str
    headline : str
        The finding in one sentence.
    summary : str
        The finding on one line of a terminal; empty where the section is not one of the six.
    estimates : tuple of Estimate
    parts : tuple of Part
    no_published : str
        What to say where there is nothing to compare with.
    notes : tuple of str
    definitions : tuple of Definition or DisabilityDefinition
    missing : str
        Why the question cannot be answered from this record; empty where it can.
    """

    id: str
    title: str
    headline: str = ""
    summary: str = ""
    estimates: tuple[Estimate, ...] = ()
    parts: tuple[Part, ...] = ()
    no_published: str = ""
    notes: tuple[str, ...] = ()
    definitions: tuple[Definition | DisabilityDefinition, ...] = ()
    missing: str = ""

    @property
    def published(self) -> tuple[PublishedFigure, ...]:
        """Every published figure set beside this section's numbers."""
        return tuple(figure for part in self.parts for figure in part.published)


@dataclass(frozen=True)
class Report:
    """The whole report.

    Attributes
    ----------
    title : str
    simulated : bool
    about : str
        What the record says of itself.
    drug : str
    as_of : date
    volume_from_month : int
        From which month after the first course brain volume is measured anew; 0: before it.
    people, treated : int
        In the record; with a first course begun by ``as_of``.
    code_version : str
    sections : tuple of Section
    authorship : Authorship
        Who stands behind it; by default nobody is named.
    """

    title: str
    simulated: bool
    about: str
    drug: str
    as_of: date
    volume_from_month: int
    people: int
    treated: int
    code_version: str
    sections: tuple[Section, ...]
    authorship: Authorship = UNNAMED

    def section(self, section_id: str) -> Section:
        """The section of that id."""
        return next(section for section in self.sections if section.id == section_id)
