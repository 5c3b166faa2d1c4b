"""Record tables as files: ``treatments.csv``, ``labs.parquet``, ``identities.csv``.

A table of results may also come as its laboratory wrote it: with ``original_code`` (LOINC),
``original_value`` and ``original_unit`` in place of the canonical columns. It then takes the same
way as every other result, through the one normaliser.
"""

from pathlib import Path

import polars as pl

from afterdose.cohort import read_table_file
from afterdose.ingest.rows import Identifier, RawResult, Reading
from afterdose.record.errors import UnreadableInputError
from afterdose.record.tables import SPECS

ORIGINAL_COLUMNS = frozenset(
    {
        "assigner",
        "identifier",
        "person_id",
        "specimen_date",
        "specimen_time",
        "received_date",
        "original_code",
        "original_value",
        "original_unit",
        "reference_range",
        "status",
        "provider",
        "accession",
        "result_id",
    }
)
"""What a table of results in a laboratory's own units may hold."""


def read_table(path: Path) -> tuple[str, pl.DataFrame]:
    """A file and what it is: the name of a record table, or ``results`` in original units.

    Raises
    ------
    UnreadableInputError
        It is neither.
    """
    frame = read_table_file(path)
    if "original_code" in frame.columns and "analyte" not in frame.columns:
        unknown = sorted(set(frame.columns) - ORIGINAL_COLUMNS)
        if unknown:
            raise UnreadableInputError(
                f"{path.name} has columns {', '.join(unknown)}. Permitted for results in original "
                f"units: {', '.join(sorted(ORIGINAL_COLUMNS))}. Rename or remove them."
            )
        return "results", frame.cast(pl.String)
    if path.stem in SPECS:
        return path.stem, frame
    raise UnreadableInputError(
        f"{path.name} is not a table of a record. Permitted names: {', '.join(SPECS)}, identities; "
        "or any name for results with a column original_code. Rename the file."
    )


def read_results(frame: pl.DataFrame) -> Reading:
    """Results in original units, as rows like any other reader's."""
    reading = Reading()
    for number, row in enumerate(frame.iter_rows(named=True), start=1):
        cell = {name: value or None for name, value in row.items()}
        reading.results.append(
            RawResult(
                locator=f"row {number}",
                person=_person(cell),
                codes=(("loinc", (cell.get("original_code") or "").removeprefix("LOINC:"), ""),),
                status=cell.get("status") or "final",
                value=cell.get("original_value"),
                unit=cell.get("original_unit"),
                range_text=cell.get("reference_range"),
                specimen_time=_moment(cell),
                issued_time=cell.get("received_date"),
                provider=cell.get("provider"),
                accession=cell.get("accession"),
                result_id=cell.get("result_id"),
            )
        )
    return reading


def _person(cell: dict[str, str | None]) -> Identifier | None:
    if cell.get("person_id"):
        return Identifier("record", str(cell["person_id"]))
    if cell.get("identifier"):
        return Identifier(cell.get("assigner") or "unnamed", str(cell["identifier"]))
    return None


def _moment(cell: dict[str, str | None]) -> str | None:
    day, time = cell.get("specimen_date"), cell.get("specimen_time")
    return f"{day}T{time}" if day and time else day
