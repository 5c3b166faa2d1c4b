"""A report written for machines, read again, and what has changed since it was made."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import isclose
from pathlib import Path
from typing import Any

from afterdose.outcomes.definitions import Definition
from afterdose.outcomes.disability import DisabilityDefinition
from afterdose.record.errors import UnreadableInputError, UsageError
from afterdose.record.nearest import nearest_names
from afterdose.study.identifiers import Place
from afterdose.study.report_json import FORMAT, finite, hash_of


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number as the file holds it.

    Attributes
    ----------
    section : str
        Id of its section.
    words : str
        Where it stands, as `afterdose.study.identifiers.Place.in_words` says it.
    value : float or None
    """

    section: str
    words: str
    value: float | None


@dataclass(frozen=True)
class ReportFile:
    """What tracing has to know of a report.

    Attributes
    ----------
    drug : str
    as_of : date
    volume_from_month : int
    code : str
        SHA-256 of the source files that made it.
    data : dict of str to str
        SHA-256 of every table, and of ``about``.
    definitions, protocols : dict of str to str
        SHA-256 by id.
    numbers : dict of str to WrittenNumber
        By id, in the order of the page.
    """

    drug: str
    as_of: date
    volume_from_month: int
    code: str
    data: dict[str, str]
    definitions: dict[str, str]
    protocols: dict[str, str]
    numbers: dict[str, WrittenNumber]

    def number(self, number_id: str) -> WrittenNumber:
        """The number of that id.

        Raises
        ------
        UsageError
            There is none; the message gives the nearest.
        """
        if number_id in self.numbers:
            return self.numbers[number_id]
        # Whoever has the table right meant a cell of that table.
        stem = number_id.partition(".")[0]
        own = [one for one in self.numbers if one.partition(".")[0] == stem]
        known = {one.lower(): one for one in own or self.numbers}
        near = ", ".join(known[one] for one in nearest_names(number_id, known))
        nearest = f"; nearest: {near}" if near else ""
        raise UsageError(
            f"The report has no number '{number_id}'. It has {len(self.numbers)}{nearest}. Read "
            "the id off the page: the table's, then the grey letter of the column and the grey "
            "number of the row."
        )

    def refuse_other_data(self, found: Mapping[str, str], tables: Iterable[str]) -> None:
        """Raise `UsageError` if a table is not what it was when the report was made.

        Parameters
        ----------
        found : mapping of str to str
            From `afterdose.cohort.hashes_of`.
        tables : iterable of str
            What the number rests on.
        """
        other = [one for one in tables if self.data.get(one) != found.get(one)]
        if other:
            raise UsageError(
                f"The record is not the one the report was made from: {', '.join(other)} "
                f"{'differs' if len(other) == 1 else 'differ'}. Permitted: the same values. Name "
                "the record with --record, or make the report anew with `afterdose report`."
            )

    def refuse_other_definitions(self, found: Iterable[Definition | DisabilityDefinition]) -> None:
        """Raise `UsageError` if a definition is not what it was when the report was made."""
        other = [one.id for one in found if self.definitions.get(one.id) != hash_of(one)]
        if other:
            raise UsageError(
                f"The report was made under other definitions of {', '.join(other)} than this "
                "version of Afterdose applies. Make the report anew with `afterdose report`, or "
                "install the version it names."
            )

    def refuse_other_number(self, number_id: str, place: Place | None) -> None:
        """Raise `UsageError` if a number made anew is not the one the report holds.

        Parameters
        ----------
        number_id : str
        place : Place or None
            Where the number stands in the report made anew; None: nowhere.
        """
        written = self.numbers[number_id]
        if place is None or written.words != place.in_words() or not _same(
            written.value, finite(place.number.value)
        ):  # fmt: skip
            raise UsageError(
                f"The code installed here makes another number of {number_id} than the report "
                "says, so its rows would not be those behind it. Make the report anew with "
                "`afterdose report`, or install the version the report names."
            )


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def read_report_json(path: Path) -> ReportFile:
    """Read a file that `afterdose.study.report_json.write_report_json` wrote.

    Raises
    ------
    UnreadableInputError
        It is no such file.
    """
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held["format"] != FORMAT:
            raise ValueError
        return ReportFile(
            drug=held["drug"],
            as_of=date.fromisoformat(held["as_of"]),
            volume_from_month=held["volume_from_month"],
            code=held["code"]["sha256"],
            data=held["data"],
            definitions={one["id"]: one["sha256"] for one in held["definitions"]},
            protocols={one["id"]: one["sha256"] for one in held["protocols"]},
            numbers={
                name: number for section in held["sections"] for name, number in _numbers(section)
            },
        )
    except (ValueError, KeyError, TypeError):
        raise UnreadableInputError(
            f"{path.name} is not a report for machines of this version. Permitted: the JSON file "
            f"that `afterdose report` writes beside the page, format {FORMAT}. Make the report "
            "anew."
        ) from None


def _numbers(section: Mapping[str, Any]) -> Iterable[tuple[str, WrittenNumber]]:
    for table in section["tables"]:
        for cells in table["cells"]:
            for column, cell in enumerate(cells):
                if "id" in cell:
                    words = (
                        f"{table['caption']}: row {cells[0]['text']}, "
                        f"column {table['header'][column]}"
                    )
                    yield cell["id"], WrittenNumber(section["id"], words, cell["value"])
    for one in section["estimates"]:
        yield one["id"], WrittenNumber(section["id"], one["label"], one["value"])
