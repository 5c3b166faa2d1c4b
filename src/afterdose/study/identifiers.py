"""Every number of a report has an id, which a reader can read off the page.

A table is called after its section and its place in it: ``c1`` is the first table of section ``c``.
A cell is called as in a spreadsheet: in ``c1.E3`` column E, row 3; column A holds the rows'
headings, and the row of column headings is not counted. A number that a section states by name is
called after that name: ``c.relapse-rate-year-3``.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from afterdose.study.model import Cell, Estimate, Report, Section, Table
from afterdose.study.words import number_in_words


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands.

    Attributes
    ----------
    id : str
    section : Section
    table : Table or None
        None: the section states the number by name.
    row, column : int or None
        In the table, from 0; column 0 holds the rows' headings.
    number : Estimate
    text : str
        The number as readers see it.
    """

    id: str
    section: Section
    table: Table | None
    row: int | None
    column: int | None
    number: Estimate
    text: str

    def in_words(self) -> str:
        """``Relapses by year after the first course: row 3, column Rate a year``."""
        if self.table is None or self.row is None or self.column is None:
            return self.number.label
        return (
            f"{self.table.caption}: row {self.table.rows[self.row][0]}, "
            f"column {self.table.header[self.column]}"
        )


def number_ids(report: Report) -> dict[str, Place]:
    """Every number of a report by its id, in the order of the page.

    Raises
    ------
    ValueError
        Two numbers would have the same id: the labels of a section differ too little.
    """
    found: dict[str, Place] = {}
    for section in report.sections:
        for place in numbers_in(section):
            if place.id in found:
                raise ValueError(
                    f"Two numbers of the report have the id {place.id}. Give the estimates of the "
                    f"section {section.id} labels that differ in a letter or a digit."
                )
            found[place.id] = place
    return found


def numbers_in(section: Section) -> Iterator[Place]:
    """Every number of a section: those in its tables, then those it states by name."""
    yield from _in_tables(section)
    yield from named_numbers(section)


def named_numbers(section: Section) -> list[Place]:
    """The numbers a section states by name."""
    return [
        Place(
            f"{section.id}.{slug(number.label)}",
            section, None, None, None, number, number_in_words(number),
        )
        for number in section.estimates
    ]  # fmt: skip


def _in_tables(section: Section) -> Iterator[Place]:
    for place, part in enumerate(section.parts, 1):
        name = table_id(section, place)
        for row, cells in enumerate(part.table.rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, Cell):
                    yield Place(
                        cell_id(name, row, column),
                        section, part.table, row, column, cell.number, str(cell),
                    )  # fmt: skip


def table_id(section: Section, place: int) -> str:
    """The id of a section's table.

    Parameters
    ----------
    section : Section
    place : int
        1 for the section's first table.

    Examples
    --------
    >>> table_id(Section(id="relapse-free", title=""), 2)
    'relapse-free2'
    """
    return f"{section.id}{place}"


def cell_id(table: str, row: int, column: int) -> str:
    """The id of a cell.

    Parameters
    ----------
    table : str
        From `table_id`.
    row, column : int
        From 0.

    Examples
    --------
    >>> cell_id("c1", 2, 4)
    'c1.E3'
    """
    return f"{table}.{column_letters(column)}{row + 1}"


def column_letters(column: int) -> str:
    """A column's letters, as in a spreadsheet.

    Parameters
    ----------
    column : int
        From 0.

    Examples
    --------
    >>> column_letters(0), column_letters(25), column_letters(26), column_letters(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def slug(label: str) -> str:
    """A label as a part of an id: small letters, digits and hyphens.

    Raises
    ------
    ValueError
        Nothing would be left of it.

    Examples
    --------
    >>> slug("Relapse rate, year 3")
    'relapse-rate-year-3'
    """
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    found = "-".join(re.findall(r"[a-z0-9]+", plain))
    if not found:
        raise ValueError(f"The label '{label}' names no number. Give it letters or digits.")
    return found
