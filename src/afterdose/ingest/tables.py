"""Record tables as files: ``treatments.csv``, ``labs.parquet``, ``identities.csv``.

A table of results may also come as its laboratory wrote it: with ``original_code`` (LOINC),
``original_value`` and ``original_unit`` in place of the canonical columns. It then takes the same
way as every other result, through the one normaliser.
"""

import io
from pathlib import PurePath

import polars as pl

from afterdose.ingest.identity import RECORD
from afterdose.ingest.rows import Identifier, RawResult, Reading
from afterdose.record.errors import UnreadableInputError
from afterdose.record.tables import SPECS

SUFFIXES = (".csv", ".parquet")

RESULT_COLUMNS = (
    "person_id",
    "assigner",
    "identifier",
    "specimen_date",
    "specimen_time",
    "received_date",
    "received_time",
    "original_code",
    "original_value",
    "original_unit",
    "reference_range",
    "status",
    "provider",
    "accession",
    "result_id",
)
"""What a table of results in a laboratory's own units may hold; ``original_code`` makes it one."""


def read_table(path: PurePath, content: bytes) -> tuple[str, pl.DataFrame]:
    """A file and what it is: the name of a record table, or ``results`` in original units.

    Parameters
    ----------
    path : PurePath
        Its name says which table it is; a part (``labs/part-00000.parquet``) is named by its
        folder.
    content : bytes

    Raises
    ------
    UnreadableInputError
        It is neither, or not what its name says.
    """
    frame = _frame(path, content)
    if "original_code" in frame.columns and "analyte" not in frame.columns:
        unknown = sorted(set(frame.columns) - set(RESULT_COLUMNS))
        if unknown:
            raise UnreadableInputError(
                f"{path.name} has columns {', '.join(unknown)}. Permitted for results in original "
                f"units: {', '.join(RESULT_COLUMNS)}. Rename or remove them."
            )
        return "results", frame.cast(pl.String)
    table = path.parent.name if path.stem.startswith("part-") else path.stem
    if table not in SPECS:
        raise UnreadableInputError(
            f"{path.name} is not a table of a record. Permitted names: {', '.join(SPECS)}, "
            "identities; or any name for results with a column original_code. Rename the file, or "
            "ingest it with a mapping: `afterdose map FILE -o mapping.toml` proposes one."
        )
    return table, frame


def read_results(frame: pl.DataFrame) -> Reading:
    """Results in original units, as rows like any other reader's."""
    reading = Reading()
    for number, row in enumerate(frame.iter_rows(named=True), start=1):
        cell = {name: (value or "").strip() or None for name, value in row.items()}
        reading.results.append(
            RawResult(
                locator=f"row {number}",
                person=_person(cell),
                codes=(("loinc", (cell.get("original_code") or "").removeprefix("LOINC:"), ""),),
                status=cell.get("status") or "",
                value=cell.get("original_value"),
                unit=cell.get("original_unit"),
                range_text=cell.get("reference_range"),
                specimen_time=_moment(cell, "specimen"),
                issued_time=_moment(cell, "received"),
                provider=cell.get("provider"),
                accession=cell.get("accession"),
                result_id=cell.get("result_id"),
            )
        )
    return reading


def _frame(path: PurePath, content: bytes) -> pl.DataFrame:
    """The table in the bytes that landed; every column of a CSV as text."""
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(io.BytesIO(content))
        # Polars lets a header in another encoding through; Python does not.
        return pl.read_csv(io.StringIO(content.decode("utf-8-sig")), infer_schema=False)
    except (pl.exceptions.PolarsError, OSError, ValueError):
        raise UnreadableInputError(
            f"{path.name} cannot be read. Permitted: CSV in UTF-8 with a header line, or Parquet. "
            "Write the file anew."
        ) from None


def _person(cell: dict[str, str | None]) -> Identifier | None:
    if person_id := cell.get("person_id"):
        return Identifier(RECORD, person_id)
    assigner, identifier = cell.get("assigner"), cell.get("identifier")
    return Identifier(assigner, identifier) if assigner and identifier else None


def _moment(cell: dict[str, str | None], which: str) -> str | None:
    day, time = cell.get(f"{which}_date"), cell.get(f"{which}_time")
    return f"{day}T{time}" if day and time else day
