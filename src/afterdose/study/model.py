"""What a report is made of, before it is rendered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from afterdose.outcomes.definitions import Definition
from afterdose.outcomes.disability import DisabilityDefinition
from afterdose.study.authorship import UNNAMED, Authorship
from afterdose.study.published import PublishedFigure


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with what it is made of.

    Attributes
    ----------
    label : str
    numerator, denominator : float or None
        People, or events and patient-years. A median has only a denominator.
    value, low, high : float
        With a 95 % interval; not a number where it cannot be had.
    unit : str
        ``%``, ``per patient-year``, ``per 100 patient-years`` or ``% a year``.
    """

    label: str
    numerator: float | None
    denominator: float | None
    value: float
    low: float
    high: float
    unit: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table as readers see it; the first cell of a row is its heading."""

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
    rows_behind : dict of str to int
        Rows of each table that decided the numbers.
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
    rows_behind: dict[str, int] = field(default_factory=dict)
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
    people: int
    treated: int
    code_version: str
    sections: tuple[Section, ...]
    authorship: Authorship = UNNAMED

    def section(self, section_id: str) -> Section:
        """The section of that id."""
        return next(section for section in self.sections if section.id == section_id)
